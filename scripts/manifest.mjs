// Builds the Teams app package from manifest/ and the configuration: what a Teams administrator uploads. It checks what
// it fills in, and nothing of Microsoft's schema. Usage: TEAMS_APP_ID=… PUBLIC_URL=https://… npm run manifest [-- FILE.zip]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'manifest');
const { TEAMS_APP_ID: appId = '', PUBLIC_URL: publicUrl = '', DATA_DIR: data = './var' } = process.env;
const out = process.argv[2] ?? join(data, 'sesame-teams.zip');

const faults = [
  ...(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(appId) ? [] : ['TEAMS_APP_ID: give the id of the bot’s application in Entra ID']),
  ...(publicUrl.startsWith('https://') && URL.canParse(publicUrl) ? [] : ['PUBLIC_URL: give the https address of the assistant']),
];
if (faults.length > 0) {
  process.stderr.write(`\nmanifest: ${String(faults.length)} fault(s) to mend.\n${faults.map((fault) => `  ${fault}`).join('\n')}\n\n`);
  process.exit(1);
}

const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8').replaceAll('{TEAMS_APP_ID}', appId).replaceAll('{PUBLIC_URL}', publicUrl.replace(/\/+$/, ''));
const files = [['manifest.json', Buffer.from(manifest)], ...['color.png', 'outline.png'].map((name) => [name, readFileSync(join(folder, name))])];
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, zipOf(files));
process.stdout.write(`${out}\n`);

/** A zip archive of a few small files. No dates: the same files give the same bytes. */
function zipOf(entries) {
  const bodies = [];
  const directory = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    // Version 2.0, no flags, deflated, 1 January 1980.
    [20, 0, 8, 0, 0x21].forEach((value, at) => fields.writeUInt16LE(value, at * 2));
    [crc32(content), packed.length, content.length].forEach((value, at) => fields.writeUInt32LE(value, 10 + at * 4));
    fields.writeUInt16LE(name.length, 22);
    const header = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name)]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), fields, rest, Buffer.from(name));
    bodies.push(header, packed);
    offset += header.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, index, Buffer.from('PK\x05\x06'), end]);
}
