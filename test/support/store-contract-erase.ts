/**
 * What every store promises about an erasure: all of it goes or none, nothing brings it back, and whoever follows is
 * told. Run by `storeContract`, never alone.
 */
import { SesameError } from '../../src/conversation/errors.js';
import type { Erasure, OutboxItem, Store } from '../../src/conversation/ports.js';
import { commit, words } from './store-contract.js';

type Now = () => { readonly store: Store; reopen(): Promise<Store> };

const AT = 1_700_000_000_000;
const item = (id: string): OutboxItem => ({ id, kind: 'mail', payload: { conversation: 'c' }, dueAt: 1, tries: 0 });
const erasure = (more: Partial<Erasure> = {}): Erasure => ({ lease: { conversationId: 'c', fence: 1 }, until: AT, outbox: [], records: [], ...more });

/** A conversation with something of every kind: heard, waiting, said, to be sent, and kept beside. */
async function fill(store: Store, id: string): Promise<void> {
  await store.accept(words(id, 'heard'));
  await store.commitTurn(commit(id, { heard: 'heard', entries: [{ author: 'assistant', at: AT, reply: { kind: 'text', text: 'bonjour' } }], outbox: [item(`${id}/words`), item(`${id}/card`)] }));
  await store.accept(words(id, 'waiting'));
  await store.write(`${id}/kept`, 'of it', 0, AT);
  await store.write(`${id}/other`, 'not of it', 0, AT);
  await store.count(`${id}/counter`, 1e12, 1);
}

async function heldOf(store: Store, id: string): Promise<object> {
  return {
    state: await store.load(id),
    transcript: (await store.transcript(id, 0)).length,
    inbox: (await store.inbox(id)).length,
    seen: [await store.seen(id, 'heard'), await store.seen(id, 'waiting')],
    unfinished: (await store.unfinished()).includes(id),
    due: (await store.due(9, 99)).map((one) => one.id).filter((one) => one.startsWith(`${id}/`)),
    kept: await store.read(`${id}/kept`),
    counted: (await store.counted(`${id}/counter`, 2)).count,
  };
}

const NOTHING = { state: undefined, transcript: 0, inbox: 0, seen: [undefined, undefined], unfinished: false, due: ['c/card'], kept: undefined, counted: 0 };

async function refusalOf(use: () => Promise<unknown>): Promise<unknown> {
  const error: unknown = await use().then(() => 'taken', (reason: unknown) => reason);
  return error instanceof SesameError ? error.code : error;
}

export function eraseContract(now: Now): void {
  describe('an erasure', () => {
    const ofC = erasure({ outbox: ['c/words', 'unknown'], records: ['c/kept', 'c/counter', 'unknown'] });

    test('takes away all of a conversation, what it names, and nothing else, over a reopening', async () => {
      let { store } = now();
      await fill(store, 'c');
      await fill(store, 'c2');
      const other = await heldOf(store, 'c2');
      await store.erase(ofC);
      for (let opened = 0; opened < 2; opened += 1) {
        expect(await heldOf(store, 'c')).toEqual(NOTHING);
        expect(await heldOf(store, 'c2')).toEqual(other);
        expect((await store.read('c/other'))?.value).toBe('not of it');
        expect([await store.wasErased('c'), await store.wasErased('c2')]).toEqual([true, false]);
        store = await now().reopen();
      }
    });

    test('lets nothing be accepted or committed under the id again, a first turn included', async () => {
      let { store } = now();
      await fill(store, 'c');
      await store.erase(ofC);
      for (let opened = 0; opened < 2; opened += 1) {
        for (const use of [() => store.accept(words('c', 'later')), () => store.accept(words('c', 'heard')), () => store.commitTurn(commit('c')), () => store.commitTurn(commit('c', { expected: 1 }))]) {
          expect(await refusalOf(use)).toBe('conversation-unknown');
        }
        expect(await heldOf(store, 'c')).toEqual(NOTHING);
        store = await now().reopen();
      }
    });

    test('takes with it what is accepted at the same moment, or refuses it', async () => {
      const { store } = now();
      await fill(store, 'c');
      const asked = Array.from({ length: 30 }, (_, n) => refusalOf(() => store.accept(words('c', `u${String(n)}`))));
      await Promise.all([store.erase(ofC), ...asked]);
      expect(await heldOf(store, 'c')).toEqual(NOTHING);
      for (let n = 0; n < 30; n += 1) expect(await store.seen('c', `u${String(n)}`)).toBeUndefined();
    });

    test('tells those who follow, once it is done, and not those who stopped or follow another', async () => {
      const { store } = now();
      await fill(store, 'c');
      const told: Promise<string>[] = [];
      const tell = (who: string) => () => void told.push(store.wasErased('c').then((erased) => `${who} ${String(erased)}`));
      store.follow('c', () => undefined, tell('follower'));
      store.follow('c2', () => undefined, tell('another'));
      store.follow('c', () => undefined, tell('stopped'))();
      await store.erase(ofC);
      expect(await Promise.all(told)).toEqual(['follower true']);
    });

    test('is harmless twice, and of a conversation that never was', async () => {
      const { store } = now();
      await fill(store, 'c');
      await store.erase(ofC);
      await store.erase(erasure({ until: 1 }));
      await store.erase(erasure({ lease: { conversationId: 'never', fence: 1 } }));
      expect(await heldOf(store, 'c')).toEqual(NOTHING);
      expect(await store.wasErased('never')).toBe(true);
    });

    test('keeps an item that somebody was sending from coming back by a retry', async () => {
      const { store } = now();
      await fill(store, 'c');
      await store.erase(ofC);
      await store.retry('c/words', 2);
      await store.done('c/words');
      expect((await store.due(9, 99)).map(({ id }) => id)).toEqual(['c/card']);
    });
  });
}
