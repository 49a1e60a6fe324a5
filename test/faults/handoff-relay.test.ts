/**
 * Handoffs at once, a connector that fails one call in five, a process killed again and again: every message arrives,
 * in order, and none twice without saying so. `node bench/faults/handoff.mjs` plays it larger.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { built } from '../support/built.js';
import { runHandoffs } from '../support/handoff-run.js';

const asked = (name: string, otherwise: number): number => Number(process.env[`SESAME_${name}`] ?? otherwise);
const size = { handoffs: asked('HANDOFFS', 20), messages: asked('MESSAGES', 5), kills: asked('KILLS', 2), seed: asked('SEED', 1) };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sesame-relay-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('loses no message, keeps their order and doubles none in silence', async () => {
  const { card } = parse(await readFile(join(__dirname, '..', '..', 'dialogs', 'teams.yaml'), 'utf8')) as { card: { label: Record<string, string> } };
  const where = process.env['SESAME_BUILT'] ?? dirname(dirname(built('teams/sender.js')));
  const counts = await runHandoffs(size, { built: where, folder, marks: { message: card.label['said-again'] ?? '', card: card.label['repeated'] ?? '' } });
  process.stdout.write(`${JSON.stringify({ ...size, ...counts })}\n`);

  expect(counts).toMatchObject({ sent: 2 * size.handoffs * size.messages, lost: 0, disordered: 0, doubled: 0, cardsDoubled: 0, undelivered: 0, cards: size.handoffs, killed: size.kills });
  // The counts are worth nothing if next to nothing went wrong on the way.
  expect(counts.failed).toBeGreaterThan(counts.calls / 10);
}, 1_200_000);
