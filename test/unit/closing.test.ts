/** The switch: turned off, the assistant says so and does nothing but answer danger; turned on, it goes on where it was. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClosing, turnOff, turnOn } from '../../src/closing.js';
import { openState, type ConversationState } from '../../src/conversation/state.js';
import { createHouse, createReaders } from '../../src/house.js';
import { askStages } from '../../src/turn.js';
import { SimulatedClock } from '../support/clock.js';
import { content, ears } from '../support/world.js';

const NOW = Date.UTC(2026, 10, 23, 9);
let closed = true;
const house = { ...createHouse(content(), { readers: createReaders(() => NOW), recogniser: { read: () => Promise.resolve(undefined) } }, ears()), isClosed: () => closed };
const inDialog: ConversationState = { ...openState('c', NOW), lastTurnAt: NOW, frames: [] };
const turn = (said: { kind: 'words'; text: string } | { kind: 'opening' } | { kind: 'form'; place: string; values: Record<string, string> }, state = inDialog) =>
  askStages({ heard: { id: 'u', conversationId: 'c', channel: 'web', at: NOW, ...said } as never, state, now: NOW, recognised: undefined }, house);
const saidBy = ({ claim }: ReturnType<typeof turn>): string => claim.replies.map((reply) => (reply.kind === 'text' ? reply.text : '')).join('\n');

beforeEach(() => { closed = true; });

describe('a turn while the assistant is off', () => {
  it.each([{ kind: 'opening' }, { kind: 'words', text: 'mon compte est bloqué' }, { kind: 'words', text: 'parler à un conseiller' }, { kind: 'form', place: 'p', values: { code: '12345678' } }] as const)('says so, and changes nothing: %j', (said) => {
    const made = turn(said);
    expect([made.stage, made.claim.state, made.claim.event]).toEqual(['sayClosed', inDialog, undefined]);
    expect(saidBy(made)).toContain('Je suis fermé pour le moment');
  });

  it('answers danger as ever', () => {
    const made = turn({ kind: 'words', text: 'je veux mourir' });
    expect([made.stage, saidBy(made).includes('3114')]).toEqual(['protectPerson', true]);
  });

  it('leaves the words to the adviser who has the conversation', () => {
    expect(turn({ kind: 'words', text: 'bonjour' }, { ...inDialog, holder: 'adviser' }).stage).toBe('adviserHolds');
  });

  it('is a turn like others once it is on again', () => {
    closed = false;
    expect(turn({ kind: 'opening' }).stage).toBe('welcome');
  });
});

describe('the switch', () => {
  let folder: string;
  beforeEach(() => { folder = path.join(mkdtempSync(path.join(tmpdir(), 'sesame-closing-')), 'keys'); });
  afterEach(() => { rmSync(path.dirname(folder), { recursive: true, force: true }); });

  it('is seen within a second by processes that run, and by those that start later', async () => {
    const clock = new SimulatedClock();
    const running = createClosing(folder, clock);
    expect(running()).toBe(false);
    await turnOff(folder);
    clock.pass(1_000);
    expect([running(), createClosing(folder, clock)()]).toEqual([true, true]);
    await turnOn(folder);
    await turnOn(folder);
    clock.pass(1_000);
    expect([running(), existsSync(path.join(folder, 'closed'))]).toEqual([false, false]);
  });
});
