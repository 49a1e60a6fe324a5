/** What people were told of their unlock, beside what the account backend's ledger holds: counted, and drawn as a table. */
import type { Person } from '../../src/reference/people.js';
import type { RunningSesame } from './running.js';
import type { Said } from './unlocking.js';

/** One person, when the fault has had its way, and in the end. */
export interface Ended {
  readonly said: ReadonlySet<Said>;
  /** Unlocks in the ledger when the person had been told. */
  readonly unlocks: number;
  /** Whether a case was open by then. */
  readonly hasCase: boolean;
  readonly lastSaid: ReadonlySet<Said>;
  readonly lastUnlocks: number;
  readonly isOpen: boolean;
}

export interface Ledger {
  /** By subject. */
  readonly unlocks: ReadonlyMap<string, number>;
  readonly cases: ReadonlySet<string>;
}

export async function ledgerOf(sesame: RunningSesame): Promise<Ledger> {
  const effects = (await sesame.askBackend('/_ledger')) as { action: string; subject: string; count: number }[];
  const unlocks = new Map<string, number>();
  for (const { action, subject, count } of effects) if (action === 'unlock') unlocks.set(subject, (unlocks.get(subject) ?? 0) + count);
  return { unlocks, cases: new Set(effects.filter(({ action }) => action === 'still-locked').map(({ subject }) => subject)) };
}

export async function isOpen(sesame: RunningSesame, { subject }: Person): Promise<boolean> {
  return ((await sesame.askBackend(`/v1/accounts/${subject}`)) as { state: string }).state === 'open';
}

/** What a row counts. Everything from `both` on must be 0, but `seconds`. */
export interface Row {
  readonly 'fault': string;
  readonly 'people': number;
  readonly 'unlocked': number;
  readonly 'told so': number;
  readonly 'told not done': number;
  readonly 'told not known': number;
  readonly 'case': number;
  readonly 'unlocked, told not known': number;
  readonly 'came back': number;
  readonly 'in the end unlocked once, told so': number;
  /** Unlocked and told that it is not; or told that it is and that it is not, or not known. */
  readonly 'both': number;
  /** Told nothing of the account. */
  readonly 'neither': number;
  readonly 'twice': number;
  /** Told that it is unlocked or that a case is open, and there is none. */
  readonly 'told wrong': number;
  readonly 'seconds': number;
}

const isToldSo = ({ said }: Ended): boolean => said.has('opened');
const hasDoubt = ({ said }: Ended): boolean => !said.has('opened') && !said.has('not-done') && said.has('not-known');

export function rowOf(fault: string, ended: readonly Ended[], seconds: number): Row {
  const count = (is: (one: Ended) => boolean): number => ended.filter(is).length;
  return {
    fault,
    'people': ended.length,
    'unlocked': count(({ unlocks }) => unlocks > 0),
    'told so': count(isToldSo),
    'told not done': count(({ said }) => said.has('not-done')),
    'told not known': count(hasDoubt),
    'case': count(({ said }) => said.has('case')),
    'unlocked, told not known': count((one) => one.unlocks > 0 && hasDoubt(one)),
    'came back': count((one) => one.said !== one.lastSaid),
    'in the end unlocked once, told so': count((one) => one.lastUnlocks === 1 && one.isOpen && one.lastSaid.has('opened')),
    'both': count(isBoth),
    'neither': count(({ said, lastSaid }) => said.size === 0 || lastSaid.size === 0),
    'twice': count(({ lastUnlocks }) => lastUnlocks > 1),
    'told wrong': count((one) => (isToldSo(one) && (one.unlocks !== 1 || !one.isOpen)) || (one.said.has('case') && !one.hasCase)),
    seconds,
  };
}

function isBoth({ said, unlocks }: Ended): boolean {
  return said.has('not-done') ? unlocks > 0 || said.has('opened') : said.has('opened') && said.has('not-known');
}

export function drawn(rows: readonly Row[]): string {
  const head = Object.keys(rows[0] ?? {});
  const cells = [head, ...rows.map((row) => Object.values(row).map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => `${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('');
}
