/** The same words are understood the same way in another process, and by what was learnt before as by what is learnt now. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as all } from 'node:stream/consumers';
import { readContent } from '../../../src/app';
import { readGolden } from '../../../src/evaluation/golden';
import { createEars, type Ears } from '../../../src/house';
import { built } from '../../support/built';

/** Of each intent many are left, and understanding is not quick. */
const ONE_IN = 5;
const texts = readGolden(path.join(__dirname, '../../knowledge/utterances.tsv')).filter((_, n) => n % ONE_IN === 0).map(({ text }) => text);
const content = readContent({ now: () => 0 });
const folder = mkdtempSync(path.join(tmpdir(), 'sesame-learnt-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

const heard = (ears: Ears): string[] => texts.map((text) => JSON.stringify(ears.understand(text)));

it('understands alike when learning and when reading what was learnt', () => {
  const learning = heard(createEars(content, folder));
  const [file = ''] = readdirSync(folder);
  const written = readFileSync(path.join(folder, file));
  expect(heard(createEars(content, folder))).toEqual(learning);
  expect(readFileSync(path.join(folder, file)).equals(written)).toBe(true);
  expect(new Set(learning).size).toBeGreaterThan(texts.length / 2);
});

it('understands alike in two processes', async () => {
  const input = texts.map((text, id) => JSON.stringify({ id, text })).join('\n');
  const inAProcess = async (): Promise<string[]> => {
    const child = spawn(process.execPath, [built('cli.js'), 'understand', '--jsonl'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    child.stdin.end(input);
    const said = await all(child.stdout);
    expect(await ended).toEqual([0, null]);
    // What it took is the one thing that may differ.
    return said.trim().split('\n').map((line) => line.replace(/,"micros":\d+\}$/, '}'));
  };
  const [first, second] = await Promise.all([inAProcess(), inAProcess()]);
  expect(first).toHaveLength(texts.length);
  expect(second).toEqual(first);
});
