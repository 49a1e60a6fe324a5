/**
 * The routes of the self-help page, and whom to believe: a request comes in, and is refused kindly or handed on to
 * visits.ts with the session it belongs to.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BusyError, SesameError, type ErrorCode } from '../conversation/errors.js';
import { createCodes } from './codes.js';
import { send, sendStyle, STYLE_AT, to, type Sent, type Setting } from './frame.js';
import { renderNotTaken, renderRefused, renderWarning } from './library.js';
import { cookieLine, cookieOf, createSessions, fromOurPage, readPost, type Session } from './session.js';
import * as visits from './visits.js';
import { refused, type Act, type AideOptions, type Answer, type Look, type Visit } from './visits.js';

/** `turnedAway`: somebody for whom there is no room now, and the seconds after which there may be. */
export type AideDoor = (request: IncomingMessage, response: ServerResponse, turnedAway?: { readonly status: number; readonly retryAfter: number }) => Promise<void>;

const STORE_TROUBLE: readonly string[] = ['state-stale', 'store-closed', 'store-unavailable'];

/** What people may do, and what is told where many of them do. */
const KNOWN_ENDS: readonly ErrorCode[] = ['conversation-unknown', 'too-many-messages', 'overloaded'];

const LOOKS: Readonly<Record<string, Look>> = {
  '/aide': visits.home,
  '/aide/conversation': withSession(visits.conversation),
  '/aide/avant': withSession(visits.before),
  '/aide/recherche': visits.search,
  '/aide/fiche': visits.entry,
  '/aide/confidentialite': visits.privacy,
  '/aide/resume': withSession(visits.summary),
  '/aide/messages': withSession(visits.taken),
  '/aide/code': withSession(visits.shownCode),
  '/aide/encore': ({ setting }) => ({ page: renderWarning(setting) }),
  '/aide/fin': visits.ended,
};

/** What can be read whatever the store does, if need be as by somebody without a conversation. */
const OF_THE_KNOWLEDGE: readonly string[] = ['/aide', '/aide/recherche', '/aide/fiche', '/aide/confidentialite'];

const POSTS: Readonly<Record<string, (act: Act) => Promise<Answer>>> = {
  '/aide/conversation': visits.begin,
  '/aide/reprise': visits.resume,
  '/aide/dire': guarded(visits.say),
  '/aide/formulaire': guarded(visits.submit),
  '/aide/code': guarded(visits.giveCode),
  '/aide/avis': guarded(visits.judge),
  '/aide/fin': guarded(visits.end),
};

/** Answers every request under `/aide`. It never throws: what breaks is reported, and told kindly. */
export function createAide(options: AideOptions): AideDoor {
  const sessions = createSessions(options);
  const codes = createCodes(options);
  return async (request, response, turnedAway) => {
    const kiosk = /[?&]borne=1(&|$)/.test(request.url ?? '');
    try {
      if (turnedAway) send(response, { page: renderRefused({ ...settingOf(options), kiosk, talking: false }, 'busy'), ...turnedAway });
      else if (request.url?.split('?')[0] === STYLE_AT) sendStyle(response);
      else {
        const { hold, ...made } = await answer(request, { options, sessions, codes });
        send(response, made, hold === undefined ? undefined : cookieLine(hold === null ? undefined : sessions.seal(hold), options.secure()));
      }
    } catch (error) {
      const code = codeOf(error);
      const setting = { ...settingOf(options), kiosk, talking: false };
      if (!KNOWN_ENDS.includes(code)) options.report('aide.failed', error);
      send(response, ...apology(setting, error, options));
    }
  };
}

/** What is shown where there is no answer, and the cookie that goes with it. */
function apology(setting: Setting, error: unknown, options: AideOptions): [Sent, string?] {
  const code = codeOf(error);
  if (error instanceof BusyError) return [{ page: renderRefused(setting, 'busy'), status: code === 'overloaded' ? 503 : 429, retryAfter: error.retryAfter }];
  // Erased from another window, or from the device that a code was taken to.
  if (code === 'conversation-unknown') return [{ page: renderRefused(setting, 'lost'), status: 404 }, cookieLine(undefined, options.secure())];
  if (STORE_TROUBLE.includes(code)) return [{ page: renderNotTaken(setting), status: 503, retryAfter: STORE_BACK_S }];
  return [{ page: renderRefused(setting, 'trouble'), status: 500 }];
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof SesameError ? error.code : 'internal';
}

