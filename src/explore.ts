/**
 * The command `check-dialogs`: puts the explorer to work on the stages and the dialogs as they run, and prints what it
 * proved. What is proved, and how, is in exploration/.
 */
import { createReaders, frenchDay } from './house.js';
import { readContent } from './app.js';
import { ACCOUNT_OUTCOMES } from './account/actions.js';
import type { Content } from './content.js';
import type { ConversationState } from './conversation/state.js';
import type { Utterance } from './conversation/utterance.js';
import type { Dialogs, Readers } from './dialog/definition.js';
import { placeOf } from './dialog/question.js';
import { innermost } from './dialog/stack.js';
import { findCircles } from './exploration/circles.js';
import { Machine, PROOF, type Ending, type Saying } from './exploration/machine.js';
import { judge, type Distances, type Violation } from './exploration/proofs.js';
import { mention, MENTIONED, type Vocabulary } from './exploration/sayings.js';
import { findSlotFaults } from './exploration/slots.js';
import { tellStory } from './exploration/story.js';
import { findMissingBranches, findTwins, stepsOf } from './exploration/texts.js';
import { remembered, walk, type Walk } from './exploration/walk.js';
import { FRANCECONNECT_OUTCOMES } from './franceconnect/actions.js';
import { HANDOFF_OUTCOMES } from './handoff/desk.js';
import { IDENTITY_OUTCOMES } from './identity/actions.js';
import { fold } from './matching/normalise.js';
import type { House } from './stages.js';
import { askStages, runClaim } from './turn.js';
import { createCommands } from './understanding/commands.js';
import type { Decision } from './understanding/decide.js';
import { heardIn } from './understanding/entities.js';
import type { Entry } from './understanding/knowledge.js';

/** Every action that a dialog may name, and every way it ends. */
const OUTCOMES: Readonly<Record<string, readonly string[]>> = { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES };

/** Slots that an outcome gives, with a value each. */
const GIVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'identity.send-code sent': { challenge: 'a-challenge' },
  'identity.resend-code sent': { challenge: 'another-challenge' },
  'identity.check-code proved': { proof: PROOF },
  'identity.check-code wrong-wait': { wait: '4' },
  'identity.check-code wait': { wait: '4' },
  'identity.send-letter asked': { reference: '7K3M-9QWX', days: '21' },
  'identity.send-letter recent': { reference: '7K3M-9QWX', days: '21' },
  'identity.letter-instead asked': { reference: '7K3M-9QWX', days: '21' },
  'identity.letter-instead recent': { reference: '7K3M-9QWX', days: '21' },
  'identity.check-letter proved': { proof: PROOF },
  'identity.begin-franceconnect started': { passage: 'a-passage', link: 'https://sesame.example/', number: '4821' },
  'identity.finish-franceconnect proved': { proof: PROOF },
  'identity.send-identified-code sent': { challenge: 'a-challenge' },
  'account.unlock not-unlockable': { cause: 'any-cause' },
  'account.reactivate not-reactivable': { cause: 'any-cause' },
  'account.read-status locked': { cause: 'any-cause' },
  'account.ask-correction opened': { reference: '7K3M-9QWX' },
  'account.declare-fraud frozen': { reference: '7K3M-9QWX' },
  'account.open-case opened': { reference: '7K3M-9QWX' },
  'handoff.anywhere requested': { position: '2', least: '5', most: '10' },
  'handoff.anywhere closed': { opens: 'lundi 8 h 30' },
  'handoff.request requested': { position: '2', least: '5', most: '10' },
  'handoff.request closed': { opens: 'lundi 8 h 30' },
};

const NEEDS = {
  needed: { 'identity.resend-code': ['challenge'], 'identity.check-code': ['challenge'] },
  welcome: { 'identity.send-code': ['purpose'], 'identity.letter-instead': ['challenge'], 'handoff.request': ['reason', 'caisse'], 'handoff.anywhere': ['reason'], 'handoff.leave': ['reason', 'caisse'], ...Object.fromEntries(Object.keys(ACCOUNT_OUTCOMES).map((action) => [action, ['proof']])) },
};

/** What tells of the counter and of the post. */
const WAYS = { entries: new Set(['contact-cpam', 'france-services']), dialogs: new Set(['written-ways']), adviser: 'talk-to-adviser' };

/** Dialogs that a command opens. */
const BY_COMMAND = ['talk-to-adviser', 'what-you-see'];

const NOTHING: Decision = { kind: 'none', entry: null, candidates: [], confidence: 0, because: [] };

