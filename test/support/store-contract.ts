/**
 * What every store promises about conversations, whatever it is made of. Each store's own test file runs this suite
 * and adds only what is particular to it. Outbox and records have their half in `store-contract-small.ts`, erasures
 * theirs in `store-contract-erase.ts`.
 */
import fc from 'fast-check';
import { StaleStateError } from '../../src/conversation/errors.js';
import type { Lease, Store, TurnCommit } from '../../src/conversation/ports.js';
import { type ConversationState, openState } from '../../src/conversation/state.js';
import type { NewEntry, TranscriptEntry } from '../../src/conversation/transcript.js';
import type { Opening, Words } from '../../src/conversation/utterance.js';
import { eraseContract } from './store-contract-erase.js';
import { smallContract } from './store-contract-small.js';

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and opens it again over the same contents. */
  reopen(): Promise<Store>;
  destroy(): Promise<void>;
}

const AT = 1_700_000_000_000;
const lease = (conversationId: string): Lease => ({ conversationId, fence: 1 });

export const words = (conversationId: string, id: string, text = 'bonjour'): Words => ({
  kind: 'words',
  id,
  conversationId,
  channel: 'web',
  at: AT,
  text,
});
const opening = (conversationId: string, id: string): Opening => ({
  kind: 'opening',
  id,
  conversationId,
  channel: 'web',
  at: AT,
});
const reply = (text: string): NewEntry => ({ author: 'assistant', at: AT, reply: { kind: 'text', text } });

/** A commit of an otherwise empty turn; `more` says what is particular. */
export function commit(conversationId: string, more: Partial<TurnCommit> = {}): TurnCommit {
  const state = openState(conversationId, AT);
  return { lease: lease(conversationId), state, expected: 0, entries: [], outbox: [], ...more };
}

