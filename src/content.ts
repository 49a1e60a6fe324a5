/**
 * Reads everything that is content: knowledge/ and dialogs/. Nothing starts on broken content, and all its faults, of
 * every file, are told at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FaultsError, type Fault } from './conversation/errors.js';
import type { Dialogs, Readers, Step } from './dialog/definition.js';
import { loadDialogs } from './dialog/load.js';
import type { Message } from './stages.js';
import { hearable } from './understanding/entities.js';
import { loadKnowledge, type Entry, type Family, type Knowledge } from './understanding/knowledge.js';
import { fold, type Lexicon } from './matching/normalise.js';
import { hardInBubble } from './reading/limits.js';
import { readContentYaml } from './yaml/document.js';

const messages = z.record(
  z.string(),
  z.union([
    z.strictObject({ text: z.string().min(1), choices: z.array(z.string().min(1)).optional() }),
    z.strictObject({ label: z.string().min(1) }),
  ]),
);
const mails = z.record(z.string(), z.strictObject({ subject: z.string().min(1), text: z.string().min(1) }));
const commands = z.array(
  z.strictObject({ command: z.string(), entry: z.string().optional(), phrases: z.array(z.string().min(1)).min(1) }),
);
const emergency = z.array(z.string().min(3));

/** Standing messages that the turn needs by name. */
const NEEDED_MESSAGES =
  'greeting cancelled nothing-to-cancel back no-way-back restarted help ended rephrase did-you-mean pick-a-subject give-way none-of-these too-long empty nothing-simpler stale-form dialog-changed trouble form-sent field-missing fill-in emergency masked-nir masked-birth-date masked-card masked-iban masked-password masked-code masked-email masked-phone adviser-joined adviser-left adviser-transferred back-in-queue adviser-returned adviser-closed handoff-expired handoff-withdrawn closed'.split(
    ' ',
  );

export interface Command {
  readonly command: string;
  readonly phrases: readonly string[];
  readonly entry?: string;
}

export interface Content {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly families: readonly Family[];
  readonly lexicon: Lexicon;
  readonly dialogs: Dialogs;
  readonly messages: Readonly<Record<string, Message>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly mails: Readonly<Record<string, { readonly subject: string; readonly text: string }>>;
  readonly commands: readonly Command[];
  /** Words of danger, folded. */
  readonly emergency: readonly string[];
  /** Texts of the pages, as `site/texts.ts` reads them. */
  readonly pages: unknown;
  /** Texts of the self-help page, as `aide/words.ts` reads them. */
  readonly aide: unknown;
  /** What advisers read, as `teams/commands.ts` reads it. */
  readonly teams: unknown;
  /** Where a phrasing of knowledge is written, for what is said of it later. */
  readonly placeOf: Knowledge['placeOf'];
}

export interface ContentOptions {
  /** Folder that holds knowledge/ and dialogs/. */
  readonly root: string;
  readonly readers: Readers;
  /** Outcomes by action. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  /** `YYYY-MM-DD`: what review dates are held against; empty: they are not, since an old answer is no reason not to start. */
  readonly today: string;
}

/** Reads and checks all content; throws `FaultsError('content-invalid')` with every fault. */
export function loadContent({ root, readers, outcomes, today }: ContentOptions): Content {
  const { entries, families, lexicon, placeOf, faults: found } = loadKnowledge(join(root, 'knowledge'), today);
  const faults: Fault[] = [...found];
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const loaded = loadDialogs(join(root, 'dialogs'), { readers, outcomes, entries: new Set(byId.keys()), heard: hearable });
  faults.push(...loaded.faults);
  for (const { id, dialog } of entries) {
    if (dialog !== undefined && !loaded.dialogs.has(dialog)) {
      faults.push({ where: `knowledge/${id}.md`, what: `le dialogue « ${dialog} » n'existe pas`, todo: 'corrigez le nom, ou écrivez-le dans dialogs/' });
    }
  }
  const read = <T>(file: string, schema: z.ZodType<T>, otherwise: T): T => readYaml(join(root, 'dialogs', file), `dialogs/${file}`, { schema, otherwise, faults });
  const standing = read('messages.yaml', messages, {});
  for (const key of NEEDED_MESSAGES.filter((name) => !(name in standing))) {
    faults.push({ where: 'dialogs/messages.yaml', what: `il manque le message « ${key} »`, todo: 'ajoutez-le' });
  }
  const content: Content = {
    ...{ entries: byId, families, lexicon, placeOf, dialogs: loaded.dialogs },
    messages: pick(standing, (one) => ('text' in one ? { text: one.text, ...(one.choices ? { choices: one.choices } : {}) } : undefined)),
    labels: pick(standing, (one) => ('label' in one ? one.label : undefined)),
    mails: read('mails.yaml', mails, {}),
    commands: read('commands.yaml', commands, []).map(({ entry, ...rest }) => ({ ...rest, ...(entry === undefined ? {} : { entry }) })),
    emergency: read('emergency.yaml', emergency, []).map(fold),
    pages: read('pages.yaml', z.unknown(), undefined),
    aide: read('aide.yaml', z.unknown(), undefined),
    teams: read('teams.yaml', z.unknown(), undefined),
  };
  faults.push(...hardMessages(content.messages, join(root, 'dialogs')), ...hardSteps(loaded.dialogs, join(root, 'dialogs')));
  if (faults.length > 0) throw new FaultsError('content-invalid', faults);
  return content;
}

