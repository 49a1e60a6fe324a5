/** The host of the recognisers, with threads that misbehave on purpose, and once with the library itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { transformSync } from '@swc/core';
import { numberReader } from '../../../src/answers/details.js';
import { pastDateReader } from '../../../src/answers/past-date.js';
import { createRecogniser, readWithHelp, type Recogniser, type RecogniserOptions } from '../../../src/answers/recognise.js';

const today = '2026-10-14';
const opened: Recogniser[] = [];

/** A thread that runs this text: the source of the delivered one, or a bad one. */
function thread(source: string): Worker {
  return new Worker(source, { eval: true });
}

function open(start: () => Worker, more: Partial<RecogniserOptions> = {}): Recogniser {
  const recogniser = createRecogniser({ today: () => today, waitMs: 20_000, start, ...more });
  opened.push(recogniser);
  return recogniser;
}

afterAll(() => Promise.all(opened.map((recogniser) => recogniser.close())));

/** Says what it was asked as a date, except « boucle », on which it never ends. */
const parrot = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ id, text }) => {
    while (text === 'boucle') {}
    const answers = {
      'le jour dit': [{ words: 'le jour dit', type: 'datetimeV2.date', values: ['2026-10-01'] }],
      'le douze mars': [{ words: 'douze mars', type: 'datetimeV2.date', values: ['2026-03-12', '2027-03-12'] }],
      'mars mille neuf cent': [{ words: 'mars', type: 'datetimeV2.date', values: ['2026-03-01'] }],
      'pas hier': [{ words: 'hier', type: 'datetimeV2.date', values: ['2026-10-13'] }],
      'deux dates': [{ words: 'deux', type: 'datetimeV2.date', values: ['2026-10-01'] }, { words: 'dates', type: 'datetimeV2.date', values: ['2026-10-02'] }],
      'deux heures': [{ words: 'deux heures', type: 'datetimeV2.time', values: ['02:00:00'] }],
      'une douzaine': [{ words: 'une douzaine', type: 'number', values: ['12'] }],
      'un million': [{ words: 'un million', type: 'number', values: ['1000000'] }],
    };
    parentPort.postMessage({ id, found: answers[text] ?? [] });
  });
  parentPort.postMessage({ ready: true });`;

describe('the host of the recognisers', () => {
  it('starts no thread before it is asked, then one only', async () => {
    let started = 0;
    const recogniser = open(() => {
      started += 1;
      return thread(parrot);
    });
    expect(started).toBe(0);
    expect(await Promise.all([recogniser.read('date', 'le jour dit'), recogniser.read('number', 'une douzaine')])).toEqual(['2026-10-01', 12]);
    expect(started).toBe(1);
  });

  it.each([
    ['date', 'le douze mars', 'two years are possible'],
    ['date', 'mars mille neuf cent', 'the year was dropped'],
    ['date', 'pas hier', 'a word was left out'],
    ['date', 'deux dates', 'there are two'],
    ['date', 'deux heures', 'it is no day'],
    ['number', 'un million', 'it is too large'],
    ['number', 'le jour dit', 'it is no number'],
  ] as const)('refuses what was found as %s in « %s »: %s', async (kind, text, _why) => {
    expect(await open(() => thread(parrot)).read(kind, text)).toBeUndefined();
  });

  it('never sends what is too long, or days in figures', async () => {
    const recogniser = open(() => {
      throw new Error('a thread was started');
    });
    expect(await recogniser.read('number', 'cent '.repeat(21))).toBeUndefined();
    expect(await recogniser.read('date', '03/13/1985')).toBeUndefined();
    expect(await recogniser.read('date', '  ')).toBeUndefined();
  });

  it('kills a thread that is late, answers the next question with a fresh one, and stays lively meanwhile', async () => {
    let started = 0;
    const recogniser = open(() => {
      started += 1;
      return thread(parrot);
    });
    expect(await recogniser.warm()).toBe(true);
    let ticks = 0;
    const clock = setInterval(() => (ticks += 1), 5);
    const both = [recogniser.read('date', 'boucle'), recogniser.read('date', 'le jour dit')];
    expect(await Promise.all(both)).toEqual([undefined, '2026-10-01']);
    clearInterval(clock);
    expect(started).toBe(2);
    expect(ticks).toBeGreaterThan(5);
  });

  it('keeps no process alive, before a kill or after it', async () => {
    const held = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = held();
    const recogniser = open(() => thread(parrot), { prewarm: true });
    await recogniser.warm();
    await recogniser.read('date', 'boucle');
    expect(await recogniser.read('date', 'le jour dit')).toBe('2026-10-01');
    expect(held()).toBe(before);
  });

  it('gives up on a place in the queue, and on a queue that is full', async () => {
    const recogniser = open(() => thread('setInterval(() => {}, 1000)'), { waitMs: 20, queue: 2 });
    const order: string[] = [];
    const waits = ['a', 'b', 'c'].map(async (text) => {
      expect(await recogniser.read('date', text)).toBeUndefined();
      order.push(text);
    });
    await Promise.all(waits);
    expect(order).toEqual(['c', 'a', 'b']);
  });

  it('gives nothing, and no unhandled fault, when the thread cannot start, dies or is closed', async () => {
    expect(await open(() => thread('throw new Error("broken")')).warm()).toBe(false);
    const dying = open(() => thread(parrot.replace('while', 'if (text === "meurs") process.exit(1); while')));
    expect(await dying.read('date', 'meurs')).toBeUndefined();
    expect(await dying.read('date', 'le jour dit')).toBe('2026-10-01');
    const slow = open(() => thread('setInterval(() => {}, 1000)'));
    const waiting = slow.read('date', 'le jour dit');
    await slow.close();
    expect(await waiting).toBeUndefined();
    expect(await slow.read('date', 'le jour dit')).toBeUndefined();
    expect(await slow.warm()).toBe(false);
  });
});

describe('the recognisers themselves', () => {
  const source = readFileSync(path.join(__dirname, '../../../src/answers/recognise-worker.ts'), 'utf8');
  const { code } = transformSync(source, { filename: 'recognise-worker.ts', jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } });
  let recogniser: Recogniser;
  let held: Worker;

  // A budget ten times wider than the one in use: what is read is tested here, and how late is too late above.
  beforeAll(async () => {
    recogniser = open(() => (held = thread(code)), { readingMs: 2_500 });
    expect(await recogniser.warm()).toBe(true);
  });

  it.each([
    ['date', 'avant-hier', '2026-10-12'],
    ['date', 'c’était hier', '2026-10-13'],
    ['number', 'une douzaine', 12],
    ['number', 'mille deux cent', 1200],
  ] as const)('read, as %s, « %s » as %s', async (kind, text, value) => {
    expect(await recogniser.read(kind, text)).toBe(value);
  });

  it.each([
    ['date', '03/13/1985'],
    ['date', 'le douze mars 1985'],
    ['date', 'douze mars mille neuf cent quatre-vingt-cinq'],
    ['date', 'le premier janvier 1990'],
    ['date', '1er janvier 1990'],
    ['date', 'au mois de mai 1977'],
    ['date', 'il y a 2 heures'],
    ['number', 'vingt-et-un'],
    ['number', '1 234,56'],
    ['number', 'trois cents'],
    ['number', 'le second'],
  ] as const)('are not believed, as %s, on « %s », which they misread', async (kind, text) => {
    expect(await recogniser.read(kind, text)).toBeUndefined();
  });

  it('come after our own readers, and never instead of them', async () => {
    const past = pastDateReader(() => today);
    expect(await readWithHelp(numberReader, recogniser, 'number', 'une douzaine')).toEqual({ ok: true, value: 12 });
    expect(await readWithHelp(numberReader, recogniser, 'number', 'vingt-et-un')).toEqual({ ok: true, value: 21 });
    expect(await readWithHelp(past, recogniser, 'date', 'lundi dernier')).toEqual({ ok: true, value: '2026-10-12' });
    expect(await readWithHelp(past, recogniser, 'date', 'demain')).toEqual({ ok: false, reason: 'future' });
    expect(await readWithHelp(past, recogniser, 'date', 'mon compte est bloqué')).toEqual({ ok: false, reason: 'format' });
  });

  it('are killed on the words that hold them for seconds', async () => {
    // The same thread, which said long ago that it is ready: another would take seconds to start.
    const strict = open(() => {
      setImmediate(() => held.emit('message', { ready: true }));
      return held;
    }, { readingMs: 250 });
    expect(await strict.warm()).toBe(true);
    const begun = performance.now();
    expect(await strict.read('number', 'cent '.repeat(20))).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(2_500);
  });
});
