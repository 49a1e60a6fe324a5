/** Bodies compressed at start: each variant is the body again, and everyone gets one that they can read. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { choose, pack } from '../../../src/site/packed.js';

const BODY = 'Votre compte ameli est bloqué ? '.repeat(40);
const packed = pack(BODY);

it('gives the body back from every variant, smaller in all but the last', () => {
  const [br, gzip, plain] = packed;
  expect(packed.map(({ coding }) => coding)).toEqual(['br', 'gzip', 'identity']);
  expect(brotliDecompressSync(br.body).toString()).toBe(BODY);
  expect(gunzipSync(gzip!.body).toString()).toBe(BODY);
  expect(plain!.body.toString()).toBe(BODY);
  expect(Math.max(br.body.length, gzip!.body.length)).toBeLessThan(plain!.body.length);
});

it('leaves out what would not be smaller', () => {
  expect(pack('ok').map(({ coding }) => coding)).toEqual(['identity']);
  expect(pack('').at(-1)?.body).toHaveLength(0);
});

it('tags each variant of each body differently, and the same body alike', () => {
  const tags = [...packed, ...pack(`${BODY}!`)].map(({ tag }) => tag);
  expect(new Set(tags).size).toBe(6);
  expect(pack(Buffer.from(BODY)).map(({ tag }) => tag)).toEqual(packed.map(({ tag }) => tag));
});

it.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate', 'gzip'],
  ['GZIP', 'gzip'],
  ['br;q=0.2, gzip;q=0.9', 'gzip'],
  ['br; q=0, gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['*', 'br'],
  ['identity;q=1, br;q=0.5', 'identity'],
  ['identity, br', 'br'],
  ['deflate, zstd', 'identity'],
  ['br;q=0, gzip;q=0, identity;q=0', 'identity'],
  ['br;q=very, gzip', 'gzip'],
  [', ;;', 'identity'],
])('to who accepts %p, gives %s', (accepted, coding) => {
  expect(choose(packed, accepted).coding).toBe(coding);
});
