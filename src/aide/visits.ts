/**
 * What each address of the self-help page does: a page to look at, or a post that becomes an utterance and ends in a
 * redirect. Whom to believe was decided before, in door.ts.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readOpinion } from '../conversation/opinion.js';
import type { Assistant, Clock, Opinions, RecordStore } from '../conversation/ports.js';
import type { Utterance } from '../conversation/utterance.js';
import type { Sources, Whence } from '../sources/whence.js';
import type { Codes } from './codes.js';
import { to, type Sent, type Setting } from './frame.js';
import { renderCode, renderCodeRefused, renderEnd, renderEntry, renderHome, renderPrivacy, renderRefused, renderSearch, renderSummary, type Privacy, type Why } from './library.js';
import { type Post, type Session, type Sessions } from './session.js';
import { newestAnswer, renderBefore, renderTalk, writeOut } from './talk.js';
import type { AideTexts, ShownEntry } from './words.js';

export interface AideOptions {
  readonly assistant: Assistant;
  /** Resolves when no turn of this conversation is under way or due. */
  turnsDone(conversationId: string): Promise<unknown>;
  /** The person has ended it: whoever waits with them is told. */
  left(conversationId: string): Promise<void>;
  readonly records: RecordStore;
  readonly sources: Sources;
  readonly opinions: Opinions;
  readonly entries: ReadonlyMap<string, ShownEntry>;
  /** Ids of the entries that a text may be about, best first. */
  search(text: string): readonly string[];
  /** A text without the secrets in it. */
  clean(text: string): string;
  readonly texts: AideTexts;
  /** Told on every page where none of this is real. */
  readonly demo?: string;
  /** Absent: there is no such page. */
  readonly privacy?: Privacy;
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
  readonly whence: Whence;
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
  const crowd = await refuseCrowd(visit, session);
  if (crowd) return crowd;
  await open(visit, session);
  if (text !== '') await hear(visit, session, { kind: 'words', id: idOf(session.nonce, text), text });
  return { goTo: talk(session), hold: session };
}

/** Nothing where there is room, or where the conversation is open already. */
async function refuseCrowd(visit: Visit, { conversationId }: Session): Promise<Answer | undefined> {
  if (await visit.options.assistant.knows(conversationId)) return undefined;
  const retryAfter = visit.options.sources.admit('conversation', visit.whence);
  return retryAfter === undefined ? undefined : { page: renderRefused(visit.setting, 'crowd'), status: 429, retryAfter };
}

async function open(visit: Visit, session: Session): Promise<void> {
  await hear(visit, session, { kind: 'opening', id: 'opening' });
}

/** What the code brings is to be read: the conversation that goes on is another, so that no proof can follow. */
export async function resume(visit: Act): Promise<Answer> {
  const { codes, post, sessions, setting } = visit;
  const fresh = await sessions.open(post.ticket);
  if (!fresh) return refused(visit, 'lost', 403);
  const entered = await codes.enter(post.code, visit.whence);
  if (entered.kind === 'wrong') return { page: renderCodeRefused(setting, 'wrong', post.ticket), status: 400 };
  if (entered.kind === 'too-many') return { page: renderCodeRefused(setting, 'tooMany', post.ticket), status: 429 };
  const crowd = await refuseCrowd(visit, fresh);
  if (crowd) return crowd;
  const session = { ...fresh, before: entered.conversationId };
  await open(visit, session);
  return { goTo: talk(session), hold: session };
}

export async function conversation({ options, query, sessions, setting }: Visit, session: Session): Promise<Answer> {
  const entries = await options.assistant.transcript(session.conversationId, 0);
  const earlier = session.before === undefined ? [] : await options.assistant.transcript(session.before, 0);
  const upTo = seqOf(query);
  const marks = { token: sessions.formToken(session), answerId: randomUUID() };
  const about = newestAnswer(entries);
  const given = about !== undefined && (await options.opinions.isJudged(session.conversationId, about));
  const opinion = given ? ({ opinion: 'given' } as const) : query.get('avis') === String(about) ? ({ opinion: 'asks-why' } as const) : {};
  return { page: renderTalk(setting, { entries, before: earlier, marks, ...opinion, ...(upTo === undefined ? {} : { upTo }) }) };
}

