/**
 * The wiring: the only file that knows every room. It hands each what it needs and decides
 * nothing.
 */
import { join } from 'node:path';
import { ACCOUNT_OUTCOMES, createAccountActions } from './account/actions.js';
import { createHttpBackend } from './account/http-backend.js';
import { createRecogniser, type Recogniser } from './answers/recognise.js';
import { createAide, type AideDoor } from './aide/door.js';
import { aideTexts } from './aide/words.js';
import { createAssistant, type RunningAssistant } from './assistant.js';
import { createLocalMailbox, createSmtpMailer } from './channels/mail.js';
import { createServer, type WebServer } from './channels/server.js';
import { createOriginCheck, createTokens } from './channels/tokens.js';
import type { Config } from './config.js';
import { loadContent, type Content } from './content.js';
import type { Fault } from './conversation/errors.js';
import type { Clock, Opinions, Store } from './conversation/ports.js';
import type { Actions } from './dialog/run.js';
import { handoffActions, openAdvisersSide, type AdvisersSide } from './advisers.js';
import { HANDOFF_OUTCOMES, noDesk } from './handoff/desk.js';
import { createEars, createHouse, createReaders, frenchDay, type Ears } from './house.js';
import { createIdentityActions, IDENTITY_OUTCOMES } from './identity/actions.js';
import { Challenges } from './identity/challenge.js';
import { startCourier } from './identity/courier.js';
import { maskSecrets } from './identity/redaction.js';
import { OPINIONS_FILE, openJournal } from './insights/journal.js';
import { createOpinions } from './insights/opinions.js';
import type { Keys } from './keys.js';
import type { Log } from './log.js';
import type { Found } from './teams/commands.js';
import type { Pages } from './site/door.js';
import { readScript } from './site/files.js';
import { renderDiscussion, renderHome, renderMailbox, renderNotFound } from './site/pages.js';
import { pageTexts } from './site/texts.js';
import { openEmbeddedStore } from './storage/embedded.js';

/** The project's folder, whether this runs from src/ or from dist/. */
export const ROOT = join(__dirname, '..');

const PUBLIC_FOLDER = join(ROOT, 'dist', 'public');

/** How often expired records leave the store. */
const SWEEP_EVERY_MS = 3_600_000;

export interface Running {
  readonly assistant: RunningAssistant;
  /** A label of dialogs/messages.yaml, for doors that the server does not know. */
  label(key: string): string;
  /** How people reach it, once it listens. */
  url(): string;
  listen(): Promise<void>;
  /** Reads again who the advisers are; gives back what is wrong with the file, and then nothing has changed. */
  reload(): Promise<readonly Fault[]>;
  /** Takes no one new, ends what is under way, closes the store. */
  close(): Promise<void>;
}

export interface Parts {
  readonly config: Config;
  readonly keys: Keys;
  readonly backend: { readonly url: string; readonly token: string };
  readonly clock: Clock;
  readonly log: Log;
  /** Where the made-up people can be seen; absent when a real backend is used. */
  readonly peopleUrl?: string;
}

/** Reads and checks the content of the project; `today` as in `loadContent`. */
export function readContent(clock: Clock, today = ''): Content {
  return loadContent({
    root: ROOT,
    readers: createReaders(() => clock.now()),
    outcomes: { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...HANDOFF_OUTCOMES },
    today,
  });
}

export async function createApp(parts: Parts): Promise<Running> {
  const { config, clock, log } = parts;
  const content = readContent(clock);
  const report = (error: unknown): void => {
    log.error('store.listener-broke', { error });
  };
  const store = await openEmbeddedStore({ folder: join(config.dataFolder, 'store'), report });
  const sweeping = setInterval(() => {
    store.sweep(clock.now()).catch(report);
  }, SWEEP_EVERY_MS).unref();
  const backend = createHttpBackend(parts.backend);
  const mailbox = config.smtpUrl === undefined ? createLocalMailbox({ folder: join(config.dataFolder, 'mailbox'), clock }) : undefined;
  const mailer = mailbox ?? createSmtpMailer({ url: config.smtpUrl ?? '', from: config.mailFrom });
  const opinions = createOpinions({ store, journal: openJournal(join(config.dataFolder, OPINIONS_FILE)), clock });
  const challenges = new Challenges(store, backend, { hash: parts.keys.hash, proof: parts.keys.proof }, clock);
  const courier = startCourier({ outbox: store, challenges, registry: backend, mailer, text: content.mails['code'] ?? { subject: '', text: '{code}' }, clock, log });
  const ears = createEars(content);
  const side = await openSide({ parts, store, content, ears });
  const actions: Actions = { ...createIdentityActions(challenges), ...createAccountActions(backend), ...(side?.actions ?? nobodyThere) };
  const recogniser = createRecogniser({ today: () => frenchDay(clock.now()), prewarm: config.mode !== 'local' });
  const assistant = createAssistant({ store, house: houseOf(content, parts, { recogniser, ears }), actions, mask: maskSecrets, clock, log, ...(side ? { queue: side.queue, signals: side.signals } : {}) });
  const url = (): string => config.publicUrl ?? `http://localhost:${String(server.address()?.port ?? config.port)}`;
  const server: WebServer = createServer({
    assistant,
    tokens: createTokens({ key: parts.keys.tokens, clock }),
    config: { publicUrl: url, origins: config.allowedOrigins, secrets: config.directLineSecrets, local: config.mode === 'local' },
    pages: createPages(content, parts, mailbox),
    aide: openAide(parts, { content, ears, store, assistant, opinions, side, url }),
    ...{ publicFolder: PUBLIC_FOLDER, ...(side ? { teams: side.door, signals: side.signals } : {}) },
    labels: { fieldMissing: content.labels['field-missing'] ?? '' },
    ...{ opinions, log, clock },
  });
  return {
    assistant,
    label: (key) => content.labels[key] ?? key,
    url,
    async listen() {
      await server.listen(config.port, config.host);
      log.info('server.listening', { url: url() });
      // Turns are one at a time in each conversation, so whoever comes back meanwhile waits for what was left open.
      assistant.takeUp().then((conversations) => {
        log.info('turns.taken-up', { conversations });
      }, report);
    },
    reload: async () => (await side?.reload()) ?? [],
    async close() {
      clearInterval(sweeping);
      await closeInOrder(server, { assistant, courier, store, backend, recogniser, ...(side ? { side } : {}) });
    },
  };
}

