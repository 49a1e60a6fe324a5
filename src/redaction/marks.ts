/**
 * Ids that somebody else chose, as they may be written down: an id is kept as it is unless it may be made of somebody's
 * data, and then a keyed hash stands for it. The same id has the same mark.
 */
import { createHmac } from 'node:crypto';
import type { Mask } from './mask.js';

/** Random by its shape, whatever runs of figures it holds. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** What JavaScript makes of a random number in base 36, as Web Chat does: one of four would pass for a code of ours. */
const BASE_36 = /^(?=.*[a-z])(?!.*\d{8})[0-9a-z]{8,14}$/;

export function createMarks({ key, mask }: { readonly key: Uint8Array; readonly mask: Mask }): (given: string) => string {
  return (given) => {
    if (UUID.test(given)) return given;
    const { found } = mask(given);
    if (found.length === 0 || (BASE_36.test(given) && found.every((kind) => kind === 'code'))) return given;
    return `h-${createHmac('sha256', key).update(`mark:${given}`).digest('base64url')}`;
  };
}
