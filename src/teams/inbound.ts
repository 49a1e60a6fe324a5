/**
 * What a member of the staff does in Teams, and what it means for a request: who, where, and which act of the desk. It
 * decides nothing about the request itself; what it refuses it tells alike, logs, and has audited without content.
 */
import { createHash } from 'node:crypto';
import { hasFiles, placeOf, tenantsOf, wordsOf, type Incoming } from '../connector/activity.js';
import { unfitness } from '../connector/fitness.js';
import { actionOf, isPress, readPress, type Choices } from '../connector/press.js';
import type { Ticket } from '../conversation/handoff.js';
import type { ActOutcome, DeskAction } from '../handoff/acts.js';
import type { Desk } from '../handoff/desk.js';
import type { AnswerTexts, Commands, Member, Staff } from './commands.js';
import type { Thread } from './ports.js';

/** What the one who acted is told; nothing to say is often the best answer. */
export interface Heard {
  readonly text?: string;
}

/** Why something in Teams went no further: words of a closed list, for the audit and the log. */
export type Why = 'tenant' | 'unknown-person' | 'elsewhere' | 'private' | 'unknown-channel' | 'other-caisse' | 'wrong-thread' | 'stale-card' | 'unknown-ticket' | 'malformed' | 'too-long' | 'link' | 'number';

/** Actor and request are as they came: whoever writes them down makes pseudonyms and codes of them. */
export interface RefusalLine {
  readonly actor: string;
  readonly caisse: string;
  readonly why: Why;
  readonly request: string;
  readonly ticket?: string;
}

export interface InboundOptions {
  readonly desk: Pick<Desk, 'act'>;
  readonly staff: Staff;
  readonly threads: {
    ticketAt(conversationId: string): Promise<string | undefined>;
    adopt(ticketId: string, caisse: string, thread: Thread): Promise<void>;
  };
  /** An open ticket. */
  readonly find: (ticketId: string) => Ticket | undefined;
  /** Whether an act went through before. */
  readonly acted: (ticket: Ticket, actionId: string) => Promise<boolean>;
  readonly isNonceGood: (ticketId: string, nonce: string) => boolean;
  /** The words of a canned answer, by the value that the card offers. */
  readonly canned: (value: string) => string | undefined;
  readonly commands: Commands;
  readonly texts: AnswerTexts;
  /** An adviser is writing; nothing of it is kept. */
  readonly onTyping: (ticketId: string, adviser: Member) => void;
  readonly refused: (line: RefusalLine) => Promise<void>;
  readonly log: { warn(event: string, fields: Readonly<Record<string, unknown>>): void };
}

const HEARD = new Set(['message', 'invoke', 'typing', 'messageUpdate', 'messageDelete']);

/** Hears activities that are proved to come from Teams. It never rejects: a fault of ours is logged and told. */
export function createInbound(options: InboundOptions): (activity: Incoming) => Promise<Heard> {
  return async (activity) => {
    if (!HEARD.has(activity.type)) return {};
    try {
      return await new Hearing(activity, options).answer();
    } catch (error) {
      options.log.warn('teams.failed', { code: error instanceof Error && 'code' in error ? error.code : 'internal' });
      return { text: options.texts.trouble };
    }
  };
}

class Hearing {
  private member: Member | undefined;

  constructor(
    private readonly activity: Incoming,
    private readonly options: InboundOptions,
  ) {}

  async answer(): Promise<Heard> {
    const { activity, options } = this;
    const tenants = tenantsOf(activity);
    const tenant = options.staff.tenant();
    if (tenants.length === 0 || tenants.some((one) => one !== tenant)) return this.refuse('tenant');
    this.member = options.staff.find((activity.from.aadObjectId ?? '').toLowerCase());
    if (!this.member) return this.refuse('unknown-person');
    const place = placeOf(activity);
    if (place.kind === 'elsewhere') return this.refuse('elsewhere');
    if (place.kind === 'private') return this.inPrivate(this.member);
    const caisse = options.staff.caisseOf(place.channel);
    if (caisse === undefined) return this.refuse('unknown-channel');
    if (caisse !== this.member.caisse) return this.refuse('other-caisse');
    options.staff.active(this.member.id);
    return this.inChannel(this.member, place.thread);
  }

  /** Requests are never acted on where colleagues do not see it. */
  private async inPrivate(member: Member): Promise<Heard> {
    const { activity, options } = this;
    if (activity.type === 'typing') return {};
    if (activity.type !== 'message' || isPress(activity)) return this.refuse('private');
    options.staff.active(member.id);
    return { text: await options.commands.answer(wordsOf(activity).slice(0, 1000), member) };
  }

  private async inChannel(member: Member, thread: string): Promise<Heard> {
    const { activity, options } = this;
    const ticket = await options.threads.ticketAt(thread);
    if (isPress(activity)) return this.press(member, thread, ticket);
    if (activity.type === 'typing') {
      if (ticket !== undefined && options.find(ticket)?.holder?.id === member.id) options.onTyping(ticket, member);
      return {};
    }
    if (this.isCommand(ticket)) return { text: await options.commands.answer(wordsOf(activity), member) };
    if (ticket !== undefined) return this.speak(member, ticket);
    return activity.type === 'message' ? this.refuse('wrong-thread') : {};
  }

  private isCommand(ticket: string | undefined): boolean {
    const { commands } = this.options;
    const words = wordsOf(this.activity);
    return this.activity.type === 'message' && (ticket === undefined ? commands.understands(words) : commands.isOneWord(words));
  }

