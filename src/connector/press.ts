/**
 * A button of a card that was pressed: whether it is one of ours, and the act of the desk that it asks for. Who may do it
 * is asked elsewhere.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Holder, Need } from '../conversation/handoff.js';
import type { DeskAction } from '../handoff/acts.js';
import { CLOSE_REASONS, type Destination } from '../handoff/machine.js';
import type { Incoming } from './activity.js';

const pressed = z.object({
  verb: z.string().max(50),
  ticket: z.string().min(1).max(200),
  nonce: z.string().max(200),
  note: z.string().max(2000).trim().optional(),
  reason: z.string().max(100).optional(),
  to: z.string().max(200).optional(),
  answer: z.string().max(200).optional(),
});

/** A button of a card of ours, with what was filled in beside it. */
export type Pressed = z.infer<typeof pressed>;

const invoked = z.object({ action: z.object({ data: z.unknown().optional() }) });

export function isPress({ type, value }: Incoming): boolean {
  return type === 'invoke' || (value !== undefined && value !== null);
}

/** The button that an activity presses, as Action.Execute or as its fallback; nothing where it is none that can be read. */
export function readPress({ type, value }: Incoming): Pressed | undefined {
  const data = type === 'invoke' ? invoked.safeParse(value).data?.action.data : value;
  return pressed.safeParse(data).data;
}

/** What the values of a card's choices stand for. */
export interface Choices {
  /** The colleague of an id, if they are one. */
  colleague(id: string): Holder | undefined;
  /** The words of a canned answer. */
  canned(value: string): string | undefined;
}

type Maker = (id: string, pressed: Pressed, choices: Choices) => DeskAction | undefined;

const NEEDS: ReadonlySet<string> = new Set<Need>(['general', 'fraud', 'third-party', 'technical', 'sign-language']);
const isNeed = (value: string): value is Need => NEEDS.has(value);

const noted = ({ note }: Pressed): { note?: string } => (note ? { note } : {});

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['take', (id) => ({ id, kind: 'take' })],
  ['release', (id) => ({ id, kind: 'release' })],
  ['hand-back', (id, it) => ({ id, kind: 'hand-back', ...noted(it) })],
  ['note', (id, { note }) => (note ? { id, kind: 'note', note } : undefined)],
  ['close', (id, it) => {
    const reason = CLOSE_REASONS.find((one) => one === it.reason);
    return reason && { id, kind: 'close', reason, ...noted(it) };
  }],
  ['transfer', (id, { to = '' }, choices) => {
    const destination = destinationOf(to, choices);
    return destination && { id, kind: 'transfer', to: destination };
  }],
  ['answer', (id, { answer = '' }, choices) => {
    const text = choices.canned(answer);
    return text === undefined ? undefined : { id, kind: 'say', text };
  }],
]);

/** The act that a button asks for under the action id `id`; nothing where what was filled in does not make one. */
export function actionOf(id: string, press: Pressed, choices: Choices): DeskAction | undefined {
  return MAKERS.get(press.verb)?.(id, press, choices);
}

/** `colleague:ID`, `caisse:CODE` or `need:NEED`. */
function destinationOf(to: string, choices: Choices): Destination | undefined {
  const [, kind, value = ''] = /^(colleague|caisse|need):(.+)$/.exec(to) ?? [];
  if (kind === 'caisse') return { kind, caisse: value };
  if (kind === 'need') return isNeed(value) ? { kind, need: value } : undefined;
  const holder = kind === 'colleague' ? choices.colleague(value.toLowerCase()) : undefined;
  return holder && { kind: 'colleague', holder };
}

const NONCE_MS = 24 * 3_600_000;

/** A mark that a button was made by us for this ticket, good for 24 hours. It carries no right: those are asked of the desk. */
export function nonceFor(key: Buffer, ticketId: string, now: number): string {
  const until = String(now + NONCE_MS);
  return `${until}.${macOf(key, ticketId, until)}`;
}

export function isNonceGood(key: Buffer, ticketId: string, nonce: { readonly text: string; readonly now: number }): boolean {
  const [until = '', mac = ''] = nonce.text.split('.');
  const expected = Buffer.from(macOf(key, ticketId, until));
  const given = Buffer.from(mac);
  return given.length === expected.length && timingSafeEqual(given, expected) && nonce.now < Number(until);
}

function macOf(key: Buffer, ticketId: string, until: string): string {
  return createHmac('sha256', key).update(`card ${ticketId} ${until}`).digest('base64url').slice(0, 32);
}
