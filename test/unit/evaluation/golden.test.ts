/** Holds our understanding to its floors on the golden set. `npm run evaluate` tells more, and what to do about it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContent } from '../../../src/app';
import { judge, none, readGolden, scoreOf } from '../../../src/evaluation/golden';
import { createEars } from '../../../src/house';

const root = join(__dirname, '../../..');
const floors = JSON.parse(readFileSync(join(root, 'test/knowledge/floors.json'), 'utf8')) as Record<'atLeast' | 'atMost', Record<string, number>>;
const content = readContent({ now: () => Date.UTC(2026, 0, 1) });
const questions = readGolden(join(root, 'test/knowledge/utterances.tsv'));
const cache = mkdtempSync(join(tmpdir(), 'sesame-golden-'));
const { understand } = createEars(content, cache);
const judged = judge(questions, understand);
const score = scoreOf(judged);
const figures = new Map<string, number>(Object.entries(score));

afterAll(() => {
  rmSync(cache, { recursive: true });
});

describe('the golden set', () => {
  it('is large enough, a quarter of it not for us', () => {
    expect(score.inScope + score.outOfScope).toBeGreaterThanOrEqual(400);
    expect(score.outOfScope).toBeGreaterThanOrEqual(120);
  });

  it('knows only entries that exist, and asks nothing twice', () => {
    expect(questions.filter(({ label }) => label !== none && !content.entries.has(label))).toEqual([]);
    expect(new Set(questions.map(({ text }) => text.toLowerCase())).size).toBe(questions.length);
  });

  it('asks something of every entry', () => {
    const asked = new Set(questions.map(({ label }) => label));
    expect([...content.entries.keys()].filter((entry) => !asked.has(entry))).toEqual([]);
  });
});

describe('what changes no question', () => {
  it.each([
    ['a greeting and thanks', (text: string) => `Bonjour madame, ${text}, merci d’avance et bonne journée`],
    ['capitals', (text: string) => text.toUpperCase()],
    ['accents left out', (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '')],
  ])('does not change what comes first: %s', (_what, dressed) => {
    const again = judge(questions.map((one) => ({ ...one, text: dressed(one.text) })), understand);
    const differing = judged.filter((one, at) => one.label !== none && one.best !== again[at]?.best);
    expect(differing.length / questions.length).toBeLessThan(0.01);
  });
});

describe('floors', () => {
  it('hold every figure that matters', () => {
    expect([...Object.keys(floors.atLeast), ...Object.keys(floors.atMost)].sort()).toEqual(['answered', 'ece', 'outOfScopeAnswered', 'precision', 'scoreEce', 'top1']);
  });

  it.each(Object.entries(floors.atLeast))('%s is at least %d', (figure, least) => {
    expect(figures.get(figure)).toBeGreaterThanOrEqual(least);
  });

  it.each(Object.entries(floors.atMost))('%s is at most %d', (figure, most) => {
    expect(figures.get(figure)).toBeLessThanOrEqual(most);
  });
});
