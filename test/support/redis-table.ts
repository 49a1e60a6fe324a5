/** What people met while their Redis failed, beside what their conversations hold in the end: counted, and drawn as a table. */
import type { Heard, Talker } from './redis-talker.js';

export interface Row {
  readonly 'fault': string;
  readonly 'talks': number;
  readonly 'taken': number;
  /** Requests answered with 503 and when to come again. */
  readonly 'told to wait': number;
  /** Requests that failed in any other way. */
  readonly 'failed': number;
  /** The longest that a request waited for its answer, in milliseconds. */
  readonly 'longest ms': number;
  /** Seconds until the first and until everybody was answered again. */
  readonly 'back s': number;
  readonly 'all back s': number;
  /** The longest that anything taken waited for its answer while the servers were well, in seconds. */
  readonly 'slowest s': number;
  /** Taken, and not in the conversation. */
  readonly 'lost': number;
  readonly 'unanswered': number;
  readonly 'answered twice': number;
  readonly 'out of order': number;
  /** In the conversation, and not told on the stream; or told twice. */
  readonly 'not streamed': number;
  readonly 'streamed twice': number;
  /** Streams that were ahead of what the conversation holds, and had to begin anew. */
  readonly 'went back': number;
  /** Of those who gave their code when it failed: unlocked once and told so, told that it cannot be now, told nothing. */
  readonly 'unlocked': number;
  readonly 'told not now': number;
  readonly 'told nothing': number;
  readonly 'unlocked twice': number;
  /** Told that it is unlocked, or that nothing has changed, where that is not so. */
  readonly 'told wrong': number;
  /** Pages without JavaScript that did not say in French that it is our fault, or static ones that did not come. */
  readonly 'pages wrong': number;
}

type Counts = ReturnType<typeof countsOf>;

/** `history`: the conversation as it is read again. */
export function countsOf({ said, heard, met }: Talker, history: readonly Heard[]) {
  const own = history.filter(({ from }) => from.role === 'user').map(({ channelData }) => channelData?.clientActivityID ?? '');
  const tags = said.map(({ tag }) => tag);
  const kept = own.filter((tag) => tags.includes(tag));
  const answers = history.flatMap(({ replyToId, text, attachments }) => (replyToId === undefined ? [] : [`${replyToId} ${text ?? JSON.stringify(attachments)}`]));
  const order = answers.map((answer) => answer.split(' ')[0] ?? '');
  const told = heard.map(({ id }) => id);
  return {
    'lost': tags.filter((tag) => !own.includes(tag)).length,
    'unanswered': said.filter(({ id, tag }) => own.includes(tag) && !order.includes(id)).length,
    'answered twice': answers.length - new Set(answers).size,
    'out of order': kept.filter((tag, at) => tag !== tags.filter((one) => own.includes(one))[at]).length + order.filter((id, at) => at > 0 && id < (order[at - 1] ?? '')).length,
    'not streamed': history.filter(({ id }) => !told.includes(id)).length,
    'streamed twice': told.length - new Set(told).size,
    'went back': met.wentBack,
  };
}

/** Sums, column by column. */
export function added(rows: readonly Counts[]): Counts {
  return rows.reduce((all, row) => Object.fromEntries(Object.entries(all).map(([name, count]) => [name, count + row[name as keyof typeof row]])) as Counts);
}

/** As a table. */
export function drawn(rows: readonly Row[]): string {
  const head = Object.keys(rows[0] ?? {});
  const cells = [head, ...rows.map((row) => Object.values(row).map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => `${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('');
}
