/**
 * Conversations with the whole server, which is killed at random moments and started again at once: who talks, when it
 * dies, and what is counted in the end. Each server has people, an account backend and a store of its own.
 */
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verify } from '../../src/audit/verify.js';
import { crowd } from '../../src/reference/people.js';
import { askAtOnce, askOneByOne, DIALOGS, followDialog, OPENED, unlock, type Chance, type Played, type Story } from './kill-people.js';
import { answersIn, judged, sumOf, wordsOf, type Calm, type Verdict } from './kill-verdict.js';
import { startRedis } from './redis-server.js';
import { RunningSesame } from './running.js';
import { StubbornTalk } from './stubborn.js';
import { Codes } from './unlocking.js';

export interface KillRun {
  readonly store: 'embedded' | 'redis';
  readonly kills: number;
  /** How many people talk at any moment. */
  readonly conversations: number;
  /** How many servers share the kills and the people. */
  readonly servers: number;
  readonly seed: number;
}

/** What is counted beside the verdict. What is refused, doubled, told wrong or broken must be 0. */
export interface KillCounts extends Verdict {
  readonly 'kills': number;
  readonly 'conversations': number;
  readonly 'sent again after a break': number;
  readonly 'refused': number;
  /** Accounts that the backend unlocked. */
  readonly 'actions': number;
  readonly 'actions doubled': number;
  /** Told that the account is open where it was not unlocked. */
  readonly 'told wrong': number;
  readonly 'audit broken': number;
  readonly 'unlocked, told so': number;
  /** From the kill until it listens again, in milliseconds. */
  readonly 'restart, median ms': number;
  readonly 'restart, slowest ms': number;
}

/** The longest that a server lives, in milliseconds; most live less. */
const LIFE_MS = 3_000;
const PEOPLE_EACH = 12;
/** In order, over and over: half of those who talk have an account unlocked. */
const STORIES: readonly Story[] = ['unlock', 'questions', 'unlock', 'at once', 'unlock', 'dialog'];

const OPENINGS = Object.keys(DIALOGS);