export interface Explored {
  readonly dialogs: number;
  readonly steps: number;
  readonly states: number;
  /** Turns taken: state, what was said, and one row of outcomes. */
  readonly turns: number;
  readonly checks: number;
  readonly distances: Distances;
  /** Bytes. */
  readonly largest: number;
  /** Steps that no conversation passed. */
  readonly unseen: readonly string[];
  readonly violations: readonly (Violation & { readonly story: string })[];
}

/** Every state that conversations with these dialogs reach, and the house that rehearses them. */
export interface Survey {
  readonly walked: Walk;
  readonly machine: Machine;
  /** Dialogs that start without being called. */
  readonly starts: ReadonlySet<string>;
}

/** Walks until nothing new comes, and judges nothing. */
export async function survey(given: Content, readers: Readers): Promise<Survey> {
  const content = { ...given, entries: withWaysIn(given) };
  const { dialogs } = content;
  const endings = endingsOf(dialogs);
  const starts = new Set([...BY_COMMAND, ...[...content.entries.values()].flatMap(({ dialog }) => dialog ?? [])]);
  const vocabulary = vocabularyOf(content);
  const house = createDeafHouse(content, readers, vocabulary);
  const machine = new Machine({ dialogs, readers, endings, turn: (state, said, world) => rehearse(utteranceOf(said, state), { state, now: said.kind === 'words' ? (said.after ?? 0) : 0 }, world, house) });
  return { walked: await walk(machine, vocabulary, WAYS), machine, starts };
}

/** Explores dialogs until nothing new comes, and holds them against every property. */
export async function explore(content: Content, readers: Readers): Promise<Explored> {
  const { dialogs } = content;
  const { walked, machine, starts } = await survey(content, readers);
  const { endings } = machine;
  const judged = judge(walked);
  const found = [
    ...judged.violations,
    ...findCircles(dialogs).map((one) => withTurn(one, walked)),
    ...findMissingBranches(dialogs, endings).map((one) => withTurn(one, walked)),
    ...findTwins(dialogs, content.messages).map((one) => withTurn(one, walked)),
    ...findSlotFaults({ dialogs, endings, needs: NEEDS, starts }).map((one) => withTurn(one, walked)),
  ];
  const violations = [];
  for (const one of found) violations.push({ ...one, story: one.turn ? await tellStory(one.turn, walked, machine) : '' });
  const places = stepsOf(dialogs).map(({ place }) => place);
  return {
    ...{ dialogs: dialogs.size, steps: places.length, states: walked.nodes.length + walked.variants.length, turns: walked.turns, largest: walked.largest },
    ...{ checks: judged.checks + places.length, distances: judged.distances, violations },
    unseen: places.filter((place) => !walked.first.has(place)),
  };
}

function withTurn(violation: Violation, { first }: Walk): Violation {
  const turn = first.get(violation.place);
  return turn ? { ...violation, turn } : violation;
}

/** The stages, then the dialogs, as a turn of turn.ts has them. */
async function rehearse(heard: Utterance, { state, now }: { state: ConversationState; now: number }, world: Parameters<typeof runClaim>[1], house: House) {
  const { claim, stage } = askStages({ heard, state, now, recognised: undefined }, house);
  return { leg: await runClaim(claim, world, house), stage };
}

function utteranceOf(said: Saying, state: ConversationState): Utterance {
  const common = { id: 'said', conversationId: state.conversationId, channel: 'terminal', at: 0 } as const;
  if (said.kind === 'words') return { ...common, kind: 'words', text: said.text };
  const frame = innermost(state);
  return { ...common, kind: 'form', place: frame ? placeOf(frame) : '', values: said.values };
}

/** Every entry, and one more for each dialog that nothing would start. */
function withWaysIn({ entries, dialogs }: Content): Content['entries'] {
  const called = new Set(stepsOf(dialogs).flatMap(({ step }) => (step.kind === 'call' ? [step.dialog] : [])));
  const named = new Set([...entries.values()].flatMap(({ dialog }) => dialog ?? []));
  const [model] = entries.values();
  const alone = [...dialogs.values()].filter(({ id }) => !called.has(id) && !named.has(id) && !BY_COMMAND.includes(id));
  const ways = model ? alone.map(({ id, title }): [string, Entry] => [id, { ...model, id, title, related: [], dialog: id, mustMatch: [title], answer: title }]) : [];
  return new Map([...entries, ...ways]);
}

