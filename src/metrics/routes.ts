/**
 * The address of a request as the name of a route and its status as a class, both from closed lists: an address may
 * hold the name of a conversation, and whatever a stranger cares to write. It routes nothing.
 */
import type { ROUTES, STATUSES } from './measures.js';

type Route = (typeof ROUTES)[number];
type Status = (typeof STATUSES)[number];

const PATTERNS: readonly (readonly [RegExp, Route])[] = [
  [/^\/v3\/directline\/conversations\/[^/]+\/(activities|upload)$/, 'activities'],
  [/^\/v3\/directline\/conversations\/[^/]+\/stream$/, 'stream'],
  [/^(\/api\/conversation|\/v3\/directline\/conversations(\/[^/]+)?)$/, 'conversation'],
  [/^(\/api\/token|\/v3\/directline\/tokens\/(generate|refresh))$/, 'token'],
  [/^\/v3\/directline\/session\//, 'session'],
  [/^\/api\/messages$/, 'teams'],
  [/^\/aide(\/|$)/, 'aide'],
  [/^\/franceconnect\/(aller|retour|fin|cles)$/, 'franceconnect'],
  [/^\/(|discussion|confidentialite|demo\/courrier)$/, 'pages'],
  [/^\/public\//, 'files'],
  [/^\/health$/, 'health'],
];

export function routeOf(path: string): Route {
  return PATTERNS.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

export function statusClass(status: number): Status {
  if (status === 429) return '429';
  if (status === 503) return '503';
  if (status >= 500) return '5xx';
  if (status >= 400) return '4xx';
  return status >= 300 ? '3xx' : '2xx';
}
