import path from 'node:path';
import { createAuditLog } from '../../../src/audit/log.js';
import { SesameError } from '../../../src/conversation/errors.js';
import type { RefusalLine } from '../../../src/teams/inbound.js';
import { TENANT } from '../../support/connector.js';
import { staff } from '../../support/staff.js';
import { Channel, CHANNELS, TEXTS } from './channel.js';

const { answers } = TEXTS;
const PRIVATE = 'a:private';
const VERBS = [
  ['take', {}],
  ['release', {}],
  ['hand-back', { note: 'x' }],
  ['close', { reason: 'solved' }],
  ['transfer', { to: 'caisse:131' }],
  ['transfer', { to: `colleague:${staff('Lucie').id}` }],
  ['note', { note: 'x' }],
  ['answer', { answer: 'code' }],
] as const;

/** The real audit, which refuses what is no code. */
async function recordAll(lines: readonly RefusalLine[], { folder, clock }: Channel['world']): Promise<void> {
  const log = await createAuditLog({ folder: path.join(folder, 'audit'), key: new Uint8Array(32), clock });
  for (const { why, ...line } of lines) await log.record({ ...line, role: 'unknown', action: 'teams.refused', when: 'after', result: why });
  await log.close();
}

let channel: Channel;
let ticket: string;
let thread: string;
beforeEach(async () => {
  channel = await Channel.open();
  const asked = await channel.request();
  ticket = asked.ticket.id;
  thread = asked.thread;
});
afterEach(() => channel.world.close());

const does: Channel['does'] = (...args) => channel.does(...args);
const say = (name: string, text: string, where = thread, more: object = {}) => does(name, where, { text, ...more });
const press = (name: string, verb: string, inputs: object = {}, where = thread) => does(name, where, channel.button(verb, ticket, inputs));
const phase = () => channel.world.advisers.queue.find(ticket)?.phase;
const whys = () => channel.refusals.map(({ why }) => why);

