/** What the mails and letters of committed turns say, and that each is handed over once. */
import type { OutboxItem } from '../../../src/conversation/ports.js';
import { SesameError } from '../../../src/conversation/errors.js';
import { doubtMail, noticeMail, startCourier, type Notice } from '../../../src/identity/courier.js';
import type { Letter, Mail } from '../../../src/identity/ports.js';
import { KNOWN, letterIn, Proving, STRANGER } from '../../support/proving.js';
import { content } from '../../support/world.js';

const NOTICES: readonly Notice[] = ['unlock', 'reset', 'reactivate', 'post-code', 'correction', 'fraud', 'attempts'];

let proving: Proving;
const mails: Mail[] = [];
const letters: Letter[] = [];
let down = false;

beforeEach(async () => {
  proving = await Proving.open();
  [mails, letters].forEach((all) => all.splice(0));
  down = false;
});
afterEach(() => proving.close());

/** Commits the items with a turn, and lets them leave for a while. */
async function leave(items: readonly OutboxItem[], rounds = 1): Promise<void> {
  await proving.store.withTurn('c1', (lease) =>
    proving.store.commitTurn({ lease, state: { conversationId: 'c1', openedAt: 0, lastTurnAt: 0, frames: [], trail: [], nextFrameId: 1, misunderstood: 0, offered: [], holder: 'assistant' }, expected: 0, entries: [], outbox: items }),
  );
  const { challenges, letters: posts, store, clock } = proving;
  const mustBeUp = (): void => { if (down) throw new SesameError('backend-unavailable', 'down'); };
  for (let round = 0; round < rounds; round += 1) {
    const courier = startCourier({
      ...{ outbox: store, challenges, letters: posts, clock, texts: content().mails, label: (key) => content().labels[key] ?? key },
      registry: { identify: () => Promise.resolve({ kind: 'none' }), contactOf: () => Promise.resolve({ kind: 'email', email: 'martin@exemple.fr' }) },
      mailer: { send: (mail) => Promise.resolve(void mails.push(mail)) },
      poster: { post: (_subject, letter) => Promise.resolve().then(mustBeUp).then(() => void letters.push(letter)) },
      log: { info: () => undefined, warn: () => undefined },
    });
    await courier.settled();
    await courier.stop();
    clock.pass(60_000);
  }
}

describe('what leaves', () => {
  it.each(['unlock', 'reset', 'reactivate', 'post-code', 'correction', 'fraud'] as const)('A20: the code for %s comes with its purpose and its time, and without any link', async (purpose) => {
    const sent = await proving.challenges.send({ conversationId: 'c1', purpose }, KNOWN);
    await leave(sent.kind === 'sent' ? sent.outbox : []);
    const [mail] = mails;
    expect(mail?.text).toMatch(/\d{4} \d{4}/);
    expect(mail?.text).toContain(content().labels[`purpose-${purpose}`]);
    expect(mail?.text).toContain('23 novembre 2026 à 10:00');
    expect(mail?.text).toContain('Ne communiquez ce code à personne');
    expect(`${mail?.subject ?? ''} ${mail?.text ?? ''}`).not.toMatch(/https?:|www\.|\{|\d{13}/);
  });

  it.each(NOTICES)('A20: the notice of « %s » says when, what to do if it was somebody else, and has no link', async (notice) => {
    await leave([noticeMail('s_known', notice, 'key', proving.clock.now())], 2);
    expect(mails).toHaveLength(1);
    const text = `${mails[0]?.subject ?? ''} ${mails[0]?.text ?? ''}`;
    expect(text).toContain('23 novembre 2026 à 10:00');
    expect(text).toContain('Si ce n’était pas vous');
    expect(text).not.toMatch(/https?:|www\.|\{/);
  });

  it('A20: the notice of a doubt says what was asked for, that its end is not known, and has no link', async () => {
    await leave([doubtMail('s_known', 'unlock', 'key', proving.clock.now())]);
    const text = `${mails[0]?.subject ?? ''} ${mails[0]?.text ?? ''}`;
    expect(text).toContain(content().labels['purpose-unlock']);
    expect(text).toContain('Nous ne savons pas encore');
    expect(text).toContain('Si ce n’était pas vous');
    expect(text).not.toMatch(/https?:|www\.|\{|a été débloqué/);
  });

  it('is one notice for one effect, whatever is committed again', async () => {
    const item = noticeMail('s_known', 'unlock', 'key');
    await leave([item, item]);
    expect([mails.length, item.id]).toEqual([1, 'notice/key']);
  });

  it('is a letter to whoever is known, until it is taken, under one key and with one code', async () => {
    const item = letterIn(await proving.letters.ask({ conversationId: 'c1' }, KNOWN));
    down = true;
    await leave([item], 3);
    expect(letters).toEqual([]);
    down = false;
    const again = letterIn(await proving.letters.ask({ conversationId: 'c1' }, KNOWN));
    expect(again.id).toBe(item.id);
    proving.clock.pass(120_000);
    await proving.store.retry(item.id, proving.clock.now());
    const courier = startCourier({
      ...{ outbox: proving.store, challenges: proving.challenges, letters: proving.letters, clock: proving.clock, texts: {}, label: String },
      registry: { identify: () => Promise.resolve({ kind: 'none' }), contactOf: () => Promise.resolve({ kind: 'none' }) },
      mailer: { send: () => Promise.resolve() },
      poster: { post: (_subject, letter) => Promise.resolve(void letters.push(letter)) },
      log: { info: () => undefined, warn: () => undefined },
    });
    await courier.settled();
    await courier.stop();
    expect(letters).toMatchObject([{ template: 'code', key: item.id }]);
  });

  it('is nothing at all for a stranger', async () => {
    const sent = await proving.challenges.send({ conversationId: 'c1', purpose: 'unlock' }, STRANGER);
    const asked = await proving.letters.ask({ conversationId: 'c2' }, STRANGER);
    await leave([...(sent.kind === 'sent' ? sent.outbox : []), letterIn(asked)], 2);
    expect([mails, letters]).toEqual([[], []]);
  });
});
