/** Folders of labelled sentences: reading, drawing, spoiling. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeNoise } from '../../../src/evaluation/noise';
import { askedInScope, askedOutOfScope, drawLeftOut, drawLessons, randomFrom, readSamples } from '../../../src/evaluation/samples';

const folder = mkdtempSync(join(tmpdir(), 'sesame-samples-'));
const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const rows = ['porte', 'clef', 'serrure', 'volet'].flatMap((label) => [
  ...Array.from({ length: 6 }, (_, at) => ({ text: `${label} apprise ${String(at)}`, label, split: 'train' })),
  { text: `${label} demandée, s’il vous plaît ?`, label, split: 'test' },
]);
writeFileSync(join(folder, 'data.jsonl'), lines([...rows, { text: 'quel temps fait-il', label: 'oos', split: 'test', kind: 'far' }, { text: 'et demain', label: 'oos', split: 'test' }]));
writeFileSync(join(folder, 'kb.jsonl'), lines([{ label: 'clef', title: 'La clef', keywords: ['trousseau'], answer: 'Sous le paillasson.' }]));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('samples', () => {
  const samples = readSamples(folder);

  it('draws the asked number of phrasings for each label, and what is known of it', () => {
    const lessons = drawLessons(samples, 2, 1);
    expect(lessons.map(({ label, shots }) => [label, shots.length])).toEqual([['porte', 2], ['clef', 2], ['serrure', 2], ['volet', 2]]);
    expect(lessons[1]).toMatchObject({ title: 'La clef', keywords: ['trousseau'], answer: 'Sous le paillasson.' });
  });

  it('draws the same with the same seed, and something else with another', () => {
    expect(drawLessons(samples, 2, 3)).toEqual(drawLessons(samples, 2, 3));
    const draws = new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(drawLessons(samples, 2, seed))));
    expect(draws.size).toBeGreaterThan(1);
  });

  it('never teaches what it asks', () => {
    const taught = new Set(drawLessons(samples, 10, 1).flatMap(({ shots }) => shots));
    expect(askedInScope(samples, 0, 1).filter(({ text }) => taught.has(text))).toEqual([]);
  });

  it('takes an unmarked question out of scope for a far one', () => {
    expect(askedOutOfScope(samples, 'far')).toEqual(['quel temps fait-il', 'et demain']);
    expect(askedOutOfScope(samples, 'near')).toEqual([]);
  });

  it('leaves out one label in four', () => {
    expect(drawLeftOut(drawLessons(samples, 2, 1), 1).size).toBe(1);
  });

  it('makes noise of its own where the folder brings none', () => {
    const noisy = askedInScope(samples, 2, 1);
    expect(noisy.map(({ label }) => label)).toEqual(askedInScope(samples, 0, 1).map(({ label }) => label));
    expect(noisy.every(({ text }) => !/[?,]/.test(text))).toBe(true);
  });

  it('prefers the noisy rows of the folder', () => {
    expect(askedInScope({ ...samples, noisy: [{ text: 'porrte', label: 'porte', level: 1 }] }, 1, 1)).toEqual([{ text: 'porrte', label: 'porte', level: 1 }]);
  });

  it('refuses a folder without rows, and tells which line is not one', () => {
    expect(() => readSamples(join(folder, 'nowhere'))).toThrow('no rows');
    const broken = mkdtempSync(join(tmpdir(), 'sesame-samples-'));
    writeFileSync(join(broken, 'data.jsonl'), `${lines(rows)}\n{"text":1}`);
    expect(() => readSamples(broken)).toThrow(`data.jsonl:${String(rows.length + 1)}`);
    rmSync(broken, { recursive: true });
  });
});

describe('noise', () => {
  const text = 'Pourquoi mon compte est-il bloqué depuis hier, s’il vous plaît ?';

  it('spoils at least one word, differently each time, and the same with the same seed', () => {
    const made = Array.from({ length: 20 }, (_, seed) => makeNoise(text, 1, randomFrom(seed)));
    expect(made).not.toContain(text);
    expect(new Set(made).size).toBeGreaterThan(10);
    expect(makeNoise(text, 1, randomFrom(4))).toBe(made[4]);
  });

  it('drops accents in about half of the texts', () => {
    const bare = Array.from({ length: 400 }, (_, seed) => makeNoise('déjà été là', 1, randomFrom(seed))).filter((made) => !/[éèà]/.test(made));
    expect(bare.length).toBeGreaterThan(140);
    expect(bare.length).toBeLessThan(260);
  });

  it('writes short forms at the second level only', () => {
    const level = (at: 1 | 2): string[] => Array.from({ length: 50 }, (_, seed) => makeNoise(text, at, randomFrom(seed)));
    expect(level(1).some((made) => made.startsWith('pk '))).toBe(false);
    expect(level(2).some((made) => made.startsWith('pk '))).toBe(true);
  });

  it('leaves alone a text without a long word', () => {
    expect(makeNoise('ou va-t-on', 1, () => 0.9)).toBe('ou va-t-on');
  });
});
