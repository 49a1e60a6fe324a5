/**
 * The wiring: the only file that knows every room. It hands each what it needs and decides
 * nothing.
 */
import { join } from 'node:path';
import { ACCOUNT_OUTCOMES } from './account/actions.js';
import { createRecogniser, type Recogniser } from './answers/recognise.js';
import { KEPT_CODES, RESUMED_FOR } from './aide/codes.js';
import { createAide, type AideDoor } from './aide/door.js';
import { aideTexts } from './aide/words.js';
import { audited, openAudit } from './audited.js';
import { LIMITS } from './attempts/limits.js';
import { KEPT_MONTHS, type AuditLog } from './audit/log.js';
import { createAssistant, type RunningAssistant } from './assistant.js';
import { createChores, type Chores } from './chores.js';
import { createAdmission } from './limits/admission.js';
import { createServer, type WebServer } from './channels/server.js';
import { createOriginCheck } from './sources/origins.js';
import { createTokens } from './channels/tokens.js';
import { createClosing } from './closing.js';
import type { Config } from './config.js';
import { loadContent, type Content } from './content.js';
import type { Clock, Opinions, Store } from './conversation/ports.js';
import type { ActionInput, ActionResult, Actions } from './dialog/run.js';
import type { AdvisersSide } from './advisers.js';
import { createAnywhereAction, createHandoffAction, createLeaveAction, HANDOFF_OUTCOMES, noDesk } from './handoff/desk.js';
import { FRANCECONNECT_OUTCOMES } from './franceconnect/actions.js';
import { openHome } from './home.js';
import { Readiness } from './health/readiness.js';
import { createEars, createHouse, createReaders, frenchDay, type Ears } from './house.js';
import { UNMEASURED, type Measures } from './measured.js';
import { IDENTITY_OUTCOMES } from './identity/actions.js';
import { OPINIONS_FILE, openJournal } from './insights/journal.js';
import { createOpinions } from './insights/opinions.js';
import type { Keys } from './keys.js';
import { createLife, type Life } from './life.js';
import type { Log } from './log.js';
import { createMarks } from './redaction/marks.js';
import type { Mask } from './redaction/mask.js';
import { createListener, createSharedListener } from './redaction/split.js';
import { openOrders } from './operator.js';
import { openPassage } from './passage.js';
import { openProving, type ProvingSide } from './proving.js';
import { keepNothingTooLong, RETENTION } from './retention.js';
import type { Found } from './teams/commands.js';
import type { TurnOptions } from './turn.js';
import type { Pages } from './site/door.js';
import { readScript } from './site/files.js';
import { renderDiscussion, renderHome, renderMailbox, renderNotFound } from './site/pages.js';
import { privacyBody, renderPrivacy, type Periods } from './site/privacy.js';
import { pageTexts } from './site/texts.js';
import { createSeats, watchProofs } from './sources/seats.js';
import { createSources, type Sources } from './sources/whence.js';

/** The project's folder, whether this runs from src/ or from dist/. */
export const ROOT = join(__dirname, '..');

const PUBLIC_FOLDER = join(ROOT, 'dist', 'public');

/** What the page about privacy tells is what the rooms keep to: milliseconds, and whole months. */
const PERIODS: Periods = {
  ...{ trace: LIMITS.dayMs, letterTrace: LIMITS.monthMs, code: LIMITS.codeLifeMs, letter: LIMITS.letterLifeMs },
  ...{ messages: RETENTION.messages, withAdviser: RETENTION.withAdviser, resumption: RESUMED_FOR, audit: { months: KEPT_MONTHS } },
};

export interface Running extends Life {
  readonly assistant: RunningAssistant;
  /** A label of dialogs/messages.yaml, for doors that the server does not know. */
  label(key: string): string;
  /** How people reach it, once it listens. */
  url(): string;
}

export interface Parts {
  readonly config: Config;
  readonly keys: Keys;
  /** Without a token each call is signed. */
  readonly backend: { readonly url: string; readonly token?: string };
  readonly clock: Clock;
  readonly mask: Mask;
  readonly log: Log;
  /** Nothing is measured without. */
  readonly measures?: Measures;
  /** Where the made-up people can be seen; absent when a real backend is used. */
  readonly peopleUrl?: string;
}

