/**
 * The environment, read once into typed and frozen settings. Every fault is reported at once, with what to do; nothing
 * else in the server reads `process.env`; commands that need no more than a folder read DATA_DIR and KEYS_DIR by themselves.
 */
import { FaultsError, type Fault } from './conversation/errors.js';
import { readLimits, type LimitSettings } from './limits/settings.js';
import { Reading, type Env } from './settings.js';

export interface Config {
  /** Local: made-up people, a mailbox to read, loopback only. Production refuses to start without the real things. */
  readonly mode: 'local' | 'production';
  readonly host: string;
  readonly port: number;
  /** Where the store, the keys and the logs of local mode rest. */
  readonly dataFolder: string;
  /** Where conversations rest, for several processes: `redis://`, `redis+cluster://` or `redis+sentinel://`; undefined: in `dataFolder`. */
  readonly redisUrl?: string;
  /** How many replicas of Redis must have a change before it is acknowledged; 0: none is waited for. */
  readonly redisReplicas: number;
  /** Where the keys of this installation rest: the same for all its processes. */
  readonly keysFolder: string;
  /** Milliseconds for load balancers to see that we are no longer ready, before we stop taking visits. */
  readonly drainMs: number;
  /** How people reach us, without a trailing slash; undefined: `http://localhost:PORT`. */
  readonly publicUrl?: string;
  /** Origins of the pages that may embed the widget, beside our own. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and networks of the proxies in front of us: what they say of where people come from is believed. */
  readonly trustedProxies: readonly string[];
  /** Networks in which many people share an address, such as the offices of a caisse: more of them may come at a time. */
  readonly crowdedRanges: readonly string[];
  /** Networks whose people are not counted by address; undefined: one's own machine in local mode, nobody in production. */
  readonly uncountedRanges?: readonly string[];
  /** How much may come in at a time. */
  readonly limits: LimitSettings;
  /** Secrets of Direct Line clients that are servers. */
  readonly directLineSecrets: readonly string[];
  /** The account backend; undefined: the reference backend is started on `referencePort`. */
  readonly backend?: { readonly url: string; readonly token?: string };
  readonly referencePort: number;
  /** The mail relay; undefined: mails go to a local mailbox that the demonstration page shows. */
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  /** Advisers in Teams; undefined: none are connected. */
  readonly teams?: TeamsConfig;
  /** FranceConnect, or FranceConnect+, as a proof of identity; undefined: it is not offered. */
  readonly franceConnect?: FranceConnectConfig;
  /** Where those who run it read its measures and its health: never the public port; undefined: nowhere. Port 0 takes a free one. */
  readonly internal?: { readonly host: string; readonly port: number };
  /** Whether turns make spans, for an OpenTelemetry kit that was loaded before. */
  readonly traces: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug';
}

export interface FranceConnectConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** As registered there; undefined: `/franceconnect/retour` under the public address. */
  readonly redirectUrl?: string;
  /** The least that is asked for: `eidas1` identifies only. */
  readonly level: 'eidas1' | 'eidas2' | 'eidas3';
  readonly signing: 'ES256' | 'RS256';
  /** Private JWK that answers are encrypted for. */
  readonly decryption?: { readonly kty: string; readonly alg: string };
}

export interface TeamsConfig {
  /** Who answers, for which caisse, in which channel. */
  readonly rosterFile: string;
  readonly connection: {
    /** Absent in local mode only. */
    readonly credentials?: { readonly appId: string; readonly secret: string; readonly tenant: string };
    readonly local: boolean;
    readonly serviceUrl: string;
    readonly serviceOrigins: readonly string[];
  };
}

/** Reads the settings; throws `FaultsError('config-invalid')` with all faults. */
export function readConfig(env: Env): Config {
  const faults: Fault[] = [];
  const read = new Reading(env, faults);
  const mode = env['NODE_ENV'] === 'production' ? 'production' : 'local';
  const publicUrl = read.url('PUBLIC_URL');
  const smtpUrl = read.url('SMTP_URL', ['smtp:', 'smtps:']);
  const redisUrl = read.redis('REDIS_URL');
  const backend = backendOf(read);
  const teams = teamsOf(read, mode === 'local', faults);
  const franceConnect = franceConnectOf(read, mode === 'local', faults);
  const internal = internalOf(read, faults);
  const uncountedRanges = read.text('UNCOUNTED_RANGES') === undefined ? undefined : read.networks('UNCOUNTED_RANGES');
  const config: Config = {
    mode,
    host: env['HOST'] ?? '127.0.0.1',
    port: read.port('PORT', 3978),
    dataFolder: env['DATA_DIR'] ?? './var',
    allowedOrigins: read.origins('ALLOWED_ORIGINS'),
    trustedProxies: read.networks('TRUSTED_PROXIES'),
    crowdedRanges: read.networks('CROWDED_RANGES'),
    limits: readLimits(mode, (name, otherwise) => read.positive(name, otherwise)),
    directLineSecrets: read.list('DIRECT_LINE_SECRETS'),
    redisReplicas: read.wholeNumber('REDIS_WAIT_REPLICAS', 0),
    drainMs: read.wholeNumber('DRAIN_MS', 0, 60_000),
    keysFolder: env['KEYS_DIR'] ?? env['DATA_DIR'] ?? './var',
    referencePort: read.port('REFERENCE_PORT', 3979),
    mailFrom: env['MAIL_FROM'] ?? 'Sésame <ne-pas-repondre@sesame.invalid>',
    ...present({ publicUrl, redisUrl, backend, smtpUrl, teams, franceConnect, internal, uncountedRanges }),
    traces: read.oneOf('TRACES', ['on', 'off'], 'off') === 'on',
    logLevel: read.oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug'], 'info'),
  };
  if (mode === 'production') faults.push(...productionFaults(env, config));
  if (faults.length > 0) throw new FaultsError('config-invalid', faults);
  return Object.freeze(config);
}

