import { largestState, movesOf, pace } from '../../../bench/dialog-moves.mjs';
import { ACCOUNT_OUTCOMES } from '../../../src/account/actions.js';
import { openState } from '../../../src/conversation/state.js';
import { advance } from '../../../src/dialog/advance.js';
import { runDialogs } from '../../../src/dialog/run.js';
import { innermost, openDialog } from '../../../src/dialog/stack.js';
import { FRANCECONNECT_OUTCOMES } from '../../../src/franceconnect/actions.js';
import { HANDOFF_OUTCOMES } from '../../../src/handoff/desk.js';
import { createReaders } from '../../../src/house.js';
import { IDENTITY_OUTCOMES } from '../../../src/identity/actions.js';
import { content } from '../../support/world.js';

const readers = createReaders(Date.now);
const { dialogs } = content();

test('the engine makes a tenth of its target at least on any machine: 5,000 moves a second', () => {
  const moves = movesOf(dialogs);
  expect(moves.length).toBeGreaterThan(100);
  expect(pace(moves, { advance, readers, ms: 300 })).toBeGreaterThan(5_000);
});

test('no state comes to 8 kB in 100 turns, whatever the turns', async () => {
  const outcomes = { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES };
  const engine = { dialogs, readers, outcomes, openState, openDialog, runDialogs, innermost };
  const sizes: number[] = [];
  for (let seed = 1; seed <= 10; seed += 1) sizes.push(await largestState({ seed, turns: 100 }, engine));
  expect(Math.min(...sizes)).toBeGreaterThan(500);
  expect(Math.max(...sizes)).toBeLessThan(8_000);
});
