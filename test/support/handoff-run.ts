/**
 * Many handoffs at once between a fake connector that fails one call in five and a process that is killed again and
 * again: plays them, then counts what each side can read.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import { FakeConnector, type Mishap } from './connector.js';
import type { Order, Told } from './handoff-child.js';

const root = join(__dirname, '..', '..');

export interface Size {
  readonly handoffs: number;
  /** Each way, for each handoff. */
  readonly messages: number;
  readonly kills: number;
  readonly seed: number;
}

export interface Counts {
  readonly sent: number;
  readonly lost: number;
  readonly disordered: number;
  /** Posted again because the first try may have arrived, and had. */
  readonly repeated: number;
  /** Of these, those that do not say so: what a reader would take for two messages. */
  readonly doubled: number;
  readonly cards: number;
  readonly cardsRepeated: number;
  /** Requests with several cards of which none says so. */
  readonly cardsDoubled: number;
  readonly undelivered: number;
  readonly calls: number;
  readonly failed: number;
  readonly killed: number;
}

/** What a repeated message begins with, and what a repeated card holds. */
export interface Marks {
  readonly message: string;
  readonly card: string;
}

const MISHAPS: readonly Mishap[] = [{ kind: 'answer', status: 429, retryAfter: '1' }, { kind: 'answer', status: 500 }, { kind: 'silence' }, { kind: 'lost' }];

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const keyOf = (order: Order): string => ('id' in order ? `${order.do} ${order.id}` : `${order.do} ${order.conv}`);

/** The process, over all its lives. Every order is given again to each life until it is answered. */
class Process {
  /** Once it listens. */
  #child: ChildProcess | undefined;
  #current: ChildProcess | undefined;
  readonly #open = new Map<string, { order: Order; settle: (told: Told) => void }>();
  constructor(private readonly args: readonly string[]) {}

  order(order: Order): Promise<Told> {
    return new Promise((settle) => {
      this.#open.set(keyOf(order), { order, settle });
      this.#child?.stdin?.write(`${JSON.stringify(order)}\n`);
    });
  }

  start(): void {
    const child = spawn(process.execPath, [...this.args], { stdio: ['pipe', 'pipe', 'inherit'] });
    // What is written to a process that has just been killed is given to the next one.
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as Told;
      if (told.said === 'open') {
        this.#child = child;
        for (const { order } of this.#open.values()) child.stdin.write(`${JSON.stringify(order)}\n`);
        return;
      }
      this.#open.get(told.key)?.settle(told);
      this.#open.delete(told.key);
    });
    this.#current = child;
  }

  async kill(): Promise<void> {
    const child = this.#current;
    this.#child = undefined;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

/** One handoff: asked for, taken, then both sides write, each its next message once the last was acknowledged. */
async function play(conv: string, messages: number, { order }: Pick<Process, 'order'>): Promise<void> {
  await order({ do: 'request', conv });
  await order({ do: 'take', conv });
  const side = async (who: 'person' | 'adviser'): Promise<void> => {
    for (let n = 1; n <= messages; n += 1) await order({ do: who, conv, id: `${conv}-${who}-${String(n)}`, text: `${conv} ${who} ${String(n)}.` });
  };
  await Promise.all([side('person'), side('adviser')]);
}

export async function runHandoffs(size: Size, { built, folder, marks }: { built: string; folder: string; marks: Marks }): Promise<Counts> {
  const random = randomFrom(size.seed);
  const fake = await FakeConnector.open();
  let failed = 0;
  fake.mishap = () => {
    if (random() >= 0.2) return undefined;
    failed += 1;
    return MISHAPS[Math.floor(random() * MISHAPS.length)];
  };
  const script = childScript();
  const child = new Process([script, built, folder, fake.serviceUrl, join(root, 'dialogs', 'teams.yaml')]);
  child.start();
  const total = size.handoffs * (2 * size.messages + 2);
  let acknowledged = 0;
  const order = async (one: Order): Promise<Told> => {
    const told = await child.order(one);
    acknowledged += 1;
    return told;
  };
  const convs = Array.from({ length: size.handoffs }, (_, n) => `c${String(n)}`);
  const playing = Promise.all(convs.map((conv) => play(conv, size.messages, { order })));
  for (let kill = 1; kill <= size.kills; kill += 1) {
    while (acknowledged < (total * kill) / (size.kills + 1)) await wait(5);
    await child.kill();
    child.start();
  }
  await playing;
  const transcripts = await settled(convs, child);
  await child.kill();
  await fake.close();
  rmSync(script, { force: true });
  return { ...count(size, convs, transcripts, { fake, marks }), calls: fake.calls.length, failed, killed: size.kills };
}

/** What each conversation holds once nothing is left to send. */
async function settled(convs: readonly string[], child: Process): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, readonly string[]>();
  for (const conv of convs) {
    for (;;) {
      const told = await child.order({ do: 'tell', conv });
      if (told.said === 'transcript') all.set(conv, told.lines);
      if (told.said === 'transcript' && told.left === 0) break;
      await wait(50);
    }
  }
  return all;
}

