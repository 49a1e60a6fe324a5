/**
 * The files for browsers, read once at start, compressed then unless the build did, and the script that our own pages
 * load. The list is fixed at start: no name in an address ever reaches the disk.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { SesameError } from '../conversation/errors.js';
import { pack, type Compressed, type Packed } from './packed.js';

export interface PublicFile {
  readonly type: string;
  readonly packed: Packed;
  /** Its name changes with its content. */
  readonly immutable: boolean;
}

/** What a page writes into its `<script>`. */
export interface Script {
  readonly src: string;
  /** Absent where the build did not write any. */
  readonly integrity?: string;
}

const LOADER = 'sesame-chat.js';
const JSON_TYPE = 'application/json; charset=utf-8';
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': JSON_TYPE,
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** What the build says of the files that it named by their content: plain name -> name and digest. */
const builtShape = z.record(z.string(), z.object({ file: z.string().min(1), integrity: z.string().regex(/^sha384-[\w+/]{64}$/) }));

type Built = z.infer<typeof builtShape>;

/** Digests that the build left in `packed.json`: name -> those of the file, of `<name>.br` and of `<name>.gz`. */
const sum = z.string().regex(/^[\w-]{43}$/);
const packedShape = z.record(z.string(), z.object({ identity: sum, br: sum, gzip: sum }));

/** Reads the folder; throws `config-invalid` when it cannot be read. */
export function readPublicFiles(folder: string): ReadonlyMap<string, PublicFile> {
  const built = readBuilt(folder);
  const compressed = readCompressed(folder);
  const hashed = new Set(Object.entries(built).flatMap(([plain, { file }]) => (file === plain ? [] : [file])));
  return attempt(folder, () =>
    new Map(
      readdirSync(folder)
        .filter((name) => path.extname(name) in TYPES)
        .map((name) => {
          const content = readFileSync(path.join(folder, name));
          const file = { type: TYPES[path.extname(name)] ?? JSON_TYPE, packed: pack(content, compressed(name, content)) };
          return [name, { ...file, immutable: hashed.has(name) || namesItsContent(name) }];
        }),
    ),
  );
}

/**
 * What the build compressed of the very same content, since compressing hard takes a good part of a start. What is
 * missing, unreadable or of another content costs a compression, never a start.
 */
function readCompressed(folder: string): (name: string, content: Buffer) => Compressed | undefined {
  const read = (name: string): Buffer => readFileSync(path.join(folder, name));
  const known = orNothing(() => new Map(Object.entries(packedShape.parse(JSON.parse(read('packed.json').toString('utf8'))))));
  return (name, content) => {
    const sums = known?.get(name);
    if (sums === undefined || sumOf(content) !== sums.identity) return undefined;
    const kept = orNothing(() => ({ br: read(`${name}.br`), gzip: read(`${name}.gz`) }));
    return kept && sumOf(kept.br) === sums.br && sumOf(kept.gzip) === sums.gzip ? kept : undefined;
  };
}

function sumOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Ends in a hash of 8 characters or more. A plain word such as `-messages` is none: it has no digit and no capital. */
function namesItsContent(name: string): boolean {
  const hash = /-(\w{8,})\.(?:js|css)$/.exec(name)?.[1] ?? '';
  return /[0-9A-Z]/.test(hash);
}

/**
 * The script of the widget, by the name and the digest that the build gave it. Throws `config-invalid` when the digest is
 * not that of the file: every browser would refuse it, and the discussion would open nowhere.
 */
export function readScript(folder: string): Script {
  const loader = readBuilt(folder)[LOADER];
  if (loader === undefined) return { src: `/public/${LOADER}` };
  const { file, integrity } = loader;
  const digest = attempt(folder, () => createHash('sha384').update(readFileSync(path.join(folder, path.basename(file)))).digest('base64'));
  if (`sha384-${digest}` !== integrity) throw new SesameError('config-invalid', `integrity.json does not fit ${file} in ${folder}: build the widget`);
  return { src: `/public/${file}`, integrity };
}

function readBuilt(folder: string): Built {
  const file = path.join(folder, 'integrity.json');
  return existsSync(file) ? attempt(folder, () => builtShape.parse(JSON.parse(readFileSync(file, 'utf8')))) : {};
}

function attempt<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SesameError('config-invalid', `cannot read the public folder ${folder}: build the widget`, { cause: error });
  }
}
