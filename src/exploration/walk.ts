/**
 * Walks through every state that a conversation can reach, breadth first, so that the first way found to anything is a
 * shortest one. It judges nothing: proofs.ts does.
 */
import { openState, type ConversationState, type Frame, type Slots } from '../conversation/state.js';
import { actionOf, isWaiting, type Dialogs } from '../dialog/definition.js';
import { exitsOf } from '../dialog/syntax.js';
import { placeName, type Ended, type Machine } from './machine.js';
import { sayingsAt, type Manner, type Said, type Vocabulary } from './sayings.js';

/** A state, and the turn that first led to it. */
export interface Node {
  readonly id: number;
  readonly state: ConversationState;
  readonly from?: Turn;
  readonly edges: Edge[];
}

export interface Turn {
  readonly node: Node;
  readonly said: Said;
  readonly script: readonly number[];
}

/** Something said at a state, with every way the turn can end. */
export interface Edge {
  readonly said: Said;
  readonly ends: readonly End[];
}

export interface End extends Omit<Ended, 'replies' | 'visited' | 'state'> {
  /** Absent when the turn broke. */
  readonly to?: Node;
  /** Whether the turn reached a person or told of the counter and the post. */
  readonly person: boolean;
  /** Whether the dialog for a person was entered. */
  readonly adviser: boolean;
  /** A `{slot}` mark that was said as it stands. */
  readonly unfilled?: string;
  /** Whether the place that the choice leads to was passed. */
  readonly followed: boolean;
}

/** What counts as a person or a written alternative, beside an adviser who was asked for. */
export interface Ways {
  readonly entries: ReadonlySet<string>;
  readonly dialogs: ReadonlySet<string>;
  /** The dialog that the command for a person opens. */
  readonly adviser: string;
}

export interface Walk {
  readonly nodes: readonly Node[];
  /** States that differ from a node, of the same id, by the question before only. */
  readonly variants: readonly Node[];
  /** The first turn that passed each place. */
  readonly first: ReadonlyMap<string, Turn>;
  readonly turns: number;
  /** The largest state met, in bytes. */
  readonly largest: number;
}

/** Explores from an empty conversation until nothing new comes. */
export async function walk(machine: Machine, vocabulary: Vocabulary, ways: Ways): Promise<Walk> {
  const start: Node = { id: 0, state: openState('exploration', 0), edges: [] };
  const map = new StateMap(start, keysOf(machine, vocabulary));
  const first = new Map<string, Turn>();
  const asides = new Set<string>();
  let turns = 0;
  for (const node of map.all) {
    const place = `${placeOfNode(node)} ${node.state.frames.at(-1)?.heard ? 'heard' : ''}`;
    const sayings = sayingsAt(node.state, vocabulary, machine).filter(({ manner }) => (map.isVariant(node) ? LOOKS_BACK.has(manner) : !CHANGES_NOTHING.has(manner) || !asides.has(place)));
    asides.add(place);
    for (const said of sayings) {
      const ended = await machine.every(node.state, said.saying);
      turns += ended.length;
      const ends = ended.map((end): End => {
        const turn: Turn = { node, said, script: end.script };
        for (const one of end.visited) if (!first.has(one)) first.set(one, turn);
        return summarise(end, { said, ways, ...(end.state ? { to: map.meet(end.state, turn) } : {}) });
      });
      node.edges.push({ said, ends });
    }
  }
  return { nodes: map.nodes, variants: map.variants, first, turns, largest: Math.max(...map.all.map(({ state }) => JSON.stringify(state).length)) };
}

/** What these do depends on the open question alone: once at each is enough. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set<Manner>(['aside', 'silence', 'command repeat', 'command why', 'command help', 'command bye']);

/** What depends on the question before. */
const LOOKS_BACK: ReadonlySet<string> = new Set<Manner>(['command back', 'correction']);

interface Keys {
  readonly whole: string;
  /** The question that « retour » leads to. */
  readonly before: string;
}

/** Every state met, each once; a known one with another question before it is a variant, looked at for that alone. */
class StateMap {
  readonly nodes: Node[] = [];
  readonly variants: Node[] = [];
  readonly all: Node[] = [];
  private readonly known = new Map<string, Node>();
  private readonly pairs = new Set<string>();

  constructor(
    start: Node,
    private readonly keys: (state: ConversationState) => Keys,
  ) {
    const { whole, before } = keys(start.state);
    this.keep(start, this.nodes, whole, before);
  }

  meet(state: ConversationState, from: Turn): Node {
    const { whole, before } = this.keys(state);
    const met = this.known.get(whole);
    if (met && this.pairs.has(`${whole}\n${before}`)) return met;
    const node: Node = { id: met?.id ?? this.nodes.length, state, from, edges: [] };
    this.keep(node, met ? this.variants : this.nodes, whole, before);
    return met ?? node;
  }

