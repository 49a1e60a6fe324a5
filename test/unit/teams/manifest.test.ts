/** The app package that a Teams administrator uploads: what the script makes of manifest/ and the configuration. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { parse } from 'yaml';
import { z } from 'zod';
import { teamsTexts } from '../../../src/teams/commands.js';

const ROOT = path.join(__dirname, '..', '..', '..');
const APP = '00000000-0000-4000-8000-00000000abcd';
const folder = mkdtempSync(path.join(tmpdir(), 'sesame-manifest-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

function pack(env: Readonly<Record<string, string>>): { status: number | null; stderr: string; files: Map<string, Buffer> } {
  const file = path.join(folder, 'app.zip');
  rmSync(file, { force: true });
  const { status, stderr } = spawnSync(process.execPath, ['scripts/manifest.mjs', file], { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...env } });
  return { status, stderr, files: status === 0 ? unzip(readFileSync(file)) : new Map() };
}

/** Files by name, read from the archive's own directory. */
function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf('PK\x05\x06');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [packed, name, start] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)];
    const body = start + 30 + name;
    files.set(zip.toString('utf8', at + 46, at + 46 + name), inflateRawSync(zip.subarray(body, body + packed)));
    at += 46 + name;
  }
  return files;
}

const https = z.url({ protocol: /^https$/ }).max(2048);

/** Limits of manifest 1.24, for what we use of it. */
const shape = z.strictObject({
  $schema: z.string().endsWith('/v1.24/MicrosoftTeams.schema.json'),
  manifestVersion: z.literal('1.24'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  id: z.guid(),
  localizationInfo: z.strictObject({ defaultLanguageTag: z.literal('fr') }),
  developer: z.strictObject({ name: z.string().max(32), websiteUrl: https, privacyUrl: https, termsOfUseUrl: https }),
  name: z.strictObject({ short: z.string().max(30), full: z.string().max(100) }),
  description: z.strictObject({ short: z.string().max(80), full: z.string().max(4000) }),
  icons: z.strictObject({ color: z.literal('color.png'), outline: z.literal('outline.png') }),
  accentColor: z.string().regex(/^#[\dA-F]{6}$/i),
  defaultInstallScope: z.literal('team'),
  bots: z.tuple([
    z.strictObject({
      botId: z.literal(APP),
      scopes: z.array(z.enum(['team', 'personal'])),
      supportsFiles: z.literal(false),
      isNotificationOnly: z.literal(false),
      commandLists: z.tuple([
        z.strictObject({ scopes: z.array(z.enum(['team', 'personal'])), commands: z.array(z.strictObject({ title: z.string().max(32), description: z.string().max(128) })).max(10) }),
      ]),
    }),
  ]),
  permissions: z.array(z.enum(['identity', 'messageTeamMembers'])),
  validDomains: z.array(z.never()),
  webApplicationInfo: z.strictObject({ id: z.literal(APP), resource: z.string() }),
  authorization: z.strictObject({ permissions: z.strictObject({ resourceSpecific: z.tuple([z.strictObject({ name: z.literal('ChannelMessage.Read.Group'), type: z.literal('Application') })]) }) }),
});

describe('the Teams app package', () => {
  const { files } = pack({ TEAMS_APP_ID: APP, PUBLIC_URL: 'https://sesame.example/' });
  const manifest = shape.safeParse(JSON.parse(files.get('manifest.json')?.toString() ?? '{}'));

  it('has the shape that Teams takes, with the ids of the configuration', () => {
    expect(manifest.error?.issues).toBeUndefined();
    expect(manifest.data?.developer.websiteUrl).toBe('https://sesame.example/');
    expect(files.get('manifest.json')?.toString()).not.toMatch(/\{[A-Z_]+\}/);
  });

  it('holds both icons in the sizes that Teams asks for', () => {
    const sizes = ['color.png', 'outline.png'].map((name) => [files.get(name)?.readUInt32BE(16), files.get(name)?.readUInt32BE(20)]);
    expect(sizes).toEqual([[192, 192], [32, 32]]);
  });

  it('lists the commands that are understood, and no other', () => {
    const { words } = teamsTexts.parse(parse(readFileSync(path.join(ROOT, 'dialogs', 'teams.yaml'), 'utf8'))).commands;
    const listed = manifest.data?.bots[0].commandLists[0].commands.map(({ title }) => title);
    expect(listed?.toSorted()).toEqual(Object.values(words).map(([first]) => first).toSorted());
  });

  it('is not made without the ids, and says what is missing', () => {
    const { status, stderr } = pack({ PUBLIC_URL: 'http://sesame.example' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/TEAMS_APP_ID[^]*PUBLIC_URL/);
  });
});
