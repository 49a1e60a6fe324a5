/** What the build compressed is given out as it lies there, and only where it is of the very same content. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { readPublicFiles } from '../../../src/site/files.js';

const SHEET = '.launcher { color: #12586a; } '.repeat(40);
// Compressed as the server never would, so that one can tell who did it.
const BR = brotliCompressSync(SHEET, { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } });
const GZ = gzipSync(SHEET, { level: 1 });
const sum = (content: Buffer | string): string => createHash('sha256').update(content).digest('base64url');
const SUMS = { identity: sum(SHEET), br: sum(BR), gzip: sum(GZ) };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-compressed-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string | Buffer>>;
const built: Files = { 'site.css': SHEET, 'site.css.br': BR, 'site.css.gz': GZ, 'packed.json': JSON.stringify({ 'site.css': SUMS }) };

function given(files: Files): { br: Buffer | undefined; gzip: Buffer | undefined } {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  const packed = readPublicFiles(folder).get('site.css')?.packed ?? [];
  const body = (coding: string): Buffer | undefined => packed.find((variant) => variant.coding === coding)?.body;
  return { br: body('br'), gzip: body('gzip') };
}

it('gives out what the build compressed', () => {
  expect(given(built)).toEqual({ br: BR, gzip: GZ });
});

it('offers neither the compressed files nor their digests at addresses of their own', () => {
  given(built);
  expect([...readPublicFiles(folder).keys()]).toEqual(['site.css']);
});

it('leaves out what the build compressed to something longer', () => {
  const tiny = 'a{}';
  const [br, gzip] = [brotliCompressSync(tiny), gzipSync(tiny)];
  given({ 'site.css': tiny, 'site.css.br': br, 'site.css.gz': gzip, 'packed.json': JSON.stringify({ 'site.css': { identity: sum(tiny), br: sum(br), gzip: sum(gzip) } }) });
  expect(readPublicFiles(folder).get('site.css')?.packed.map(({ coding }) => coding)).toEqual(['identity']);
});

const NEW = SHEET.replace('#12586a', '#000000');

it.each<readonly [string, Files, string]>([
  ['the file changed since', { 'site.css': NEW }, NEW],
  ['a compressed file is of another build', { 'site.css.br': brotliCompressSync(NEW) }, SHEET],
  ['a compressed file was cut short', { 'site.css.gz': GZ.subarray(0, 20) }, SHEET],
  ['the digests were cut short', { 'packed.json': '{"site.css":' }, SHEET],
  ['the digests are no digests', { 'packed.json': JSON.stringify({ 'site.css': { ...SUMS, br: 'x' } }) }, SHEET],
  ['the digests do not know the file', { 'packed.json': '{}' }, SHEET],
])('compresses again where %s', (_, changed, content) => {
  const { br, gzip } = given({ ...built, ...changed });
  expect([brotliDecompressSync(br ?? '').toString(), gunzipSync(gzip ?? '').toString()]).toEqual([content, content]);
  expect(br).not.toEqual(BR);
});

it('compresses again where a compressed file is missing', () => {
  const { 'site.css.gz': _, ...rest } = built;
  const { br, gzip } = given(rest);
  expect([brotliDecompressSync(br ?? '').toString(), gunzipSync(gzip ?? '').toString()]).toEqual([SHEET, SHEET]);
});
