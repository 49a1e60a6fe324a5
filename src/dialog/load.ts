/**
 * Reads dialogs/*.yaml into dialogs. Every fault of every file is reported at once, with its line, in French: those
 * who write dialogs are not programmers.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../conversation/errors.js';
import { readContentYaml, type YamlText } from '../yaml/document.js';
import { checkDialogs, type Surroundings } from './check.js';
import type { Dialog, Dialogs, Step } from './definition.js';
import { dialogFile, type DialogFile } from './syntax.js';

/** Files of dialogs/ that are content of another kind. */
const NOT_DIALOGS = new Set(['messages.yaml', 'mails.yaml', 'commands.yaml', 'emergency.yaml', 'pages.yaml', 'aide.yaml', 'teams.yaml']);

/** Largest file read, in bytes: a dialog that long could not be understood by its author either. */
const LARGEST_FILE = 200_000;

interface Loaded {
  readonly dialog: Dialog;
  readonly locate: (step: string) => { where: string; line?: number };
}

/** Loads and checks every dialog of a folder. With faults, `dialogs` holds only those that could be read. */
export function loadDialogs(folder: string, around: Surroundings): { dialogs: Dialogs; faults: Fault[] } {
  const faults: Fault[] = [];
  const loaded = new Map<string, Loaded>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml') && !NOT_DIALOGS.has(name)).sort()) {
    const one = loadDialog(join(folder, file), `dialogs/${file}`, faults);
    if (!one) continue;
    if (`${one.dialog.id}.yaml` !== file) {
      faults.push({ where: `dialogs/${file}`, what: `le dialogue s'appelle « ${one.dialog.id} »`, todo: `nommez le fichier ${one.dialog.id}.yaml` });
    }
    loaded.set(one.dialog.id, one);
  }
  const dialogs = new Map([...loaded].map(([id, { dialog }]) => [id, dialog]));
  faults.push(...checkDialogs(dialogs, around, (dialog, step) => loaded.get(dialog)?.locate(step) ?? { where: dialog }));
  return { dialogs, faults };
}

function loadDialog(path: string, where: string, faults: Fault[]): Loaded | undefined {
  const source = readFileSync(path, 'utf8');
  if (source.length > LARGEST_FILE) {
    faults.push({ where, what: 'fichier trop long', todo: 'partagez ce dialogue en plusieurs avec « call »' });
    return undefined;
  }
  const text = readContentYaml(source);
  for (const { line, message } of text.faults) faults.push({ where, line, what: message, todo: 'corrigez la syntaxe YAML' });
  if (text.faults.length > 0) return undefined;
  const parsed = dialogFile.safeParse(text.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      faults.push({ where, ...lineAt(text, issue.path), what: `${issue.path.join('.')} : ${issue.message}`, todo: 'voyez le guide des auteurs' });
    }
    return undefined;
  }
  const index = new Map(parsed.data.steps.map((step, i) => [step.id, i]));
  reportDoubles(parsed.data.steps, where, faults);
  return {
    dialog: toDialog(parsed.data, source),
    locate: (step) => ({ where, ...lineAt(text, ['steps', index.get(step) ?? 0]) }),
  };
}

function toDialog(file: DialogFile, source: string): Dialog {
  return {
    id: file.id,
    title: file.title,
    gives: file.gives,
    hash: createHash('sha256').update(source).digest('base64url').slice(0, 12),
    steps: new Map(file.steps.map((step) => [step.id, step])),
    first: file.steps[0]?.id ?? '',
  };
}

function reportDoubles(steps: readonly Step[], where: string, faults: Fault[]): void {
  const seen = new Set<string>();
  for (const { id } of steps) {
    if (seen.has(id)) faults.push({ where, what: `deux étapes s'appellent « ${id} »`, todo: "renommez l'une des deux" });
    seen.add(id);
  }
}

function lineAt(text: YamlText, path: readonly PropertyKey[]): { line?: number } {
  const line = text.lineOf(path);
  return line === undefined ? {} : { line };
}
