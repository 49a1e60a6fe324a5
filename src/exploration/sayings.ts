/**
 * What a made-up person may say at each place, one saying for each class of answer: the engine's readers have tests of
 * their own for the many ways to say the same. These are words heard, never words shown.
 */
import type { ConversationState, Frame } from '../conversation/state.js';
import { isWaiting, type Dialogs, type Readers, type WaitingStep } from '../dialog/definition.js';
import { heardFor } from '../dialog/question.js';
import { innermost } from '../dialog/stack.js';
import { placeName, type Saying } from './machine.js';

/** How a saying counts: `choice` and `answer` are what anybody does; `miss` too, though it answers nothing. */
export type Manner = 'choice' | 'answer' | 'miss' | 'aside' | 'correction' | 'silence' | `command ${string}`;

export interface Said {
  readonly manner: Manner;
  readonly saying: Saying;
  /** The place that this choice leads to. */
  readonly leadsTo?: string;
}

/** What depends on the content. */
export interface Vocabulary {
  /** Messages that begin a conversation, with and without what a dialog listens for. */
  readonly openings: readonly string[];
  /** A question that the knowledge answers and that starts nothing. */
  readonly aside: string;
  /** A phrase for each command. */
  readonly commands: Readonly<Record<string, string>>;
  /** Values of slots on which a dialog goes different ways, by slot. */
  readonly turning: ReadonlyMap<string, readonly string[]>;
}

const NONSENSE = 'gloubi boulga zzz';
const UNKNOWN = 'je ne sais pas';
const LONG = 86_400_000;

/** Something that each reader reads. Every person is made up. */
export const READABLE: Readonly<Record<string, readonly string[]>> = {
  'nir': ['2 55 08 14 168 025 38'],
  'birth-date': ['19/08/1955'],
  'code': ['12345678'],
  'letter-code': ['7K3M-9QWX-4T'],
  'letter-reference': ['7K3M-9QWX'],
  'yes-no': ['oui', 'non'],
  'past-date': ['hier'],
  'number': ['2'],
  'postcode': ['44000'],
  'email': ['martin@exemple.fr'],
  'error-code': ['Y999998'],
};

const THIRD_PARTIES: Readonly<Record<string, string>> = {
  parent: 'pour ma mère',
  child: 'pour mon fils',
  partner: 'pour mon mari',
  relative: 'pour mon frère',
  ward: 'sous tutelle',
  deceased: 'il est décédé',
};

/** Words that make a first message say `value` of what a dialog listens for. */
export function mention(name: string, value: string): string {
  if (name === 'thirdParty') return THIRD_PARTIES[value] ?? value;
  return name === 'errorCode' ? `erreur ${value}` : value;
}

/** A value to mention where the dialog would take any. */
export const MENTIONED: Readonly<Record<string, string>> = { errorCode: 'Y010004', postcode: '44000', date: '12/03/2024', thirdParty: 'parent' };

/** One saying of each class that this state can be met with. */
export function sayingsAt(state: ConversationState, vocabulary: Vocabulary, house: { dialogs: Dialogs; readers: Readers }): readonly Said[] {
  const commands = Object.entries(vocabulary.commands).map(([command, text]): Said => ({ manner: `command ${command}`, saying: words(text) }));
  const frame = innermost(state);
  const step = waitingAt(frame, house.dialogs);
  if (!frame || !step) {
    const offers = state.offered.map(({ label }) => answer(words(label)));
    return [...vocabulary.openings.map((text) => answer(words(text))), ...offers, miss(words(NONSENSE)), ...commands];
  }
  return [
    ...shownChoices(frame, step, house.readers),
    ...answersTo(step, vocabulary, house.readers),
    answer(words(UNKNOWN)),
    miss(words(NONSENSE)),
    { manner: 'aside', saying: words(vocabulary.aside) },
    ...commands,
    ...corrections(state, house.dialogs),
    { manner: 'silence', saying: { kind: 'words', text: vocabulary.commands['repeat'] ?? '', after: LONG } },
  ];
}

/** The buttons as they are shown: those that confirm what was heard, or the options. */
function shownChoices(frame: Frame, step: WaitingStep, readers: Readers): Said[] {
  const heard = heardFor(frame, step, readers);
  if (heard) return [heard.confirm.yes, heard.confirm.no].map((text) => answer(words(text)));
  return step.options.map(({ label, next }) => ({ manner: 'choice', saying: words(label), leadsTo: placeName(frame.dialog, next) }));
}

function waitingAt(frame: Frame | undefined, dialogs: Dialogs): WaitingStep | undefined {
  const step = frame && dialogs.get(frame.dialog)?.steps.get(frame.step);
  return step && isWaiting(step) ? step : undefined;
}

function answersTo(step: WaitingStep, { turning }: Vocabulary, readers: Readers): Said[] {
  if (step.kind === 'choose') return [];
  if (step.kind === 'ask') {
    const read = [...(READABLE[step.reader] ?? []), ...(turning.get(step.slot) ?? [])].filter((text) => readers[step.reader]?.read(text).ok);
    return [...new Set(read)].map((text) => answer(words(text)));
  }
  const good = Object.fromEntries(step.fields.map(({ name, reader }) => [name, READABLE[reader]?.[0] ?? '']));
  const bad = Object.fromEntries(step.fields.map(({ name }) => [name, '']));
  return [
    answer({ kind: 'form', values: good }),
    miss({ kind: 'form', values: bad }),
  ];
}

/** The answer to the question before, taken back for another. */
function corrections(state: ConversationState, dialogs: Dialogs): Said[] {
  const step = waitingAt(state.trail.at(-2)?.at(-1), dialogs);
  if (!step) return [];
  const others = step.kind === 'ask' ? (READABLE[step.reader] ?? []) : step.options.map(({ label }) => label);
  return others.slice(-1).map((other) => ({ manner: 'correction', saying: words(`non, en fait ${other}`) }));
}

function answer(saying: Saying): Said {
  return { manner: 'answer', saying };
}

function words(text: string): Saying {
  return { kind: 'words', text };
}

function miss(saying: Saying): Said {
  return { manner: 'miss', saying };
}
