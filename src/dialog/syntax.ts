/**
 * How authors write a dialog in YAML, and its translation into the shapes of definition.ts. Only the form is judged
 * here; whether a dialog makes sense is check.ts.
 */
import { z } from 'zod';
import type { Option, Said, Step } from './definition.js';

/** Leaves out absent keys, so that `exactOptionalPropertyTypes` holds and hashes do not depend on them. */
function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

const words = z.string().trim().min(1, 'texte vide');
const stepId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'identifiant en minuscules, chiffres et tirets');
const branches = { on: z.record(z.string(), stepId).default({}), otherwise: stepId };
const patience = { attempts: z.number().int().min(1).max(10), exhausted: stepId, retry: words.optional(), unknown: stepId.optional() };
const confirm = z.strictObject({ text: words.includes('{value}', 'il manque {value}'), yes: words, no: words });
const hearing = { why: words.optional(), hears: words.optional(), confirm: confirm.optional() };

const option = z
  .strictObject({ label: words, also: z.array(z.string()).default([]), next: stepId, is: words.optional() })
  .transform((value) => present(value) as Option);

const said = z.union([
  words.transform((text): Said[] => [{ text }]),
  z.array(
    z.union([
      z.strictObject({ text: words }).transform(({ text }): Said => ({ text })),
      z.strictObject({ entry: stepId }).transform(({ entry }): Said => ({ text: '', entry })),
    ]),
  ),
]);

const field = z.strictObject({
  name: z.string().regex(/^[a-z][a-zA-Z]*$/),
  reader: words,
  label: words,
  hint: words.optional(),
  inputMode: z.enum(['numeric', 'text']),
  autocomplete: words,
  maxLength: z.number().int().positive(),
  errors: z.record(z.string(), words),
});

const form = z.strictObject({
  title: words,
  why: words,
  submit: words,
  fields: z.array(field).min(1),
  do: words,
  options: z.array(option).default([]),
});

const step = (value: Readonly<Record<string, unknown>>): Step => present(value) as unknown as Step;

const sayStep = z
  .strictObject({ id: stepId, say: said, next: stepId })
  .transform(({ id, say, next }) => step({ kind: 'say', id, texts: say, next }));
const chooseStep = z
  .strictObject({ id: stepId, choose: words, options: z.array(option).min(1), ...patience, ...hearing })
  .transform(({ choose, ...rest }) => step({ kind: 'choose', prompt: choose, ...rest }));
const askStep = z
  .strictObject({ id: stepId, ask: words, reader: words, slot: words, options: z.array(option).default([]), next: stepId, ...patience, ...hearing })
  .transform(({ ask, ...rest }) => step({ kind: 'ask', prompt: ask, ...rest }));
const formStep = z
  .strictObject({ id: stepId, form, ...branches, ...patience })
  .transform(({ form: { do: action, fields, ...shown }, ...rest }) =>
    step({ kind: 'form', ...shown, fields: fields.map(present), action, ...rest }),
  );
const doStep = z
  .strictObject({ id: stepId, do: words, ...branches })
  .transform(({ do: action, ...rest }) => step({ kind: 'do', action, ...rest }));
const whenStep = z
  .strictObject({ id: stepId, when: words, ...branches })
  .transform(({ when: slot, ...rest }) => step({ kind: 'when', slot, ...rest }));
const callStep = z
  .strictObject({ id: stepId, call: stepId, with: z.record(z.string().regex(/^[a-z][a-zA-Z]*$/), words).optional(), ...branches })
  .transform(({ call, ...rest }) => step({ kind: 'call', dialog: call, ...rest }));
const handoffStep = z
  .strictObject({ id: stepId, handoff: stepId, ...branches })
  .transform(({ handoff, ...rest }) => step({ kind: 'handoff', reason: handoff, ...rest }));
const endStep = z
  .strictObject({ id: stepId, end: stepId })
  .transform(({ id, end }) => step({ kind: 'end', id, result: end }));

const STEP_BY_KEY = {
  say: sayStep,
  choose: chooseStep,
  ask: askStep,
  form: formStep,
  do: doStep,
  when: whenStep,
  call: callStep,
  handoff: handoffStep,
  end: endStep,
} as const;

/** The words that tell a step's kind, as authors write them. */
export const STEP_KEYS = Object.keys(STEP_BY_KEY) as (keyof typeof STEP_BY_KEY)[];

/** Picks the schema by the step's own key, so that a fault names the step that was meant and not every other kind. */
const anyStep = z.unknown().transform((raw, context): Step => {
  const key = STEP_KEYS.find((name) => typeof raw === 'object' && raw !== null && name in raw);
  if (!key) {
    context.addIssue({ code: 'custom', message: `étape sans action : ajoutez l'une des clés ${STEP_KEYS.join(', ')}` });
    return z.NEVER;
  }
  const parsed = STEP_BY_KEY[key].safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
  return z.NEVER;
});

/** One file of dialogs/. */
export const dialogFile = z.strictObject({
  id: stepId,
  title: words,
  gives: z.array(z.string()).default([]),
  steps: z.array(anyStep).min(1),
});

export type DialogFile = z.infer<typeof dialogFile>;

/** Every step that a step can lead to. */
export function exitsOf(one: Step): readonly string[] {
  const options = 'options' in one ? one.options.map((choice: Option) => choice.next) : [];
  const branch = 'on' in one ? [...Object.values(one.on), one.otherwise] : [];
  const next = 'next' in one ? [one.next] : [];
  const patient = 'exhausted' in one ? [one.exhausted, ...(one.unknown === undefined ? [] : [one.unknown])] : [];
  return [...options, ...branch, ...next, ...patient];
}