  private async press(member: Member, thread: string, known: string | undefined): Promise<Heard> {
    const { activity, options } = this;
    const pressed = readPress(activity);
    if (!pressed) return this.refuse('malformed');
    const { ticket: id } = pressed;
    if (known !== undefined && known !== id) return this.refuse('wrong-thread', id);
    // Asked first: a card that is not ours is told nothing of whether the request exists.
    if (!options.isNonceGood(id, pressed.nonce)) return this.refuse('stale-card', id);
    const ticket = options.find(id);
    if (ticket && ticket.caisse !== member.caisse) return this.refuse('other-caisse', id);
    const action = actionOf(this.actionId(), pressed, this.choicesOf(member));
    if (!action) return this.refuse('malformed', id);
    // Posted twice, since an answer of Teams was lost.
    if (known === undefined && ticket) await options.threads.adopt(id, ticket.caisse, threadOf(activity.serviceUrl, thread));
    return this.act(member, id, action);
  }

  private choicesOf({ caisse }: Member): Choices {
    const { staff, canned } = this.options;
    return {
      canned,
      colleague: (id) => {
        const found = staff.find(id);
        return found?.caisse === caisse ? { id: found.id, name: found.name } : undefined;
      },
    };
  }

  /** Words in a request's thread are for the person. */
  private async speak(member: Member, ticketId: string): Promise<Heard> {
    const { activity, options } = this;
    const ticket = options.find(ticketId);
    if (ticket && ticket.caisse !== member.caisse) return this.refuse('other-caisse', ticketId);
    const id = this.actionId();
    const said = activity.type !== 'message' && ticket !== undefined && (await options.acted(ticket, id));
    if (activity.type !== 'messageDelete') return this.pass(member, ticketId, said);
    return said ? this.act(member, ticketId, { id: `${id}-gone`, kind: 'say', text: options.texts.withdrawn }) : {};
  }

  /** `corrects`: the person has read the message as it was before. */
  private async pass(member: Member, ticketId: string, corrects: boolean): Promise<Heard> {
    const { texts } = this.options;
    const words = wordsOf(this.activity);
    const files = hasFiles(this.activity);
    if (words === '') return files ? { text: texts.files } : {};
    const unfit = unfitness(words, texts.links);
    if (unfit) return this.refuse(unfit, ticketId);
    const text = files ? `${words}\n${texts.fileLeft}` : words;
    const id = this.actionId();
    const say = corrects ? { id: `${id}-${shortHash(words)}`, text: texts.corrected.replace('{text}', () => text) } : { id, text };
    const heard = await this.act(member, ticketId, { ...say, kind: 'say' });
    return files && heard.text === undefined ? { text: texts.files } : heard;
  }

  private async act(member: Member, ticketId: string, action: DeskAction): Promise<Heard> {
    const outcome = await this.options.desk.act(ticketId, { id: member.id, name: member.name }, action);
    // The desk has told the audit of everything else.
    if (outcome.kind === 'unknown-ticket') return this.refuse('unknown-ticket', ticketId);
    const text = told(outcome, { action, member }, this.options.texts);
    if (outcome.kind === 'not-yours') this.options.log.warn('teams.refused', { why: outcome.kind, ticket: ticketId });
    return text === undefined ? {} : { text };
  }

  /** The same for the same activity, whenever it comes again; opaque, since it goes into the audit. */
  private actionId(): string {
    return `t-${shortHash(`${this.activity.conversation.id} ${this.activity.id ?? ''} ${this.activity.type === 'invoke' ? 'press' : ''}`)}`;
  }

  private async refuse(why: Why, ticket?: string): Promise<Heard> {
    const { activity, member, options } = this;
    if (activity.type === 'typing') return {};
    const about = ticket === undefined ? {} : { ticket: asCode(ticket) };
    options.log.warn('teams.refused', { why });
    await options.refused({ actor: activity.from.aadObjectId ?? 'unknown', caisse: member?.caisse ?? 'unknown', why, request: this.actionId(), ...about });
    return { text: options.texts.refused[TOLD_AS[why]] };
  }
}

/** An id that came with a card may be anything: what is no id of ours does not go into the audit as it is. */
function asCode(ticket: string): string {
  return /^[\w-]{1,64}$/.test(ticket) && !/[\dab]{13}/i.test(ticket) ? ticket : `x-${shortHash(ticket)}`;
}

/** What is not theirs is told in the same words, whether it exists or not. */
const TOLD_AS: Readonly<Record<Why, keyof AnswerTexts['refused']>> = {
  tenant: 'stranger',
  'unknown-person': 'stranger',
  elsewhere: 'stranger',
  private: 'private',
  'unknown-channel': 'not-here',
  'other-caisse': 'not-here',
  'unknown-ticket': 'not-here',
  'wrong-thread': 'wrong-thread',
  'stale-card': 'stale-card',
  malformed: 'malformed',
  'too-long': 'too-long',
  link: 'link',
  number: 'number',
};

function told(outcome: ActOutcome, { action, member }: { action: DeskAction; member: Member }, texts: AnswerTexts): string | undefined {
  switch (outcome.kind) {
    case 'done':
      return action.kind === 'say' ? undefined : texts.done[action.kind];
    case 'already-held':
      return alreadyHeld(outcome.by, member, texts);
    case 'not-yours':
      return action.kind === 'say' ? texts.takeFirst : texts.refused['not-here'];
    case 'nowhere':
      return texts.nowhere;
    case 'ended':
      return texts.ended;
    case 'seen':
    case 'unknown-ticket':
      return undefined;
  }
}

function alreadyHeld(by: string, { name }: Member, texts: AnswerTexts): string {
  return by === name ? texts.alreadyYours : texts.alreadyHeld.replace('{name}', () => by);
}

function threadOf(serviceUrl: string, conversationId: string): Thread {
  return { serviceUrl, conversationId, rootId: conversationId.split(';messageid=')[1] ?? '' };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
