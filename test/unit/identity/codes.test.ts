/** What codes are made of, and how they are compared. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { newCode } from '../../../src/identity/courier.js';
import { sameHash } from '../../../src/identity/challenge.js';

/** Chi-square of 9 degrees of freedom that chance passes once in a hundred thousand; eight places are looked at. */
const UNLIKELY = 39.34;

function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('codes', () => {
  it('A12: a million of them have every digit as often at every place, and no code tells of the next', () => {
    const places = Array.from({ length: 8 }, () => Array<number>(10).fill(0));
    const total = 1_000_000;
    let [sum, squares, products, last] = [0, 0, 0, 0];
    for (let n = 0; n < total; n += 1) {
      const code = newCode();
      for (let place = 0; place < 8; place += 1) places[place]![code.charCodeAt(place) - 48]! += 1;
      const value = Number(code) / 1e8 - 0.5;
      sum += value;
      squares += value * value;
      products += value * last;
      last = value;
    }
    expect(places.map(chiSquare).filter((chi) => chi > UNLIKELY)).toEqual([]);
    expect(places.flat().reduce((a, b) => a + b, 0)).toBe(total * 8);
    // Four and a half standard deviations of what chance gives.
    expect(Math.abs(products / squares)).toBeLessThan(4.5 / Math.sqrt(total));
    expect(Math.abs(sum / total)).toBeLessThan((4.5 * Math.sqrt(1 / 12)) / Math.sqrt(total));
  }, 60_000);

  it('A12: nothing of identity draws from Math.random', () => {
    const rooms = ['identity', 'attempts'].map((room) => path.join(__dirname, '..', '..', '..', 'src', room));
    const found = rooms.flatMap((room) => readdirSync(room).map((file) => path.join(room, file))).filter((file) => readFileSync(file, 'utf8').includes('Math.random'));
    expect(found).toEqual([]);
  });

  it('G14: two hashes are compared in the same time wherever they differ', () => {
    const kept = 'k'.repeat(43);
    const others = [`x${kept.slice(1)}`, `${kept.slice(1)}x`];
    const times = others.map(() => [] as number[]);
    for (let round = 0; round < 400; round += 1) {
      // Taken in turns, so that a busy machine is busy for both.
      others.forEach((other, which) => {
        const start = process.hrtime.bigint();
        for (let n = 0; n < 100; n += 1) if (sameHash(kept, other)) throw new Error('two different hashes are the same');
        times[which]!.push(Number(process.hrtime.bigint() - start));
      });
    }
    const [early = 0, late = 0] = times.map((all) => [...all].sort((a, b) => a - b)[200]);
    // Stopping at the first difference would be told by far more than half.
    expect(Math.abs(early - late) / Math.max(early, late)).toBeLessThan(0.5);
    expect(readFileSync(path.join(__dirname, '..', '..', '..', 'src', 'identity', 'challenge.ts'), 'utf8')).toContain('timingSafeEqual(');
  });
});
