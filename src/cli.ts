/**
 * The command line: talk in the terminal, measure the understanding, check the content. Standard output carries what
 * was asked for and nothing else.
 *
 *   node dist/cli.js chat | understand [--jsonl | --explain TEXT] | check-content | check-dialogs | learn
 *   node dist/cli.js evaluate [--data DIR [--shots N] [--noise 0|1|2] [--seed N]] [--json] | knowledge-diff REV
 *   node dist/cli.js audit-verify [FOLDER] [SEQ:HASH ...] | opinions [FILE]
 *   node dist/cli.js backup FOLDER | restore FOLDER | off | on | keys-rotate
 */
import { createInterface } from 'node:readline';
import { readContent } from './app.js';
import { verify } from './audit/verify.js';
import { describeFault, FaultsError } from './conversation/errors.js';
import { diffKnowledge, evaluate } from './evaluate.js';
import { checkDialogs } from './explore.js';
import { createEars, frenchDay, LEARNT, type Ears } from './house.js';
import { OPINIONS_FILE, readJournal } from './insights/journal.js';
import { drawTable, sumUp } from './insights/table.js';
import { OPERATOR_COMMANDS } from './operator.js';
import { chat } from './terminal.js';
import { findEntities } from './understanding/entities.js';
import { lintNeighbours } from './understanding/explain.js';
import { learn } from './understanding/learn.js';
import { checkMatches } from './understanding/rules.js';
import { contentValues } from './yaml/document.js';

const clock = { now: () => Date.now() };

const COMMANDS: Readonly<Record<string, (options: readonly string[]) => Promise<void>>> = {
  chat,
  understand,
  'check-content': checkContent,
  'check-dialogs': checkDialogs,
  learn: learnContent,
  evaluate,
  'knowledge-diff': diffKnowledge,
  'audit-verify': verifyAudit,
  opinions: tellOpinions,
  ...OPERATOR_COMMANDS,
};

async function understand(options: readonly string[]): Promise<void> {
  const ears = createEars(readContent(clock));
  if (options[0] === '--explain') {
    const text = options.slice(1).join(' ');
    const { kind, entry, candidates, confidence, because, family } = ears.understand(text);
    const shown = { decision: kind, entry, candidates, confidence, family: family?.id, because, explanation: ears.explain(text), entities: findEntities(text) };
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answerLine(line, ears))}\n`);
  }
}

/** One line in, one line out, whatever it holds: a line that cannot be read is said to be so, in its place. */
function answerLine(line: string, ears: Ears): object {
  const asked = readLine(line);
  const started = process.hrtime.bigint();
  const { kind, entry, candidates, because } = ears.understand(asked.text);
  const micros = Number((process.hrtime.bigint() - started) / 1000n);
  return { id: asked.id, decision: kind, entry, candidates, because: asked.fault === undefined ? because : [asked.fault], micros };
}

function readLine(line: string): { id: unknown; text: string; fault?: string } {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null) return { id: null, text: '', fault: 'ligne illisible : un objet JSON est attendu' };
    const id = 'id' in parsed ? parsed.id : null;
    if (!('text' in parsed) || typeof parsed.text !== 'string') return { id, text: '', fault: 'ligne sans « text »' };
    return { id, text: parsed.text };
  } catch {
    return { id: null, text: '', fault: 'ligne illisible : un objet JSON est attendu' };
  }
}

function checkContent(): Promise<void> {
  const content = readContent(clock, frenchDay(clock.now()));
  const { entries, families, dialogs } = content;
  const material = { ...content, entries: [...entries.values()] };
  const misled = checkMatches(material.entries, createEars(content).decide);
  const { hear } = learn({ ...material, cacheFolder: LEARNT });
  // A warning may be wrong, and stops nothing; a fault is printed by whoever catches it.
  const warnings = lintNeighbours(material, hear);
  process.stderr.write(warnings.map((fault) => `warning: ${describeFault(fault)}\n`).join(''));
  if (misled.length > 0) return Promise.reject(new FaultsError('content-invalid', misled));
  const steps = [...dialogs.values()].reduce((total, { steps: all }) => total + all.size, 0);
  process.stdout.write(
    `content: ${String(entries.size)} entries, ${String(families.length)} families of near subjects, ` +
      `${String(dialogs.size)} dialogs with ${String(steps)} steps, 0 faults, ${String(warnings.length)} warnings\n`,
  );
  return Promise.resolve();
}

/** Learns from the content as it is now, so that no start has to. */
function learnContent(): Promise<void> {
  const content = readContent(clock);
  createEars(content);
  contentValues.keep();
  process.stderr.write(`learnt ${String(content.entries.size)} entries and ${String(content.families.length)} families of near subjects\n`);
  return Promise.resolve();
}

/** Reads the audit and says whether its chain is whole. `SEQ:HASH` are places of the chain that were kept elsewhere. */
async function verifyAudit(options: readonly string[]): Promise<void> {
  const isPlace = (option: string): boolean => /^\d+:[0-9a-f]{64}$/.test(option);
  const folder = options.find((option) => !isPlace(option)) ?? `${process.env['DATA_DIR'] ?? './var'}/audit`;
  const known = options.filter(isPlace).map((option) => ({ seq: Number(option.split(':')[0]), hash: String(option.split(':')[1]) }));
  const found = await verify(folder, known);
  if (found.kind === 'broken') throw new Error(`${folder}/${found.file}, line ${String(found.line)}: ${found.what}`);
  process.stdout.write(`audit: whole, ${String(found.lines)} lines in ${String(found.files)} files, ends at ${String(found.head.seq)}:${found.head.hash}\n`);
}

/** What people thought of the answers, what helped least first. */
async function tellOpinions([file = `${process.env['DATA_DIR'] ?? './var'}/${OPINIONS_FILE}`]: readonly string[]): Promise<void> {
  const { judgements, unread } = await readJournal(file);
  process.stdout.write(drawTable(sumUp(judgements), unread));
}

const [name = '', ...options] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) {
  process.stderr.write(`usage: node dist/cli.js ${Object.keys(COMMANDS).join(' | ')}\n`);
  process.exit(2);
}
Promise.resolve(options).then(command).catch((error: unknown) => {
  const lines = error instanceof FaultsError ? error.faults.map(describeFault) : [error instanceof Error ? error.message : String(error)];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
});
