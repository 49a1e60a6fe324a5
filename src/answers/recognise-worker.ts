/**
 * The thread that holds the Microsoft recognisers, which may take seconds for one sentence. It answers one message at
 * a time and judges nothing: its host (recognise.ts) kills it when it is late, and keeps or refuses what it found.
 */
import { parentPort } from 'node:worker_threads';
import { recognizeDateTime, recognizeNumber } from '@microsoft/recognizers-text-suite';

/** What the host asks. */
export interface Question {
  readonly id: number;
  readonly kind: 'date' | 'number';
  readonly text: string;
  /** The current day, `YYYY-MM-DD`, for dates told from today. */
  readonly today: string;
}

/** What was found, as plain data: the words, and their values as the library writes them. */
export interface Found {
  readonly words: string;
  readonly type: string;
  readonly values: readonly string[];
}

export type Answer = { readonly id: number; readonly found: readonly Found[] } | { readonly ready: true };

const culture = 'fr-fr';

function find(question: Question): Found[] {
  // Noon, so that no change of clocks moves the day.
  const results = question.kind === 'number' ? recognizeNumber(question.text, culture) : recognizeDateTime(question.text, culture, undefined, new Date(`${question.today}T12:00:00`));
  return results.map((result) => ({ words: result.text, type: result.typeName, values: valuesOf(result.resolution) }));
}

function valuesOf(resolution: unknown): string[] {
  const { value, values } = (resolution ?? {}) as { value?: unknown; values?: readonly { value?: unknown }[] };
  return [value, ...(values ?? []).map((each) => each.value)].filter((each) => typeof each === 'string');
}

function post(answer: Answer): void {
  parentPort?.postMessage(answer);
}

// The first reading of each kind compiles its patterns, which takes seconds: done before anyone waits.
const first = ['hier', 'c’était lundi dernier', 'le 3 mai à 15 h', 'il y a deux jours', 'au mois de mai 2001', 'vingt-et-un', 'trois cent mille', '1 234,5'];
for (const kind of ['date', 'number'] as const) for (const text of first) find({ id: 0, kind, text, today: '2000-01-01' });
parentPort?.on('message', (question: Question) => {
  post({ id: question.id, found: find(question) });
});
post({ ready: true });
