/**
 * Floods and slow clients against a real server, while ordinary people are helped: its memory stays bounded, and they do not
 * notice. `node bench/faults/flood.mjs` plays it larger.
 */
import { Flood, type Row } from '../support/flood.js';
import { table } from '../support/table.js';

const asked = (name: string, otherwise: number): number => Number(process.env[`SESAME_FLOOD_${name}`] ?? otherwise);
const ms = asked('SECONDS', 0.8) * 1_000;
const people = asked('PEOPLE', 8);
/** MiB that a flood may take beside what the server holds anyway. */
const MORE_AT_MOST = 250;

let flood: Flood;
beforeAll(async () => {
  flood = await Flood.start(Math.ceil(100 + ms / 10));
}, 60_000);
afterAll(() => flood.stop());

test('keeps answering ordinary people, in bounded memory, whatever comes in beside them', async () => {
  const rows: Row[] = [await flood.play(undefined, 1_500, people)];
  for (const attack of await Flood.attacks()) rows.push(await flood.play(attack, ms, people));
  process.stdout.write(table(rows));

  expect(rows.filter(({ failures }) => failures > 0)).toEqual([]);
  expect(rows.filter(({ messages }) => messages < people)).toEqual([]);
  const settled = rows[0]?.after ?? 0;
  expect(rows.filter(({ peak }) => peak > settled + MORE_AT_MOST)).toEqual([]);
  // A flood that was not felt proves nothing.
  expect(rows.slice(1).filter(({ refused }) => !/cut|429|503|403|413/.test(refused))).toEqual([]);
}, 1_200_000);