/** Without the settings that were not given. */
function present<T extends object>(settings: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** A fixed service token only for a backend that takes no signed calls. */
function backendOf(read: Reading): Config['backend'] {
  const url = read.url('ACCOUNT_BACKEND_URL');
  const token = read.text('ACCOUNT_BACKEND_TOKEN');
  return url === undefined ? undefined : { url, ...present({ token }) };
}

/** Where Microsoft's connector of Europe is, unless told. */
const CONNECTOR = 'https://smba.trafficmanager.net/emea/';

/** Either an application of a tenant, or, in local mode only, the local client (`TEAMS_LOCAL_URL`). */
function teamsOf(read: Reading, local: boolean, faults: Fault[]): TeamsConfig | undefined {
  const appId = read.text('TEAMS_APP_ID');
  const client = local ? read.url('TEAMS_LOCAL_URL') : undefined;
  const rosterFile = read.text('ADVISERS_FILE') ?? 'config/advisers.yaml';
  if (appId === undefined) return client === undefined ? undefined : { rosterFile, connection: { local, serviceUrl: client, serviceOrigins: [new URL(client).origin] } };
  const [secret, tenant] = ['TEAMS_APP_SECRET', 'TEAMS_TENANT'].map((name) => {
    const value = read.text(name);
    if (value === undefined) faults.push({ where: name, what: 'is not set although TEAMS_APP_ID is', todo: 'set it: without it nobody can be told from anybody' });
    return value ?? '';
  });
  const serviceUrl = `${read.url('TEAMS_SERVICE_URL') ?? CONNECTOR.slice(0, -1)}/`;
  return { rosterFile, connection: { credentials: { appId, secret: secret ?? '', tenant: tenant ?? '' }, local: false, serviceUrl, serviceOrigins: [new URL(serviceUrl).origin] } };
}

const FRANCECONNECT = ['FRANCECONNECT_ISSUER', 'FRANCECONNECT_CLIENT_ID', 'FRANCECONNECT_CLIENT_SECRET'] as const;

/** All of issuer, client and secret, or nothing. */
function franceConnectOf(read: Reading, local: boolean, faults: Fault[]): FranceConnectConfig | undefined {
  const [issuer, clientId, clientSecret] = FRANCECONNECT.map((name) => (name.endsWith('ISSUER') ? read.url(name) : read.text(name)));
  const missing = FRANCECONNECT.filter((name) => read.text(name) === undefined);
  if (missing.length === FRANCECONNECT.length) return undefined;
  for (const where of missing) faults.push({ where, what: 'is not set although other settings of FranceConnect are', todo: 'set it, or none of them: FranceConnect is then not offered' });
  if (!local && issuer?.startsWith('https://') === false) faults.push({ where: 'FRANCECONNECT_ISSUER', what: 'is not https', todo: 'give the issuer as FranceConnect publishes it' });
  const redirectUrl = read.url('FRANCECONNECT_REDIRECT_URL');
  const level = read.oneOf('FRANCECONNECT_LEVEL', ['eidas1', 'eidas2', 'eidas3'], 'eidas2');
  const signing = read.oneOf('FRANCECONNECT_SIGNING', ['ES256', 'RS256'], 'ES256');
  const decryption = read.privateKey('FRANCECONNECT_DECRYPTION_KEY');
  return { issuer: issuer ?? '', clientId: clientId ?? '', clientSecret: clientSecret ?? '', level, signing, ...present({ redirectUrl, decryption }) };
}

/** A port of its own: on the public one, anybody could read it. */
function internalOf(read: Reading, faults: Fault[]): Config['internal'] {
  if (read.text('INTERNAL_PORT') === undefined) return undefined;
  const port = read.port('INTERNAL_PORT', 0);
  if (port !== 0 && String(port) === (read.text('PORT') ?? '3978')) faults.push({ where: 'INTERNAL_PORT', what: 'is the public port', todo: 'give another one, which no proxy leads to' });
  return { host: read.text('INTERNAL_HOST') ?? '127.0.0.1', port };
}

/** What local mode stands in for must be real in production. */
function productionFaults(env: Env, config: Config): Fault[] {
  const missing = ['PUBLIC_URL', 'ACCOUNT_BACKEND_URL', 'SMTP_URL', 'MAIL_FROM'].filter((name) => (env[name] ?? '') === '');
  const faults = missing.map((where) => ({ where, what: 'is not set', todo: 'production has no stand-in for it: set it' }));
  if (config.publicUrl !== undefined && !config.publicUrl.startsWith('https://')) {
    faults.push({ where: 'PUBLIC_URL', what: 'is not https', todo: 'identity data must travel encrypted: give the https address' });
  }
  // We speak no https ourselves, so there is always a proxy; unknown, it would make everybody come from one address.
  if (config.trustedProxies.length === 0) faults.push({ where: 'TRUSTED_PROXIES', what: 'is not set', todo: 'give the addresses or networks of the proxy in front: without them everybody shares the limits of one address' });
  return faults;
}
