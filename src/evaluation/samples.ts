/**
 * Reads a folder of labelled sentences (`data.jsonl`, with `kb.jsonl` and `noisy.jsonl` where they are) and draws what
 * is taught and what is asked. It trains nothing and measures nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SesameError } from '../conversation/errors.js';
import { makeNoise } from './noise.js';

const rowSchema = z.object({ text: z.string(), label: z.string(), split: z.enum(['train', 'test']), kind: z.string().optional() });
const noisySchema = z.object({ text: z.string(), label: z.string(), level: z.number() });
const topicSchema = z.object({ label: z.string(), title: z.string().optional(), keywords: z.union([z.string(), z.array(z.string())]).optional(), answer: z.string().optional() });

export type Row = z.infer<typeof rowSchema>;
export type Noise = 0 | 1 | 2;

/** What is known of one label before any question is asked. */
export interface Lesson {
  readonly label: string;
  readonly title: string;
  readonly keywords: readonly string[];
  readonly answer: string;
  readonly shots: readonly string[];
}

export interface Asked {
  readonly text: string;
  readonly label: string;
}

export interface Samples {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly noisy: readonly z.infer<typeof noisySchema>[];
  readonly topics: ReadonlyMap<string, z.infer<typeof topicSchema>>;
}

/** Label of rows that no entry answers. */
export const outOfScope = 'oos';
/** One label in this many is left out to make questions that are near our subject and not ours. */
const nearOneIn = 4;

/** Reads a folder. Refuses one without `data.jsonl`, and a line that is not what it should be. */
export function readSamples(folder: string): Samples {
  const rows = readLines(join(folder, 'data.jsonl'), rowSchema);
  if (rows.length === 0) throw new SesameError('content-invalid', `no rows in ${folder}/data.jsonl: give --data a folder that has this file`);
  const topics = readLines(join(folder, 'kb.jsonl'), topicSchema);
  return {
    name: folder.split('/').filter(Boolean).at(-1) ?? folder,
    rows,
    noisy: readLines(join(folder, 'noisy.jsonl'), noisySchema),
    topics: new Map(topics.map((topic) => [topic.label, topic])),
  };
}

function readLines<T>(file: string, schema: z.ZodType<T>): T[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, at) => {
      if (line.trim() === '') return [];
      try {
        return [schema.parse(JSON.parse(line))];
      } catch (cause) {
        throw new SesameError('content-invalid', `${file}:${String(at + 1)} is not a row as the evaluation reads them`, { cause });
      }
    });
}

/** At most `shots` phrasings a label, drawn by the seed and kept in the file's order. */
export function drawLessons(samples: Samples, shots: number, seed: number): Lesson[] {
  const random = randomFrom(seed);
  const byLabel = new Map<string, Row[]>();
  for (const row of samples.rows.filter(({ split, label }) => split === 'train' && label !== outOfScope)) {
    byLabel.set(row.label, [...(byLabel.get(row.label) ?? []), row]);
  }
  return [...byLabel].map(([label, rows]) => {
    const drawn = new Set(shuffled(rows, random).slice(0, shots));
    const topic = samples.topics.get(label);
    const keywords = topic?.keywords ?? [];
    return {
      label,
      title: topic?.title ?? '',
      keywords: typeof keywords === 'string' ? [keywords] : keywords,
      answer: topic?.answer ?? '',
      shots: rows.filter((row) => drawn.has(row)).map(({ text }) => text),
    };
  });
}

/** Questions with an answer, as typed at a level of noise; the rows of `noisy.jsonl` where there are some. */
export function askedInScope(samples: Samples, noise: Noise, seed: number): Asked[] {
  const clean = samples.rows.filter(({ split, label }) => split === 'test' && label !== outOfScope);
  if (noise === 0) return clean;
  const given = samples.noisy.filter(({ level }) => level === noise);
  if (given.length > 0) return given;
  const random = randomFrom(seed);
  return clean.map(({ text, label }) => ({ text: makeNoise(text, noise, random), label }));
}

/** Questions without an answer, of one kind; a row of no kind counts as far. */
export function askedOutOfScope(samples: Samples, kind: 'far' | 'near'): string[] {
  return samples.rows.filter((row) => row.split === 'test' && row.label === outOfScope && (row.kind ?? 'far') === kind).map(({ text }) => text);
}

/** Labels to leave out of training, so that their questions become near ones. */
export function drawLeftOut(lessons: readonly Lesson[], seed: number): Set<string> {
  const labels = lessons.map(({ label }) => label);
  return new Set(shuffled(labels, randomFrom(seed)).slice(0, Math.ceil(labels.length / nearOneIn)));
}

/** Numbers in 0..1 that are the same on every machine, for one seed. */
export function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