const seqs = (entries: readonly TranscriptEntry[]): number[] => entries.map((entry) => entry.seq);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the promises of a store`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.destroy());

    describe('accepting', () => {
      test('puts words into the transcript and the inbox, and still has them after a reopening', async () => {
        const said = { ...words('c', 'u1', 'mon compte'), clientTag: 'tag', masked: ['nir' as const] };
        expect(await store.accept(said)).toEqual({ kind: 'accepted', seq: 1 });
        store = await opened.reopen();
        const entry = { author: 'person', at: AT, utteranceId: 'u1', text: 'mon compte', clientTag: 'tag', masked: ['nir'] };
        expect(await store.transcript('c', 0)).toEqual([{ ...entry, seq: 1 }]);
        expect(await store.inbox('c')).toEqual([said]);
        expect(await store.unfinished()).toEqual(['c']);
      });

      test('answers "seen" with the same number to the same id, even after it was heard', async () => {
        await store.accept(words('c', 'u1'));
        await store.accept(words('c', 'u2'));
        expect(await store.accept(words('c', 'u1', 'autre'))).toEqual({ kind: 'seen', seq: 1 });
        await store.commitTurn(commit('c', { heard: 'u2', entries: [reply('a')] }));
        expect(await store.accept(words('c', 'u2'))).toEqual({ kind: 'seen', seq: 2 });
        expect((await store.inbox('c')).map((said) => said.id)).toEqual(['u1']);
        expect(seqs(await store.transcript('c', 0))).toEqual([1, 2, 3]);
      });

      test('accepts once what is sent fifty times at once', async () => {
        const answers = await Promise.all(upTo(50).map(() => store.accept(words('c', 'same'))));
        expect(answers.filter((answer) => answer.kind === 'accepted')).toEqual([{ kind: 'accepted', seq: 1 }]);
        expect(new Set(answers.map((answer) => answer.seq))).toEqual(new Set([1]));
        expect(await store.transcript('c', 0)).toHaveLength(1);
        expect(await store.inbox('c')).toHaveLength(1);
      });

      test('never says "seen" before the first of them is acknowledged', async () => {
        const told: string[] = [];
        const sends = upTo(3).map(() => store.accept(words('c', 'u1')).then(({ kind }) => told.push(kind)));
        await Promise.all(sends);
        expect(told).toEqual(['accepted', 'seen', 'seen']);
      });

      test('keeps the order of fifty different utterances said at once', async () => {
        await Promise.all(upTo(50).map((n) => store.accept(words('c', `u${String(n)}`))));
        const ids = upTo(50).map((n) => `u${String(n)}`);
        expect((await store.inbox('c')).map((said) => said.id)).toEqual(ids);
        const entries = await store.transcript('c', 0);
        expect(entries.map((entry) => [entry.seq, entry.author === 'person' && entry.utteranceId])).toEqual(
          ids.map((id, index) => [index + 1, id]),
        );
      });

      test('makes no entry of an opening, but remembers it and takes it up', async () => {
        expect(await store.accept(opening('c', 'o'))).toEqual({ kind: 'accepted', seq: 0 });
        expect(await store.accept(opening('c', 'o'))).toEqual({ kind: 'seen', seq: 0 });
        expect(await store.transcript('c', 0)).toEqual([]);
        expect(await store.inbox('c')).toEqual([opening('c', 'o')]);
        await store.accept(words('c', 'u1'));
        expect(await store.accept(opening('c', 'again'))).toEqual({ kind: 'accepted', seq: 1 });
        expect(await store.seen('c', 'o')).toBe(0);
      });
    });

    describe('committing a turn', () => {
      test('changes state, transcript, inbox and outbox together, and keeps them over a reopening', async () => {
        await store.accept(words('c', 'u1'));
        const state: ConversationState = { ...openState('c', AT), misunderstood: 2 };
        const item = { id: 'i1', kind: 'mail', payload: { to: 'ref' }, dueAt: 5, tries: 0 };
        const written = await store.commitTurn(
          commit('c', { state, entries: [reply('a'), reply('b')], outbox: [item], heard: 'u1' }),
        );
        expect(written).toEqual([
          { ...reply('a'), seq: 2 },
          { ...reply('b'), seq: 3 },
        ]);
        store = await opened.reopen();
        expect(await store.load('c')).toEqual({ state, revision: 1 });
        expect(await store.transcript('c', 1)).toEqual(written);
        expect(await store.inbox('c')).toEqual([]);
        expect(await store.due(5, 10)).toEqual([item]);
        expect(await store.seen('c', 'u1')).toBe(1);
      });

      test('changes nothing when the state was read at another revision', async () => {
        await store.accept(words('c', 'u1'));
        await store.commitTurn(commit('c'));
        const item = { id: 'i1', kind: 'mail', payload: {}, dueAt: 0, tries: 0 };
        const state = { ...openState('c', AT), misunderstood: 9 };
        for (const expected of [0, 2]) {
          const late = commit('c', { expected, state, entries: [reply('late')], outbox: [item], heard: 'u1' });
          await expect(store.commitTurn(late)).rejects.toBeInstanceOf(StaleStateError);
        }
        expect(await store.load('c')).toEqual({ state: openState('c', AT), revision: 1 });
        expect(await store.transcript('c', 0)).toHaveLength(1);
        expect(await store.due(0, 10)).toEqual([]);
        expect(await store.inbox('c')).toHaveLength(1);
      });

      test('lets one of two commits at the same revision through', async () => {
        const both = [commit('c', { entries: [reply('a')] }), commit('c', { entries: [reply('b')] })];
        const ends = await Promise.allSettled(both.map((one) => store.commitTurn(one)));
        expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(await store.transcript('c', 0)).toHaveLength(1);
      });

      test('never gives a number twice to utterances and replies that meet', async () => {
        const told: number[] = [];
        store.follow('c', (entry) => told.push(entry.seq));
        const work: Promise<unknown>[] = [];
        for (const n of upTo(20)) {
          work.push(store.accept(words('c', `u${String(n)}`)));
          work.push(store.commitTurn(commit('c', { expected: n - 1, entries: [reply('a'), reply('b')] })));
        }
        await Promise.all(work);
        expect(seqs(await store.transcript('c', 0))).toEqual(upTo(60));
        expect(told).toEqual(upTo(60));
      });

      test('remembers a form, which is never accepted, with the entry it made', async () => {
        await store.accept(words('c', 'u1'));
        const form: NewEntry = { author: 'person', at: AT, utteranceId: 'f1', form: 'Identité' };
        await store.commitTurn(commit('c', { heard: 'f1', entries: [form, reply('merci')] }));
        expect(await store.seen('c', 'f1')).toBe(2);
        expect(await store.seen('c', 'f2')).toBeUndefined();
        expect((await store.inbox('c')).map((said) => said.id)).toEqual(['u1']);
      });

      test('lists a conversation as unfinished while something waits or an action is pending', async () => {
        const pending = { ...openState('c', AT), pending: { action: 'unlock', key: 'k' } };
        await store.accept(words('c', 'u1'));
        await store.accept(words('c', 'u2'));
        await store.commitTurn(commit('c', { heard: 'u1' }));
        expect(await store.unfinished()).toEqual(['c']);
        await store.commitTurn(commit('c', { expected: 1, state: pending, heard: 'u2' }));
        expect(await store.unfinished()).toEqual(['c']);
        await store.commitTurn(commit('c', { expected: 2 }));
        expect(await store.unfinished()).toEqual([]);
      });

      test('refuses a state that JSON would change', async () => {
        const entry = { author: 'adviser', at: new Date(0), name: 'A', text: 'b' } as unknown as NewEntry;
        await expect(store.commitTurn(commit('c', { entries: [entry] }))).rejects.toMatchObject({ code: 'internal' });
        const state = { ...openState('c', AT), lastTurnAt: Number.NaN };
        await expect(store.commitTurn(commit('c', { state }))).rejects.toMatchObject({ code: 'internal' });
        expect(await store.load('c')).toBeUndefined();
      });

      test('refuses the lease of another conversation', async () => {
        await expect(store.commitTurn(commit('c', { lease: lease('d') }))).rejects.toMatchObject({ code: 'internal' });
      });
    });

    describe('reading', () => {
      test('gives the transcript after a number, at most so many entries', async () => {
        await store.commitTurn(commit('c', { entries: upTo(12).map((n) => reply(String(n))) }));
        expect(seqs(await store.transcript('c', 9))).toEqual([10, 11, 12]);
        expect(seqs(await store.transcript('c', 1, 3))).toEqual([2, 3, 4]);
        expect(await store.transcript('c', 12)).toEqual([]);
        expect(await store.transcript('c', 0, 0)).toEqual([]);
      });

      test('knows nothing of a conversation that never was', async () => {
        expect(await store.load('c')).toBeUndefined();
        expect(await store.seen('c', 'u')).toBeUndefined();
        expect(await store.inbox('c')).toEqual([]);
        expect(await store.transcript('c', 0)).toEqual([]);
      });

      test('keeps two conversations apart, whatever their ids', async () => {
        const id = fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fc.constantFrom('!', '~', '"', '\0', '\u00ff', '\ud800', '\udc00', 'a', '/', '%')).map((all) => all.join('')),
        );
        let run = 0;
        const apart = async (a: string, b: string, u: string, v: string): Promise<void> => {
          // One store for all runs: an outer mark keeps one run's ids from being those of another.
          const mark = `${String(++run)}/`;
          const [first, second] = [mark + a, mark + b];
          await store.commitTurn(commit(first));
          await store.accept(words(first, u, 'un'));
          await store.accept(words(second, v, 'deux'));
          await store.accept(words(second, `${v}+`, 'trois'));
          expect(await store.inbox(first)).toEqual([words(first, u, 'un')]);
          expect(await store.transcript(second, 0)).toHaveLength(2);
          expect(await store.load(second)).toBeUndefined();
          expect(await store.seen(second, v)).toBe(1);
          if (u !== v && u !== `${v}+`) expect(await store.seen(second, u)).toBeUndefined();
          expect((await store.unfinished()).filter((one) => one === first || one === second)).toHaveLength(2);
        };
        await fc.assert(
          fc.asyncProperty(id, id, id, id, async (a, b, u, v) => {
            fc.pre(a !== b);
            await apart(a, b, u, v);
          }),
          { numRuns: 60 },
        );
      });
    });

    smallContract(() => ({ store, reopen: () => opened.reopen() }));
    eraseContract(() => ({ store, reopen: () => opened.reopen() }));
  });
}
