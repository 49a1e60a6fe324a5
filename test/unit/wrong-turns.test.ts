import { GUIDED, HEARING, INNER } from '../support/dialogs.js';
import { Talk } from '../support/talk.js';

const SCREEN = INNER.replace('id: inner', 'id: what-you-see').replace('D\'accord ?', 'Quel message ?');
const files = { 'what-you-see.yaml': SCREEN, 'guided.yaml': GUIDED, 'inner.yaml': INNER, 'hearing.yaml': HEARING };
const entries = { essai: 'guided', autre: undefined, question: 'hearing' };
const HOUR = 3_600_000;

describe('« pourquoi cette question ? »', () => {
  it('is answered by the question’s own words, and the question comes again without a try being counted', async () => {
    const talk = new Talk({ files, entries });
    await talk.say('question');
    expect(await talk.say('pourquoi')).toEqual(['Pour bien vous guider.', 'Pour qui ?']);
    expect(talk.state?.frames[0]?.misses).toEqual({ who: 0 });
  });

  it('is answered by a form’s own, and by a standing message where a question has none', async () => {
    const talk = new Talk({ files, entries });
    await talk.say('essai');
    expect(await talk.say('pourquoi')).toEqual(['why-default', 'Que faire ?']);
    for (const text of ['Agir', '4']) await talk.say(text);
    const [why] = await talk.say('pourquoi');
    expect(why).toMatch(/^Parce que/);
  });
});

describe('what the first message says besides its subject', () => {
  it('is confirmed rather than asked, in the dialog that listens for it', async () => {
    const talk = new Talk({ files, entries, heard: { kin: 'parent', amount: '8', colour: 'bleu' } });
    expect(await talk.say('question')).toEqual(['réponse question', "« Pour ma mère », c'est bien cela ?"]);
    expect(talk.state?.frames[0]?.heard).toEqual({ kin: 'parent', amount: '8' });
    expect(await talk.say('oui')).toEqual(["8, n'est-ce pas ?"]);
  });
});

describe('two problems in one message', () => {
  const both = async (): Promise<Talk> => {
    const talk = new Talk({ files, entries });
    expect(await talk.say('essai et autre')).toEqual(['two-problems']);
    return talk;
  };

  it('are both taken, one after the other, in the order that the person likes', async () => {
    const talk = await both();
    expect(await talk.say('essai')).toEqual(['réponse essai', 'Bonjour.', 'Que faire ?']);
    expect(await talk.say('Partir')).toEqual(['and-the-other autre']);
    expect(await talk.say('oui')).toEqual(['réponse autre']);
  });

  it('are taken in the other order, the second with its dialog', async () => {
    const talk = await both();
    expect(await talk.say('autre')).toEqual(['réponse autre', 'and-the-other essai']);
    expect(await talk.say('essai')).toEqual(['réponse essai', 'Bonjour.', 'Que faire ?']);
  });

  it('leave the second when the person does not want it', async () => {
    const talk = await both();
    await talk.say('autre');
    expect(await talk.say('non merci')).toEqual(['as-you-wish']);
    expect(talk.state?.later).toBeUndefined();
  });
});

describe('a silence', () => {
  it('of hours is followed by where we were, and answers that were given are kept', async () => {
    const talk = new Talk({ files, entries });
    for (const text of ['essai', 'Agir', '4']) await talk.say(text);
    talk.clock.pass(5 * HOUR);
    const said = await talk.say('bonjour');
    expect(said[0]).toBe('where-we-were Essai');
    expect(said.at(-1)).toBe('Le secret');
    expect(talk.slots).toEqual({ count: 4 });
  });

  it('of days lets the open question be answered at once', async () => {
    const talk = new Talk({ files, entries });
    for (const text of ['essai', 'Agir']) await talk.say(text);
    talk.clock.pass(9 * 24 * HOUR);
    expect(await talk.say('4')).toEqual(['where-we-were Essai', 'Le secret']);
  });

  it('of a minute, or with nothing under way, needs no word', async () => {
    const talk = new Talk({ files, entries });
    await talk.say('essai');
    talk.clock.pass(60_000);
    expect(await talk.say('Agir')).toEqual(['Quel nombre pair ?']);
    await talk.say('annuler');
    talk.clock.pass(5 * HOUR);
    expect(await talk.say('autre')).toEqual(['réponse autre']);
  });
});

describe('a dialog that interrupts another', () => {
  it('starts anew when it is asked for again, and the first one goes on after it', async () => {
    const talk = new Talk({ files, entries });
    for (const text of ['essai', 'Agir']) await talk.say(text);
    for (let i = 0; i < 30; i += 1) expect(await talk.say('écran')).toEqual(['Quel message ?']);
    expect(talk.state?.frames.map(({ dialog }) => dialog)).toEqual(['guided', 'what-you-see']);
    expect(await talk.say('oui')).toEqual(['Quel nombre pair ?']);
  });
});
