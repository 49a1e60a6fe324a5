/** The runbooks: every command and file that they name is there, so that nobody finds out in the night that it is not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const FOLDER = path.join(ROOT, 'docs', 'runbooks');
const pages = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(path.join(FOLDER, name), 'utf8') }));
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Readonly<Record<string, string>> };
const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(path.join(ROOT, 'src', name), 'utf8')).join('\n');

const named = (pattern: RegExp): readonly (readonly [page: string, name: string])[] => pages.flatMap(({ name, text }) => [...text.matchAll(pattern)].map(([, found = '']) => [name, found] as const));

it('are the ones that an operator looks for', () => {
  expect(pages.map(({ name }) => name)).toEqual(expect.arrayContaining(['arreter.md', 'caisse-fermee.md', 'cles.md', 'donnees.md', 'redis.md', 'restaurer.md']));
});

it('name commands that exist', () => {
  const commands = named(/npm run (?:--silent )?([\w:-]+)/g);
  expect(commands.length).toBeGreaterThan(8);
  expect(commands.filter(([, name]) => !(name in scripts))).toEqual([]);
});

it('name files of the project that exist', () => {
  const files = named(/`((?:src|docs|dialogs|config|knowledge)\/[\w./-]+\.\w+)`/g);
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter(([, name]) => !existsSync(path.join(ROOT, name)))).toEqual([]);
});

it('name pages of each other that exist', () => {
  expect(named(/`([\w-]+\.md)`/g).filter(([, name]) => !existsSync(path.join(FOLDER, name)))).toEqual([]);
});

// The page about measures names steps of traces, which are made up of parts.
it('name lines of the log that the server writes', () => {
  const lines = named(/`((?:turn|roster|redis|retention|backup)\.[a-z-]+)`/g).filter(([page, name]) => page !== 'mesures.md' && !name.endsWith('.md'));
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.filter(([, name]) => !sources.includes(`'${name}'`))).toEqual([]);
});