/** Reads and checks the content of the project; `today` as in `loadContent`. */
export function readContent(clock: Clock, today = ''): Content {
  return loadContent({
    root: ROOT,
    readers: createReaders(() => clock.now()),
    outcomes: { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES },
    today,
  });
}

export async function createApp(parts: Parts): Promise<Running> {
  const { config, clock, log, measures = UNMEASURED } = parts;
  const content = readContent(clock);
  const store = measures.store(await openHome(parts));
  const audit = await openAudit(parts);
  const stopOrders = await openOrders({ config, store, clock, log });
  const chores = createChores({ store, shared: config.redisUrl !== undefined, clock, log });
  const proving = openProving({ parts, audit, store, content, chores });
  const { backend, challenges } = proving;
  const opinions = createOpinions({ store, journal: openJournal(join(config.dataFolder, OPINIONS_FILE)), clock });
  const label = (key: string): string => content.labels[key] ?? key;
  const ears = createEars(content);
  const side = await openSide({ parts, audit, store, content, ears, chores });
  chores.take(() => keepNothingTooLong({ store, audit, clock, codes: KEPT_CODES, report: (error) => { log.error('retention.failed', { error }); } }));
  const passage = openPassage({ config, keys: parts.keys, content, store, registry: backend, challenges, hear: (said) => assistant.hear(said), url: () => url(), clock, log });
  const [sources, seats] = [openSources(parts), createSeats({ records: store, clock })];
  const actions: Actions = measures.actions(watchProofs<ActionInput, ActionResult>(audited({ ...passage.actions, ...proving.actions, ...(side?.actions ?? nobodyThere) }, audit, { ...parts, challenges }), seats));
  const recogniser = createRecogniser({ today: () => frenchDay(clock.now()), prewarm: config.mode !== 'local' });
  const readiness = new Readiness(clock);
  const mark = createMarks({ key: parts.keys.pages, mask: parts.mask });
  const assistant = createAssistant({ ...measures.turns, admission: createAdmission(clock, config.limits), store: measures.queued(store), house: houseOf(content, parts, { recogniser, ears, offered: passage.offered }), actions, mask: listenerOf(parts, store), mark, clock, log, ...(side ? { queue: side.queue, signals: side.signals } : {}) });
  const url = (): string => config.publicUrl ?? `http://localhost:${String(server.address()?.port ?? config.port)}`;
  const server: WebServer = createServer({
    assistant: measures.followed(assistant),
    tokens: createTokens({ key: parts.keys.tokens, clock, seats, shared: config.redisUrl !== undefined, spend: async (id, ms) => (await store.count(`ticket/${id}`, ms, clock.now())).count === 1 }),
    config: { publicUrl: url, origins: config.allowedOrigins, secrets: config.directLineSecrets, local: config.mode === 'local' },
    pages: createPages(content, parts, proving.mailbox),
    aide: openAide(parts, { content, ears, store, assistant, opinions, sources, side, url }),
    ...{ publicFolder: PUBLIC_FOLDER, ...(side ? { teams: side.door, signals: side.signals } : {}) },
    labels: { fieldMissing: content.labels['field-missing'] ?? '', privacy: () => linkTo(content, url()) },
    ...{ opinions, sources, mark, log, clock, ...passage.mounted, isReady: () => readiness.isReady, limits: config.limits },
  });
  measures.watch({ port: () => server.address()?.port, requests: () => side?.queue.all().length ?? 0 });
  chores.begin();
  const life = createLife({ readiness, server, url, assistant, audit, chores, proving, store, recogniser, side }, parts);
  return { assistant, label, url, ...life, close: () => stopOrders().then(() => life.close()) };
}

function openSources({ config, keys, clock }: Parts): Sources {
  return createSources({ key: keys.sources, clock, proxies: config.trustedProxies, crowded: config.crowdedRanges, local: config.mode === 'local', ...(config.uncountedRanges && { free: config.uncountedRanges }) });
}

/** Another process may have heard the beginning of a number. */
function listenerOf({ config, mask }: Parts, store: Store): TurnOptions['mask'] {
  if (config.redisUrl === undefined) return createListener(mask);
  return createSharedListener(mask, async (id, after) => (await store.transcript(id, after)).flatMap((entry) => (entry.author === 'person' && entry.text !== undefined ? [{ text: entry.text, at: entry.at, seq: entry.seq }] : [])));
}

