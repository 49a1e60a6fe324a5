/** « Terminer et effacer mes messages », in a whole house: what goes, what stays, and that nothing brings it back. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { Utterance } from '../../src/conversation/utterance.js';
import { openJournal } from '../../src/insights/journal.js';
import { createOpinions } from '../../src/insights/opinions.js';
import { KARIM, Side } from '../support/side.js';
import { MARTIN, World } from '../support/world.js';

const ID = 'conversation-to-erase';

describe('an erasure', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
  });
  afterEach(() => world.close());

  const words = (text: string, id: string = randomUUID()): Utterance => ({ kind: 'words', id, conversationId: ID, channel: 'web', at: world.clock.now(), text });
  const says = async (text: string): Promise<void> => {
    await world.assistant.hear(words(text));
    await world.calm();
  };
  const form = async (values: Readonly<Record<string, string>>, id: string = randomUUID()): Promise<Utterance> => {
    const asked = (await world.said(ID)).findLast((entry) => entry.author === 'assistant' && entry.reply.kind === 'form');
    const place = asked?.author === 'assistant' && asked.reply.kind === 'form' ? asked.reply.place : '';
    return { kind: 'form', id, conversationId: ID, channel: 'web', at: world.clock.now(), place, values };
  };
  const identify = async (): Promise<void> => {
    await says('mon compte est bloqué après plusieurs essais');
    await says('Débloquer mon compte');
    await world.assistant.hear(await form({ nir: MARTIN.nir, birthDate: MARTIN.typedDate }));
    await world.calm();
  };

  /** What lies on disk, key and value; the process ends for it and starts again. */
  async function onDisk(): Promise<readonly (readonly [key: string, value: string])[]> {
    await world.calm();
    await world.store.close();
    const db = new ClassicLevel(path.join(world.folder, 'store'));
    const found = await db.iterator().all();
    await db.close();
    await world.restart();
    return found;
  }

  it('leaves no trace of the conversation but the mark that it is gone, and nobody’s tries uncounted', async () => {
    await identify();
    const folder = mkdtempSync(path.join(tmpdir(), 'sesame-erasure-'));
    const opinions = createOpinions({ store: world.store, journal: openJournal(path.join(folder, 'opinions.jsonl')), clock: world.clock });
    await opinions.judge(ID, { about: 2, verdict: 'up' });
    rmSync(folder, { recursive: true });
    await world.store.write('door/own', { conversationId: ID }, 0, world.clock.now());
    await world.assistant.hear(await form({ code: '0000 0000' }));
    const counted = (all: Awaited<ReturnType<typeof onDisk>>): unknown[] => all.filter(([key]) => /^n!(tries|sends)/.test(key));
    const before = await onDisk();
    expect(counted(before).length).toBeGreaterThan(0);
    await world.assistant.erase(ID, ['door/own']);
    const after = await onDisk();
    expect(counted(after)).toEqual(counted(before));
    expect(await world.assistant.knows(ID)).toBe(false);
    expect(await world.assistant.transcript(ID, 0)).toEqual([]);
    expect(after.filter((pair) => pair.join(' ').includes(ID)).map(([key]) => key)).toEqual([`e!${ID}`]);
  });

  it('waits for the turn under way, and is not undone by a form or words that come after it', async () => {
    await identify();
    const [late, other] = [await form({ code: world.lastCode() }, 'late'), words('encore moi', 'other')];
    let open: () => void = () => undefined;
    const held = world.store.withTurn(ID, () => new Promise<void>((resolve) => (open = resolve)));
    const erased = world.assistant.erase(ID);
    // It has its place behind the turn that is held.
    await new Promise((resolve) => setImmediate(resolve));
    const ends = [late, other].map((utterance) => world.assistant.hear(utterance).then(({ kind }) => kind, (error: unknown) => (error as { code?: unknown }).code));
    // The words are accepted before the erasure, and go with it.
    expect(await ends[1]).toBe('accepted');
    open();
    await held;
    await erased;
    expect(await ends[0]).toBe('conversation-unknown');
    await world.calm();
    await world.restart();
    expect(await world.assistant.knows(ID)).toBe(false);
    expect(world.people.get('s_martin')?.status.kind).toBe('locked');
    await expect(world.assistant.hear(words('je reviens'))).rejects.toMatchObject({ code: 'conversation-unknown' });
    await expect(world.assistant.hear({ kind: 'opening', id: 'opening', conversationId: ID, channel: 'web', at: 0 })).rejects.toMatchObject({ code: 'conversation-unknown' });
    expect(await world.said(ID)).toEqual([]);
  });

  it('finishes an action that a crash left without its outcome, once', async () => {
    await identify();
    const commitTurn = world.store.commitTurn.bind(world.store);
    let left = 1;
    world.store.commitTurn = async (commit) => {
      const numbered = await commitTurn(commit);
      // The process ends here: the intention is on disk and nothing after it.
      if (commit.state.pending?.action.startsWith('account.') === true && left-- > 0) throw Object.assign(new Error('the process of the test ends'), { code: 'store-closed' });
      return numbered;
    };
    await world.assistant.hear(await form({ code: world.lastCode() })).catch(() => undefined);
    await world.restart();
    await world.assistant.erase(ID);
    expect(world.backend.effects.size).toBe(1);
    expect(await world.assistant.knows(ID)).toBe(false);
  });
});

describe('an erasure while advisers are asked for', () => {
  let side: Side;
  beforeEach(async () => {
    side = await Side.open();
    await side.does(KARIM, 'a:private', { text: 'disponible' });
    await side.says('je veux un conseiller', ID);
    await side.says('69003', ID);
  });
  afterEach(() => side.close());

  it('takes back a request that waits, and its card says so', async () => {
    const { id } = await side.ticket(ID);
    await side.erase(ID);
    await side.delivered();
    expect(side.side.queue.find(id)).toBeUndefined();
    expect((await side.store.read<{ phase: string; because: string }>(`ended:${id}`))?.value).toMatchObject({ phase: 'abandoned', because: 'person-left' });
  });

  it('closes one that is held, frees the adviser, and takes what was noted of the person', async () => {
    const { id } = await side.ticket(ID);
    const asked = { id, thread: await side.thread(id) };
    await side.presses(KARIM, 'take', asked);
    await side.presses(KARIM, 'note', asked, { note: 'À rappeler.' });
    await side.says('quelques mots', ID);
    expect((await side.store.list(`note:${id}:`)).length).toBe(1);
    await side.erase(ID);
    await side.delivered();
    expect(side.side.queue.heldBy(KARIM)).toEqual([]);
    expect(await side.store.list(`note:${id}:`)).toEqual([]);
    expect(await side.store.load(ID)).toBeUndefined();
  });
});
