/**
 * What each address of the self-help page does: a page to look at, or a post that becomes an utterance and ends in a
 * redirect. Whom to believe was decided before, in door.ts.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Assistant, Clock, RecordStore } from '../conversation/ports.js';
import type { Utterance } from '../conversation/utterance.js';
import type { Codes } from './codes.js';
import { to, type Sent, type Setting } from './frame.js';
import { renderCode, renderCodeRefused, renderEnd, renderEntry, renderHome, renderRefused, renderSearch, renderSummary, type Why } from './library.js';
import type { Post, Session, Sessions } from './session.js';
import { renderBefore, renderTalk } from './talk.js';
import type { AideTexts, ShownEntry } from './words.js';

export interface AideOptions {
  readonly assistant: Assistant;
  /** Resolves when no turn of this conversation is under way or due. */
  turnsDone(conversationId: string): Promise<unknown>;
  /** The person has ended it: whoever waits with them is told. */
  left(conversationId: string): Promise<void>;
  readonly records: RecordStore;
  readonly entries: ReadonlyMap<string, ShownEntry>;
  /** Ids of the entries that a text may be about, best first. */
  search(text: string): readonly string[];
  /** A text without the secrets in it. */
  clean(text: string): string;
  readonly texts: AideTexts;
  /** Signs cookies and hashes codes. */
  readonly key: Uint8Array;
  /** Whether a page of this origin is ours; other sites that may chat with us are not. */
  isOwn(origin: string): boolean;
  /** Whether browsers reach us over https. */
  secure(): boolean;
  readonly clock: Clock;
  report(event: string, error: unknown): void;
}

export interface Visit {
  readonly options: AideOptions;
  readonly sessions: Sessions;
  readonly codes: Codes;
  readonly query: URLSearchParams;
  /** Id of the entry in the address, where it names one. */
  readonly fiche: string;
  readonly address: string;
  readonly session: Session | undefined;
  readonly setting: Setting;
}

/** `hold`: the session that the browser is to hold from now on; null takes it away. */
export type Answer = Sent & { readonly hold?: Session | null };
export type Look = (visit: Visit) => Promise<Answer> | Answer;
export type Act = Visit & { readonly post: Post };

/** Longest that a post waits for its turn, in milliseconds; the page then says that the answer is on its way. */
const PATIENCE = 10_000;
/** Where every post ends. A public terminal says so in the address, for whoever goes back after the end. */
const talk = ({ kiosk }: Pick<Setting, 'kiosk'>): string => `${to('/conversation', { kiosk })}#last`;
const FOUND_AT_MOST = 10;
const LONGEST_QUERY = 200;

/** A page that says kindly why there is no other. */
export function refused({ setting }: Visit, why: Why, status: number): Answer {
  return { page: renderRefused(setting, why), status };
}

export function home({ options, sessions, setting }: Visit): Answer {
  return { page: renderHome(setting, [...options.entries.values()], sessions.seal(sessions.fresh(setting.kiosk))) };
}

/** Opens the conversation of the ticket, once however often it is posted, and says the first words in it. */
export async function begin(visit: Act): Promise<Answer> {
  const { text, ticket } = visit.post;
  const session = await visit.sessions.open(ticket);
  if (!session) return refused(visit, 'lost', 403);
  await open(visit, session);
  if (text !== '') await hear(visit, session, { kind: 'words', id: idOf(session.nonce, text), text });
  return { goTo: talk(session), hold: session };
}

async function open(visit: Visit, session: Session): Promise<void> {
  await hear(visit, session, { kind: 'opening', id: 'opening' });
}

/** What the code brings is to be read: the conversation that goes on is another, so that no proof can follow. */
export async function resume(visit: Act): Promise<Answer> {
  const { codes, post, sessions, setting } = visit;
  const fresh = await sessions.open(post.ticket);
  if (!fresh) return refused(visit, 'lost', 403);
  const entered = await codes.enter(post.code, visit.address);
  if (entered.kind === 'wrong') return { page: renderCodeRefused(setting, 'wrong', post.ticket), status: 400 };
  if (entered.kind === 'too-many') return { page: renderCodeRefused(setting, 'tooMany', post.ticket), status: 429 };
  const session = { ...fresh, before: entered.conversationId };
  await open(visit, session);
  return { goTo: talk(session), hold: session };
}

