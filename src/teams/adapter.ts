/**
 * The Bot Framework at the edge: activities that come in, checked, and calls that go out. The only file that knows
 * botbuilder, which checks no token and sends nothing by itself here; what an activity means is inbound.ts.
 */
import { ActivityTypes, CloudAdapter, ConfigurationBotFrameworkAuthentication, type Activity, type ResourceResponse, type TurnContext } from 'botbuilder';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../conversation/ports.js';
import { SesameError } from '../conversation/errors.js';
import { readActivity, type Incoming } from '../connector/activity.js';
import type { Heard } from './inbound.js';
import { TeamsRefusal, type TeamsActivity, type TeamsConnector, type Thread } from './ports.js';
import { createGate, isAllowed, METADATA_URL } from '../connector/tokens.js';

export interface TeamsOptions {
  /** Absent: no token is asked for nor sent, which only local mode may do, and only on loopback. */
  readonly credentials?: { readonly appId: string; readonly secret: string; readonly tenant: string };
  readonly local: boolean;
  /** Where threads are started: the connector of our region. */
  readonly serviceUrl: string;
  /** Origins that we may be called by and call. */
  readonly serviceOrigins: readonly string[];
  /** The Bot Framework's own unless told. */
  readonly metadataUrl?: string;
  /** Microsoft's own unless told. */
  readonly tokenUrl?: string;
  /** Milliseconds that a call may take; 10,000 unless told. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
  readonly log: { warn(event: string, fields: Readonly<Record<string, unknown>>): void };
}

/** A request to `/api/messages`; `json` reads a body of so many bytes at most. */
export interface TeamsRequest {
  readonly headers: IncomingHttpHeaders;
  json(atMost?: number): Promise<unknown>;
}

export interface TeamsAnswer {
  readonly status: number;
  readonly body: object;
}

/** The route that the server mounts. */
export interface TeamsDoor {
  readonly verb: 'post';
  readonly path: '/api/messages';
  answer(request: TeamsRequest): Promise<TeamsAnswer>;
}

/** Bytes of a request: an activity holds a message of 28 kB twice, as text and as HTML, and what surrounds it. */
const MOST_BYTES = 128 * 1024;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const UNAUTHORISED: TeamsAnswer = { status: 401, body: { error: { code: 'Unauthorized', message: 'This request is not allowed.' } } };
const MALFORMED: TeamsAnswer = { status: 400, body: { error: { code: 'BadSyntax', message: 'The body must be an activity.' } } };

/** Throws `config-invalid` where nobody could be told from anybody: no credentials outside local mode. */
export function createTeamsDoor(options: TeamsOptions, connector: TeamsConnector, hear: (activity: Incoming) => Promise<Heard>): TeamsDoor {
  const admit = createAdmission(options);
  const adapter = new Adapter(connector, options);
  return {
    verb: 'post',
    path: '/api/messages',
    async answer(request) {
      const admitted = await admit(request.headers);
      // An unknown caller learns nothing, not even whether its body could be read.
      if (admitted === undefined) return refused('token', options);
      const body = await request.json(MOST_BYTES);
      const activity = readActivity(body);
      if (activity === undefined) return MALFORMED;
      if (activity.channelId !== 'msteams') return refused('channel', options);
      if (!isAllowed(activity.serviceUrl, options.serviceOrigins) || !sameAddress(activity.serviceUrl, admitted.serviceUrl)) return refused('service-url', options);
      return adapter.turn(activity, hear);
    },
  };
}

function refused(why: string, { log }: TeamsOptions): TeamsAnswer {
  log.warn('teams.unauthorised', { why });
  return UNAUTHORISED;
}

const bare = (url: string): string => url.replace(/\/$/, '');
const sameAddress = (said: string, proved: string | undefined): boolean => proved === undefined || bare(said) === bare(proved);

/** `serviceUrl` is what a token proves; in local mode nothing is proved. */
type Admission = (headers: IncomingHttpHeaders) => Promise<{ readonly serviceUrl?: string } | undefined>;

function createAdmission({ credentials, local, ...options }: TeamsOptions): Admission {
  if (credentials) {
    const gate = createGate({ ...options, appId: credentials.appId, metadataUrl: options.metadataUrl ?? METADATA_URL });
    return ({ authorization }) => gate.admit(authorization);
  }
  if (!local || options.serviceOrigins.some((origin) => !LOOPBACK.has(new URL(origin).hostname))) {
    throw new SesameError('config-invalid', 'Teams without credentials is for local mode with a connector on loopback: set the id and the secret of the bot');
  }
  // A page in a browser of this machine could reach us too: it would name its origin, or another host.
  return ({ host = '', origin, 'x-forwarded-for': forwarded }) =>
    Promise.resolve(LOOPBACK.has(host.replace(/:\d+$/, '')) && origin === undefined && forwarded === undefined ? {} : undefined);
}

class Adapter extends CloudAdapter {
  constructor(
    private readonly connector: TeamsConnector,
    private readonly options: TeamsOptions,
  ) {
    // Without an app id of its own, the SDK can neither admit nor send anything.
    super(new ConfigurationBotFrameworkAuthentication({}));
  }

  async turn(incoming: Incoming, hear: (activity: Incoming) => Promise<Heard>): Promise<TeamsAnswer> {
    const { appId = '' } = this.options.credentials ?? {};
    const claimsIdentity = this.createClaimsIdentity(appId);
    const connectorFactory = this.botFrameworkAuthentication.createConnectorFactory(claimsIdentity);
    const activity = incoming as unknown as Activity;
    const response = await this.processActivity({ audience: '', claimsIdentity, connectorFactory }, activity, async (context) => {
      const heard = await hear(incoming);
      if (incoming.type === 'invoke') await context.sendActivity({ type: ActivityTypes.InvokeResponse, value: invoked(incoming, heard) });
      else if (heard.text !== undefined) await context.sendActivity(heard.text);
    });
    return { status: response?.status ?? 200, body: (response?.body as object | undefined) ?? {} };
  }

