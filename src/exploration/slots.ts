/**
 * Where slots are set and where they are used: a `{slot}` that is said has a value on every way there, what a `when`
 * looks at is set on one way at least, and nothing is asked for that nobody uses.
 */
import { actionOf, type Dialog, type Dialogs, type Step, type StepId } from '../dialog/definition.js';
import { exitsOf } from '../dialog/syntax.js';
import { placeName, type Ending } from './machine.js';
import type { Violation } from './proofs.js';
import { stepsOf, textsOf } from './texts.js';

/** What actions take from slots: needed ones must be set on every way there. */
export interface Needs {
  readonly needed: Readonly<Record<string, readonly string[]>>;
  readonly welcome: Readonly<Record<string, readonly string[]>>;
}

export interface SlotRules {
  readonly dialogs: Dialogs;
  readonly endings: Readonly<Record<string, readonly Ending[]>>;
  readonly needs: Needs;
  /** Dialogs that start without being called. */
  readonly starts: ReadonlySet<string>;
}

type Names = ReadonlySet<string>;

/** All faults of slots, each at the step where it shows. */
export function findSlotFaults(rules: SlotRules): Violation[] {
  const sure = new SureSlots(rules);
  const { dialogs, needs } = rules;
  return stepsOf(dialogs).flatMap(({ dialog, step, place }): Violation[] => {
    const set = sure.before(place);
    const needed = [...marksOf(step), ...(needs.needed[actionOf(step) ?? ''] ?? [])];
    const unset = needed.filter((slot) => set?.has(slot) === false).map((slot): Violation => ({ property: 'g', place, what: `« ${slot} » n’a pas de valeur sur tous les chemins qui mènent ici` }));
    const never = step.kind === 'when' && !mayBeSet(rules, dialog, step.slot) ? [step.slot] : [];
    const idle = setBy(rules, step).filter(({ slot, owner }) => !isUsed(rules, owner, slot));
    return [
      ...unset,
      ...never.map((slot): Violation => ({ property: 'g', place, what: `« ${slot} » n’est jamais rempli` })),
      ...idle.map(({ slot }): Violation => ({ property: 'g', place, what: `« ${slot} » est rempli et ne sert à rien` })),
    ];
  });
}

/** Slots quoted by a step, `{value}` of a confirmation left out. */
function marksOf(step: Step): string[] {
  const marks = textsOf(step).flatMap((text) => [...text.matchAll(/\{([a-z][a-zA-Z]*)\}/g)].map(([, name]) => name ?? ''));
  return [...new Set(marks)].filter((name) => name !== 'value' || !('confirm' in step));
}

/** What an author sets at a step, and the dialog it is set for. */
function setBy({ dialogs }: SlotRules, step: Step): { slot: string; owner: Dialog }[] {
  if (step.kind === 'ask') {
    const owner = [...dialogs.values()].find(({ steps }) => steps.get(step.id) === step);
    return owner ? [{ slot: step.slot, owner }] : [];
  }
  const called = step.kind === 'call' ? dialogs.get(step.dialog) : undefined;
  return step.kind === 'call' && called ? Object.keys(step.with ?? {}).map((slot) => ({ slot, owner: called })) : [];
}

function isUsed({ needs }: SlotRules, { steps, gives }: Dialog, slot: string): boolean {
  const takes = (step: Step): readonly string[] => {
    const action = actionOf(step) ?? '';
    return [...marksOf(step), ...(step.kind === 'when' ? [step.slot] : []), ...(needs.needed[action] ?? []), ...(needs.welcome[action] ?? [])];
  };
  return gives.includes(slot) || [...steps.values()].some((step) => takes(step).includes(slot));
}