export async function conversation({ options, query, sessions, setting }: Visit, session: Session): Promise<Answer> {
  const entries = await options.assistant.transcript(session.conversationId, 0);
  const earlier = session.before === undefined ? [] : await options.assistant.transcript(session.before, 0);
  const upTo = seqOf(query);
  const marks = { token: sessions.formToken(session), answerId: randomUUID() };
  return { page: renderTalk(setting, { entries, before: earlier, marks, ...(upTo === undefined ? {} : { upTo }) }) };
}

export async function before({ options, query, setting }: Visit, session: Session): Promise<Answer> {
  if (session.before === undefined) return { goTo: talk(session) };
  return { page: renderBefore(setting, await options.assistant.transcript(session.before, 0), seqOf(query)) };
}

function seqOf(query: URLSearchParams): number | undefined {
  const given = query.get('avant') ?? '';
  return /^\d{1,6}$/.test(given) && Number(given) > 1 ? Number(given) : undefined;
}

export async function say({ post: { page, text }, ...visit }: Act, session: Session): Promise<Answer> {
  if (text !== '') await hear(visit, session, { kind: 'words', id: idOf(page, text), text });
  return { goTo: talk(session) };
}

/** The values of a dialog's form pass through here once: no page, address, log or id is made from them. */
export async function submit({ post: { page, place, values }, ...visit }: Act, session: Session): Promise<Answer> {
  await hear(visit, session, { kind: 'form', id: idOf(page, place), place, values });
  return { goTo: talk(session) };
}

/** The same answer to the same page is the same utterance; another button of a page gone back to is another. */
function idOf(page: string, said: string): string {
  return createHash('sha256').update(`${page}\n${said}`).digest('base64url');
}

type Said = Utterance extends infer One ? (One extends Utterance ? Omit<One, 'conversationId' | 'channel' | 'at'> : never) : never;

async function hear({ options }: Visit, { conversationId }: Session, said: Said): Promise<void> {
  await options.assistant.hear({ ...said, conversationId, channel: 'page', at: options.clock.now() });
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
  await Promise.race([options.turnsDone(conversationId), enough]);
  clearTimeout(timer);
}

export function search({ options, query, setting }: Visit): Answer {
  const given = (query.get('q') ?? '').slice(0, LONGEST_QUERY);
  const clean = options.clean(given);
  // A number typed into the search box must not stay in the address either.
  if (clean !== given) return { goTo: to(`/recherche?q=${encodeURIComponent(clean)}`, setting) };
  const ids = given.trim() === '' ? [] : options.search(given);
  return { page: renderSearch(setting, given, ids.flatMap((id) => options.entries.get(id) ?? []).slice(0, FOUND_AT_MOST)) };
}

export function entry(visit: Visit): Answer {
  const found = visit.options.entries.get(visit.fiche);
  return found ? { page: renderEntry(visit.setting, found) } : refused(visit, 'missing', 404);
}

export async function summary({ options, setting }: Visit, session: Session): Promise<Answer> {
  const said = await options.assistant.transcript(session.conversationId, 0);
  const earlier = session.before === undefined ? [] : await options.assistant.transcript(session.before, 0);
  return { page: renderSummary(setting, [...earlier, ...said], options.entries) };
}

export async function giveCode({ codes }: Visit, session: Session): Promise<Answer> {
  await codes.give(session.conversationId);
  return { goTo: '/aide/code' };
}

export async function shownCode({ codes, setting }: Visit, session: Session): Promise<Answer> {
  const shown = await codes.shown(session.conversationId);
  return shown ? { page: renderCode(setting, shown) } : { goTo: talk(session) };
}

export async function end(visit: Visit, session: Session): Promise<Answer> {
  await visit.sessions.end(session);
  await visit.options.left(session.conversationId);
  return { goTo: to('/fin', visit.setting), hold: null };
}

/** Says that it is over. On a public terminal it ends it, too; no address may close somebody's own conversation. */
export async function ended(visit: Visit): Promise<Answer> {
  const { session, setting } = visit;
  const page = renderEnd({ ...setting, talking: false });
  if (session?.kiosk === true) {
    await end(visit, session);
    return { page, hold: null };
  }
  return session ? { goTo: talk(session) } : { page };
}
