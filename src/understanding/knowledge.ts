/**
 * Reads the folder of knowledge: entries, families of near subjects, lexicon. It reports every fault of the content
 * at once, in French because authors read them; what makes a good entry is in rules.ts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Fault } from '../conversation/errors.js';
import type { Lexicon } from '../matching/normalise.js';
import { readContentYaml } from '../yaml/document.js';
import { checkLibrary, type Part as BodyPart, type Source } from './rules.js';

const text = z.string().trim().min(1);
const texts = z.array(text);

const entrySchema = z.strictObject({
  id: text.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: text,
  kind: z.enum(['cause', 'remedy', 'prevention', 'contact', 'information']),
  asks: texts,
  screens: texts,
  keywords: texts,
  related: texts,
  dialog: text.optional(),
  sources: z.array(z.strictObject({ label: text, url: text })).min(1),
  owner: text,
  reviewBy: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  mustMatch: texts.min(1),
  mustNotMatch: texts,
});
const familiesSchema = z.strictObject({
  families: z.array(z.strictObject({ id: text, title: text, asks: texts.min(1), redirect: text })).min(1),
});
const lexiconSchema = z.strictObject({
  abbreviations: z.record(z.string(), text),
  synonyms: z.array(texts.min(2)),
  fillers: texts,
  courtesies: texts.default([]),
  stopwords: texts,
  keep: texts,
  // Later keys may be missing: a lexicon of an older revision must still be read, to be compared.
  dictated: z.strictObject({ marks: texts, loose: texts, unlessAfter: texts, unlessBefore: texts }).prefault({ marks: [], loose: [], unlessAfter: [], unlessBefore: [] }),
  emoji: z.record(z.string(), text).default({}),
  negations: z.strictObject({ denials: texts, words: z.array(text.regex(/^\S+$/)) }).prefault({ denials: [], words: [] }),
});

/** One item of knowledge: a blocking cause, a remedy, a contact… and what people say when they need it. */
export type Entry = Readonly<z.infer<typeof entrySchema>> & {
  /** At most 80 words, Markdown. */
  readonly answer: string;
  /** The longer part, where there is one. */
  readonly more?: string;
  /** The answer in plain language: the same facts, at most 80 words, Markdown. Empty in an entry that has a fault for it. */
  readonly plain: string;
};
/** A near subject that is not for us, and where to send the person. */
export type Family = Readonly<z.infer<typeof familiesSchema>['families'][number]>;

export interface Knowledge {
  readonly entries: Entry[];
  readonly families: Family[];
  readonly lexicon: Lexicon;
  /** Empty when the content is good; entries with a broken shape are left out. */
  readonly faults: Fault[];
  /** Where a phrasing of an entry or of a family is written. */
  readonly placeOf: (home: string, text: string) => { readonly where: string; readonly line?: number };
}

/** Of the answer, how much says what the entry is about; further on come the exceptions. */
const answerCharacters = 300;
const familiesFile = 'hors-sujet.md';
const lexiconFile = 'lexicon.yaml';
const noLexicon: Lexicon = { abbreviations: {}, synonyms: [], fillers: [], courtesies: [], stopwords: [], keep: [] };

/**
 * Loads a folder of knowledge. Never throws for content: faults say what is wrong and what to do. `today` is an ISO
 * date, compared with each entry's `reviewBy`; an empty string leaves that rule out.
 */
export function loadKnowledge(folder: string, today: string): Knowledge {
  const place = basename(folder);
  if (!existsSync(folder)) {
    const faults = [{ where: place, what: 'le dossier est introuvable', todo: 'créer le dossier et ses fiches' }];
    return { entries: [], families: [], lexicon: noLexicon, faults, placeOf: () => ({ where: place }) };
  }
  const faults: Fault[] = [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== familiesFile).sort();
  const sources = names.flatMap((name) => readEntry(folder, name, faults) ?? []);
  const familiesPart = readPart(folder, familiesFile, familiesSchema, faults);
  const families = familiesPart?.value.families ?? [];
  const lexicon = readPart(folder, lexiconFile, lexiconSchema, faults)?.value ?? noLexicon;
  const loaded = { sources, families: families.map((family) => ({ ...family, file: `${place}/${familiesFile}` })), folder: place };
  faults.push(...checkLibrary(loaded, today));
  const placeOf = (home: string, text: string): { where: string; line?: number } => {
    const source = sources.find(({ entry }) => entry.id === home);
    if (source !== undefined) return { where: source.file, line: source.lineOfKey(['asks', source.entry.asks.indexOf(text)]) };
    const at = families.findIndex(({ id }) => id === home);
    const line = familiesPart?.lineOf(['families', at, 'asks', families[at]?.asks.indexOf(text) ?? 0]);
    return { where: `${place}/${familiesFile}`, ...(line === undefined ? {} : { line }) };
  };
  return { entries: sources.map(({ entry }) => entry), families, lexicon, faults, placeOf };
}

/** What an entry may be called: every phrasing, the messages on screen, the keywords and the head of the answer. */
export function phrasingsOf(entry: Entry): string[] {
  return [entry.title, ...entry.asks, ...entry.screens, entry.keywords.join(' '), entry.answer.slice(0, answerCharacters)];
}

