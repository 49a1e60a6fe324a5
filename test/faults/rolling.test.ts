/**
 * Instances on one Redis are restarted in turn, by SIGTERM, while people talk through a load balancer of plain bytes:
 * nobody sees an error, and dialogs go on where they were. `SESAME_ROLLING`, `SESAME_ROUNDS`, `SESAME_RATE`: its size
 * (node bench/faults/rolling.mjs).
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { Fleet, type Stopped } from '../support/fleet.js';
import { eventually } from '../support/running.js';
import { nothingSeen, visibleErrors, Visitor, type Line } from '../support/visitor.js';

const CONVERSATIONS = Number(process.env['SESAME_ROLLING'] ?? '30');
const ROUNDS = Number(process.env['SESAME_ROUNDS'] ?? '1');
/** Messages a second, of everybody together. */
const RATE = Number(process.env['SESAME_RATE'] ?? '40');
/** Two are enough for people to be sent elsewhere; each takes seconds to start. */
const INSTANCES = process.env['SESAME_ROLLING'] === undefined ? 2 : 3;
const DRAIN_MS = 300;
/** People who come in at the same moment. */
const AT_THE_DOOR = 12;

/** A dialog of five steps, so that every restart finds people in the middle of it; then it begins again. */
const STORY: readonly Line[] = [
  ['j’ai changé de numéro de téléphone', /Qu’est-il arrivé à votre téléphone/],
  ['j’ai changé de numéro', /Ouvrez-vous toujours la boîte e-mail/],
  ['oui', /Le code est-il arrivé par e-mail/],
  ['oui', /Puis-je vous aider pour autre chose/],
  ['non merci', /bonne journée/],
];

const sight = nothingSeen();
const stops: Stopped[] = [];
let fleet: Fleet;
let over = false;

/** All of them in their conversations, one after the other at each of a few doors. */
async function everybody(): Promise<readonly Promise<void>[]> {
  const talks: Promise<void>[] = [];
  let next = 0;
  const door = async (): Promise<void> => {
    for (let number = next++; number < CONVERSATIONS; number = next++) {
      const visitor = new Visitor(fleet.url, `11.${String(number >> 8)}.${String(number & 255)}.7`, sight);
      await visitor.come();
      talks.push(talk(visitor));
    }
  };
  await Promise.all(Array.from({ length: AT_THE_DOOR }, door));
  return talks;
}

/** Talks until the restarts are over, and then to the end of the story. */
async function talk(visitor: Visitor): Promise<void> {
  const everyMs = (CONVERSATIONS / RATE) * 1_000;
  await pause(Math.random() * everyMs);
  do {
    for (const line of STORY) {
      await visitor.say(line);
      await pause(everyMs * (0.5 + Math.random()) * (over ? 0.3 : 1));
    }
  } while (!over);
  visitor.leave();
}

beforeAll(async () => {
  fleet = await Fleet.start(INSTANCES, { DRAIN_MS: String(DRAIN_MS) });
  const talks = await everybody();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let index = 0; index < INSTANCES; index += 1) {
      stops.push(await fleet.stopInstance(index));
      await fleet.startInstance(index);
      // A load balancer needs a look to see it.
      await pause(2 * DRAIN_MS);
    }
  }
  over = true;
  await Promise.all(talks);
}, 200_000 + ROUNDS * INSTANCES * 60_000 + (CONVERSATIONS / RATE) * 20_000);

afterAll(async () => {
  await fleet.stop();
  if (process.env['SESAME_ROLLING'] !== undefined) process.stdout.write(table());
});

function table(): string {
  const waits = [...sight.waits].sort((a, b) => a - b);
  const at = (share: number): string => `${(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0).toFixed(0)} ms`;
  const rows: readonly (readonly [string, string | number])[] = [
    ['conversations', CONVERSATIONS], ['restarts', stops.length], ['messages', sight.said], ['answers', sight.answered],
    ['without an answer after 30 s', sight.lost], ['doubled', sight.doubled], ['out of order', sight.outOfOrder], ['answered beside the question', sight.wrong],
    ['refused', sight.refused], ['visible errors', visibleErrors(sight)], ['told that the connection is lost', sight.toldOffline],
    ['streams opened again', sight.reconnects], ['exits other than 0', stops.filter(({ code }) => code !== 0).length],
    [`longest stop (${String(DRAIN_MS)} ms of it for load balancers)`, `${Math.max(...stops.map(({ ms }) => ms)).toFixed(0)} ms`],
    ['wait for an answer: median', at(0.5)], ['99 of 100 within', at(0.99)], ['longest', at(1)],
  ];
  return `\n${rows.map(([label, value]) => `  ${label.padEnd(52)}${String(value).padStart(10)}`).join('\n')}\n\n`;
}

it('answers every message once, in order, where the dialog was', () => {
  expect(sight.said).toBeGreaterThan(CONVERSATIONS * STORY.length - 1);
  expect(sight).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0, wrong: 0, refused: 0, answered: sight.said });
});

it('shows nobody that the connection was lost, though streams were closed under them', () => {
  expect(sight.toldOffline).toBe(0);
  expect(sight.reconnects).toBeGreaterThan(0);
});

it('ends each instance by itself: one that takes five seconds is cut, and says so by another code', () => {
  expect(stops.map(({ code }) => code)).toEqual(Array.from({ length: ROUNDS * INSTANCES }, () => 0));
});

describe('one instance, seen from inside and outside', () => {
  const status = (url: string): Promise<number> => fetch(url, { headers: { connection: 'close' } }).then((answer) => answer.status, () => 0);

  it('says how its parts do inside, and only that visits may come outside', async () => {
    const [inside, outside] = await Promise.all([fetch(`${fleet.inside(0)}/health`), fetch(`${fleet.directly(0)}/health`)]);
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown;
    const well = { state: 'ok', since };
    expect(await inside.json()).toEqual({ status: 'ok', parts: { store: well, backend: well, mail: well, content: well }, life: { phase: 'ready', since } });
    expect(await outside.json()).toEqual({ status: 'ok' });
    for (const path of ['/health/live', '/health/ready']) {
      expect([path, await status(fleet.inside(0) + path), await status(fleet.directly(0) + path)]).toEqual([path, 200, 404]);
    }
  });

  it('is no longer ready before it takes nobody, and sends streams elsewhere', async () => {
    const opened = (await (await fetch(`${fleet.directly(0)}/api/conversation`, { method: 'POST', headers: { 'x-forwarded-for': '12.0.0.7' } })).json()) as { streamUrl: string };
    const { pathname, search } = new URL(opened.streamUrl);
    const socket = new WebSocket(fleet.directly(0).replace('http', 'ws') + pathname + search);
    await once(socket, 'open');
    const closed = once(socket, 'close') as Promise<[number]>;
    const stopped = fleet.stopInstance(0);
    expect(await eventually(async () => ((await status(`${fleet.directly(0)}/health`)) === 503 ? socket.readyState : undefined))).toBe(WebSocket.OPEN);
    expect([await status(`${fleet.inside(0)}/health/ready`), await status(`${fleet.inside(0)}/health/live`)]).toEqual([503, 200]);
    expect((await closed)[0]).toBe(1012);
    expect(await stopped).toMatchObject({ code: 0 });
    expect(await status(`${fleet.directly(0)}/health`)).toBe(0);
  });
});
