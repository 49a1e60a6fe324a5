/**
 * Whether the dialogs make sense together: every place they name exists, every outcome has its branch, every reason
 * its words. Reports all faults, in the author's language; the explorer that walks every state is another tool.
 */
import type { Fault } from '../conversation/errors.js';
import { actionOf, type Dialog, type Dialogs, type Readers, type Step } from './definition.js';
import { exitsOf } from './syntax.js';

/** What dialogs may refer to. */
export interface Surroundings {
  readonly readers: Readers;
  /** Outcomes by action name. */
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  readonly entries: ReadonlySet<string>;
  /** Names of what a first message may have said. */
  readonly heard: readonly string[];
}

type Report = (step: string, what: string, todo: string) => void;

/** One rule: looks at a step of a dialog and reports what is wrong with it. */
type Rule = (step: Step, dialog: Dialog, around: Surroundings & { dialogs: Dialogs }, report: Report) => void;

const leadsSomewhere: Rule = (step, dialog, _around, report) => {
  for (const exit of exitsOf(step)) {
    if (!dialog.steps.has(exit)) report(step.id, `l'étape « ${exit} » n'existe pas`, 'corrigez le nom ou ajoutez cette étape');
  }
};

const knowsItsAction: Rule = (step, _dialog, { outcomes }, report) => {
  const action = actionOf(step);
  if (action === undefined || !('on' in step)) return;
  const known = outcomes[action];
  if (!known) {
    report(step.id, `l'action « ${action} » n'existe pas`, `choisissez parmi : ${Object.keys(outcomes).join(', ')}`);
    return;
  }
  for (const outcome of Object.keys(step.on).filter((name) => !known.includes(name))) {
    report(step.id, `« ${action} » ne finit jamais par « ${outcome} »`, `choisissez parmi : ${known.join(', ')}`);
  }
  // `otherwise` is for what nobody foresaw: what is known to happen has its own branch.
  for (const outcome of known.filter((name) => !(name in step.on))) {
    report(step.id, `rien n'est prévu quand « ${action} » finit par « ${outcome} »`, 'ajoutez cette fin sous « on »');
  }
};

const listensForWhatCanBeHeard: Rule = (step, _dialog, { heard }, report) => {
  if (step.kind !== 'ask' && step.kind !== 'choose') return;
  if ((step.hears === undefined) !== (step.confirm === undefined)) report(step.id, '« hears » et « confirm » vont ensemble', "ajoutez l'autre, ou retirez les deux");
  if (step.hears !== undefined && !heard.includes(step.hears)) report(step.id, `« ${step.hears} » ne s'entend pas dans un message`, `choisissez parmi : ${heard.join(', ')}`);
};

const knowsWhatItCalls: Rule = (step, _dialog, { dialogs }, report) => {
  if (step.kind !== 'call') return;
  const called = dialogs.get(step.dialog);
  if (!called) {
    report(step.id, `le dialogue « ${step.dialog} » n'existe pas`, 'corrigez le nom ou écrivez ce dialogue');
    return;
  }
  const results = new Set([...called.steps.values()].flatMap((one) => (one.kind === 'end' ? [one.result] : [])));
  for (const result of Object.keys(step.on).filter((name) => !results.has(name))) {
    report(step.id, `« ${step.dialog} » ne finit jamais par « ${result} »`, `choisissez parmi : ${[...results].join(', ')}`);
  }
};

const canReadAnswers: Rule = (step, _dialog, { readers }, report) => {
  const asked = step.kind === 'ask' ? [{ reader: step.reader, errors: undefined }] : step.kind === 'form' ? step.fields : [];
  for (const { reader, errors } of asked) {
    const known = readers[reader];
    if (!known) {
      report(step.id, `le lecteur « ${reader} » n'existe pas`, `choisissez parmi : ${Object.keys(readers).join(', ')}`);
    } else if (errors && !('otherwise' in errors)) {
      for (const reason of known.reasons.filter((name) => !(name in errors))) {
        report(step.id, `rien n'est prévu pour l'erreur « ${reason} »`, 'ajoutez ce message, ou « otherwise »');
      }
    }
  }
};

const quotesKnownEntries: Rule = (step, _dialog, { entries }, report) => {
  if (step.kind !== 'say') return;
  for (const { entry } of step.texts) {
    if (entry !== undefined && !entries.has(entry)) {
      report(step.id, `la fiche « ${entry} » n'existe pas`, 'corrigez le nom, ou écrivez cette fiche dans knowledge/');
    }
  }
};

const RULES: readonly Rule[] = [leadsSomewhere, knowsItsAction, knowsWhatItCalls, canReadAnswers, quotesKnownEntries, listensForWhatCanBeHeard];

/** All faults of all dialogs. `fileOf` and `lineOf` tell the author where to look. */
export function checkDialogs(
  dialogs: Dialogs,
  around: Surroundings,
  locate: (dialog: string, step: string) => { where: string; line?: number },
): Fault[] {
  const faults: Fault[] = [];
  for (const dialog of dialogs.values()) {
    const report: Report = (step, what, todo) => {
      faults.push({ ...locate(dialog.id, step), what: `étape « ${step} » : ${what}`, todo });
    };
    for (const step of dialog.steps.values()) for (const rule of RULES) rule(step, dialog, { ...around, dialogs }, report);
    for (const step of unreachable(dialog)) {
      report(step, "aucun chemin n'y mène", 'reliez-la à une autre étape, ou supprimez-la');
    }
  }
  return faults;
}

function unreachable(dialog: Dialog): string[] {
  const seen = new Set<string>();
  const queue = [dialog.first];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const step = dialog.steps.get(id);
    if (!step || seen.has(id)) continue;
    seen.add(id);
    queue.push(...exitsOf(step));
  }
  return [...dialog.steps.keys()].filter((id) => !seen.has(id));
}
