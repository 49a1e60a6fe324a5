/** What the public folder becomes at start, and the script that our pages load from it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SesameError } from '../../../src/conversation/errors.js';
import { readPublicFiles, readScript } from '../../../src/site/files.js';

const LOADER = 'customElements.define("sesame-chat", class extends HTMLElement {});';
const digest = (text: string): string => `sha384-${createHash('sha384').update(text).digest('base64')}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-public-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string | object>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

const listed = (file: string, integrity = digest(LOADER)): object => ({ 'sesame-chat.js': { file, integrity } });

it.each([
  ['sesame-chat-1f0c9a7be2.js', true],
  ['sesame-panel-QW3RTYUI.js', true],
  ['site-0a1b2c3d.css', true],
  ['sesame-chat.js', false],
  ['site.css', false],
  ['sesame-messages.js', false],
  ['sesame-chat-2.js', false],
  ['mark-0a1b2c3d.png', false],
])('%s may be kept for good: %p', (name, immutable) => {
  write({ [name]: 'x' });
  expect(readPublicFiles(folder).get(name)?.immutable).toBe(immutable);
});

it('lets be kept for good what the build says it named by its content', () => {
  write({ 'sesame-chat.js': LOADER, 'sesame-chat-ab-cdefgh.js': LOADER, 'integrity.json': listed('sesame-chat-ab-cdefgh.js') });
  const files = readPublicFiles(folder);
  expect([files.get('sesame-chat.js')?.immutable, files.get('sesame-chat-ab-cdefgh.js')?.immutable]).toEqual([false, true]);
});

it('gives out what browsers load and nothing else that lies there', () => {
  write({ 'a.js': '', 'a.css': '', 'a.js.map': '{}', 'a.svg': '<svg/>', 'notes.txt': '', 'integrity.json': {}, 'page.html': '' });
  expect([...readPublicFiles(folder).keys()].sort()).toEqual(['a.css', 'a.js', 'a.js.map', 'a.svg']);
});

it('names the script and its digest as the build did', () => {
  write({ 'sesame-chat-0a1b2c3d.js': LOADER, 'integrity.json': listed('sesame-chat-0a1b2c3d.js') });
  expect(readScript(folder)).toEqual({ src: '/public/sesame-chat-0a1b2c3d.js', integrity: digest(LOADER) });
});

it('names the plain script, without a digest, where the build wrote none', () => {
  expect(readScript(folder)).toEqual({ src: '/public/sesame-chat.js' });
  write({ 'integrity.json': { 'other.js': { file: 'other-0a1b2c3d.js', integrity: digest('') } } });
  expect(readScript(folder)).toEqual({ src: '/public/sesame-chat.js' });
});

it.each<[string, Readonly<Record<string, string | object>>]>([
  ['a digest that is not that of the file', { 'sesame-chat-0a1b2c3d.js': `${LOADER} `, 'integrity.json': listed('sesame-chat-0a1b2c3d.js') }],
  ['a file that is not there', { 'integrity.json': listed('sesame-chat-0a1b2c3d.js') }],
  ['a file outside the folder', { 'integrity.json': listed('../sesame-chat-0a1b2c3d.js') }],
  ['a list that is no JSON', { 'integrity.json': '{' }],
  ['a digest of another kind', { 'sesame-chat.js': LOADER, 'integrity.json': listed('sesame-chat.js', 'sha256-abc') }],
])('refuses %s, which every browser would refuse too', (_, files) => {
  write(files);
  expect(() => readScript(folder)).toThrow(SesameError);
});

it('refuses a folder that it cannot read', () => {
  expect(() => readPublicFiles(path.join(folder, 'nowhere'))).toThrow(SesameError);
});