function count(size: Size, convs: readonly string[], transcripts: ReadonlyMap<string, readonly string[]>, { fake, marks }: { fake: FakeConnector; marks: Marks }): Omit<Counts, 'calls' | 'failed' | 'killed'> {
  const threads = [...fake.threads.values()];
  const posts = threads.flatMap((thread) => thread.slice(1)).map(({ activity }) => ({ id: idOf(activity), text: String(activity['text']) }));
  const repeats = posts.filter(({ id }, index) => posts.findIndex((one) => one.id === id) < index);
  const first = posts.filter(({ id }, index) => posts.findIndex((one) => one.id === id) === index);
  const read = first.map(({ text }) => text).join('\n');
  const cards = threads.map(([card]) => card?.activity).filter((card) => card !== undefined);
  const tickets = new Set(cards.map(({ summary }) => summary));
  let [lost, disordered] = [0, 0];
  const check = (found: readonly string[], conv: string, who: string): void => {
    const wanted = Array.from({ length: size.messages }, (_, n) => `${conv} ${who} ${String(n + 1)}.`);
    const mine = found.filter((one) => one.startsWith(`${conv} ${who} `));
    lost += wanted.filter((one) => !mine.includes(one)).length;
    if (mine.join() !== wanted.filter((one) => mine.includes(one)).join()) disordered += 1;
  };
  const shown = [...read.matchAll(/c\d+ person \d+\./g)].map(([text]) => text);
  for (const conv of convs) {
    check(shown, conv, 'person');
    check((transcripts.get(conv) ?? []).filter((line) => line.startsWith('adviser ')).map((line) => line.slice(8)), conv, 'adviser');
  }
  const undelivered = [...transcripts.values()].flat().filter((line) => line === 'undelivered').length;
  return {
    sent: 2 * size.handoffs * size.messages,
    lost,
    disordered,
    repeated: repeats.length,
    doubled: repeats.filter(({ text }) => !text.startsWith(marks.message)).length,
    cards: tickets.size,
    cardsRepeated: cards.length - tickets.size,
    cardsDoubled: [...tickets].filter((ticket) => isDoubled(cards.filter(({ summary }) => summary === ticket), marks.card)).length,
    undelivered,
  };
}

function isDoubled(cards: readonly Readonly<Record<string, unknown>>[], mark: string): boolean {
  return cards.length > 1 && !cards.some((card) => JSON.stringify(card).includes(mark));
}

function idOf(activity: Readonly<Record<string, unknown>>): string {
  return (activity['channelData'] as { sesame?: { id?: string } } | undefined)?.sesame?.id ?? 'without an id';
}

/** Node cannot run TypeScript: the child is turned into JavaScript beside the project's other working files. */
function childScript(): string {
  const { code } = transformFileSync(join(__dirname, 'handoff-child.ts'), {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  const script = join(root, 'var', `handoff-child-${String(process.pid)}.cjs`);
  mkdirSync(join(root, 'var'), { recursive: true });
  writeFileSync(script, code);
  return script;
}
