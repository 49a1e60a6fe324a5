/**
 * What became of a conversation over all the kills: what people were acknowledged and saw, held against what the server
 * has of it in the end and against what is said where nothing is killed. Pure: it asks nobody.
 */
import { QUESTIONS, type Played } from './kill-people.js';
import type { Acknowledged, Seen } from './stubborn.js';

/** What is said where nothing is killed. */
export interface Calm {
  /** The answers to each question. */
  readonly questions: ReadonlyMap<string, readonly string[]>;
  /** All that is said in each dialog, by its opening. */
  readonly dialogs: ReadonlyMap<string, readonly string[]>;
}

/** Counts over conversations. Everything from `lost` on must be 0. */
export interface Verdict {
  readonly 'accepted': number;
  /** Acknowledged, and not in the transcript under the number that was told. */
  readonly 'lost': number;
  /** In the transcript twice. */
  readonly 'messages doubled': number;
  readonly 'unanswered': number;
  readonly 'answers doubled': number;
  /** Answered once, in other words than where nothing is killed. */
  readonly 'answered otherwise': number;
  readonly 'answers out of order': number;
  /** Entries that a stream did not bring once, in their order. */
  readonly 'shown wrongly': number;
}

export const NOTHING: Verdict = { 'accepted': 0, 'lost': 0, 'messages doubled': 0, 'unanswered': 0, 'answers doubled': 0, 'answered otherwise': 0, 'answers out of order': 0, 'shown wrongly': 0 };

export function sumOf(verdicts: readonly Verdict[]): Verdict {
  const names = Object.keys(NOTHING) as (keyof Verdict)[];
  return Object.fromEntries(names.map((name) => [name, verdicts.reduce((sum, verdict) => sum + verdict[name], 0)])) as unknown as Verdict;
}

/** `differs` is told what was said in other words than where nothing is killed, for whoever looks for the cause. */
export function judged({ story, talk, opening }: Pick<Played, 'story' | 'talk' | 'opening'>, transcript: readonly Seen[], calm: Calm, differs: (what: string) => void = () => undefined): Verdict {
  const asked = story === 'questions' || story === 'at once';
  const heard = asked ? heardByMark(transcript) : heardByPlace(transcript);
  const compared = comparing(differs);
  const told = asked ? heard.map((one) => compared(one.answers, calm.questions.get(one.text) ?? [])) : heard.map(({ answers }) => alone(answers));
  return sumOf([
    ...[keptOf(talk.acknowledged, transcript), orderOf(transcript), shownOf(talk.seen, transcript), ...told],
    ...(opening === undefined ? [] : [compared(wordsOf(transcript), calm.dialogs.get(opening) ?? [])]),
  ]);
}

/** What was said by both, as it is compared. */
export function wordsOf(transcript: readonly Seen[]): readonly string[] {
  return transcript.map(({ from, text, choices, form }) => [from, text, ...choices, form?.title ?? ''].join('|'));
}

function keptOf(acknowledged: readonly Acknowledged[], transcript: readonly Seen[]): Verdict {
  const numbers = new Map<string, number[]>();
  for (const { tag, seq } of transcript) if (tag !== undefined) numbers.set(tag, [...(numbers.get(tag) ?? []), seq]);
  const tags = new Set(acknowledged.map(({ tag }) => tag));
  const gone = new Set(acknowledged.filter(({ tag, seq }) => numbers.get(tag)?.includes(seq) !== true).map(({ tag }) => tag));
  return { ...NOTHING, 'accepted': tags.size, 'lost': gone.size, 'messages doubled': [...numbers.values()].filter(({ length }) => length > 1).length };
}

interface Heard {
  readonly text: string;
  readonly answers: readonly Seen[];
}

/** Each message with what names it as what it answers. */
function heardByMark(transcript: readonly Seen[]): readonly Heard[] {
  return transcript.filter(({ from }) => from === 'person').map(({ seq, text }) => ({ text, answers: transcript.filter(({ answers }) => answers === seq) }));
}

/** Each message with what follows it, where people wait for an answer before they go on: an action taken up names nothing. */
function heardByPlace(transcript: readonly Seen[]): readonly Heard[] {
  return transcript.flatMap(({ from, text }, at) => {
    if (from !== 'person') return [];
    const next = transcript.findIndex((one, index) => index > at && one.from === 'person');
    return [{ text, answers: transcript.slice(at + 1, next < 0 ? undefined : next) }];
  });
}

function comparing(differs: (what: string) => void) {
  return (answers: readonly Seen[] | readonly string[], expected: readonly string[]): Verdict => {
    const said = answers.map((one) => (typeof one === 'string' ? one : one.text));
    if (said.length < expected.length || expected.length === 0) return { ...NOTHING, unanswered: 1 };
    if (said.length > expected.length) return { ...NOTHING, 'answers doubled': 1 };
    const first = said.findIndex((text, at) => text !== expected[at]);
    if (first < 0) return NOTHING;
    differs(`« ${said[first] ?? ''} » where « ${expected[first] ?? ''} » is said`);
    return { ...NOTHING, 'answered otherwise': 1 };
  };
}

/** At least one answer, and none of them twice. */
function alone(answers: readonly Seen[]): Verdict {
  if (answers.length === 0) return { ...NOTHING, unanswered: 1 };
  return new Set(wordsOf(answers)).size < answers.length ? { ...NOTHING, 'answers doubled': 1 } : NOTHING;
}

/** What is answered, in the order in which it was accepted. */
function orderOf(transcript: readonly Seen[]): Verdict {
  const answered = transcript.flatMap(({ answers }) => answers ?? []);
  return { ...NOTHING, 'answers out of order': answered.filter((seq, at) => seq < (answered[at - 1] ?? 0)).length };
}

/** Somebody who left early has seen only the beginning. */
function shownOf(seen: readonly Seen[], transcript: readonly Seen[]): Verdict {
  const [shown, there] = [wordsOf(seen), wordsOf(transcript)];
  return { ...NOTHING, 'shown wrongly': shown.filter((words, at) => words !== there[at]).length };
}

/** The words of each question's answers, where each was asked once. */
export function answersIn(transcript: readonly Seen[]): ReadonlyMap<string, readonly string[]> {
  const heard = heardByMark(transcript);
  return new Map(QUESTIONS.map((question) => [question, (heard.find(({ text }) => text === question)?.answers ?? []).map(({ text }) => text)]));
}