/** How each action may end; a slot on which dialogs go different ways is given with each value. */
function endingsOf(dialogs: Dialogs): Record<string, readonly Ending[]> {
  const turning = turningOf(dialogs);
  const ends = (action: string, outcome: string): Ending[] => {
    const slots = GIVEN[`${action} ${outcome}`] ?? {};
    const [[name, value] = ['', '']] = Object.entries(slots);
    return [value, ...(turning.get(name) ?? [])].map((one) => ({ outcome, slots: name === '' ? {} : { ...slots, [name]: one } }));
  };
  return Object.fromEntries(Object.entries(OUTCOMES).map(([action, outcomes]) => [action, outcomes.flatMap((outcome) => ends(action, outcome))]));
}

function turningOf(dialogs: Dialogs): Map<string, string[]> {
  const turning = new Map<string, string[]>();
  for (const { step } of stepsOf(dialogs)) if (step.kind === 'when') turning.set(step.slot, [...(turning.get(step.slot) ?? []), ...Object.keys(step.on)]);
  return turning;
}

function vocabularyOf({ entries, dialogs, commands, emergency }: Content): Vocabulary {
  const roots = new Map([...entries.values()].reverse().flatMap((entry) => (entry.dialog === undefined ? [] : [[entry.dialog, entry]])));
  const aside = [...entries.values()].find(({ id, dialog, related }) => dialog === undefined && related.length > 0 && !WAYS.entries.has(id));
  return {
    openings: [...roots].flatMap(([dialog, entry]) => ['', ...mentionsFor(dialogs, dialog)].map((more) => `${entry.mustMatch[0] ?? entry.title} ${more}`.trim())),
    aside: aside?.mustMatch[0] ?? '',
    // Distress is met like a command: at any place, before anything else.
    commands: { ...Object.fromEntries(commands.map(({ command, phrases }) => [command, phrases[0] ?? ''])), distress: emergency[0] ?? '' },
    turning: turningOf(dialogs),
  };
}

/** What a first message may add, for each value that the dialog would take. */
function mentionsFor(dialogs: Dialogs, id: string): string[] {
  const steps = [...(dialogs.get(id)?.steps.values() ?? [])];
  const heard = steps.flatMap((step) => {
    const hears = 'hears' in step ? step.hears : undefined;
    if (hears === undefined || !('options' in step)) return [];
    const values = step.kind === 'choose' ? step.options.flatMap((option) => option.is ?? []) : [MENTIONED[hears] ?? ''];
    return values.map((value) => mention(hears, value));
  });
  return [...new Set(heard)];
}

/** The house without its knowledge of French: it knows the openings and the aside, and every command. */
function createDeafHouse({ entries, dialogs, messages, labels, emergency, commands, lexicon }: Content, readers: Readers, { openings, aside }: Vocabulary): House {
  const known = [...entries.values()];
  const entryOf = new Map([...openings, aside].map((text) => [text, known.find(({ mustMatch: [first = '-'] }) => text.startsWith(first))]));
  const commandOf = remembered(createCommands(commands, lexicon));
  return {
    ...{ entries, dialogs, readers, heardIn },
    message: (key) => messages[key] ?? { text: key },
    label: (key) => labels[key] ?? key,
    decide(text) {
      const entry = entryOf.get(text);
      return entry ? { ...NOTHING, kind: 'answer', entry: entry.id } : NOTHING;
    },
    commandIn: (text) => commandOf(text)?.command,
    isEmergency: remembered((text) => emergency.some((words) => fold(text).includes(words))),
    recognise: () => Promise.resolve(undefined),
  };
}

/** The command: explores the project's dialogs, prints the counts and every violation with its conversation. */
export async function checkDialogs(): Promise<void> {
  const clock = { now: () => Date.now() };
  const started = clock.now();
  const explored = await explore(readContent(clock, frenchDay(started)), createReaders(() => clock.now()));
  process.stdout.write(tell(explored, clock.now() - started));
  process.stderr.write(explored.unseen.map((place) => `warning: no conversation passes ${place}\n`).join(''));
  if (explored.violations.length > 0) process.exitCode = 1;
}

function tell({ dialogs, steps, states, turns, checks, distances, largest, violations }: Explored, ms: number): string {
  const told = violations.map(({ property, place, what, story }) => `\nviolation (${property}) ${place} : ${what}\n${story.replace(/^/gm, '  ')}\n`);
  const counts =
    `dialogs: ${String(dialogs)} dialogs with ${String(steps)} steps, ${String(states)} states, ${String(turns)} transitions, ${String(checks)} checks\n` +
    `dialogs: a person or a written alternative is at most ${String(distances.withCommands)} turns away (${String(distances.byAnswers)} by answers alone); largest state ${String(largest)} bytes\n` +
    `dialogs: ${String(violations.length)} violations, ${(ms / 1000).toFixed(1)} s\n`;
  return [...told, counts].join('');
}
