/** The advisers' side as a whole, from the person's words to Teams and back. */
import { writeFileSync } from 'node:fs';
import { verify } from '../../src/audit/verify.js';
import { AWA, HELENE, KARIM, LOUISE, LYON, Side } from '../support/side.js';
import { until } from '../support/web-door.js';
import { MARTIN } from '../support/world.js';

let side: Side;
beforeEach(async () => {
  side = await Side.open();
  for (const who of [KARIM, LOUISE]) await side.does(who, 'a:private', { text: 'disponible' });
});
afterEach(() => side.close());

/** A person of Lyon asks for someone; the card lies in the channel of Lyon. */
async function requested(conversationId = 'c'): Promise<{ id: string; thread: string }> {
  await side.says('je veux un conseiller', conversationId);
  await side.says('69003', conversationId);
  const { id, caisse } = await side.ticket(conversationId);
  expect(caisse).toBe('691');
  const thread = await side.thread(id);
  await side.delivered();
  expect(thread.split(';')[0]).toBe(LYON);
  return { id, thread };
}

describe('the advisers’ side', () => {
  it('brings a request to a card, an adviser to the person, words both ways, and the end to both', async () => {
    const asked = await requested();
    const { thread } = asked;
    expect(await side.ticket()).toMatchObject({ phase: 'waiting', need: 'general' });
    await side.presses(KARIM, 'take', asked);
    expect(await side.read()).toContain('Karim');
    await side.says('mon compte est bloqué');
    await side.does(KARIM, thread, { text: 'Bonjour, je regarde.' });
    expect(await side.read()).toBe('Bonjour, je regarde.');
    await side.says('merci beaucoup');
    await side.delivered();
    const words = side.teams.wordsIn(thread).join('\n');
    expect(words.indexOf('mon compte est bloqué')).toBeLessThan(words.indexOf('merci beaucoup'));
    expect(words.split('mon compte est bloqué')).toHaveLength(2);
    await side.presses(KARIM, 'hand-back', asked, { note: 'C’est réglé.' });
    expect(await side.ticket()).toMatchObject({ phase: 'returned' });
    await side.says('merci au revoir');
    await side.delivered();
    expect(side.teams.wordsIn(thread).join('\n')).not.toContain('merci au revoir');
  });

  it('goes on after a restart in the middle: same thread, same holder, nothing twice', async () => {
    const asked = await requested();
    const { thread } = asked;
    await side.presses(KARIM, 'take', asked);
    await side.says('première');
    await side.stop();
    await side.start();
    await side.says('deuxième');
    await side.does(KARIM, thread, { text: 'Je suis toujours là.' });
    await side.delivered();
    expect(await side.read()).toBe('Je suis toujours là.');
    const words = side.teams.wordsIn(thread).join('\n');
    expect(['première', 'deuxième'].map((one) => words.split(one).length - 1)).toEqual([1, 1]);
    expect([...side.teams.threads.keys()].filter((one) => one.startsWith(LYON))).toHaveLength(1);
  });

  it('gives what a dismissed adviser holds back to the queue, at once or at the next start, and hears them no more', async () => {
    const [first, second] = [await requested(), await requested('d')];
    await side.presses(KARIM, 'take', first);
    await side.presses(LOUISE, 'take', second);
    side.dismiss(KARIM);
    expect(await side.side.reload()).toEqual([]);
    expect([await side.ticket(), await side.ticket('d')]).toMatchObject([{ phase: 'waiting', because: 'adviser-left' }, { phase: 'held' }]);
    expect(await side.read()).toContain('Vous gardez votre place');
    await side.does(KARIM, first.thread, { text: 'Encore un mot.' });
    expect(JSON.stringify(await side.transcript())).not.toContain('Encore un mot');
    side.dismiss(LOUISE);
    await side.stop();
    await side.start();
    expect(await side.ticket('d')).toMatchObject({ phase: 'waiting', because: 'adviser-left' });
  });

  it('keeps the roster in force when the new one has faults, and tells them all', async () => {
    const asked = await requested();
    writeFileSync(side.rosterFile, 'tenant: nobody\ncaisses: []\nadvisers: []\n');
    expect((await side.side.reload()).length).toBeGreaterThan(1);
    await side.presses(KARIM, 'take', asked);
    expect(await side.ticket()).toMatchObject({ phase: 'held' });
  });

  it('has each act on record before and after it, and each refusal, in a chain that is whole', async () => {
    const asked = await requested();
    const { id, thread } = asked;
    await side.presses(KARIM, 'take', asked);
    await side.presses(LOUISE, 'take', asked);
    await side.does(LOUISE, thread, { text: 'Je me permets.' });
    await side.presses(HELENE, 'note', asked, { note: 'À suivre.' });
    await side.presses(KARIM, 'close', asked, { reason: 'solved' });
    for (const who of [AWA, '00000000-0000-4000-8000-000000000999']) await side.presses(who, 'take', asked);
    const lines = side.auditLines().filter(({ ticket }) => ticket === id);
    const acts = lines.filter(({ when, action }) => when === 'before' && action !== 'refused');
    expect(acts.map(({ action, role }) => `${action ?? ''} ${role ?? ''}`)).toEqual(['take adviser', 'take adviser+author', 'say adviser+author', 'note supervisor', 'close adviser']);
    const ends = acts.map(({ request }) => lines.filter((line) => line['when'] === 'after' && line['request'] === request).map(({ result }) => result));
    expect(ends).toEqual([['done'], ['already-held'], ['not-yours'], ['done'], ['done']]);
    const refused = side.auditLines().filter(({ action }) => action === 'refused').map(({ role, result }) => `${role ?? ''} ${result ?? ''}`);
    expect(refused).toEqual(['adviser other-caisse', 'stranger unknown-person']);
    expect(JSON.stringify(side.auditLines())).not.toMatch(/permets|suivre|oid|Karim/);
    await side.stop();
    expect(await verify(side.auditFolder)).toMatchObject({ kind: 'whole' });
    await side.start();
  });

  it('shows each side that the other is writing, and keeps nothing of it', async () => {
    const asked = await requested();
    const { thread } = asked;
    const shown: string[] = [];
    const { signals } = side.side;
    signals.onAdviserTypes('c', (name) => void shown.push(name));
    const typing = () => side.teams.calls.filter(({ body }) => body['type'] === 'typing').length;
    signals.personTypes('c');
    await side.presses(KARIM, 'take', asked);
    await side.delivered();
    expect(typing()).toBe(0);
    side.clock.pass(5_000);
    const before = (await side.transcript()).length;
    signals.personTypes('c');
    await until(() => typing() === 1);
    for (const who of [KARIM, LOUISE]) await side.does(who, thread, { type: 'typing' });
    expect(shown).toEqual(['Karim']);
    expect(await side.transcript()).toHaveLength(before);
  });

  it('takes the request back when the person leaves, and its card says so', async () => {
    const asked = await requested();
    await side.side.signals.personLeft('c');
    expect(await side.ticket()).toMatchObject({ phase: 'abandoned', because: 'person-left' });
    await side.presses(KARIM, 'take', asked);
    expect(await side.ticket()).toMatchObject({ phase: 'abandoned' });
  });

  it('lets nothing of who the person is through to Teams, the audit or the log', async () => {
    await side.says('mon compte est bloqué après plusieurs essais');
    await side.says('Débloquer mon compte');
    await side.says({ nir: MARTIN.nir, birthDate: MARTIN.typedDate });
    const { code } = side;
    await side.says({ code });
    const asked = await requested();
    const { thread } = asked;
    await side.presses(KARIM, 'take', asked);
    await side.says(`mon numéro est le ${MARTIN.nir}`);
    await side.delivered();
    expect(await side.ticket()).toMatchObject({ proved: expect.stringMatching(/no|email-code/) as string });
    expect(side.teams.wordsIn(thread).join('\n')).toContain('mon numéro est le •••');
    const left = [side.teams.calls, side.auditLines(), side.logged].map((one) => JSON.stringify(one).replace(/[\s\u00a0]/g, '')).join('\n');
    for (const secret of [MARTIN.bare, MARTIN.typedDate, MARTIN.birthDate, '19août1955', MARTIN.email, code.replace(' ', '')]) expect(left).not.toContain(secret);
  });
});