/** Standing messages that are hard to read. */
function hardMessages(messages: Content['messages'], folder: string): Fault[] {
  const bubbles = Object.entries(messages).map(([key, { text }]): Bubble => ({ name: `message « ${key} »`, from: `${key}:`, text }));
  return hardIn('messages.yaml', folder, bubbles);
}

/** Steps whose words are hard to read. */
function hardSteps(dialogs: Dialogs, folder: string): Fault[] {
  return [...dialogs.values()].flatMap(({ id, steps }) => {
    const bubbles = [...steps.values()].flatMap((step) => saidBy(step).map((text): Bubble => ({ name: `étape « ${step.id} »`, from: `- id: ${step.id}`, text })));
    return hardIn(`${id}.yaml`, folder, bubbles);
  });
}

function saidBy(step: Step): string[] {
  const said = step.kind === 'say' ? step.texts.map(({ text }) => text) : [];
  const asked = step.kind === 'ask' || step.kind === 'choose' ? [step.prompt, step.confirm?.text ?? ''] : [];
  const patient = 'attempts' in step ? [step.retry ?? '', step.why ?? ''] : [];
  return [...said, ...asked, ...patient];
}

interface Bubble {
  /** What the author calls its place. */
  readonly name: string;
  /** The line of the file that opens its place, without what is before it. */
  readonly from: string;
  readonly text: string;
}

/** So many characters of a text are on one line, however the author folds it. */
const SURELY_TOGETHER = 12;

function hardIn(file: string, folder: string, bubbles: readonly Bubble[]): Fault[] {
  const found = bubbles.flatMap((bubble) => hardInBubble(bubble.text).map((finding) => ({ bubble, finding })));
  if (found.length === 0 || !existsSync(join(folder, file))) return [];
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  return found.map(({ bubble: { name, from, text }, finding: { what, todo } }) => {
    const opens = lines.findIndex((line) => line.trim() === from);
    const says = lines.findIndex((line, at) => at >= opens && line.includes(text.slice(0, SURELY_TOGETHER)));
    return { where: `dialogs/${file}`, line: Math.max(opens, says, 0) + 1, what: `${name} : ${what}`, todo };
  });
}

function pick<A, B>(all: Readonly<Record<string, A>>, one: (value: A) => B | undefined): Readonly<Record<string, B>> {
  const picked: Record<string, B> = {};
  for (const [key, value] of Object.entries(all)) {
    const found = one(value);
    if (found !== undefined) picked[key] = found;
  }
  return picked;
}

function readYaml<T>(path: string, where: string, { schema, otherwise, faults }: { schema: z.ZodType<T>; otherwise: T; faults: Fault[] }): T {
  if (!existsSync(path)) {
    faults.push({ where, what: "ce fichier n'existe pas", todo: 'remettez-le' });
    return otherwise;
  }
  const text = readContentYaml(readFileSync(path, 'utf8'));
  for (const { line, message } of text.faults) faults.push({ where, line, what: message, todo: 'corrigez la syntaxe YAML' });
  if (text.faults.length > 0) return otherwise;
  const parsed = schema.safeParse(text.value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) faults.push({ where, what: `${issue.path.join('.')} : ${issue.message}`, todo: 'corrigez cette valeur' });
  return otherwise;
}