  /** An answer that cannot be delivered is no reason to have the same activity sent again. */
  override async sendActivities(context: TurnContext, activities: Partial<Activity>[]): Promise<ResourceResponse[]> {
    if (activities.some(({ type }) => type === ActivityTypes.InvokeResponse)) return super.sendActivities(context, activities);
    const { conversation, serviceUrl, id } = context.activity;
    const thread: Thread = { serviceUrl, conversationId: conversation.id, rootId: '' };
    const sent: ResourceResponse[] = [];
    for (const { text } of activities) {
      try {
        sent.push({ id: await this.connector.reply(thread, { type: 'message', text, textFormat: 'markdown', locale: 'fr-FR', replyToId: id }) });
      } catch (error) {
        this.options.log.warn('teams.answer-lost', { status: error instanceof TeamsRefusal ? error.status : undefined });
      }
    }
    return sent;
  }
}

/** What an invoke is answered: shown to the one who pressed, and to no one else. */
function invoked({ name }: Incoming, { text = '' }: Heard): { status: number; body?: object } {
  if (name !== 'adaptiveCard/action') return { status: 501 };
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text } };
}

/** Calls to the connector with the bot's own token; one try each. */
export function createConnector(options: TeamsOptions): TeamsConnector {
  const bearer = createBearer(options);
  const call = async (method: 'POST' | 'PUT', address: { serviceUrl: string; path: string }, body: object): Promise<Readonly<Record<string, unknown>>> => {
    if (!isAllowed(address.serviceUrl, options.serviceOrigins)) throw new TeamsRefusal(403, false);
    const headers = { 'content-type': 'application/json', ...(await bearer.headers()) };
    const response = await attempt(`${bare(address.serviceUrl)}/v3/conversations${address.path}`, { method, headers, body: JSON.stringify(body) }, options);
    if (response.status === 401) bearer.forget();
    return response.ok ? bodyOf(response) : fail(response, options.clock);
  };
  const within = ({ serviceUrl, conversationId }: Thread, activityId?: string) => ({
    serviceUrl,
    path: `/${encodeURIComponent(conversationId)}/activities${activityId === undefined ? '' : `/${encodeURIComponent(activityId)}`}`,
  });
  return {
    async startThread({ tenant, channel }, root) {
      const { serviceUrl, credentials } = options;
      const bot = { id: `28:${credentials?.appId ?? 'sesame'}` };
      const started = await call('POST', { serviceUrl, path: '' }, { isGroup: true, tenantId: tenant, bot, channelData: { tenant: { id: tenant }, channel: { id: channel } }, activity: root });
      const { id, activityId } = started;
      if (typeof id !== 'string') throw new TeamsRefusal(0, true);
      return { serviceUrl, conversationId: id, rootId: typeof activityId === 'string' ? activityId : (/;messageid=(\d+)/.exec(id)?.[1] ?? id) };
    },
    async update(thread, activityId, activity: TeamsActivity) {
      await call('PUT', within(thread, activityId), { ...activity, id: activityId });
    },
    async reply(thread, activity) {
      const { id } = await call('POST', within(thread), activity);
      return typeof id === 'string' ? id : '';
    },
  };
}

async function attempt(url: string, init: RequestInit, { timeoutMs = 10_000 }: TeamsOptions): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    throw new TeamsRefusal(0, true);
  }
}

async function bodyOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const text = await response.text();
    return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
  } catch {
    throw new TeamsRefusal(0, true);
  }
}

async function fail(response: Response, clock: Clock): Promise<never> {
  await response.body?.cancel();
  const { status } = response;
  const after = response.headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - clock.now();
  throw new TeamsRefusal(status, status >= 500 || [401, 408, 429].includes(status), ms >= 0 ? ms : undefined);
}

const FRESH_FOR_MS = 5 * 60_000;

/** The bot's token, asked for once and shared until shortly before its end. */
function createBearer({ credentials, tokenUrl, ...options }: TeamsOptions): { headers(): Promise<Record<string, string>>; forget(): void } {
  let held: Promise<{ token: string; until: number }> | undefined;
  const ask = async ({ appId, secret, tenant }: NonNullable<TeamsOptions['credentials']>): Promise<{ token: string; until: number }> => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: appId, client_secret: secret, scope: 'https://api.botframework.com/.default' });
    const url = tokenUrl ?? `https://login.microsoftonline.com/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
    const response = await attempt(url, { method: 'POST', body }, { ...options });
    // Not even a wrong secret is the message's fault: it waits until an operator has set it right.
    if (!response.ok) throw new TeamsRefusal(response.status, true);
    const { access_token: token, expires_in: seconds } = await bodyOf(response);
    if (typeof token !== 'string' || typeof seconds !== 'number') throw new TeamsRefusal(0, true);
    return { token, until: options.clock.now() + seconds * 1000 };
  };
  return {
    async headers() {
      if (!credentials) return {};
      const before = await held?.catch(() => undefined);
      if (before === undefined || before.until - FRESH_FOR_MS < options.clock.now()) held = ask(credentials);
      const { token } = await (held ?? ask(credentials));
      return { authorization: `Bearer ${token}` };
    },
    forget() {
      held = undefined;
    },
  };
}
