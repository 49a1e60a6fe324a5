/**
 * The whole server backed up while people talk to it, killed, and restored elsewhere: what was acknowledged before the
 * backup began is there, each message answered once, and the conversations go on.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, renameSync, rmSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { built } from '../support/built.js';
import { answersTo, PlainLine } from '../support/plain-line.js';
import { eventually, RunningSesame } from '../support/running.js';

const PEOPLE = 8;
/** Messages acknowledged before the backup begins, and again before the kill. */
const ENOUGH = 32;

/** Each is answered by one message, whatever was said before. */
const QUESTIONS = ['à quoi sert le compte ameli', 'comment éviter un nouveau blocage', 'comment contacter ma caisse', 'comment choisir un bon mot de passe'] as const;

const run = promisify(execFile);
/** A command of the operator, over a folder of data. */
const command = async (data: string, ...args: readonly string[]): Promise<string> => (await run(process.execPath, [built('cli.js'), ...args], { env: { PATH: process.env['PATH'], DATA_DIR: data } })).stdout;

let folder: string;
let sesame: RunningSesame;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-restore-'));
  sesame = await RunningSesame.start();
});
afterAll(async () => {
  await sesame.stop();
  rmSync(folder, { recursive: true, force: true });
});

let over = false;
/** Asks one question after the other, each once the one before is acknowledged, until the server is gone. */
async function chat(talk: PlainLine): Promise<void> {
  for (let n = 0; !over; n += 1) await talk.post(`m-${String(n)}`, QUESTIONS[n % QUESTIONS.length]!).catch(() => undefined);
}

test('restores what was acknowledged before a backup under load, and goes on', async () => {
  const talks = await Promise.all(Array.from({ length: PEOPLE }, () => new PlainLine(sesame).open()));
  const chats = Promise.all(talks.map(chat));
  const count = (): number => talks.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  await eventually(() => (count() >= ENOUGH ? true : undefined));

  const before = talks.map(({ acknowledged }) => [...acknowledged]);
  const saved = path.join(folder, 'saved');
  expect(await command(sesame.data, 'backup', saved)).toContain('read back and whole');
  const then = count();
  await eventually(() => (count() >= then + ENOUGH ? true : undefined));
  await sesame.kill();
  over = true;
  await chats;

  // The machine is lost but for its keys, which are kept apart.
  renameSync(sesame.data, path.join(folder, 'lost'));
  mkdirSync(sesame.data);
  copyFileSync(path.join(folder, 'lost', 'keys.json'), path.join(sesame.data, 'keys.json'));
  expect(await command(sesame.data, 'restore', saved)).toMatch(/restored: .* keys and .* files/);
  await sesame.startServer();

  for (const [n, talk] of talks.entries()) {
    const said = await talk.answered();
    expect(said.map(({ seq }) => seq)).toEqual(said.map((_, index) => index + 1));
    for (const { tag, seq } of before[n]!) expect([n, seq, said[seq - 1]?.tag]).toEqual([n, seq, tag]);
    expect(said.filter((one) => one.tag !== undefined && answersTo(said, one).length !== 1)).toEqual([]);
    expect(await talk.post('after', QUESTIONS[0])).toMatchObject({ status: 200 });
  }
  const last = await talks[0]!.answered();
  expect(last.at(-2)?.tag).toBe('after');
  await expect(command(sesame.data, 'restore', saved)).rejects.toThrow(/a server runs on/);
}, 180_000);
