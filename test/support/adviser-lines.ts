/**
 * The lines of a story that advisers play, and the facts about them.
 *
 *   Conseiller: prend                     Camille acts; `Conseiller Karim:` is Karim. Verbs are those of VERBS
 *   Conseiller: rend la main ! note       a note for colleagues, or the reason of a closing
 *   Conseiller: Bonjour, …                anything else is written to the person
 *   Conseiller Karim: prend (déjà Camille)   the act ends so, instead of being done
 *   Conseiller reçoit: …                  the next message of the person that reached the advisers
 */
import { randomUUID } from 'node:crypto';
import type { Need, Ticket } from '../../src/conversation/handoff.js';
import type { ActOutcome, DeskAction } from '../../src/handoff/acts.js';
import type { CloseReason } from '../../src/handoff/machine.js';
import { staff } from './staff.js';
import type { World } from './world.js';

/** An act without its id. */
type Deed = DeskAction extends infer Action ? (Action extends DeskAction ? Omit<Action, 'id'> : never) : never;

const CLOSED: Readonly<Record<string, CloseReason>> = { résolu: 'solved', 'sans réponse': 'no-answer', ailleurs: 'sent-elsewhere', doublon: 'duplicate', abus: 'abuse' };
const NEEDS: Readonly<Record<string, Need>> = { fraude: 'fraud', technique: 'technical', tiers: 'third-party' };

const VERBS: readonly (readonly [RegExp, (rest: string, note: string) => Deed])[] = [
  [/^prend$/, () => ({ kind: 'take' })],
  [/^s’en va$/, () => ({ kind: 'release' })],
  [/^rend la main$/, (_, note) => ({ kind: 'hand-back', note })],
  [/^clôt$/, (_, note) => ({ kind: 'close', reason: CLOSED[note] ?? 'solved' })],
  [/^note$/, (_, note) => ({ kind: 'note', note })],
  [/^transfère à (\d+)$/, (caisse) => ({ kind: 'transfer', to: { kind: 'caisse', caisse } })],
  [/^transfère à (\p{Lu}\p{L}+)$/u, (name) => ({ kind: 'transfer', to: { kind: 'colleague', holder: { id: staff(name).id, name } } })],
  [/^transfère vers (\S+)$/, (need) => ({ kind: 'transfer', to: { kind: 'need', need: NEEDS[need] ?? 'general' } })],
];

/** Plays one line; returns what did not hold. */
export async function playAdviser(line: string, world: World, conversationId: string): Promise<string | undefined> {
  const received = /^Conseiller reçoit: (.*)$/.exec(line)?.[1];
  if (received !== undefined) return differs(received, world.advisers.received.shift() ?? 'nothing reached the advisers');
  const [, name = 'Camille', said = '', wanted = 'fait'] = /^Conseiller(?: (\p{L}+))?: (.*?)(?: \((déjà \p{L}+|pas à vous|terminé|nulle part)\))?$/u.exec(line) ?? [];
  const ticket = await ticketOf(world, conversationId);
  if (!ticket) return 'there is no request';
  const { id } = staff(name);
  return differs(wanted, ending(await world.advisers.desk.act(ticket.id, { id, name }, { id: randomUUID(), ...deedOf(said) })));
}

function deedOf(said: string): Deed {
  const [head = '', note = ''] = said.split(' ! ');
  for (const [pattern, deed] of VERBS) {
    const found = pattern.exec(head);
    if (found) return deed(found[1] ?? '', note);
  }
  return { kind: 'say', text: said };
}

function ending(outcome: ActOutcome): string {
  if (outcome.kind === 'already-held') return `déjà ${outcome.by}`;
  return { done: 'fait', 'not-yours': 'pas à vous', nowhere: 'nulle part', ended: 'terminé', 'unknown-ticket': 'inconnu', seen: 'déjà vu' }[outcome.kind];
}

function differs(wanted: string, found: string): string | undefined {
  return wanted === found ? undefined : `« ${found} » instead of « ${wanted} »`;
}

async function ticketOf(world: World, conversationId: string): Promise<Ticket | undefined> {
  return (await world.store.load(conversationId))?.state.ticket;
}

const open = (world: World, kind: World['advisers']['availability']): boolean => (world.advisers.availability = kind) === kind;

export const ADVISER_FACTS: Readonly<Record<string, (world: World) => boolean | Promise<boolean>>> = {
  'conseillers présents': (world) => open(world, 'open'),
  'on demande la caisse': ({ advisers }) => (advisers.byCaisse = true),
  'une demande attend à Bayonne': ({ advisers }) => advisers.queue.waitingAt('641').length === 1,
  'une demande attend l’équipe nationale': ({ advisers }) => advisers.queue.waitingAt('national').length === 1,
  'une demande attend pour fraude': ({ advisers }) => advisers.queue.all().some(({ need, reason }) => need === 'fraud' && reason === 'suspected-fraud'),
  'une demande attend pour détresse': ({ advisers }) => advisers.queue.all().some(({ reason }) => reason === 'distress'),
  'une demande attend, faute d’être compris': ({ advisers }) => advisers.queue.all().some(({ reason }) => reason === 'misunderstood'),
  'conseillers absents jusqu’à mardi 8 h 30': (world) => open(world, 'closed'),
  'conseillers débordés': (world) => open(world, 'full'),
  'Teams en panne': ({ advisers }) => !(advisers.doorOpen = false),
  'Teams revient': ({ advisers }) => (advisers.doorOpen = true),
  'une demande attend': ({ advisers }) => advisers.queue.all().length === 1 && advisers.queue.waitingAt('751').length === 1,
  'une demande attend à Marseille': ({ advisers }) => advisers.queue.waitingAt('131').length === 1,
  'aucune demande': ({ advisers }) => advisers.queue.all().length === 0,
  'le conseiller est prévenu': ({ advisers }) => advisers.sent.filter(({ kind }) => kind === 'handoff.idle').length === 1,
  'une carte en attente': async ({ store, clock }) => (await store.due(clock.now(), 100)).filter(({ kind }) => kind === 'handoff.card').length === 1,
  'deux cartes en attente': async ({ store, clock }) => (await store.due(clock.now(), 100)).filter(({ kind }) => kind === 'handoff.card').length === 2,
  'Camille et Karim prennent ensemble, un seul l’a': async ({ advisers }) => {
    const ticket = advisers.queue.all()[0]!;
    const [one, two] = await Promise.all(['Camille', 'Karim'].map((name) => advisers.desk.act(ticket.id, { id: staff(name).id, name }, { id: randomUUID(), kind: 'take' })));
    return one?.kind === 'done' && two?.kind === 'already-held' && two.by === 'Camille';
  },
};