describe('an adviser in the thread of a request', () => {
  it('takes it, answers in their own words and in ready ones, notes, and hands it back', async () => {
    expect(await press('Camille', 'take')).toBe(answers.done.take);
    expect(await say('Camille', '<at>Sésame</at> Bonjour,&nbsp;je regarde.')).toBeUndefined();
    expect(await press('Camille', 'answer', { answer: 'code' })).toBeUndefined();
    expect(await press('Camille', 'note', { note: 'à rappeler' })).toBe(answers.done.note);
    expect(await press('Camille', 'hand-back')).toBe(answers.done['hand-back']);
    expect(await channel.heardBy()).toEqual(['Bonjour, je regarde.', 'Le code arrive par courrier.']);
    expect(await say('Camille', 'encore là ?')).toBe(answers.ended);
  });

  it('acts by the plain submit of an older client too, and transfers to a colleague, a caisse or a need', async () => {
    const { value } = channel.button('take', ticket);
    expect(await does('Camille', thread, { value: (value as { action: { data: object } }).action.data })).toBe(answers.done.take);
    await press('Camille', 'transfer', { to: `colleague:${staff('Karim').id}` });
    expect(channel.world.advisers.queue.find(ticket)?.holder?.name).toBe('Karim');
    await press('Karim', 'transfer', { to: 'need:fraud' });
    expect(channel.world.advisers.queue.find(ticket)).toMatchObject({ phase: 'requested', need: 'fraud' });
    expect(await press('Karim', 'transfer', { to: 'caisse:131' })).toBe(answers.refused['not-here']);
    await press('Inès', 'transfer', { to: 'caisse:131' });
    expect(channel.world.advisers.queue.find(ticket)?.caisse).toBe('131');
    expect(await say('Camille', 'trop tard')).toBe(answers.refused['not-here']);
    expect(await channel.heardBy()).toEqual([]);
  });

  it('acts once on an activity that comes ten times, and once more after a restart', async () => {
    await press('Camille', 'take');
    await Promise.all(Array.from({ length: 10 }, () => say('Camille', 'Bonjour', thread, { id: 'same' })));
    await channel.world.restart();
    await say('Camille', 'Bonjour', thread, { id: 'same' });
    expect(await channel.heardBy()).toEqual(['Bonjour']);
  });

  it('is told who has it, when two press at once', async () => {
    for (let run = 0; run < 50; run += 1) {
      const { ticket: one, thread: where } = await channel.request(`at-once-${String(run)}`);
      const told = await Promise.all(['Camille', 'Karim'].map((name) => does(name, where, channel.button('take', one.id))));
      const holder = channel.world.advisers.queue.find(one.id)?.holder?.name ?? '';
      expect(told.sort()).toEqual([answers.done.take, answers.alreadyHeld.replace('{name}', holder)].sort());
    }
  });

  it('corrects and takes back what the person has read, and nothing else', async () => {
    await say('Camille', 'pas encore pris', thread, { id: 'early' });
    await press('Camille', 'take');
    await say('Camille', 'Le code est ici.', thread, { id: 'one' });
    const edited = { type: 'messageUpdate', channelData: { eventType: 'editMessage' } };
    await say('Camille', 'Le code est là.', thread, { ...edited, id: 'one' });
    await say('Camille', 'Le code est là.', thread, { ...edited, id: 'one' });
    await does('Camille', thread, { type: 'messageDelete', id: 'one' });
    await does('Camille', thread, { type: 'messageDelete', id: 'early' });
    expect(await channel.heardBy()).toEqual(['Le code est ici.', answers.corrected.replace('{text}', 'Le code est là.'), answers.withdrawn]);
  });

  it('is told that files are not passed on, and the person that one is missing', async () => {
    await press('Camille', 'take');
    const attachments = [{ contentType: 'application/pdf', contentUrl: 'https://example.org/x.pdf' }, { contentType: 'text/html' }];
    expect(await say('Camille', '', thread, { attachments })).toBe(answers.files);
    expect(await say('Camille', 'Voici', thread, { attachments })).toBe(answers.files);
    expect(await say('Camille', 'Gras', thread, { attachments: [{ contentType: 'text/html' }] })).toBeUndefined();
    expect(await channel.heardBy()).toEqual([`Voici\n${answers.fileLeft}`, 'Gras']);
  });

  it('passes on no strange link, no costly number and nothing too long; markup stays text', async () => {
    await press('Camille', 'take');
    const unfit = ['voir https://evil.example/ameli.fr', 'voir www.ameli.fr.example', 'javascript:alert(1)', 'https://ameli.fr@evil.example/', 'http://ameli.fr/', 'appelez le 08 99 12 34 56', 'é'.repeat(14_001)];
    for (const text of unfit) await say('Camille', text);
    const fit = ['<b>oui</b> <script>1</script>', 'voir https://assure.ameli.fr/compte, merci', 'appelez le 0800 12 34 56 ou le 3646'];
    for (const text of fit) await say('Camille', text);
    expect(await channel.heardBy()).toEqual(fit);
    expect(whys()).toEqual(['link', 'link', 'link', 'link', 'link', 'number', 'too-long']);
  });

  it('is seen typing only while they hold it', async () => {
    await does('Camille', thread, { type: 'typing' });
    await press('Camille', 'take');
    await does('Camille', thread, { type: 'typing' });
    await does('Karim', thread, { type: 'typing' });
    expect(channel.typed).toEqual(['Camille']);
  });

  it('is told of a fault of ours, which is logged without what they wrote', async () => {
    channel.fault = new SesameError('store-unavailable', 'the disk is full');
    expect(await say('Camille', 'secret words')).toBe(answers.trouble);
    expect(channel.log).toEqual([{ event: 'teams.failed', code: 'store-unavailable' }]);
  });

  it('may use the other copy of a card that was posted twice', async () => {
    const copy = `${CHANNELS['751'] ?? ''};messageid=1799999999999`;
    expect(await press('Camille', 'take', {}, copy)).toBe(answers.done.take);
    await say('Camille', 'Bonjour', copy);
    expect(await channel.heardBy()).toEqual(['Bonjour']);
  });
});

