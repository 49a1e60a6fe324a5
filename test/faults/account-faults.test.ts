/**
 * Many people unlock their accounts while the account backend has one fault after another: each account is unlocked once
 * or its person told, and nobody is told what is not so. `SESAME_UNLOCKS`, `SESAME_DOWN_MS`: its size (npm run bench:account).
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { crowd, type Person } from '../../src/reference/people.js';
import { RunningSesame } from '../support/running.js';
import { Codes, Unlocking, type Told } from '../support/unlocking.js';

const UNLOCKS = Number(process.env['SESAME_UNLOCKS'] ?? '12');
const DOWN_MS = Number(process.env['SESAME_DOWN_MS'] ?? '3000');
const PATIENCE = 60_000 + UNLOCKS * 2_000 + DOWN_MS * 5;

/** Longer than one try of the client may take. */
const SLOW_MS = 3_500;
const FAULTS: readonly (readonly [string, object])[] = [
  ['slow', { route: 'unlock', delayMs: SLOW_MS, times: UNLOCKS }],
  ['500', { route: 'unlock', status: 500, times: Math.ceil(UNLOCKS / 5) }],
  ['cut after success', { route: 'unlock', cutAfterEffect: true, times: UNLOCKS }],
  ['garbage', { route: 'unlock', garbage: 'html', times: UNLOCKS }],
  ['half an answer', { route: 'unlock', half: true, times: UNLOCKS }],
  ['down', { downMs: DOWN_MS }],
];

const everybody = crowd(UNLOCKS * FAULTS.length);
let sesame: RunningSesame;
const rows: string[][] = [];

beforeAll(async () => {
  sesame = await RunningSesame.start({ REFERENCE_PEOPLE: String(everybody.length), TRUSTED_PROXIES: '127.0.0.1' });
}, PATIENCE);

afterAll(async () => {
  await sesame.stop();
  if (process.env['SESAME_UNLOCKS'] !== undefined) process.stdout.write(table());
});

interface Ended {
  readonly told: Told;
  readonly effects: number;
  readonly isOpen: boolean;
}

/** All go to their code side by side; then the fault, and every code is sent at once. */
async function unlockAll(people: readonly Person[], fault: object, first: number): Promise<Told[]> {
  const codes = new Codes(path.join(sesame.data, 'mailbox'));
  const visits = people.map((person, index) => new Unlocking(sesame, person, codes, first + index));
  const ready = await Promise.all(visits.map((visit) => visit.untilTheCode()));
  await sesame.askBackend('/_faults', [fault]);
  await Promise.all(ready.map(async (send) => { await send?.(); }));
  return Promise.all(visits.map((visit) => visit.told()));
}

/** They come one after the other, before, during and after the fault; the last one comes back until the service is there. */
function unlockInTurn(people: readonly Person[], fault: object, first: number): Promise<Told[]> {
  const codes = new Codes(path.join(sesame.data, 'mailbox'));
  const between = (DOWN_MS * 3) / people.length;
  return Promise.all(
    people.map(async (person, index) => {
      await pause(index * between);
      if (index === Math.floor(people.length / 6)) await sesame.askBackend('/_faults', [fault]);
      for (;;) {
        const visit = new Unlocking(sesame, person, codes, first + index);
        await (await visit.untilTheCode())?.();
        const told = await visit.told();
        if (told !== 'outage' || index < people.length - 1) return told;
        await pause(1_000);
      }
    }),
  );
}

/** What was told, beside what is so once the backend is well again. */
async function compared(people: readonly Person[], told: readonly Told[]): Promise<Ended[]> {
  await sesame.askBackend('/_faults', []);
  const effects = (await sesame.askBackend('/_ledger')) as { action: string; subject: string; count: number }[];
  const unlocks = (subject: string): number => effects.filter((one) => one.action === 'unlock' && one.subject === subject).reduce((sum, one) => sum + one.count, 0);
  return Promise.all(
    people.map(async ({ subject }, index) => {
      const { state } = (await sesame.askBackend(`/v1/accounts/${subject}`)) as { state: string };
      return { told: told[index] ?? 'nothing', effects: unlocks(subject), isOpen: state === 'open' };
    }),
  );
}

const count = (ended: readonly Ended[], is: (one: Ended) => boolean): number => ended.filter(is).length;

function table(): string {
  const head = ['fault', 'people', 'unlocked, told so', 'unlocked, told in doubt', 'not unlocked, told', 'told nothing', 'twice', 'told wrong', 'seconds'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}

it.each(FAULTS.map(([name, fault], index) => ({ name, fault, index })))(
  'with the fault « $name », each account is unlocked once or its person is told',
  async ({ name, fault, index }) => {
    const started = performance.now();
    // A server of its own for each fault, whose breaker knows nothing of the one before.
    await sesame.stopServer();
    await sesame.startServer();
    const people = everybody.slice(index * UNLOCKS, (index + 1) * UNLOCKS);
    const told = await (name === 'down' ? unlockInTurn : unlockAll)(people, fault, index * UNLOCKS);
    const ended = await compared(people, told);
    const bad = { nothing: count(ended, ({ told }) => told === 'nothing'), twice: count(ended, (one) => one.effects > 1), wrong: count(ended, (one) => one.told === 'opened' && (!one.isOpen || one.effects !== 1)) };
    const good = count(ended, (one) => one.told === 'opened');
    rows.push([
      ...[name, people.length, good, count(ended, (one) => one.told !== 'opened' && one.isOpen), count(ended, (one) => one.told !== 'opened' && one.told !== 'nothing' && !one.isOpen)].map(String),
      ...[bad.nothing, bad.twice, bad.wrong, ((performance.now() - started) / 1000).toFixed(1)].map(String),
    ]);
    expect({ name, ...bad }).toEqual({ name, nothing: 0, twice: 0, wrong: 0 });
    // A fault that nobody outlives would make all of this true by silence.
    expect(good).toBeGreaterThan(0);
  },
  PATIENCE,
);
