/**
 * One turn of the real conversation code, taken in every way that its actions may end. The actions are false: each
 * ends as it is told, in turn; what understands and what moves the dialogs is the code that runs in production.
 */
import type { Reply } from '../conversation/reply.js';
import type { ConversationState, Slots } from '../conversation/state.js';
import type { Dialog, Dialogs, Readers, Step, StepId } from '../dialog/definition.js';
import type { Action, Actions, Leg, World } from '../dialog/run.js';

/** What a made-up person says; `after` is a silence before it, in milliseconds. */
export type Saying =
  | { readonly kind: 'words'; readonly text: string; readonly after?: number }
  | { readonly kind: 'form'; readonly values: Readonly<Record<string, string>> };

/** One way an action may end, and the slots it then gives. */
export interface Ending {
  readonly outcome: string;
  readonly slots: Slots;
}

/** What the explorer needs of the house; the stages are handed over, because no room knows them. */
export interface Parts {
  readonly dialogs: Dialogs;
  readonly readers: Readers;
  /** Every way each action may end, those that nobody foresaw left out. */
  readonly endings: Readonly<Record<string, readonly Ending[]>>;
  turn(state: ConversationState, said: Saying, world: World): Promise<{ readonly leg: Leg; readonly stage: string }>;
}

/** An action done during a turn. */
export interface Deed {
  readonly action: string;
  readonly place: string;
  readonly outcome: string;
  /** Whether the proof given by a verified code, and no other, was at hand. */
  readonly proved: boolean;
}

/** How a turn went with one row of outcomes. */
export interface Ended {
  /** Which ending each action took, in order: the same script, the same turn. */
  readonly script: readonly number[];
  readonly deeds: readonly Deed[];
  readonly replies: readonly Reply[];
  /** Places of steps run, as `placeName` writes them. */
  readonly visited: ReadonlySet<string>;
  readonly stage: string;
  /** Absent when the turn broke. */
  readonly state?: ConversationState;
  readonly fault?: 'restless' | 'broken';
  readonly why?: string;
}

/** The only proof that counts; the false `identity.check-code` gives it. */
export const PROOF = 'proof-of-the-code';

/** An action that throws ends like this: no step names it. */
const UNFORESEEN: Ending = { outcome: 'unforeseen', slots: {} };

/** More steps than this in one turn are a circle without the person. */
const MOST_STEPS = 2_000;

/** How a step is named everywhere in the explorer. */
export function placeName(dialog: string, step: string): string {
  return `${dialog}#${step}`;
}

/** The house, rehearsing: same words, same outcomes, same turn. */
export class Machine {
  readonly dialogs: Dialogs;
  readonly readers: Readers;
  readonly endings: Parts['endings'];
  readonly watched: Dialogs;
  private tell: (place: string) => void = () => undefined;

  constructor(private readonly parts: Parts) {
    ({ dialogs: this.dialogs, readers: this.readers, endings: this.endings } = parts);
    const tell = (place: string): void => {
      this.tell(place);
    };
    this.watched = new Map([...parts.dialogs].map(([id, dialog]): [string, Dialog] => [id, { ...dialog, steps: new WatchedSteps(dialog, tell) }]));
  }

  /** Takes a turn once for each row of outcomes that its actions can have. */
  async every(state: ConversationState, said: Saying): Promise<Ended[]> {
    const ended: Ended[] = [];
    const scripts: (readonly number[])[] = [[]];
    for (const script of scripts) {
      const one = await this.once(state, said, script);
      ended.push(one);
      for (let at = script.length; at < one.script.length; at += 1) {
        const width = (this.endings[one.deeds[at]?.action ?? '']?.length ?? 0) + 1;
        for (let other = 1; other < width; other += 1) scripts.push([...one.script.slice(0, at), other]);
      }
    }
    return ended;
  }

  /** Takes a turn with the outcomes of `script`; past its end, actions take their first. */
  async once(state: ConversationState, said: Saying, script: readonly number[]): Promise<Ended> {
    const run = new Rehearsal(this, script);
    this.tell = (place) => {
      run.visit(place);
    };
    try {
      const { leg, stage } = await this.parts.turn(state, said, run);
      return { ...run.seen, replies: [...run.said, ...leg.replies], stage, state: { ...leg.state, lastTurnAt: 0 } };
    } catch (error) {
      const restless = error instanceof RangeError && error.message.includes('never comes to rest');
      return { ...run.seen, replies: run.said, stage: '', fault: restless ? 'restless' : 'broken', why: error instanceof Error ? error.message : '' };
    }
  }
}

/** The world of one turn: it acts as the script says, and keeps what happened. */
class Rehearsal implements World {
  readonly dialogs: Dialogs;
  readonly readers: Readers;
  readonly actions: Actions;
  readonly said: Reply[] = [];
  readonly seen = { script: [] as number[], deeds: [] as Deed[], visited: new Set<string>() };
  private here = '';
  private steps = 0;

  constructor(
    { watched, readers, endings }: Machine,
    private readonly script: readonly number[],
  ) {
    this.dialogs = watched;
    this.readers = readers;
    this.actions = Object.fromEntries(Object.entries(endings).map(([name, known]) => [name, this.falseAction(name, [...known, UNFORESEEN])]));
  }

  visit(place: string): void {
    this.steps += 1;
    if (this.steps > MOST_STEPS) throw new RangeError(`${place} never comes to rest`);
    this.here = place;
    this.seen.visited.add(place);
  }

  onFault(): void {
    // A false action ends as told: what else breaks ends the turn.
  }

  /** Between here and the outcome the process may die; it then goes on from here with that outcome, so no other way opens. */
  commit({ replies }: Leg): Promise<void> {
    this.said.push(...replies);
    return Promise.resolve();
  }

  private falseAction(action: string, endings: readonly Ending[]): Action {
    const run: Action['run'] = ({ slots }) => {
      const pick = this.script[this.seen.script.length] ?? 0;
      const ending = endings[pick] ?? UNFORESEEN;
      this.seen.script.push(pick);
      this.seen.deeds.push({ action, place: this.here, outcome: ending.outcome, proved: slots['proof'] === PROOF });
      return Promise.resolve(ending);
    };
    return { outcomes: endings.map(({ outcome }) => outcome), run };
  }
}

/** The steps of a dialog, telling of each that is looked up. */
class WatchedSteps extends Map<StepId, Step> {
  constructor(
    private readonly dialog: Dialog,
    private readonly tell: (place: string) => void,
  ) {
    super(dialog.steps);
  }

  override get(id: StepId): Step | undefined {
    this.tell(placeName(this.dialog.id, id));
    return super.get(id);
  }
}