/** Without advisers every request for one is honestly refused. */
const nobodyThere: Actions = handoffActions(noDesk);

const FOUND_AT_MOST = 3;

async function openSide({ parts, store, content, ears }: { parts: Parts; store: Store; content: Content; ears: Ears }): Promise<AdvisersSide | undefined> {
  const { config, keys, clock, log } = parts;
  if (!config.teams) return undefined;
  const search = (text: string): readonly Found[] => {
    const { candidates, because } = ears.understand(text);
    return candidates.slice(0, FOUND_AT_MOST).flatMap(({ entry }) => content.entries.get(entry) ?? []).map(({ title, answer, sources }) => ({ title, answer, sources: sources.map(({ url }) => url), reasons: because }));
  };
  return openAdvisersSide({ ...{ config, teams: config.teams, store, content, search, clock, log }, key: keys.staff, clean: (text) => maskSecrets(text).text });
}

function houseOf(content: Content, { clock }: Parts, { recogniser, ears }: { recogniser: Recogniser; ears: Ears }): ReturnType<typeof createHouse> {
  return createHouse(content, { readers: createReaders(() => clock.now()), recogniser }, ears);
}

function createPages(content: Content, parts: Parts, mailbox: ReturnType<typeof createLocalMailbox> | undefined): Pages {
  const texts = pageTexts.parse(content.pages);
  const script = readScript(PUBLIC_FOLDER);
  return {
    home: renderHome({ texts, script, ...(parts.peopleUrl === undefined ? {} : { demo: { peopleUrl: parts.peopleUrl } }) }),
    discussion: renderDiscussion({ texts, script }),
    notFound: renderNotFound({ texts }),
    ...(mailbox ? { mailbox: async () => renderMailbox({ texts, mails: await mailbox.list() }) } : {}),
  };
}

interface AideParts {
  readonly content: Content;
  readonly ears: Ears;
  readonly store: Store;
  readonly assistant: RunningAssistant;
  readonly opinions: Opinions;
  readonly side: AdvisersSide | undefined;
  readonly url: () => string;
}

function openAide({ config, keys, clock, log }: Parts, { content, ears, store, assistant, opinions, side, url }: AideParts): AideDoor {
  const { demo } = pageTexts.parse(content.pages);
  return createAide({
    ...{ assistant, opinions, records: store, entries: content.entries, texts: aideTexts.parse(content.aide), key: keys.pages, clock },
    ...(config.mode === 'local' ? { demo: `${demo.title}. ${demo.text}` } : {}),
    turnsDone: (id) => store.withTurn(id, () => Promise.resolve()),
    left: async (id) => side?.signals.personLeft(id),
    search: (text) => ears.understand(text).candidates.map(({ entry }) => entry),
    clean: (text) => maskSecrets(text).text,
    // Sites that may show the widget are not this page.
    isOwn: createOriginCheck({ publicUrl: url, origins: [], local: config.mode === 'local' }),
    secure: () => url().startsWith('https:'),
    report: (event, error) => {
      log.error(event, { error });
    },
  });
}

interface Closing {
  readonly assistant: RunningAssistant;
  readonly courier: { stop(): Promise<void> };
  readonly store: Store;
  readonly backend: { close(): Promise<void> };
  readonly recogniser: { close(): Promise<void> };
  readonly side?: AdvisersSide;
}

/** Doors first, so that nothing new comes in; the store last, because everything else writes to it. */
async function closeInOrder(server: WebServer, { assistant, courier, store, backend, recogniser, side }: Closing): Promise<void> {
  await server.close();
  await assistant.settled();
  await recogniser.close();
  await side?.close();
  await courier.stop();
  await store.close();
  await backend.close();
}
