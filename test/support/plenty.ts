/** Where people speak from, with room for all the conversations that a test may open from one machine. */
import type { Clock } from '../../src/conversation/ports.js';
import { createSources, type Sources, type SourcesOptions } from '../../src/sources/whence.js';

const ALL = { perAddress: 1_000_000, perRange: 1_000_000 };

export function plenty(clock: Clock, more: Partial<SourcesOptions> = {}): Sources {
  return createSources({ key: new Uint8Array(32).fill(5), clock, limits: ALL, ...more });
}
