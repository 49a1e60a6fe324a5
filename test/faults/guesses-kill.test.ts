/** Kills a process that guesses at codes at random moments, and counts the verdicts it had given against what is on disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import { LIMITS } from '../../src/attempts/limits.js';
import { Challenges } from '../../src/identity/challenge.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { built } from '../support/built.js';

const ROUNDS = 5;
const ROOT = path.join(__dirname, '..', '..');
const CHILD = path.join(ROOT, 'var', `guess-child-${String(process.pid)}.cjs`);

beforeAll(() => {
  const { code } = transformFileSync(path.join(ROOT, 'test', 'support', 'guess-child.ts'), {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs', ignoreDynamic: true },
  });
  mkdirSync(path.dirname(CHILD), { recursive: true });
  writeFileSync(CHILD, code);
});
afterAll(() => { rmSync(CHILD, { force: true }); });

/** Starts guessing over the folder, and ends it as a power cut would; the verdicts it gave. */
async function guessUntilKilled(folder: string, id: string, seed: number): Promise<string[]> {
  const dist = path.dirname(built('main.js'));
  const child = spawn(process.execPath, [CHILD, dist, folder, id, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => void said.push(...chunk.toString().split('\n').filter((line) => line !== '')));
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  await wait(Math.random() * 4);
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  await wait(5);
  return said;
}

test(`A19: no kill gives a guess back, in ${String(ROUNDS)} codes guessed at by processes that die`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const folder = await mkdtemp(path.join(tmpdir(), 'sesame-guess-'));
    const open = async () => {
      const store = await openEmbeddedStore({ folder });
      const nobody = { identify: () => Promise.resolve({ kind: 'none' as const }), contactOf: () => Promise.resolve({ kind: 'none' as const }) };
      return { store, challenges: new Challenges({ records: store, registry: nobody, keys: { hash: Buffer.alloc(32, 3), proof: {} }, clock: { now: () => 1_000_000 } }) };
    };
    const first = await open();
    const sent = await first.challenges.send({ conversationId: 'c1', purpose: 'unlock' }, { nir: '1531245007231', birthDate: '1953-12-04' });
    const id = sent.kind === 'sent' ? sent.challenge : '';
    await first.challenges.noteSent((await first.challenges.find(id))!, '73190462');
    await first.store.close();
    const verdicts: string[] = [];
    let counted = 0;
    for (let life = 0; life < LIMITS.triesPerCode + 2 && verdicts.at(-1) !== 'dead'; life += 1) {
      verdicts.push(...(await guessUntilKilled(folder, id, life)));
      const { store } = await open();
      const now = (await store.counted(`tries/code/${id}`, 1_000_001)).count;
      await store.close();
      // Never lower than before, nor than what was disclosed; a guess that has to wait is not judged, and costs nothing.
      const judged = verdicts.filter((kind) => kind !== 'wait').length;
      expect([round, life, now >= counted, now >= judged]).toEqual([round, life, true, true]);
      counted = now;
    }
    expect(verdicts.filter((kind) => kind === 'wrong').length).toBeLessThan(LIMITS.triesPerCode);
    await rm(folder, { recursive: true });
  }
}, 120_000);