/** Without advisers every request for one is honestly refused. */
const nobodyThere: Actions = { 'handoff.request': createHandoffAction(noDesk), 'handoff.anywhere': createAnywhereAction(noDesk), 'handoff.leave': createLeaveAction(noDesk) };

const FOUND_AT_MOST = 3;

async function openSide({ parts, audit, store, content, ears, chores }: { parts: Parts; audit: AuditLog; store: Store; content: Content; ears: Ears; chores: Pick<Chores, 'take'> }): Promise<AdvisersSide | undefined> {
  const { config, keys, clock, mask, log } = parts;
  if (!config.teams) return undefined;
  // Loaded here alone: Microsoft's kit costs a good part of a start, and is for nothing without Teams.
  const { openAdvisersSide } = await import('./advisers.js');
  const search = (text: string): readonly Found[] => {
    const { candidates, because } = ears.understand(text);
    return candidates.slice(0, FOUND_AT_MOST).flatMap(({ entry }) => content.entries.get(entry) ?? []).map(({ title, answer, sources }) => ({ title, answer, sources: sources.map(({ url }) => url), reasons: because }));
  };
  return openAdvisersSide({ ...{ config, teams: config.teams, audit, store, content, chores, search, clock, log }, key: keys.staff, clean: (text) => mask(text).text });
}

function houseOf(content: Content, { config, clock }: Parts, { recogniser, ears, offered }: { recogniser: Recogniser; ears: Ears; offered: readonly string[] }): ReturnType<typeof createHouse> {
  return { ...createHouse(content, { readers: createReaders(() => clock.now()), recogniser }, ears, offered), isClosed: createClosing(config.keysFolder, clock) };
}

function createPages(content: Content, parts: Parts, mailbox: ProvingSide['mailbox']): Pages {
  const texts = pageTexts.parse(content.pages);
  const script = readScript(PUBLIC_FOLDER);
  return {
    home: renderHome({ texts, script, ...(parts.peopleUrl === undefined ? {} : { demo: { peopleUrl: parts.peopleUrl } }) }),
    discussion: renderDiscussion({ texts, script }),
    notFound: renderNotFound({ texts }),
    privacy: renderPrivacy({ texts, periods: PERIODS }),
    ...(mailbox ? { mailbox: async () => renderMailbox({ texts, mails: await mailbox.list() }) } : {}),
  };
}

/** Where a form says what is done with what is written in it. */
function linkTo(content: Content, url: string): string {
  return `[${pageTexts.parse(content.pages).site.privacy}](${new URL('/confidentialite', url).href})`;
}

interface AideParts {
  readonly content: Content;
  readonly ears: Ears;
  readonly store: Store;
  readonly assistant: RunningAssistant;
  readonly opinions: Opinions;
  readonly sources: Sources;
  readonly side: AdvisersSide | undefined;
  readonly url: () => string;
}

function openAide({ config, keys, clock, mask, log }: Parts, { content, ears, store, assistant, opinions, sources, side, url }: AideParts): AideDoor {
  const pages = pageTexts.parse(content.pages);
  const { demo, privacy } = pages;
  return createAide({
    privacy: { title: privacy.title, body: privacyBody({ texts: pages, periods: PERIODS }).source },
    ...{ assistant, opinions, sources, records: store, entries: content.entries, texts: aideTexts.parse(content.aide), key: keys.pages, clock },
    ...(config.mode === 'local' ? { demo: `${demo.title}. ${demo.text}` } : {}),
    turnsDone: (id) => store.withTurn(id, () => Promise.resolve()),
    left: async (id) => side?.signals.personLeft(id),
    search: (text) => ears.understand(text).candidates.map(({ entry }) => entry),
    clean: (text) => mask(text).text,
    // Sites that may show the widget are not this page.
    isOwn: createOriginCheck({ publicUrl: url, origins: [], local: config.mode === 'local' }),
    secure: () => url().startsWith('https:'),
    report: (event, error) => {
      log.error(event, { error });
    },
  });
}
