/**
 * One made-up Sésame with one account backend, in which people meet one fault after another while they have their accounts
 * unlocked. It plays and counts; what must come out is the test's to say.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../src/attempts/limits.js';
import { crowd, type Person } from '../../src/reference/people.js';
import { MovedClock } from './moved-clock.js';
import { RunningSesame } from './running.js';
import { isOpen, ledgerOf, rowOf, type Ended, type Row } from './unlock-table.js';
import { Codes, Unlocking, type Said } from './unlocking.js';

export interface Trial {
  readonly name: string;
  /** As the reference backend is told it. */
  readonly fault: object;
  /** Half of the people come one by one, during the fault and for as long after it: milliseconds in all. */
  readonly inTurnMs?: number;
  /** Milliseconds after people were told, before the ledger is read: an effect may come so late. */
  readonly settlesMs?: number;
}

/** Longer than the backend's health is judged by, so that no trial hears of the one before. */
const FORGOTTEN_MS = 130_000;

type Told = ReadonlySet<Said>;
type Newcomer = readonly [person: Person, number: number];

const NOTHING: Told = new Set();

export class FaultTrials {
  private first = 0;

  private constructor(
    private readonly sesame: RunningSesame,
    private readonly everybody: readonly Person[],
    private readonly clock: MovedClock,
    private readonly codes: Codes,
  ) {}

  /** `people`: as many as all the trials need together. */
  static async start(people: number): Promise<FaultTrials> {
    const settings = { REFERENCE_PEOPLE: String(people), TRUSTED_PROXIES: '127.0.0.1' };
    const clocks: MovedClock[] = [];
    const sesame = await RunningSesame.start(settings, (data, { reference }) => {
      const clock = new MovedClock(`${data}.clock`);
      clocks.push(clock);
      return { ...clock.settings, ACCOUNT_BACKEND_TOKEN: reference };
    });
    return new FaultTrials(sesame, crowd(people), clocks[0]!, new Codes(path.join(sesame.data, 'mailbox')));
  }

  stop(): Promise<void> {
    return this.sesame.stop();
  }

  /** Plays one fault with the next `size` people, nobody of whom was here before; whoever was not told « open » comes back. */
  async play(trial: Trial, size: number): Promise<Row> {
    const started = performance.now();
    await this.clock.pass(FORGOTTEN_MS);
    const people = this.everybody.slice(this.first, this.first + size).map((person, index): Newcomer => [person, this.first + index]);
    this.first += size;
    const said = await this.meet(trial, people);
    const then = await ledgerOf(this.sesame);
    const lastSaid = await this.comeBack(people, said);
    const now = await ledgerOf(this.sesame);
    const ended = await Promise.all(
      people.map(async ([person], index): Promise<Ended> => ({
        ...{ said: said[index] ?? NOTHING, unlocks: then.unlocks.get(person.subject) ?? 0, hasCase: then.cases.has(person.subject) },
        ...{ lastSaid: lastSaid[index] ?? NOTHING, lastUnlocks: now.unlocks.get(person.subject) ?? 0, isOpen: await isOpen(this.sesame, person) },
      })),
    );
    return rowOf(trial.name, ended, Math.round((performance.now() - started) / 1000));
  }

  private async meet({ fault, inTurnMs, settlesMs = 0 }: Trial, people: readonly Newcomer[]): Promise<readonly Told[]> {
    const atOnce = inTurnMs === undefined ? people.length : Math.ceil(people.length / 2);
    let later: Promise<readonly Told[]> = Promise.resolve([]);
    const first = await this.allAtOnce(people.slice(0, atOnce), async () => {
      await this.sesame.askBackend('/_faults', [fault]);
      later = this.inTurn(people.slice(atOnce), inTurnMs ?? 0);
    });
    const told = [...first, ...(await later)];
    await pause(settlesMs);
    return told;
  }

  /** All go to their code side by side; then comes the fault, and every code is sent at once. */
  private async allAtOnce(people: readonly Newcomer[], begin: () => Promise<unknown>): Promise<readonly Told[]> {
    const visits = people.map((newcomer) => this.visitOf(newcomer));
    const ready = await Promise.all(visits.map((visit) => visit.untilTheCode()));
    await begin();
    return Promise.all(
      visits.map(async (visit, index) => {
        await ready[index]?.();
        return visit.told();
      }),
    );
  }

  private inTurn(people: readonly Newcomer[], forMs: number): Promise<readonly Told[]> {
    return Promise.all(
      people.map(async (newcomer, index) => {
        await pause((index * forMs) / people.length);
        return this.alone(newcomer);
      }),
    );
  }

  /** All is well, and another code may be sent: whoever was not told that it is done asks again from the start. */
  private async comeBack(people: readonly Newcomer[], told: readonly Told[]): Promise<readonly Told[]> {
    await this.sesame.askBackend('/_faults', []);
    await this.clock.pass(LIMITS.betweenSendsMs + 1_000);
    return Promise.all(
      people.map(async (newcomer, index) => {
        const before = told[index];
        return before?.has('opened') === true ? before : this.alone(newcomer);
      }),
    );
  }

  private async alone(newcomer: Newcomer): Promise<Told> {
    const visit = this.visitOf(newcomer);
    await (await visit.untilTheCode())?.();
    return visit.told();
  }

  private visitOf([person, number]: Newcomer): Unlocking {
    return new Unlocking(this.sesame, person, this.codes, number);
  }
}
