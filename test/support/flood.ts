/**
 * Attacks on a running server, one after the other, while ordinary people talk to it and have their accounts unlocked. It
 * plays, measures and counts; what must come out is the test's to say.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crowd, type Person } from '../../src/reference/people.js';
import { RunningSesame } from './running.js';
import { Codes, Unlocking } from './unlocking.js';
import { nothingSeen, visibleErrors, Visitor, type Line, type Sight } from './visitor.js';

const run = promisify(execFile);
const ATTACK = path.join(__dirname, '..', '..', 'bench', 'faults', 'flood-attack.mjs');
/** The limits of production, and nobody who is not counted: ordinary people come through the proxy, the attackers as themselves. */
const SETTINGS = {
  ...{ TRUSTED_PROXIES: '127.0.0.1', UNCOUNTED_RANGES: '127.0.0.99', LOG_LEVEL: 'info' },
  ...{ MAX_MESSAGE_BURST: '5', MAX_MESSAGES_PER_MINUTE: '60', MAX_TURNS_WAITING: '1000' },
};
const LINES: readonly Line[] = [
  ['j’ai changé de numéro de téléphone', /Qu’est-il arrivé à votre téléphone/],
  ['j’ai changé de numéro', /Ouvrez-vous toujours la boîte e-mail/],
  ['oui', /Le code est-il arrivé par e-mail/],
  ['oui', /Puis-je vous aider pour autre chose/],
  ['non merci', /bonne journée/],
];

export interface Row {
  readonly attack: string;
  /** How often each answer came, the most frequent first. */
  readonly refused: string;
  /** Resident memory of the server, in MiB. */
  readonly before: number;
  readonly peak: number;
  readonly after: number;
  /** Milliseconds from a message of an ordinary person to its answer. */
  readonly p50: number;
  readonly p99: number;
  readonly messages: number;
  readonly unlocked: number;
  readonly failures: number;
}

export class Flood {
  private everybody: readonly Person[] = [];
  private next = 0;

  private constructor(private readonly sesame: RunningSesame, private readonly codes: Codes) {}

  static async start(people: number): Promise<Flood> {
    const sesame = await RunningSesame.start({ ...SETTINGS, REFERENCE_PEOPLE: String(people) });
    const flood = new Flood(sesame, new Codes(path.join(sesame.data, 'mailbox')));
    flood.everybody = crowd(people);
    return flood;
  }

  static async attacks(): Promise<readonly string[]> {
    return JSON.parse((await run(process.execPath, [ATTACK, '--list'])).stdout) as string[];
  }

  stop(): Promise<void> {
    return this.sesame.stop();
  }

  /** Resident memory of the server, in MiB. */
  memory(): number {
    const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(this.sesame.serverPid)}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  }

  /** These attacks at once for so long, with so many people who say lines, and one at a time who has an account unlocked. */
  async play(attacks: readonly string[], ms: number, people: number): Promise<Row> {
    const [before, sight] = [this.memory(), nothingSeen()];
    let [peak, isOver] = [before, false];
    const watch = setInterval(() => (peak = Math.max(peak, this.memory())), 50);
    const attacked = Promise.all([pause(ms), ...attacks.map((attack) => this.attack(attack, ms))]).finally(() => (isOver = true));
    const [[, ...refused], stories] = await Promise.all([attacked, this.unlockUntil(() => isOver), this.talk(people, sight, () => isOver)]);
    clearInterval(watch);
    await pause(Math.min(ms, 1_000));
    const waits = [...sight.waits].sort((a, b) => a - b);
    const at = (share: number): number => Math.round(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0);
    return {
      ...{ attack: attacks.length > 1 ? 'all at once' : (attacks[0] ?? 'none'), refused: refused.join('; '), before, peak, after: this.memory(), p50: at(0.5), p99: at(0.99), messages: sight.said },
      ...{ unlocked: stories.unlocked, failures: visibleErrors(sight) + stories.failed },
    };
  }

  private async attack(name: string, ms: number): Promise<string> {
    const { stdout } = await run(process.execPath, [ATTACK, name, this.sesame.url, String(ms)]);
    const counts = Object.entries(JSON.parse(stdout) as Record<string, number>).sort(([, a], [, b]) => b - a);
    return counts.map(([answer, times]) => `${answer} × ${String(times)}`).join(', ');
  }

  private async talk(people: number, sight: Sight, isOver: () => boolean): Promise<void> {
    await Promise.all(
      Array.from({ length: people }, async (_, number) => {
        await pause(number * 20);
        const visitor = new Visitor(this.sesame.url, `198.18.${String((this.next += 1) % 250)}.${String(number)}`, sight);
        await visitor.come();
        let at = 0;
        // Everybody says something, even who came in when all was nearly over.
        do {
          await visitor.say(LINES[at % LINES.length] ?? LINES[0]!);
          await pause(isOver() ? 0 : 1_000);
          at += 1;
        } while (!isOver());
        visitor.leave();
      }),
    );
  }

  private async unlockUntil(isOver: () => boolean): Promise<{ unlocked: number; failed: number }> {
    const ends = { unlocked: 0, failed: 0 };
    do {
      const number = (this.next += 1);
      const person = this.everybody[number];
      if (person === undefined) return ends;
      const visit = new Unlocking(this.sesame, person, this.codes, number);
      const told = await visit.untilTheCode().then(async (send) => (await send?.(), visit.told())).catch(() => new Set());
      if (told.has('opened')) ends.unlocked += 1;
      else ends.failed += 1;
    } while (!isOver());
    return ends;
  }
}
