/** Where people speak from, with room for all the conversations that a test may open from one machine. */
import type { Clock } from '../../src/conversation/ports.js';
import { LIMITS, type LimitSettings } from '../../src/limits/settings.js';
import { createSources, type Sources, type SourcesOptions } from '../../src/sources/whence.js';

const ALL = { perAddress: 1_000_000, perRange: 1_000_000 };

export function plenty(clock: Clock, more: Partial<SourcesOptions> = {}): Sources {
  return createSources({ key: new Uint8Array(32).fill(5), clock, limits: ALL, ...more });
}

/** As in production, but as fast as one likes: on a clock that stands still, nobody's patience ever comes back. */
export const AT_ANY_PACE: LimitSettings = { ...LIMITS, requestsPerSecond: 1_000_000 };
