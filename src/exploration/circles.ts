/**
 * No cycle without a bounded counter, proved on the graph of each dialog, whatever the answers and the outcomes. A
 * question counts each time it comes back, except when a choice leads straight to it: then its count starts again.
 */
import { isWaiting, type Dialog, type Dialogs, type Step, type StepId } from '../dialog/definition.js';
import { exitsOf } from '../dialog/syntax.js';
import { placeName } from './machine.js';
import type { Violation } from './proofs.js';

/**
 * Finds what could go on for ever. A question that no choice of its circle leads to straight is asked again a bounded
 * number of times, then only passes on to its `exhausted`: with those, circles open, other questions become bounded in
 * turn, and what still turns at the end has no bound. Circles of calls have none either: each call counts anew.
 */
export function findCircles(dialogs: Dialogs): Violation[] {
  const within = [...dialogs.values()].flatMap((dialog) => {
    const bounded = boundedQuestions(dialog);
    return circlesOf(new Map([...dialog.steps].map(([id, step]) => [id, exitsLeft(step, bounded)]))).map((circle): Violation => {
      const asked = circle.filter((id) => isQuestion(dialog, id) && !bounded.has(id));
      const why = asked.length > 0 ? `chaque choix y remet le compte à zéro (${asked.join(', ')})` : 'aucune question n’y compte les essais';
      return { property: 'd', place: placeName(dialog.id, asked[0] ?? circle[0] ?? ''), what: `rien ne borne le tour ${circle.join(' → ')} : ${why}` };
    });
  });
  const calls = new Map([...dialogs].map(([id, { steps }]) => [id, [...steps.values()].flatMap((step) => (step.kind === 'call' ? [step.dialog] : []))]));
  const between = circlesOf(calls).map((circle): Violation => {
    const id = circle[0] ?? '';
    return { property: 'd', place: placeName(id, dialogs.get(id)?.first ?? ''), what: `ces dialogues s’appellent en rond : ${circle.join(' → ')}` };
  });
  return [...within, ...between];
}

/** The questions that come back a bounded number of times in any run. */
function boundedQuestions(dialog: Dialog): Set<StepId> {
  const bounded = new Set<StepId>();
  for (;;) {
    const graph = new Map([...dialog.steps].map(([id, step]) => [id, exitsLeft(step, bounded)]));
    const home = new Map(componentsOf(graph).flatMap((ids) => ids.map((id) => [id, ids] as const)));
    const isForgiven = (id: StepId): boolean =>
      (home.get(id) ?? []).some((from) => !bounded.has(from) && choicesOf(dialog.steps.get(from)).includes(id));
    const found = [...dialog.steps.keys()].filter((id) => isQuestion(dialog, id) && !bounded.has(id) && !isForgiven(id));
    if (found.length === 0) return bounded;
    for (const id of found) bounded.add(id);
  }
}

function exitsLeft(step: Step, bounded: ReadonlySet<StepId>): readonly StepId[] {
  return isWaiting(step) && bounded.has(step.id) ? [step.exhausted] : exitsOf(step);
}

function isQuestion({ steps }: Dialog, id: StepId): boolean {
  const step = steps.get(id);
  return step !== undefined && isWaiting(step);
}

function choicesOf(step: Step | undefined): StepId[] {
  return step && 'options' in step ? step.options.map(({ next }) => next) : [];
}

type Graph = ReadonlyMap<string, readonly string[]>;

/** A shortest circle of each strongly connected part that has one. */
function circlesOf(graph: Graph): string[][] {
  return componentsOf(graph).flatMap((ids) => {
    const inside = new Set(ids);
    const circles = ids.flatMap((id) => {
      const circle = shortestBack(graph, id, inside);
      return circle ? [circle] : [];
    });
    return circles.sort((a, b) => a.length - b.length).slice(0, 1);
  });
}

function shortestBack(graph: Graph, start: string, inside: ReadonlySet<string>): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? '') ?? []) {
      if (next === start) return way;
      if (!inside.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** Parts in which every node reaches every other; graphs are small, so each node simply looks how far it gets. */
function componentsOf(graph: Graph): string[][] {
  const reach = new Map([...graph.keys()].map((id) => [id, reachOf(graph, id)]));
  const placed = new Set<string>();
  return [...graph.keys()].flatMap((id) => {
    if (placed.has(id)) return [];
    const part = [...graph.keys()].filter((other) => other === id || (reach.get(id)?.has(other) === true && reach.get(other)?.has(id) === true));
    for (const one of part) placed.add(one);
    return [part];
  });
}

function reachOf(graph: Graph, start: string): Set<string> {
  const seen = new Set<string>();
  const queue = [start];
  for (const id of queue) {
    for (const next of graph.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}
