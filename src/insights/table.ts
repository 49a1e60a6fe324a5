/**
 * Opinions summed up for the authors of the content, in French: what was judged, how often well and how often badly, and
 * why. It reads no file.
 */
import { REASONS, type OpinionReason } from '../conversation/opinion.js';
import type { Judgement } from './journal.js';

/** What was judged, and how. */
export interface Row {
  readonly about: string;
  readonly up: number;
  readonly down: number;
  readonly reasons: Readonly<Record<OpinionReason, number>>;
}

const HEADINGS: Readonly<Record<OpinionReason, string>> = {
  'not-my-case': 'pas mon cas',
  'not-clear': 'pas compris',
  'did-not-work': 'pas marché',
  other: 'autre',
};

/** One row for each thing that was judged, what helped least first. */
export function sumUp(judgements: readonly Judgement[]): readonly Row[] {
  const subjects = [...new Set(judgements.map(({ about }) => about))];
  const rows = subjects.map((about) => rowOf(about, judgements.filter((one) => one.about === about)));
  return rows.sort((a, b) => b.down - a.down || b.up - a.up || (a.about < b.about ? -1 : 1));
}

function rowOf(about: string, judgements: readonly Judgement[]): Row {
  const count = (fits: (one: Judgement) => boolean): number => judgements.filter(fits).length;
  const reasons = Object.fromEntries(REASONS.map((reason) => [reason, count((one) => one.verdict === 'down' && one.reason === reason)]));
  return { about, up: count(({ verdict }) => verdict === 'up'), down: count(({ verdict }) => verdict === 'down'), reasons: reasons as Row['reasons'] };
}

/** The table for a terminal. `unread`: lines of the file that could not be read. */
export function drawTable(rows: readonly Row[], unread: number): string {
  if (rows.length === 0) return `Aucun avis pour le moment.\n${lost(unread)}`;
  const heads = ['réponse', '+', '−', ...REASONS.map((reason) => HEADINGS[reason])];
  const cells = rows.map(({ about, up, down, reasons }) => [about, ...[up, down, ...REASONS.map((reason) => reasons[reason])].map(String)]);
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return `${[heads, ...cells].map(line).join('\n')}\n${lost(unread)}`;
}

function lost(unread: number): string {
  if (unread === 0) return '';
  return unread === 1 ? '\n1 ligne illisible, laissée de côté.\n' : `\n${String(unread)} lignes illisibles, laissées de côté.\n`;
}
