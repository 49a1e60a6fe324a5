/**
 * The files for browsers, read and compressed once at start, and the script that our own pages load. The list is fixed
 * then: no name in an address ever reaches the disk.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { SesameError } from '../conversation/errors.js';
import { pack, type Packed } from './packed.js';

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

/** Reads the folder; throws `config-invalid` when it cannot be read. */
export function readPublicFiles(folder: string): ReadonlyMap<string, PublicFile> {
  const built = readBuilt(folder);
  const hashed = new Set(Object.entries(built).flatMap(([plain, { file }]) => (file === plain ? [] : [file])));
  return attempt(folder, () =>
    new Map(
      readdirSync(folder)
        .filter((name) => path.extname(name) in TYPES)
        .map((name) => {
          const file = { type: TYPES[path.extname(name)] ?? JSON_TYPE, packed: pack(readFileSync(path.join(folder, name))) };
          return [name, { ...file, immutable: hashed.has(name) || namesItsContent(name) }];
        }),
    ),
  );
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