/** The dialogs that entries start, to be checked against those that exist. */
export function dialogsNamed(entries: readonly Entry[]): { readonly entry: string; readonly dialog: string }[] {
  return entries.flatMap(({ id, dialog }) => (dialog === undefined ? [] : [{ entry: id, dialog }]));
}

function readEntry(folder: string, name: string, faults: Fault[]): Source | undefined {
  const part = readPart(folder, name, entrySchema, faults);
  if (part === undefined) return undefined;
  const lines = part.whole.split('\n');
  const { answer, more, plain } = partsOf(lines, part.body.split('\n').length);
  const entry: Entry = { ...part.value, answer: answer.text, ...(more.text === '' ? {} : { more: more.text }), plain: plain.text };
  return {
    entry,
    file: part.where,
    lineOfKey: part.lineOf,
    lineOfPart: (name) => ({ answer, more, plain })[name].line,
    lineOfText: (quote) => {
      const at = lines.findIndex((line) => line.includes(quote));
      return at < 0 ? undefined : at + 1;
    },
  };
}

const markers: Readonly<Record<string, BodyPart>> = { suite: 'more', facile: 'plain' };

/** The body, which is the last `count` lines of a file, parted at its markers. */
function partsOf(lines: readonly string[], count: number): Record<BodyPart, { readonly text: string; readonly line: number }> {
  const found: Record<BodyPart, { text: string; line: number }> = { answer: { text: '', line: 0 }, more: { text: '', line: 0 }, plain: { text: '', line: 0 } };
  let part = found.answer;
  lines.slice(-count).forEach((line, at) => {
    const marker = markers[/^<!--\s*(suite|facile)\s*-->\s*$/.exec(line)?.[1] ?? ''];
    if (marker !== undefined) part = found[marker];
    else if (part.line > 0) part.text += `\n${line}`;
    else if (line.trim() !== '') Object.assign(part, { text: line, line: lines.length - count + at + 1 });
  });
  for (const one of Object.values(found)) Object.assign(one, { text: one.text.trim(), line: one.line || lines.length });
  return found;
}

interface Part<T> {
  readonly value: T;
  readonly body: string;
  readonly whole: string;
  readonly where: string;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/** Reads one file (YAML, or Markdown that opens with YAML between two `---` lines) and checks its shape. */
function readPart<T>(folder: string, name: string, schema: z.ZodType<T>, faults: Fault[]): Part<T> | undefined {
  const where = `${basename(folder)}/${name}`;
  const opened = openFile(join(folder, name));
  if ('what' in opened) {
    faults.push({ where, line: 1, ...opened });
    return undefined;
  }
  const { front, body, whole, above } = opened;
  const yaml = readContentYaml(front);
  const lineOf = (path: readonly PropertyKey[]): number => (yaml.lineOf(path) ?? 1) + above;
  const parsed = schema.safeParse(yaml.value, { reportInput: true });
  if (yaml.faults.length > 0) {
    for (const { line, message } of yaml.faults) {
      faults.push({ where, line: line + above, what: `le YAML ne se lit pas (${message})`, todo: "corriger l'alignement, les deux-points ou les guillemets" });
    }
  } else if (parsed.success) {
    return { value: parsed.data, body, whole, where, lineOf };
  } else {
    faults.push(...parsed.error.issues.map((issue) => ({ where, line: lineOf(issue.path), ...inFrench(issue) })));
  }
  return undefined;
}

type Opened = { front: string; body: string; whole: string; above: number } | { what: string; todo: string };

function openFile(file: string): Opened {
  if (!existsSync(file)) return { what: 'le fichier manque', todo: 'le créer, sur le modèle décrit dans le guide des auteurs' };
  const whole = readFileSync(file, 'utf8').replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');
  if (!file.endsWith('.md')) return { front: whole, body: '', whole, above: 0 };
  const [, front, body = ''] = /^---\n([^]*?)\n---(?:\n([^]*))?$/.exec(whole) ?? [];
  if (front === undefined) return { what: "l'en-tête entre deux lignes « --- » manque", todo: "commencer le fichier par l'en-tête" };
  return { front, body, whole, above: 1 };
}

function inFrench(issue: z.core.$ZodIssue): { what: string; todo: string } {
  const key = issue.path.map(String).join('.') || 'le fichier';
  if (issue.code === 'unrecognized_keys') {
    return { what: `clé inconnue : ${issue.keys.join(', ')}`, todo: 'corriger son orthographe ou la supprimer' };
  }
  if (issue.input === undefined) return { what: `« ${key} » manque`, todo: "l'ajouter (une liste vide s'écrit [])" };
  if (issue.code === 'invalid_type') {
    const form = issue.expected === 'array' ? 'une liste' : 'un texte (entre guillemets si besoin)';
    return { what: `« ${key} » n'a pas la forme attendue`, todo: `écrire ${form}` };
  }
  if (issue.code === 'too_small') return { what: `« ${key} » est trop court`, todo: 'le compléter' };
  if (issue.code === 'invalid_value') {
    return { what: `« ${key} » a une valeur inconnue`, todo: `choisir parmi : ${issue.values.map(String).join(', ')}` };
  }
  if (key.startsWith('negations')) return { what: `« ${key} » est mal écrit`, todo: 'écrire un seul mot' };
  const todo = key === 'reviewBy' ? 'écrire une date AAAA-MM-JJ' : 'minuscules sans accents, chiffres et tirets';
  return { what: `« ${key} » est mal écrit`, todo };
}
