import { randomUUID } from 'node:crypto';
import { openState } from '../../src/conversation/state.js';
import type { TranscriptEntry } from '../../src/conversation/transcript.js';
import type { Utterance } from '../../src/conversation/utterance.js';
import { World } from '../support/world.js';

let world: World;
beforeEach(async () => { world = await World.open(); });
afterEach(() => world.close());

const words = (text: string, id: string = randomUUID()): Utterance => ({ kind: 'words', id, conversationId: 'c', channel: 'web', at: world.clock.now(), text });
const byPerson = (entries: readonly TranscriptEntry[]): string[] => entries.flatMap((entry) => (entry.author === 'person' ? [entry.text ?? ''] : []));
const answersTo = (entries: readonly TranscriptEntry[], id: string): number => entries.filter((entry) => entry.author === 'assistant' && entry.inReplyTo === id).length;

describe('the assistant', () => {
  it('answers an utterance once, however often and however closely it is sent', async () => {
    const same = words('à quoi sert le compte ameli', 'same');
    const taken = await Promise.all([same, same, same].map((utterance) => world.assistant.hear(utterance)));
    await world.calm();
    expect(taken.map(({ kind }) => kind).sort()).toEqual(['accepted', 'seen', 'seen']);
    expect(new Set(taken.map(({ seq }) => seq)).size).toBe(1);
    await world.restart();
    expect((await world.assistant.hear(same)).kind).toBe('seen');
    await world.calm();
    const said = await world.said('c');
    expect(byPerson(said)).toHaveLength(1);
    expect(answersTo(said, 'same')).toBe(1);
  });

  it('answers fifty messages sent at once, each once and in the order in which they were taken', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `m${String(index)}`);
    await Promise.all(ids.map((id) => world.assistant.hear(words(`à quoi sert le compte ameli ${id}`, id))));
    await world.calm();
    const said = await world.said('c');
    expect(said.map(({ seq }) => seq)).toEqual(said.map((_, index) => index + 1));
    const heard = said.flatMap((entry) => (entry.author === 'person' ? [entry.utteranceId] : []));
    const answered = said.flatMap((entry) => (entry.author === 'assistant' && entry.inReplyTo !== undefined ? [entry.inReplyTo] : []));
    expect(heard.toSorted()).toEqual(ids.toSorted());
    expect(answered).toEqual(heard);
  });

  it('takes up at start what was accepted and not answered', async () => {
    const accepted = { kind: 'words' as const, id: 'left', conversationId: 'c', channel: 'web' as const, at: 0, text: 'à quoi sert le compte ameli' };
    await world.store.accept(accepted);
    await world.restart();
    await world.calm();
    expect(answersTo(await world.said('c'), 'left')).toBe(1);
  });

  it('keeps no secret of what it hears, not even for a moment', async () => {
    await world.assistant.hear(words('mon numéro est 2 55 08 14 168 025 38', 'secret'));
    const [entry] = await world.assistant.transcript('c', 0);
    expect(entry).toMatchObject({ author: 'person', text: 'mon numéro est •••', masked: ['nir'] });
  });

  it('goes on by another way when an action breaks', async () => {
    world.backend.identify = () => Promise.reject(new TypeError('a fault nobody foresaw'));
    for (const text of ['mon compte est bloqué après plusieurs essais', 'Débloquer mon compte']) {
      await world.assistant.hear(words(text));
      await world.calm();
    }
    const form = (await world.said('c')).findLast((entry) => entry.author === 'assistant' && entry.reply.kind === 'form');
    const place = form?.author === 'assistant' && form.reply.kind === 'form' ? form.reply.place : '';
    const values = { nir: '2 55 08 14 168 025 38', birthDate: '19/08/1955' };
    await world.assistant.hear({ kind: 'form', id: 'f', conversationId: 'c', channel: 'web', at: 0, place, values });
    expect(world.log.map(({ event }) => event)).toContain('action.broke');
    const entries = (await world.said('c')).flatMap((entry) => (entry.author === 'assistant' && entry.inReplyTo === 'f' ? [entry.reply] : []));
    expect(entries.length).toBeGreaterThan(0);
    expect(JSON.stringify(entries)).toContain('ne répond pas en ce moment');
  });

  it('is not stuck on an action whose dialog is gone when the process starts again', async () => {
    const frame = { id: 1, dialog: 'unlock-account', step: 'a-step-of-last-year', slots: {}, hash: 'old', misses: {} };
    const state = { ...openState('c', 0), frames: [frame], pending: { action: 'account.unlock', key: 'k' } };
    await world.store.withTurn('c', (lease) => world.store.commitTurn({ lease, state, expected: 0, entries: [], outbox: [] }));
    await world.restart();
    await world.assistant.hear(words('à quoi sert le compte ameli', 'next'));
    await world.calm();
    const said = await world.said('c');
    expect(JSON.stringify(said)).toContain('Le service a été mis à jour');
    expect(answersTo(said, 'next')).toBe(1);
    expect((await world.store.load('c'))?.state).toMatchObject({ frames: [] });
    expect((await world.store.load('c'))?.state.pending).toBeUndefined();
  });

  it('apologises when a turn breaks, once, and does not break again at the next start', async () => {
    const commitTurn = world.store.commitTurn.bind(world.store);
    let broken = 0;
    world.store.commitTurn = (commit) => {
      if (commit.heard === 'poison' && broken === 0) {
        broken += 1;
        return Promise.reject(new TypeError('a fault nobody foresaw'));
      }
      return commitTurn(commit);
    };
    await world.assistant.hear(words('à quoi sert le compte ameli', 'poison'));
    await world.calm();
    await world.restart();
    await world.assistant.hear(words('à quoi sert le compte ameli', 'next'));
    await world.calm();
    const said = await world.said('c');
    expect(JSON.stringify(said.filter((entry) => entry.author === 'assistant' && entry.inReplyTo === 'poison'))).toContain('problème technique de notre côté');
    expect([answersTo(said, 'poison'), answersTo(said, 'next')]).toEqual([1, 1]);
  });
});