function mayBeSet({ dialogs, endings }: SlotRules, dialog: Dialog, slot: string): boolean {
  const inside = [...dialog.steps.values()].some((step) => {
    if (step.kind === 'ask') return step.slot === slot;
    if (step.kind === 'call') return dialogs.get(step.dialog)?.gives.includes(slot) ?? false;
    return (endings[actionOf(step) ?? ''] ?? []).some(({ slots }) => slot in slots);
  });
  return inside || stepsOf(dialogs).some(({ step }) => step.kind === 'call' && step.dialog === dialog.id && slot in (step.with ?? {}));
}

/** The slots that have a value on every way to a step, as the largest solution: found by taking away until nothing changes. */
class SureSlots {
  private readonly known = new Map<string, Names>();

  constructor(private readonly rules: SlotRules) {
    for (const { dialog } of stepsOf(rules.dialogs)) if (rules.starts.has(dialog.id)) this.meet(placeName(dialog.id, dialog.first), new Set());
    for (let changed = true; changed; ) changed = stepsOf(rules.dialogs).map(({ dialog, step, place }) => this.flow(dialog, step, this.known.get(place))).some(Boolean);
  }

  /** Undefined where no way leads. */
  before(place: string): Names | undefined {
    return this.known.get(place);
  }

  /** Hands what is known before a step to every step after it; whether that told anything new. */
  private flow(dialog: Dialog, step: Step, before: Names | undefined): boolean {
    if (!before) return false;
    const called = step.kind === 'call' ? this.rules.dialogs.get(step.dialog) : undefined;
    const entered = called && step.kind === 'call' ? this.meet(placeName(called.id, called.first), new Set(Object.keys(step.with ?? {}))) : false;
    const moved = exitsOf(step).map((exit) => {
      const added = this.addedTowards(step, exit);
      return added ? this.meet(placeName(dialog.id, exit), new Set([...before, ...added])) : false;
    });
    return entered || moved.some(Boolean);
  }

  /** What this way adds; undefined as long as the called dialog was not seen to end so. */
  private addedTowards(step: Step, exit: StepId): readonly string[] | undefined {
    // Two ways to the same step: only what both add is sure, and the plain one adds nothing.
    if (plainExits(step).includes(exit)) return [];
    if (step.kind === 'ask') return [step.slot];
    if (!('on' in step)) return [];
    const outcomes = Object.keys(step.on).filter((outcome) => step.on[outcome] === exit);
    if (step.kind === 'when') return outcomes.includes('undefined') ? [] : [step.slot];
    const added = outcomes.flatMap((outcome) => this.addedBy(step, outcome));
    return added.length === 0 ? undefined : inAll(added);
  }

  private addedBy(step: Step, outcome: string): (readonly string[])[] {
    if (step.kind !== 'call') return (this.rules.endings[actionOf(step) ?? ''] ?? []).filter((one) => one.outcome === outcome).map(({ slots }) => Object.keys(slots));
    const called = this.rules.dialogs.get(step.dialog);
    const ends = [...(called?.steps.values() ?? [])].filter((one) => one.kind === 'end' && one.result === outcome);
    return ends.flatMap(({ id }) => {
      const set = this.known.get(placeName(step.dialog, id));
      return set ? [[...set].filter((slot) => called?.gives.includes(slot))] : [];
    });
  }

  private meet(place: string, names: Names): boolean {
    const before = this.known.get(place);
    const now = before ? new Set([...before].filter((name) => names.has(name))) : names;
    this.known.set(place, now);
    return before?.size !== now.size;
  }
}

/** Where a step leads without having set anything. */
function plainExits(step: Step): readonly StepId[] {
  const options = 'options' in step ? step.options.map(({ next }) => next) : [];
  const unforeseen = 'otherwise' in step ? [step.otherwise] : [];
  const patient = 'exhausted' in step ? [step.exhausted, ...(step.unknown === undefined ? [] : [step.unknown])] : [];
  return [...options, ...unforeseen, ...patient];
}

function inAll(sets: readonly (readonly string[])[]): string[] {
  const [first = [], ...rest] = sets;
  return first.filter((name) => rest.every((set) => set.includes(name)));
}