  isVariant(node: Node): boolean {
    return this.nodes[node.id] !== node;
  }

  private keep(node: Node, list: Node[], whole: string, before: string): void {
    list.push(node);
    this.all.push(node);
    this.pairs.add(`${whole}\n${before}`);
    if (!this.known.has(whole)) this.known.set(whole, node);
  }
}

function summarise({ replies, visited, state: _known, ...end }: Ended, { said, ways, to }: { said: Said; ways: Ways; to?: Node }): End {
  const texts = replies.flatMap((reply) => (reply.kind === 'form' ? [reply.why] : [reply.text]));
  const unfilled = texts.flatMap((text) => /\{[a-z][a-zA-Z]*\}/.exec(text) ?? [])[0];
  const told = replies.some((reply) => reply.kind === 'text' && ways.entries.has(reply.entry ?? ''));
  const places = [...visited];
  return {
    ...end,
    ...(to ? { to } : {}),
    ...(unfilled === undefined ? {} : { unfilled }),
    person: told || end.deeds.some(({ action }) => action === 'handoff.request') || places.some((place) => ways.dialogs.has(dialogOf(place))),
    adviser: places.some((place) => dialogOf(place) === ways.adviser),
    followed: said.leadsTo === undefined || visited.has(said.leadsTo),
  };
}

/** The dialog of a place. */
export function dialogOf(place: string): string {
  return place.slice(0, place.indexOf('#'));
}

/** Where a node waits, or the empty conversation. */
export function placeOfNode({ state }: Node): string {
  const frame = state.frames.at(-1);
  return frame ? placeName(frame.dialog, frame.step) : '';
}

/**
 * What tells two states apart. Merged are: the counters of questions other than the open one (every count of each is
 * met at that question itself, and circles.ts bounds them by structure); slots that nothing further on looks at (those
 * that are only quoted are the business of slots.ts), and values of a slot that every `when` sends the same way;
 * callers further out than one (a dialog sees nothing of its caller, and each is met as the nearest one); and what lies
 * under a dialog that was interrupted (it is a state of its own, and only asks again when it comes back).
 */
function keysOf({ dialogs }: Machine, { turning }: Vocabulary): (state: ConversationState) => Keys {
  const isOpen = ({ dialog, step }: Frame): boolean => {
    const found = dialogs.get(dialog)?.steps.get(step);
    return found !== undefined && isWaiting(found);
  };
  const looked = remembered((place) => whatIsLookedAt(dialogs, place, turning));
  const seen = (frame: Frame): string => {
    const place = placeName(frame.dialog, frame.step);
    const slots = looked(place).flatMap((look) => look(frame.slots));
    return [place, ...slots].join(' ');
  };
  return (state) => {
    const { frames } = state;
    const top = frames.at(-1);
    const caller = frames.at(-2);
    const under = caller && isOpen(caller) ? 'interrupting' : (caller && seen(caller)) ?? '';
    return {
      whole: [...(top ? [seen(top), ...openAt(top)] : idleOf(state)), under, state.holder, state.pending?.action ?? '', ...(state.later ?? [])].join('\n'),
      before: placeBefore(state),
    };
  };
}

function placeBefore({ trail }: ConversationState): string {
  const before = trail.at(-2)?.at(-1);
  return before ? placeName(before.dialog, before.step) : '';
}

function openAt({ heard = {}, misses, step }: Frame): string[] {
  return [...Object.entries(heard).map(String), String(misses[step] ?? 0)];
}

function idleOf({ misunderstood, offered }: ConversationState): string[] {
  return [String(misunderstood), ...offered.map(({ entry }) => entry)];
}

type Look = (slots: Slots) => string[];

/** What the steps after a place make of slots: the branch that each `when` takes, and what the dialog hands back. */
function whatIsLookedAt(dialogs: Dialogs, place: string, turning: Vocabulary['turning']): Look[] {
  const dialog = dialogs.get(dialogOf(place));
  if (!dialog) return [];
  const after = [place.slice(dialog.id.length + 1)];
  for (const id of after) {
    const step = dialog.steps.get(id);
    after.push(...(step ? exitsOf(step) : []).filter((exit) => !after.includes(exit)));
  }
  const looks = after.flatMap((id): Look[] => {
    const step = dialog.steps.get(id);
    if (step?.kind === 'when') return [(slots) => [step.on[String(slots[step.slot])] ?? step.otherwise]];
    return step && actionOf(step)?.startsWith('account.') === true ? [(slots) => [String('proof' in slots)]] : [];
  });
  const given = dialog.gives.map((name): Look => (slots) => (name in slots ? [turning.has(name) ? String(slots[name]) : name] : []));
  return [...looks, ...given];
}

/** Remembers what was worked out for a text. */
export function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text) ?? { value: work(text) };
    known.set(text, found);
    return found.value;
  };
}