/** An opinion on an answer; a « non » is asked why before it is sent, since there is one opinion a message. */
export async function judge(visit: Act, session: Session): Promise<Answer> {
  const { about, verdict, reason } = visit.post;
  const opinion = readOpinion({ about: Number(about), verdict, ...(reason === '' ? {} : { reason }) });
  if (!opinion) return refused(visit, 'unread', 400);
  if (opinion.verdict === 'down' && opinion.reason === undefined) return { goTo: `${to(`/conversation?avis=${String(opinion.about)}`, session)}#avis` };
  const judged = await visit.options.opinions.judge(session.conversationId, opinion);
  return judged === 'taken' ? { goTo: `${to('/conversation', session)}#avis` } : refused(visit, 'unread', 400);
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

async function hear({ options, whence }: Visit, { conversationId, nonce }: Session, said: Said): Promise<void> {
  const source = options.sources.sourceOf(whence, { device: nonce });
  await options.assistant.hear({ ...said, conversationId, channel: 'page', at: options.clock.now(), source });
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

export function privacy(visit: Visit): Answer {
  const { options, setting } = visit;
  return options.privacy ? { page: renderPrivacy(setting, options.privacy) } : refused(visit, 'missing', 404);
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

/** One's messages, to be kept: not on a terminal that others use next. */
export async function taken({ options, setting }: Visit, session: Session): Promise<Answer> {
  if (setting.kiosk) return { goTo: talk(session) };
  const ids = [...(session.before === undefined ? [] : [session.before]), session.conversationId];
  const said = await Promise.all(ids.map((id) => options.assistant.transcript(id, 0)));
  return { page: writeOut(setting, said.flat()), file: `${setting.texts.talk.takeName}.txt` };
}

export async function giveCode({ codes }: Visit, session: Session): Promise<Answer> {
  await codes.give(session.conversationId);
  return { goTo: '/aide/code' };
}

export async function shownCode({ codes, setting }: Visit, session: Session): Promise<Answer> {
  const shown = await codes.shown(session.conversationId);
  return shown ? { page: renderCode(setting, shown) } : { goTo: talk(session) };
}

export async function end(visit: Act, session: Session): Promise<Answer> {
  const erased = await close(visit, session, visit.post.erases);
  return { goTo: to(erased ? '/fin?efface=1' : '/fin', visit.setting), hold: null };
}

/**
 * Ends a conversation for good. On a public terminal nothing is left of it, unless a code was given to come back by;
 * elsewhere the person says. Resolves with whether it was erased.
 */
async function close({ options, sessions, codes }: Visit, session: Session, wanted: boolean): Promise<boolean> {
  const { conversationId, kiosk, before: earlier } = session;
  const erases = kiosk ? (await codes.shown(conversationId)) === undefined : wanted;
  // What a code brought stands on the same page: « mes messages » are those, too.
  const all = kiosk || earlier === undefined ? [conversationId] : [conversationId, earlier];
  if (erases) for (const id of all) await options.assistant.erase(id, codes.recordsOf(id));
  else await options.left(conversationId);
  // Last, so that who is told of a fault can end it again.
  await sessions.end(session);
  return erases;
}

/** Says that it is over. On a public terminal it ends it, too; no address may close somebody's own conversation. */
export async function ended(visit: Visit): Promise<Answer> {
  const { session, setting, query } = visit;
  const quiet = { ...setting, talking: false };
  if (session?.kiosk === true) return { page: renderEnd(quiet, await close(visit, session, true)), hold: null };
  return session ? { goTo: talk(session) } : { page: renderEnd(quiet, query.get('efface') === '1') };
}
