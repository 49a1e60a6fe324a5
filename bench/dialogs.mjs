// npm run bench:dialogs: how many moves the dialog engine makes in a second on one core over the real dialogs, and how
// large a state grows in 100 turns. The floors are held, with a margin, by test/unit/dialog/speed.test.ts.
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largestState, movesOf, pace } from './dialog-moves.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const inDist = (file) => createRequire(import.meta.url)(join(dist, file));
const { readContent } = inDist('app.js');
const { createReaders } = inDist('house.js');
const { advance } = inDist('dialog/advance.js');
const { runDialogs } = inDist('dialog/run.js');
const { innermost, openDialog } = inDist('dialog/stack.js');
const { openState } = inDist('conversation/state.js');
const outcomes = { ...inDist('account/actions.js').ACCOUNT_OUTCOMES, ...inDist('identity/actions.js').IDENTITY_OUTCOMES, ...inDist('franceconnect/actions.js').FRANCECONNECT_OUTCOMES, ...inDist('handoff/desk.js').HANDOFF_OUTCOMES };

const targets = { pace: 50_000, bytes: 8_000 };
const readers = createReaders(() => Date.now());
const { dialogs } = readContent({ now: () => Date.now() });
const moves = movesOf(dialogs);
const engine = { dialogs, readers, outcomes, openState, openDialog, runDialogs, innermost };
const seeds = Array.from({ length: 200 }, (_, i) => i + 1);

const paces = [];
for (let run = 0; run < 5; run += 1) paces.push(pace(moves, { advance, readers, ms: 1_000 }));
const sizes = [];
for (const seed of seeds) sizes.push(await largestState({ seed, turns: 100 }, engine));
const middle = paces.sort((a, b) => a - b)[2];
const largest = Math.max(...sizes);

const round = (value) => Math.round(value).toLocaleString('en');
const line = (text) => process.stdout.write(`${text}\n`);
line(`${dialogs.size} dialogs, ${moves.length} moves · Node ${process.versions.node} · ${cpus()[0]?.model ?? 'unknown processor'}`);
line(`advance: ${round(middle)} a second on one core (5 runs: ${paces.map(round).join(', ')}; target ${round(targets.pace)})`);
line(`state: ${round(largest)} bytes at most in ${seeds.length} conversations of 100 turns (target ${round(targets.bytes)})`);
if (middle < targets.pace || largest > targets.bytes) process.exitCode = 1;
