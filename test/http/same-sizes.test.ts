/**
 * Case B03 of the threat model: until somebody has proved who they are, nothing that can be measured on the line tells
 * accounts apart. Not the number of answers and frames, not a header, not a size, on either door.
 */
import { keyOf, people } from '../../src/reference/people.js';
import { DirectLineTalk, PageTalk, steady, type Claimed } from '../support/measured.js';
import { eventually, RunningSesame } from '../support/running.js';
import { WebDoor } from '../support/web-door.js';

function named(name: string): Claimed {
  const person = people.find(({ firstName, lastName }) => `${firstName} ${lastName}` === name)!;
  return { nir: `${person.nir}${keyOf(person.nir)}`, birthDate: person.birthDate.split('-').reverse().join('/') };
}

/** The key is right, and nobody has the number. */
const NOBODY = `1890175990999${keyOf('1890175990999')}`;

const SITUATIONS: Readonly<Record<string, Claimed>> = {
  'locked after too many attempts': named('Camille Exemple'),
  'no account': { nir: NOBODY, birthDate: '14/01/1989' },
  'an account, and another birth date': { nir: named('Odile Fictif').nir, birthDate: '09/03/1972' },
  'open': named('Théo Parabole'),
  'no e-mail on file': named('Anatole Sans-Courriel'),
  'no postal address on file': named('Aimé Légende'),
  'suspected fraud': named('Gaspard Fantaisie'),
  'another scheme': named('Titouan Factice'),
  'an e-mail that is obsolete': named('Huguette Esquisse'),
};

/** As far as one gets without a proof: wrong codes, one that is none, another asked for too soon, and a letter in the end. */
async function talk(line: DirectLineTalk | PageTalk, { nir, birthDate }: Claimed, handedOver: () => Promise<unknown>): Promise<readonly string[]> {
  await line.open();
  await line.say('mon compte est bloqué après plusieurs essais', /Que souhaitez-vous faire/);
  await line.say('Débloquer mon compte', /Vérifions que c’est bien vous/);
  await line.fill({ nir, birthDate: '31/02/1972' }, /n’existe pas dans le calendrier/);
  await line.fill({ nir, birthDate }, /Votre code à 8 chiffres/);
  // How long a code is under way depends on how many others are, and not on whose it is.
  await handedOver();
  await line.fill({ code: '1234567' }, /contient exactement 8 chiffres/);
  await line.fill({ code: '12345678' }, /Ce code n’est pas le bon/);
  await line.say('Renvoyer le code', /Attendez une minute/);
  await line.say('Saisir le code reçu', /Votre code à 8 chiffres/);
  await line.fill({ code: '12345679' }, /Ce code n’est pas le bon/);
  await line.say('Je n’ai plus accès à cet e-mail', /Un code peut aussi vous être envoyé par la poste/);
  await line.say('Recevoir un code par courrier', /Gardez votre référence/);
  return line.end();
}

describe.each([
  ['Direct Line', (sesame: RunningSesame) => new DirectLineTalk(sesame)],
  ['the page without JavaScript', (sesame: RunningSesame) => new PageTalk(sesame)],
])('what can be measured over %s', (_door, open) => {
  let sesame: RunningSesame;
  const seen = new Map<string, readonly string[]>();
  beforeAll(async () => {
    sesame = await RunningSesame.start();
    const all = Object.entries(SITUATIONS);
    const handedOver = () => eventually(() => (sesame.output.filter((line) => line.includes('"mail.handed-over"')).length >= all.length ? true : undefined));
    await Promise.all(all.map(async ([who, claimed]) => seen.set(who, await talk(open(sesame), claimed, handedOver))));
  }, 120_000);
  afterAll(() => sesame.stop());

  it.each(Object.keys(SITUATIONS))('B03: is the same for who is « %s » as for who is locked', (who) => {
    const reference = seen.get('locked after too many attempts')!;
    expect(seen.get(who)!).toEqual(reference);
    expect(reference.length).toBeGreaterThan(20);
  });
});

it('would see one byte more, another header, or another frame', () => {
  const frame = '{"id":"0123456789abcdefABCDEFxyz|1","timestamp":"2026-11-23T10:00:00.000Z","text":"Bonjour"}';
  expect(steady(frame.replace('0123', '9999').replace('10:00', '11:07'))).toBe(steady(frame));
  for (const other of [frame.replace('0123', '01234'), frame.replace('Bonjour', 'Bonjour.'), frame.replace('"text"', '"words"')]) expect(steady(other)).not.toBe(steady(frame));
});

it('takes no name that we drew for a secret: it would be longer than others', async () => {
  const door = await WebDoor.open({ mark: () => 'masked' });
  const from = async (user?: object): Promise<string | undefined> => {
    const { conversationId, token } = (await door.call('POST', '/api/conversation', { headers: { origin: door.url }, body: { ...(user ? { user } : {}) } })).json;
    await door.call('POST', `/v3/directline/conversations/${conversationId}/activities`, { token, body: { type: 'message', text: 'bonjour' } });
    const { activities } = (await door.call('GET', `/v3/directline/conversations/${conversationId}/activities`, { token })).json;
    return activities.find(({ from: { role } }) => role === 'user')?.from.id;
  };
  expect(await from()).toMatch(/^dl_[\w-]{12}$/);
  expect(await from({ id: 'what a page gave' })).toBe('masked');
  await door.close();
});