/** The same numbers for the same seed. */
export function chances(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A port that no outgoing connection of this machine is given: a server that is down would lose its own to one. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

export async function runKills(run: KillRun): Promise<KillCounts> {
  const share = { kills: Math.ceil(run.kills / run.servers), conversations: Math.ceil(run.conversations / run.servers) };
  const lanes = await Promise.all(Array.from({ length: run.servers }, (_, index) => new Lane({ ...run, ...share, seed: run.seed + index }).play()));
  return addedUp(lanes);
}

interface LaneCounts extends Omit<KillCounts, 'restart, median ms' | 'restart, slowest ms'> {
  readonly restarts: readonly number[];
}

function addedUp(lanes: readonly LaneCounts[]): KillCounts {
  const restarts = lanes.flatMap((lane) => lane.restarts).sort((a, b) => a - b);
  const names = Object.keys(lanes[0] ?? {}).filter((name) => name !== 'restarts') as Exclude<keyof LaneCounts, 'restarts'>[];
  const sums = Object.fromEntries(names.map((name) => [name, lanes.reduce((sum, lane) => sum + lane[name], 0)])) as unknown as LaneCounts;
  const { restarts: _each, ...counts } = sums;
  return { ...counts, 'restart, median ms': Math.round(restarts[Math.floor(restarts.length / 2)] ?? 0), 'restart, slowest ms': Math.round(restarts.at(-1) ?? 0) };
}

/** One server and those who talk with it. */
class Lane {
  private readonly chance: Chance;
  private readonly played: Played[] = [];
  private readonly restarts: number[] = [];
  private refused = 0;
  private newcomers = 0;
  private over = false;

  constructor(private readonly run: KillRun) {
    this.chance = chances(run.seed);
  }

  async play(): Promise<LaneCounts> {
    const redis = this.run.store === 'redis' ? await startRedis() : undefined;
    let sesame: RunningSesame | undefined;
    const settings = { TRUSTED_PROXIES: '127.0.0.1', REFERENCE_PEOPLE: String(this.people), PORT: String(await quietPort()), ...(redis ? { REDIS_URL: redis.url } : {}) };
    try {
      sesame = await RunningSesame.start(settings);
      return await this.playOn(sesame);
    } finally {
      this.over = true;
      for (const { talk } of this.played) talk.giveUp();
      await sesame?.stop();
      await redis?.destroy();
    }
  }

  private async playOn(sesame: RunningSesame): Promise<LaneCounts> {
    const calm = await this.talkCalmly(sesame);
    const mailbox = path.join(sesame.data, 'mailbox');
    const talking = Array.from({ length: this.run.conversations }, () => this.talkOn(sesame, new Codes(mailbox)));
    await this.killAgainAndAgain(sesame);
    this.over = true;
    await Promise.all(talking);
    return this.countUp(sesame, await calm());
  }

  private get people(): number {
    return Math.min(2_400, this.run.conversations * PEOPLE_EACH);
  }

  /** Talks while nothing is killed. What was said then is read in the end, when no turn is under way any more. */
  private async talkCalmly(sesame: RunningSesame): Promise<() => Promise<Calm>> {
    const calmly = async (tell: (talk: StubbornTalk) => Promise<void>): Promise<StubbornTalk> => {
      const talk = this.newcomer(sesame);
      await talk.open();
      await tell(talk);
      talk.leave();
      return talk;
    };
    const asked = await calmly((talk) => askOneByOne(talk));
    const followed = await Promise.all(OPENINGS.map(async (opening) => [opening, await calmly((talk) => followDialog(talk, opening))] as const));
    return async () => {
      const dialogs = followed.map(async ([opening, talk]) => [opening, wordsOf(await talk.transcript())] as const);
      return { questions: answersIn(await asked.transcript()), dialogs: new Map(await Promise.all(dialogs)) };
    };
  }

  private newcomer(sesame: RunningSesame): StubbornTalk {
    const number = (this.newcomers += 1);
    return new StubbornTalk(sesame, `11.${String(Math.floor(number / 250))}.${String(number % 250)}.7`);
  }

  /** One conversation after another until the last kill, so that there are always as many. */
  private async talkOn(sesame: RunningSesame, codes: Codes): Promise<void> {
    do await this.talkOnce(sesame, codes);
    while (!this.over);
  }

  private async talkOnce(sesame: RunningSesame, codes: Codes): Promise<void> {
    const talk = this.newcomer(sesame);
    const one = this.plan(talk);
    this.played.push(one);
    try {
      await talk.open();
      if (one.person) await unlock(talk, { person: one.person, codes });
      else if (one.opening !== undefined) await followDialog(talk, one.opening);
      else if (one.story === 'at once') await askAtOnce(talk, this.chance);
      else await askOneByOne(talk);
    } catch (error) {
      this.refused += 1;
      process.stderr.write(`${one.story}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    talk.leave();
  }

  private plan(talk: StubbornTalk): Played {
    const story = STORIES[this.played.length % STORIES.length] ?? 'questions';
    const unlocks = this.played.filter((one) => one.person).length;
    const person = story === 'unlock' ? crowd(this.people)[unlocks] : undefined;
    if (story === 'unlock') return person ? { story, talk, person } : { story: 'questions', talk };
    const opening = story === 'dialog' ? OPENINGS[Math.floor(this.chance() * OPENINGS.length)] : undefined;
    return { story, talk, ...(opening === undefined ? {} : { opening }) };
  }

  private async killAgainAndAgain(sesame: RunningSesame): Promise<void> {
    for (let kill = 1; kill <= this.run.kills; kill += 1) {
      // More often soon: then it takes up what the last kill left.
      await pause(this.chance() ** 2 * LIFE_MS);
      const killed = performance.now();
      await sesame.kill();
      await sesame.startServer();
      this.restarts.push(performance.now() - killed);
    }
  }

  private async countUp(sesame: RunningSesame, calm: Calm): Promise<LaneCounts> {
    const verdicts: Verdict[] = [];
    const differs = (what: string): void => { process.stderr.write(`answered otherwise: ${what}\n`); };
    for (const one of this.played) verdicts.push(judged(one, await one.talk.transcript(), calm, differs));
    const effects = (await sesame.askBackend('/_ledger')) as { action: string; subject: string; count: number }[];
    const unlocks = effects.filter(({ action }) => action === 'unlock');
    const unlocked = new Set(unlocks.map(({ subject }) => subject));
    const told = this.played.filter(({ talk }) => talk.seen.some(({ text }) => OPENED.test(text))).map(({ person }) => person?.subject ?? '');
    await sesame.stopServer();
    const audit = await verify(path.join(sesame.data, 'audit'));
    return {
      ...{ 'kills': this.restarts.length, 'conversations': this.played.length },
      'sent again after a break': this.played.reduce((sum, { talk }) => sum + talk.sentAgain, 0),
      ...sumOf(verdicts),
      'refused': this.refused,
      'actions': effects.length,
      'actions doubled': effects.filter(({ count }) => count !== 1).length + unlocks.length - unlocked.size,
      'told wrong': told.filter((subject) => !unlocked.has(subject)).length,
      'audit broken': audit.kind === 'whole' ? 0 : 1,
      'unlocked, told so': told.length,
      'restarts': this.restarts,
    };
  }
}
