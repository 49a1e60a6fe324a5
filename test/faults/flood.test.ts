/**
 * Floods and slow clients against a real server, while ordinary people are helped: its memory stays bounded, and they do not
 * notice. `node bench/faults/flood.mjs` plays it larger.
 */
import { Flood, type Row } from '../support/flood.js';

const asked = (name: string, otherwise: number): number => Number(process.env[`SESAME_FLOOD_${name}`] ?? otherwise);
/** Each attack on its own takes long: here they come all at once. */
const isShort = process.env['SESAME_FLOOD_SECONDS'] === undefined;
const ms = asked('SECONDS', 4) * 1_000;
const people = asked('PEOPLE', 6);
/** MiB that a flood may take beside what the server holds anyway. */
const MORE_AT_MOST = 450;

/** A line for each attack. */
function rowsOf(rows: readonly Row[]): readonly string[] {
  const lines = rows.map(({ attack, refused, ...figures }) => `${attack.padEnd(43)}${Object.values(figures).map((figure) => String(figure).padStart(9)).join('')}   ${refused}`);
  return ['', `${'attack'.padEnd(43)}${['before', 'peak', 'after', 'p50', 'p99', 'messages', 'unlocked', 'failures'].map((name) => name.padStart(9)).join('')}   answers to the attack`, ...lines, 'Memory in MiB; milliseconds from a message of an ordinary person to its answer.'];
}

let flood: Flood;
beforeAll(async () => {
  // As many as the made-up backend has at most.
  flood = await Flood.start(Math.min(2_400, Math.ceil(100 + ms / 10)));
}, 60_000);
afterAll(() => flood.stop());

test('keeps answering ordinary people, in bounded memory, whatever comes in beside them', async () => {
  const rows: Row[] = [await flood.play([], isShort ? 1_500 : ms, people)];
  const attacks = await Flood.attacks();
  for (const wave of isShort ? [attacks] : attacks.map((attack) => [attack])) rows.push(await flood.play(wave, ms, people));
  process.stdout.write(`${rowsOf(rows).join('\n')}\n`);

  expect(rows.filter(({ failures }) => failures > 0)).toEqual([]);
  expect(rows.filter(({ messages }) => messages < people)).toEqual([]);
  const settled = rows[0]?.after ?? 0;
  expect(rows.filter(({ peak }) => peak > settled + MORE_AT_MOST)).toEqual([]);
  // A flood that was not felt proves nothing.
  const answered = rows.slice(1).flatMap(({ refused }) => refused.split('; '));
  expect(answered).toHaveLength(attacks.length);
  // All at once, one is hindered by another, and from thousands of addresses many may come in.
  const refused = answered.filter((answers) => /cut|429|503|403|413|still open/.test(answers));
  expect(refused.length).toBeGreaterThanOrEqual(isShort ? attacks.length * 0.6 : attacks.length);
}, 1_200_000);
