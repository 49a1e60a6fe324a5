/**
 * A walker that says anything at random, for as long as 40 turns: whatever it says and however the actions end, the
 * conversation goes on. The stages, the dialogs and the understanding are the real ones; time and actions are not.
 * SESAME_WALKS=10000 walks as often.
 */
import fc from 'fast-check';
import type { Reply } from '../../src/conversation/reply.js';
import { openState, type ConversationState } from '../../src/conversation/state.js';
import type { Utterance } from '../../src/conversation/utterance.js';
import { placeOf } from '../../src/dialog/question.js';
import type { Actions, World as DialogWorld } from '../../src/dialog/run.js';
import { innermost } from '../../src/dialog/stack.js';
import { createHouse, createReaders } from '../../src/house.js';
import { openStep } from '../../src/stages.js';
import { askStages, runClaim } from '../../src/turn.js';
import { ACCOUNT_OUTCOMES } from '../../src/account/actions.js';
import { FRANCECONNECT_OUTCOMES } from '../../src/franceconnect/actions.js';
import { HANDOFF_OUTCOMES } from '../../src/handoff/desk.js';
import { IDENTITY_OUTCOMES } from '../../src/identity/actions.js';
import { content, ears, MARTIN } from '../support/world.js';

const WALKS = Number(process.env['SESAME_WALKS'] ?? '300');
const START = Date.UTC(2026, 0, 15, 9);
const LARGEST_STATE = 8 * 1024;
const MOST_REPEATS = 3;
/** How long a conversation is whose state must still be small. */
const LONG_WALK = 100;

const readers = createReaders(() => START);
const house = createHouse(content(), { readers, recogniser: { read: () => Promise.resolve(undefined) } }, ears());
const phrases = [...content().entries.values()].flatMap(({ mustMatch }) => mustMatch);
const commands = content().commands.flatMap(({ phrases: said }) => said.slice(0, 2));
const answers = ['oui', 'non', 'je ne sais pas', '2', '44000', 'hier', '12/03/2024', 'erreur Y010004', 'pour ma mère', 'la première', 'dernier'];

type Move =
  | { readonly kind: 'choice' | 'phrase' | 'command' | 'answer' | 'correction' | 'form' | 'empty form' | 'stale form' | 'two problems'; readonly pick: number }
  | { readonly kind: 'garbage'; readonly text: string };

interface Turn {
  readonly move: Move;
  /** Minutes of silence before. */
  readonly after: number;
  /** Which way each action of the turn ends. */
  readonly outcomes: readonly number[];
}

const pick = fc.nat(1_000);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('choice' as const, 'form' as const), pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('phrase' as const, 'command' as const, 'answer' as const, 'correction' as const, 'two problems' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('empty form' as const, 'stale form' as const), pick }) },
  { weight: 2, arbitrary: fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.lorem(), fc.constant('x'.repeat(3_000))).map((text) => ({ kind: 'garbage' as const, text })) },
);
const turn: fc.Arbitrary<Turn> = fc.record({
  move,
  after: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(3 * 24 * 60)),
  outcomes: fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
});

/** Says what a move means where the conversation stands; `shown` are the choices on the screen. */
function wordsOf(one: Move, shown: readonly string[]): string {
  if (one.kind === 'garbage') return one.text;
  const from = (list: readonly string[]): string => list[one.pick % Math.max(1, list.length)] ?? '';
  const said: Readonly<Partial<Record<Move['kind'], () => string>>> = {
    'phrase': () => from(phrases),
    'two problems': () => `${from(phrases)} et aussi ${phrases[(one.pick * 7) % phrases.length]!}`,
    'command': () => from(commands),
    'correction': () => `non, en fait ${from([...answers, ...shown])}`,
    'answer': () => from(answers),
  };
  return said[one.kind]?.() ?? from(shown.length > 0 ? shown : phrases);
}

class Walker {
  state: ConversationState = openState('walk', START);
  /** What was said, and the last thing answered. */
  readonly story: string[] = [];
  private now = START;
  private choices: readonly string[] = [];
  private asked = '';
  private repeats = 1;
  private proof = '';
  private count = 0;

  /** Takes a turn and tells what did not hold. */
  async take({ move: one, after, outcomes }: Turn): Promise<string[]> {
    this.now += after * 60_000;
    const before = this.state;
    const world = this.world(outcomes);
    const heard = this.utterance(one);
    const { claim, stage } = askStages({ heard, state: before, now: this.now, recognised: undefined }, house);
    const leg = await runClaim(claim, world, house);
    this.state = { ...leg.state, lastTurnAt: this.now };
    const replies = [...world.said, ...leg.replies];
    this.choices = replies.at(-1)?.choices ?? [];
    this.story.push(`${heard.kind === 'words' ? heard.text.slice(0, 80) : '(formulaire)'} -> ${stage}, ${shown(replies.at(-1))}`);
    return [...this.standing(replies), ...this.repeated(replies, stage, before), ...world.unproved];
  }

  private utterance(one: Move): Utterance {
    this.count += 1;
    const said = { id: String(this.count), conversationId: 'walk', channel: 'terminal', at: this.now } as const;
    const step = openStep(this.state, house.dialogs);
    const frame = innermost(this.state);
    const isForm = one.kind.endsWith('form') && frame && step?.kind === 'form';
    if (!isForm) return { ...said, kind: 'words', text: wordsOf(one, this.choices) };
    const good: Readonly<Record<string, string>> = { nir: MARTIN.nir, birthDate: MARTIN.typedDate, code: '12345678' };
    const values = Object.fromEntries(step.fields.map(({ name }) => [name, one.kind === 'empty form' ? '' : (good[name] ?? '')]));
    return { ...said, kind: 'form', place: one.kind === 'stale form' ? '0.gone' : placeOf(frame), values };
  }

