import { GUIDED, INNER } from '../support/dialogs.js';
import { Talk } from '../support/talk.js';

/** At the form of the guided dialog, with one choice and one number given. */
async function atForm(): Promise<Talk> {
  const talk = new Talk({ files: { 'guided.yaml': GUIDED, 'inner.yaml': INNER }, entries: { essai: 'guided' } });
  for (const text of ['essai', 'Agir', '4']) await talk.say(text);
  expect([talk.step, talk.slots]).toEqual(['secret', { count: 4 }]);
  return talk;
}

describe('an earlier answer taken back in words', () => {
  it.each(['non, en fait 6', 'Pardon, plutôt 6', 'euh non, 6', 'je me suis trompé, 6', '6 plutôt', 'erreur : 6'])('is corrected by « %s », and the dialog goes on from there', async (words) => {
    const talk = await atForm();
    expect(await talk.say(words)).toEqual(['corrected', 'Le secret']);
    expect([talk.step, talk.slots]).toEqual(['secret', { count: 6 }]);
  });

  it('is found further back than the last question', async () => {
    const talk = await atForm();
    expect(await talk.say('en fait, partir')).toEqual(['corrected']);
    expect(talk.state?.frames).toEqual([]);
  });

  it('is corrected in the form where it names a field of it, and its value is not taken from words', async () => {
    const talk = await atForm();
    expect(await talk.say('non, mon code est 8')).toEqual(['correct-in-form', 'Le secret']);
    expect([talk.step, talk.slots]).toEqual(['secret', { count: 4 }]);
  });

  it('is not seen where the words fit the open question', async () => {
    const talk = new Talk({ files: { 'guided.yaml': GUIDED, 'inner.yaml': INNER }, entries: { essai: 'guided' } });
    for (const text of ['essai', 'Agir']) await talk.say(text);
    expect(await talk.say('non, 6')).not.toContain('corrected');
  });

  it.each(['6', 'non', 'en fait', 'non, il pleut'])('is not seen in « %s »', async (words) => {
    const talk = await atForm();
    expect(await talk.say(words)).not.toContain('corrected');
    expect(talk.slots).toEqual({ count: 4 });
  });
});
