/**
 * The whole server while its disk refuses: messages are refused for now and say so, what needs no writing goes on, and
 * what was acknowledged is there afterwards. `npm run bench:disk` does the same on real disks, and needs root.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { built } from '../support/built.js';
import { givingUp, limited, small, type BadDisk } from '../support/full-disk.js';
import { answersTo, PlainLine } from '../support/plain-line.js';
import { eventually, RunningSesame } from '../support/running.js';
import { table } from '../support/table.js';

const DISKS: Readonly<Record<string, (sesame: RunningSesame) => Promise<BadDisk>>> = {
  'limit on files': limited,
  ...(process.env['SESAME_DISKS'] === 'all' ? { 'full tmpfs': small, 'ext4 gave up (read-only)': givingUp } : {}),
};
const PEOPLE = 8;
/** Messages acknowledged before the disk refuses, and refusals seen before it is mended. */
const [ENOUGH, REFUSALS] = [20, 20];
const QUESTIONS = ['à quoi sert le compte ameli', 'comment éviter un nouveau blocage', 'comment contacter ma caisse', 'comment choisir un bon mot de passe'] as const;

let sesame: RunningSesame;
let disk: BadDisk | undefined;
const rows: object[] = [];
beforeEach(async () => { sesame = await RunningSesame.start(); });
afterEach(async () => {
  await sesame.stopServer();
  disk?.destroy();
  await sesame.stop();
});
afterAll(() => {
  if (process.env['SESAME_DISKS'] === 'all') process.stdout.write(table(rows));
});

interface Seen {
  readonly people: readonly PlainLine[];
  /** What refused messages were answered, each once. */
  readonly refusals: Set<string>;
  refused: number;
  /** What was neither taken nor refused for now. */
  readonly odd: string[];
  over: boolean;
}

async function chat(talk: PlainLine, seen: Seen): Promise<void> {
  for (let n = 0; !seen.over; n += 1) {
    const posted = await talk.post(`m-${String(n)}`, QUESTIONS[n % QUESTIONS.length]!).catch(() => undefined);
    if (!posted || posted.status === 200) continue;
    seen.refused += 1;
    seen.refusals.add(`${String(posted.status)} ${String(posted.code)}`);
    if (posted.status !== 503 || !(Number(posted.retryAfter) > 0)) seen.odd.push(JSON.stringify(posted));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Pages that need no writing, and what each must show. */
async function readable({ people: [talk] }: Seen): Promise<readonly string[]> {
  const pages = await Promise.all(
    [['/aide', 'De quoi avez-vous besoin'], ['/aide/recherche?q=code', 'Ce que nous avons trouvé'], ['/aide/fiche/compte-bloque-tentatives', '<h1'], ['/confidentialite', '<h1']].map(async ([where = '', words = '']) => {
      const response = await fetch(sesame.url + where, { headers: { accept: 'text/html' } });
      return (await response.text()).includes(words) && response.ok ? [] : [`${where} ${String(response.status)}`];
    }),
  );
  const said = await talk!.transcript();
  return [...pages.flat(), ...(said.length > 1 ? [] : ['transcript'])];
}

test.each(Object.keys(DISKS))('%s: refuses for now, shows what it knows, goes on and has lost nothing', async (name) => {
  disk = await DISKS[name]!(sesame);
  const people = await Promise.all(Array.from({ length: PEOPLE }, () => new PlainLine(sesame).open()));
  const seen: Seen = { people, refusals: new Set(), refused: 0, odd: [], over: false };
  const chats = people.map((talk) => chat(talk, seen));
  const count = (): number => people.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  await eventually(() => (count() >= ENOUGH ? true : undefined));

  disk.refuse();
  await eventually(() => (seen.refused >= REFUSALS ? true : undefined));
  const during = count();
  const unreadable = await readable(seen);
  const mending = performance.now();
  const restarted = await disk.mend();
  await eventually(() => (count() > during + ENOUGH ? true : undefined));
  const backMs = Math.round(performance.now() - mending);
  seen.over = true;
  await Promise.all(chats);

  await sesame.kill();
  await sesame.startServer();
  const ends = { lost: 0, twice: 0, gaps: 0 };
  for (const talk of people) {
    const said = await talk.answered();
    ends.gaps += said.filter(({ seq }, index) => seq !== index + 1).length;
    ends.lost += talk.acknowledged.filter(({ tag, seq }) => said[seq - 1]?.tag !== tag).length;
    ends.twice += said.filter((one) => one.tag !== undefined && answersTo(said, one).length > 1).length;
  }
  const { stdout } = await promisify(execFile)(process.execPath, [built('cli.js'), 'audit-verify'], { env: { PATH: process.env['PATH'], DATA_DIR: sesame.data } });
  rows.push({ disk: name, acknowledged: count(), refused: seen.refused, 'refused how': [...seen.refusals].join(', '), 'pages that failed': unreadable.length, 'back by itself': restarted ? 'after mount and start' : `yes, ${String(backMs)} ms`, ...ends, 'audit whole': stdout.startsWith('audit: whole') });
  expect([...seen.refusals]).toEqual(['503 ServiceUnavailable']);
  expect([seen.odd, unreadable, ends, stdout.startsWith('audit: whole')]).toEqual([[], [], { lost: 0, twice: 0, gaps: 0 }, true]);
}, 120_000);