describe('whoever has no business there', () => {
  it('gets nowhere from another caisse, by any act, from any place, and every attempt is on record', async () => {
    await press('Camille', 'take');
    const before = JSON.stringify(await channel.world.store.load('c'));
    const { ticket: theirs, thread: elsewhere } = await channel.request('d');
    const own = CHANNELS['131'] ?? '';
    const places = [thread, elsewhere, `${own};messageid=1`, PRIVATE, '19:unknown@thread.tacv2;messageid=1'];
    const told: (string | undefined)[] = [];
    for (const where of places) for (const [verb, inputs] of VERBS) told.push(await press('Lucie', verb, inputs, where));
    for (const where of places.slice(0, 3)) told.push(await say('Lucie', 'Bonjour', where));
    const done = Object.values(answers.done) as unknown[];
    expect(told.filter((text) => text === undefined || done.includes(text))).toEqual([]);
    expect(JSON.stringify(await channel.world.store.load('c'))).toBe(before);
    expect(channel.world.advisers.queue.find(theirs.id)?.phase).toBe('waiting');
    expect(channel.refusals).toHaveLength(told.length);
    expect(channel.refusals.filter(({ actor, request }) => actor !== staff('Lucie').id || request === '')).toEqual([]);
  });

  it('is refused alike as a stranger, a guest, a former colleague or under a borrowed name', async () => {
    channel.dismiss('Karim');
    const told = [
      await say('oid-nobody', 'Bonjour', thread, { from: { id: '29:x', name: 'Camille' } }),
      await say('Camille', 'Bonjour', thread, { conversation: { id: thread, conversationType: 'channel', tenantId: 'other' } }),
      await say('Camille', 'Bonjour', thread, { channelData: { tenant: { id: 'other' } } }),
      await does('Karim', thread, channel.button('take', ticket)),
      await say('Camille', 'Bonjour', 'a:group', { conversation: { id: '19:group', conversationType: 'groupChat', tenantId: TENANT } }),
    ];
    expect(new Set(told)).toEqual(new Set([answers.refused.stranger]));
    expect(whys()).toEqual(['unknown-person', 'tenant', 'tenant', 'unknown-person', 'elsewhere']);
    expect(phase()).toBe('waiting');
  });

  it('does not act with a card of another request, too old, altered or half filled in', async () => {
    const { thread: other } = await channel.request('d');
    const old = channel.button('take', ticket, {}, 25 * 3_600_000);
    const told = [
      await press('Camille', 'take', {}, other),
      await does('Camille', thread, old),
      await press('Camille', 'take', { nonce: '9999999999999.forged' }),
      await press('Camille', 'close', { reason: 'because' }),
      await press('Camille', 'transfer', { to: 'need:anything' }),
      await press('Camille', 'unlock'),
      await does('Camille', thread, { type: 'invoke', name: 'adaptiveCard/action', value: { action: [] } }),
      await press('Camille', 'take', {}, PRIVATE),
    ];
    expect(whys()).toEqual(['wrong-thread', 'stale-card', 'stale-card', 'malformed', 'malformed', 'malformed', 'malformed', 'private']);
    expect(told).not.toContain(answers.done.take);
    expect(phase()).toBe('waiting');
  });

  it('cannot write words or numbers of their own into the record', async () => {
    for (const id of ['2550814168025', 'Martin a dit : « non »', 'x'.repeat(150)]) await does('Camille', `${CHANNELS['751'] ?? ''};messageid=1`, channel.button('take', id));
    expect(whys()).toEqual(['unknown-ticket', 'unknown-ticket', 'unknown-ticket']);
    await expect(recordAll(channel.refusals, channel.world)).resolves.toBeUndefined();
  });

  it('does not reach a person from outside the thread, or without the request', async () => {
    await say('Karim', 'sans la prendre');
    await press('Camille', 'take');
    const root = CHANNELS['751'] ?? '';
    expect(await say('Camille', 'Bonjour', `${root};messageid=1700009999999`)).toBe(answers.refused['wrong-thread']);
    expect(await say('Camille', 'Bonjour', root)).toBe(answers.refused['wrong-thread']);
    await say('Camille', 'Bonjour', PRIVATE);
    expect(await say('Karim', 'à la place de Camille')).toBe(answers.takeFirst);
    expect(await channel.heardBy()).toEqual([]);
  });
});