  /** An end, a question with ways out, or a person. */
  private standing(replies: readonly Reply[]): string[] {
    const { frames, holder } = this.state;
    const size = JSON.stringify(this.state).length;
    return [
      ...(replies.length === 0 && holder === 'assistant' ? ['nothing was said'] : []),
      ...(size > LARGEST_STATE ? [`the state holds ${String(size)} bytes`] : []),
      ...(frames.length > 0 && !openStep(this.state, house.dialogs) ? [`it rests at ${frames.at(-1)!.step}, which waits for nobody`] : []),
      ...(this.canBeCancelled() ? [] : ['it cannot be cancelled']),
    ];
  }

  private canBeCancelled(): boolean {
    const heard = { kind: 'words', text: 'annuler', id: 'cancel', conversationId: 'walk', channel: 'terminal', at: this.now } as const;
    const { stage, claim } = askStages({ heard, state: this.state, now: this.now, recognised: undefined }, house);
    return stage === 'obeyCommand' && claim.state.frames.length === 0;
  }

  /** A question that comes back though the person asked neither for it nor for something beside it. */
  private repeated(replies: readonly Reply[], stage: string, before: ConversationState): string[] {
    const question = `${shown(replies.at(-1))} ${String(innermost(this.state)?.id)}`;
    const isStale = replies.some((reply) => reply.kind === 'text' && reply.text === house.message('stale-form').text);
    const isAside = isStale || !['continueDialog', 'askAgain'].includes(stage) || (stage === 'askAgain' && sameMisses(before, this.state));
    // Whoever takes an earlier answer back is led to the question anew.
    if (question !== this.asked || stage === 'correctAnswer') this.repeats = 1;
    else if (!isAside) this.repeats += 1;
    this.asked = question;
    return this.repeats > MOST_REPEATS ? [`asked ${String(this.repeats)} times in a row: ${question}`] : [];
  }

  private world(outcomes: readonly number[]): DialogWorld & { said: Reply[]; unproved: string[] } {
    const said: Reply[] = [];
    const unproved: string[] = [];
    let next = 0;
    const known: Readonly<Record<string, readonly string[]>> = { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES };
    const actions: Actions = Object.fromEntries(
      Object.entries(known).map(([action, ends]) => [
        action,
        {
          outcomes: ends,
          run: ({ slots }) => {
            if (action.startsWith('account.') && action !== 'account.service' && (this.proof === '' || slots['proof'] !== this.proof)) unproved.push(`${action} without a proof of this conversation`);
            const way = outcomes[next % outcomes.length] ?? 0;
            next += 1;
            const outcome = ends[way % (ends.length + 1)];
            if (outcome === undefined) return Promise.reject(new Error('the backend fails'));
            if (outcome === 'proved') this.proof = `proof-${String(this.count)}`;
            const slots_ = outcome === 'proved' ? { proof: this.proof } : outcome === 'sent' ? { challenge: 'c' } : { cause: 'inactivity' };
            return Promise.resolve({ outcome, slots: slots_ });
          },
        },
      ]),
    );
    return {
      ...{ said, unproved, actions, dialogs: house.dialogs, readers },
      onFault: () => undefined,
      commit: ({ replies }) => Promise.resolve(void said.push(...replies)),
    };
  }
}

function shown(reply: Reply | undefined): string {
  return (reply?.kind === 'form' ? reply.title : (reply?.text ?? 'nothing')).slice(0, 200);
}

function sameMisses(before: ConversationState, after: ConversationState): boolean {
  return before.frames.length > 0 && JSON.stringify(innermost(before)?.misses) === JSON.stringify(innermost(after)?.misses);
}

async function walk(turns: readonly Turn[]): Promise<void> {
  const walker = new Walker();
  for (const [index, one] of turns.entries()) {
    const faults = await walker.take(one);
    if (faults.length > 0) throw new Error(`turn ${String(index + 1)}: ${faults.join('; ')}\n${walker.story.join('\n')}`);
  }
}

describe('whatever is said', () => {
  it(
    'a conversation rests at an end, at a question with ways out, or with a person',
    () => fc.assert(fc.asyncProperty(fc.array(turn, { minLength: 5, maxLength: 40, size: 'max' }), walk), { numRuns: WALKS }),
    60_000 + WALKS * 100,
  );

  it(
    'a state stays small after a hundred turns',
    () => fc.assert(fc.asyncProperty(fc.array(turn, { minLength: LONG_WALK, maxLength: LONG_WALK }), walk), { numRuns: Math.ceil(WALKS / 30) }),
    60_000 + WALKS * 100,
  );

  it.each(content().commands.map(({ command, phrases: [phrase = ''] }) => [command, phrase]))('a state stays small when « %s » is all that is said', async (_command, phrase) => {
    const said = { move: { kind: 'garbage', text: phrase }, after: 0, outcomes: [1] } as const;
    const opening = { move: { kind: 'garbage', text: phrases[0] ?? '' }, after: 0, outcomes: [1] } as const;
    await walk([opening, ...Array.from({ length: LONG_WALK }, () => said)]);
  });
});
