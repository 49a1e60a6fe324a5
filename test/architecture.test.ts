/** Reads the imports of src/ and holds the house together: arrows go one way, and each library has one home. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SRC = path.join(__dirname, '..', 'src');

/** Which rooms each room may import. Root files may import every room; no room may import a root file. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  conversation: [],
  matching: [],
  reading: [],
  yaml: [],
  answers: ['conversation', 'matching'],
  understanding: ['conversation', 'matching', 'reading', 'yaml'],
  evaluation: ['conversation', 'understanding'],
  redaction: ['conversation', 'answers'],
  attempts: ['conversation'],
  identity: ['conversation', 'attempts'],
  handoff: ['conversation'],
  storage: ['conversation'],
  backup: ['conversation'],
  redis: ['conversation', 'storage'],
  dialog: ['conversation', 'answers', 'yaml'],
  exploration: ['conversation', 'dialog'],
  staff: ['conversation', 'answers', 'matching', 'yaml'],
  waiting: [],
  audit: ['conversation'],
  connector: ['conversation', 'handoff'],
  teams: ['conversation', 'handoff', 'connector'],
  account: ['conversation', 'identity'],
  reference: ['conversation', 'identity', 'account'],
  franceconnect: ['conversation', 'identity'],
  sources: ['conversation'],
  limits: ['conversation', 'sources'],
  channels: ['conversation', 'handoff', 'health', 'limits', 'site', 'sources'],
  health: ['conversation'],
  metrics: ['conversation'],
  site: ['conversation'],
  aide: ['conversation', 'limits', 'sources'],
  insights: ['conversation'],
  mail: ['conversation'],
  line: [],
  messages: ['line'],
  widget: ['line', 'messages'],
  embed: ['messages', 'widget'],
};

/** Root files that may not know a room: only the wiring knows all of them, and the one that puts the measures to work. */
const WIRING = ['app.ts', 'advisers.ts', 'checkup.ts', 'evaluate.ts', 'explore.ts', 'home.ts', 'life.ts', 'operator.ts', 'passage.ts', 'proving.ts'];
const TURN_ROOMS = ['conversation', 'matching', 'answers', 'audit', 'staff', 'waiting', 'insights', 'reading', 'yaml', 'understanding', 'dialog', 'identity', 'redaction', 'handoff', 'sources', 'metrics', 'limits'];

/** One library, one home: files (or rooms, with a trailing slash) that may import it. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  restify: ['channels/'],
  dompurify: ['messages/markup.ts'],
  ws: ['channels/'],
  nodemailer: ['mail/'],
  'fuse.js': ['matching/spelling.ts'],
  'snowball-stemmers': ['matching/normalise.ts'],
  'classic-level': ['storage/', 'reference/store.ts'],
  undici: ['account/wire.ts'],
  cockatiel: ['account/health.ts'],
  'openid-client': ['franceconnect/provider.ts'],
  redis: ['redis/link.ts'],
  pino: ['log.ts'],
  'prom-client': ['metrics/prometheus.ts'],
  '@opentelemetry/api': ['metrics/traces.ts'],
  jose: ['identity/', 'account/', 'franceconnect/provider.ts', 'reference/', 'channels/tokens.ts', 'connector/tokens.ts', 'keys.ts', 'reference.ts'],
  yaml: ['yaml/document.ts'],
  '@microsoft/recognizers-text-suite': ['answers/recognise-worker.ts'],
  'date-holidays': ['staff/holidays.ts'],
  botbuilder: ['teams/adapter.ts'],
};

interface Source {
  readonly file: string;
  readonly room: string;
  readonly lines: number;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(path.sep).join('/'))
  .map((file) => {
    const text = readFileSync(path.join(SRC, file), 'utf8');
    const imports = [...text.matchAll(/(?:from|import|require\)?)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name ?? '');
    return { file, room: file.includes('/') ? (file.split('/')[0] ?? '') : '', lines: text.split('\n').length - 1, imports };
  });

function roomOf(source: Source, target: string): string | undefined {
  if (!target.startsWith('.')) return undefined;
  const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(source.file), target));
  return resolved.includes('/') ? resolved.split('/')[0] : '';
}

function breaches(find: (source: Source) => readonly string[]): string[] {
  return sources.flatMap((source) => find(source).map((what) => `src/${source.file}: ${what}`));
}

describe('the house', () => {
  it('has sources to look at', () => {
    expect(sources.length).toBeGreaterThan(40);
  });

  it('lets arrows between rooms go one way only', () => {
    const found = breaches((source) =>
      source.imports.flatMap((target) => {
        const room = roomOf(source, target);
        if (source.room === '' || room === undefined || room === source.room) return [];
        if (room === '') return [`imports the root file ${target} -> a room is handed what it needs, by app.ts`];
        const allowed = MAY_IMPORT[source.room] ?? [];
        return allowed.includes(room) ? [] : [`imports ${target} -> ${source.room}/ may import only: ${allowed.join(', ') || 'nothing'}`];
      }),
    );
    expect(found).toEqual([]);
  });

  it('keeps storage, account and channels out of the turn', () => {
    const found = breaches((source) =>
      source.room !== '' || WIRING.includes(source.file)
        ? []
        : source.imports
            .map((target) => roomOf(source, target))
            .filter((room) => room !== undefined && room !== '' && !TURN_ROOMS.includes(room))
            .map((room) => `knows ${String(room)}/ -> only ${WIRING.join(', ')} knows every room: take it as an argument`),
    );
    expect(found).toEqual([]);
  });

  it('gives each library one home', () => {
    const found = breaches((source) =>
      source.imports
        .filter((target) => target in HOMES && !HOMES[target]!.some((home) => source.file === home || (home.endsWith('/') && source.file.startsWith(home))))
        .map((target) => `imports ${target} -> its home is src/${HOMES[target]!.join(', src/')}: ask that file`),
    );
    expect(found).toEqual([]);
  });

  it('keeps files short, rooms small and folders flat', () => {
    const deep = sources.filter(({ file }) => file.split('/').length > 2).map(({ file }) => `src/${file}: too deep -> src/room/file.ts`);
    const long = sources.filter(({ lines }) => lines > 250).map(({ file, lines }) => `src/${file}: ${String(lines)} lines -> split it (250 at most)`);
    const rooms = Object.keys(MAY_IMPORT).flatMap((room) => {
      const count = sources.filter((source) => source.room === room).length;
      return count > 8 ? [`src/${room}/: ${String(count)} files -> eight at most: is it two rooms?`] : [];
    });
    expect([...deep, ...long, ...rooms]).toEqual([]);
  });

  it('knows every room it finds', () => {
    const rooms = new Set(sources.map(({ room }) => room).filter((room) => room !== ''));
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  it('has no drawer for odds and ends', () => {
    const drawer = /(^|\/)(utils?|helpers?|common|core|types)(\.ts|\/)/;
    expect(sources.filter(({ file }) => drawer.test(file)).map(({ file }) => file)).toEqual([]);
  });

  it('writes no escape hatch', () => {
    const hatch = /<any>|@ts-(ignore|expect-error|nocheck)|eslint-disable|\b(TODO|FIXME|XXX)\b|console\.(log|error|warn)/;
    const found = sources.filter(({ file }) => hatch.test(readFileSync(path.join(SRC, file), 'utf8'))).map(({ file }) => file);
    expect(found).toEqual([]);
  });
});
