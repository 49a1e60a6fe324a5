/**
 * What must hold in every state that the walk met: an end can be reached, the ways out work, a person is near, and no
 * account is touched without proof. What holds by the structure of dialogs alone is in circles.ts, slots.ts, texts.ts.
 */
import { innermost } from '../dialog/stack.js';
import type { Manner, Said } from './sayings.js';
import { placeOfNode, type Edge, type End, type Node, type Turn, type Walk } from './walk.js';

/** (a) ends · (b) ways out · (c) a person · (d) circles · (e) proof of identity · (f) branches · (g) slots and messages. */
export type Property = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g';

/** Something that does not hold, said in French to the author of the dialog. */
export interface Violation {
  readonly property: Property;
  /** Where, as `placeName` writes it. */
  readonly place: string;
  readonly what: string;
  /** The last turn of the conversation that shows it. */
  readonly turn?: Turn;
}

/** Most turns that a person or a written alternative may be away. */
export const FARTHEST = 3;

export interface Distances {
  /** Turns to a person or a written alternative, at most, commands included. */
  readonly withCommands: number;
  /** The same by answers alone. */
  readonly byAnswers: number;
}

/** Each turn is held against (a), (b), (d), (e) and (g). */
const CHECKS_A_TURN = 5;

/** Judges every state and every turn of a walk; one violation for each property and place, the nearest first. */
export function judge({ nodes, variants }: Walk): { violations: Violation[]; distances: Distances; checks: number } {
  const violations = [...nodes, ...variants].flatMap((node) => node.edges.flatMap((edge) => edge.ends.flatMap((end) => faultsOf(node, edge, end))));
  const toEnd = distancesTo(nodes, ({ to }) => to?.state.frames.length === 0, isAnswer);
  const toPerson = distancesTo(nodes, ({ person }) => person, () => true);
  const byAnswers = distancesTo(nodes, ({ person }) => person, isAnswer);
  for (const node of nodes) {
    const place = placeOfNode(node);
    const turn = node.from;
    if (place !== '' && toEnd[node.id] === Infinity) violations.push(at(place, 'a', 'aucune suite de réponses ne mène à une fin', turn));
    const away = toPerson[node.id] ?? Infinity;
    if (away > FARTHEST) violations.push(at(place, 'c', `une personne, le guichet ou le courrier sont à ${away === Infinity ? 'une distance infinie' : `${String(away)} tours`} (${String(FARTHEST)} au plus)`, turn));
  }
  const distances = { withCommands: Math.max(...toPerson), byAnswers: Math.max(...byAnswers) };
  const turns = [...nodes, ...variants].reduce((sum, { edges }) => sum + edges.reduce((ends, edge) => ends + edge.ends.length, 0), 0);
  return { violations: nearest(violations), distances, checks: CHECKS_A_TURN * turns + 2 * nodes.length };
}

function isAnswer({ said: { manner } }: Edge): boolean {
  return manner === 'choice' || manner === 'answer' || manner === 'miss';
}

/**
 * For each node, how many turns to the goal when the person does their best and the outcomes their worst; a turn that
 * breaks leads nowhere.
 */
function distancesTo(nodes: readonly Node[], goal: (end: End) => boolean, allowed: (edge: Edge) => boolean): number[] {
  const found = nodes.map(() => Infinity);
  let open = nodes.map((node) => ({ node, edges: node.edges.filter(allowed) }));
  for (let turns = 1; open.length > 0; turns += 1) {
    const isNear = (end: End): boolean => end.to !== undefined && (goal(end) || (found[end.to.id] ?? Infinity) < turns);
    const reached = open.filter(({ edges }) => edges.some(({ ends }) => ends.every(isNear)));
    if (reached.length === 0) return found;
    for (const { node } of reached) found[node.id] = turns;
    open = open.filter(({ node }) => found[node.id] === Infinity);
  }
  return found;
}

/** Asks how the backend is doing: the one action of accounts that is about no account. */
const ABOUT_NOBODY = 'account.service';

/** What one turn shows by itself. */
function faultsOf(node: Node, edge: Edge, end: End): Violation[] {
  const place = placeOfNode(node);
  const turn: Turn = { node, said: edge.said, script: end.script };
  const unproved = end.deeds.filter(({ action, proved }) => action.startsWith('account.') && action !== ABOUT_NOBODY && !proved);
  const found = unproved.map(({ action, place: where }) => at(where, 'e', `« ${action} » est demandé sans preuve d’identité`, turn));
  if (end.unfilled !== undefined) found.push(at(place, 'g', `« ${end.unfilled} » n’a pas de valeur sur ce chemin`, turn));
  if (end.fault !== undefined) return [...found, broken(end, place, turn)];
  const deaf = place === '' ? undefined : DEAF[edge.said.manner]?.(end, node, edge.said);
  return deaf === undefined ? found : [...found, at(place, 'b', deaf, turn)];
}

function broken({ fault, why, deeds }: End, place: string, turn: Turn): Violation {
  const where = deeds.at(-1)?.place ?? place;
  return fault === 'restless'
    ? at(where, 'd', 'le dialogue tourne en rond sans rien demander', turn)
    : at(where, 'a', `le dialogue ne peut pas continuer : ${why ?? ''}`, turn);
}

/** What is wrong with a way out or a shown choice that does not do what it says. */
const DEAF: Readonly<Partial<Record<Manner, (end: End, node: Node, said: Said) => string | undefined>>> = {
  'choice': ({ followed }, _node, { saying }) => (followed ? undefined : `le choix « ${saying.kind === 'words' ? saying.text : ''} » n’est pas compris comme tel`),
  'command cancel': (end) => (left(end) ? undefined : '« annuler » n’arrête pas le dialogue'),
  'command restart': (end) => (left(end) ? undefined : '« recommencer » n’arrête pas le dialogue'),
  'command back': (end, node) => (wentBack(node, end) ? undefined : '« retour » ne revient pas à la question d’avant'),
  'command adviser': (end) => (isCommand(end) && end.adviser ? undefined : '« parler à un conseiller » ne mène pas à une personne'),
  'silence': ({ to }, node) => (to && placeOfNode(to) === placeOfNode(node) ? undefined : 'après un silence, la question ouverte n’est plus la même'),
};

function isCommand({ stage }: End): boolean {
  return stage === 'obeyCommand';
}

function left(end: End): boolean {
  return isCommand(end) && end.to?.state.frames.length === 0;
}

function wentBack({ state }: Node, end: End): boolean {
  const wanted = (state.trail.at(-2) ?? state.frames).at(-1);
  const reached = end.to && innermost(end.to.state);
  return isCommand(end) && reached !== undefined && reached.dialog === wanted?.dialog && reached.step === wanted.step;
}

function at(place: string, property: Property, what: string, turn: Turn | undefined): Violation {
  return { property, place, what, ...(turn ? { turn } : {}) };
}

/** The walk goes breadth first, so the first of a kind has a shortest conversation. */
function nearest(violations: readonly Violation[]): Violation[] {
  const firsts = new Map<string, Violation>();
  for (const one of violations) {
    const kind = `${one.property} ${one.place} ${one.property === 'b' || one.property === 'g' ? one.what : ''}`;
    if (!firsts.has(kind)) firsts.set(kind, one);
  }
  return [...firsts.values()];
}