function settingOf({ texts, demo }: AideOptions): Pick<Setting, 'texts' | 'demo'> {
  return { texts, ...(demo === undefined ? {} : { demo }) };
}

type Base = Pick<Visit, 'options' | 'sessions' | 'codes'>;

async function answer(request: IncomingMessage, base: Base): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://here');
  const fiche = /^\/aide\/fiche\/([^/]+)$/.exec(url.pathname)?.[1];
  const place = fiche === undefined ? url.pathname.replace(/\/$/, '') : '/aide/fiche';
  const session = await base.sessions.open(cookieOf(request.headers)).catch((error: unknown) => {
    if (request.method === 'POST' || !OF_THE_KNOWLEDGE.includes(place)) throw error;
    return undefined;
  });
  const kiosk = session?.kiosk === true || url.searchParams.get('borne') === '1';
  const setting = { ...settingOf(base.options), kiosk, talking: session !== undefined };
  const visit = { ...base, query: url.searchParams, fiche: fiche ?? '', whence: base.options.sources.whence(request), session, setting };
  return request.method === 'POST' ? act(request, place, visit) : look(place, visit);
}

async function act(request: IncomingMessage, place: string, visit: Visit): Promise<Answer> {
  const post = await readPost(request);
  if (!fromOurPage(request.headers, (origin) => visit.options.isOwn(origin))) return refused(visit, 'foreign', 403);
  const found = POSTS[place];
  if (!found) return refused(visit, 'missing', 404);
  if (!post) return refused(visit, 'unread', 400);
  const made = { ...visit, post, setting: { ...visit.setting, kiosk: visit.setting.kiosk || post.kiosk } };
  try {
    return await found(made);
  } catch (error) {
    if (!STORE_TROUBLE.includes(codeOf(error))) throw error;
    visit.options.report('aide.failed', error);
    return notTaken(place, made);
  }
}

/** Seconds after which a store that refused is worth asking again. */
const STORE_BACK_S = 5;

function notTaken(at: string, { post, setting }: Pick<Act, 'post' | 'setting'>): Answer {
  const marks = { jeton: post.token, envoi: post.page, billet: post.ticket, borne: setting.kiosk ? '1' : '' };
  return { page: renderNotTaken(setting, post.text === '' ? undefined : { at, marks, text: post.text }), status: 503, retryAfter: STORE_BACK_S };
}

/** Looking at a page counts as being there, but not at one that a public terminal went to by itself. */
async function look(place: string, visit: Visit): Promise<Answer> {
  const found = LOOKS[place];
  if (!found) return refused(visit, 'missing', 404);
  const alone = place === '/aide/encore' || place === '/aide/fin';
  return { ...(visit.session && !alone ? { hold: visit.session } : {}), ...(await found(visit)) };
}

/** A page of a conversation; whoever holds none is sent to the start. */
function withSession(show: (visit: Visit, session: Session) => Promise<Answer>): Look {
  return async (visit) => {
    const { session } = visit;
    if (!session || !(await visit.options.assistant.knows(session.conversationId))) return { goTo: to('', visit.setting), ...(session ? { hold: null } : {}) };
    return show(visit, session);
  };
}

/** A post within a conversation: its form must be one that this session was given. */
function guarded(deed: (visit: Act, session: Session) => Promise<Answer>): (visit: Act) => Promise<Answer> {
  return async (visit) => {
    const { session, sessions, post } = visit;
    if (!session) return refused(visit, 'lost', 403);
    if (!sessions.holds(session, post.token)) return refused(visit, 'foreign', 403);
    return { hold: session, ...(await deed(visit, session)) };
  };
}
