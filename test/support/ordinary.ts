/** What people ordinarily write: the sentences of our own knowledge, stories and golden files, each once. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadKnowledge } from '../../src/understanding/knowledge.js';

const TEST = path.join(__dirname, '..');

/** In an order that does not change. Stories of people who write their secrets are left out: theirs are none. */
export function ordinarySentences(): readonly string[] {
  const asks = loadKnowledge(path.join(TEST, '..', 'knowledge'), '').entries.flatMap((entry) => [...entry.asks, ...entry.mustMatch, ...entry.mustNotMatch]);
  const golden = lines(path.join(TEST, 'knowledge', 'utterances.tsv')).slice(1).map((line) => line.split('\t')[1] ?? '');
  const stories = readdirSync(path.join(TEST, 'conversations'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.chat') && !file.startsWith('protection'))
    .sort()
    .flatMap((file) => lines(path.join(TEST, 'conversations', file)))
    .flatMap((line) => /^Assuré: ([^{].*)$/.exec(line.trim())?.[1] ?? [])
    .filter((said) => !said.includes('@'));
  return [...new Set([...golden, ...asks, ...stories])].filter((text) => text.trim() !== '');
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n');
}
