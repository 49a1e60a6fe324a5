/**
 * The look-up of an identity, told alike for everybody: a backend that fails for one person only must not tell by it that
 * this person is known there. That it fails for all is no secret, and is told as it is.
 */
import { SesameError } from '../conversation/errors.js';
import type { Registry } from '../identity/ports.js';

/** How the backend is doing, apart from the person asked about. */
export interface Condition {
  /** Whether calls are made at all, as far as those before this one tell. */
  isUp(): Promise<boolean>;
  /** Whether the backend says of itself, now, that it can answer. Never throws. */
  isThere(): Promise<boolean>;
}

/**
 * The same look-up; a fault of a backend that is well otherwise is an identity that nobody has. Whoever meets one hears
 * what everybody hears, gets no code, and can ask again. A backend that is down throws, whoever is asked about.
 */
export function evenly(registry: Pick<Registry, 'identify'>, condition: Condition): Pick<Registry, 'identify'> {
  return {
    async identify(nir, birthDate) {
      // Asked before: the faults of this very look-up may be what makes the backend be given rest.
      const wasUp = await condition.isUp();
      try {
        return await registry.identify(nir, birthDate);
      } catch (error) {
        if (!(error instanceof SesameError && error.code.startsWith('backend-'))) throw error;
        if (wasUp && (await condition.isThere())) return { kind: 'none' };
        throw error;
      }
    },
  };
}
