/**
 * Resumption codes: short enough to be copied by hand, they bring the words of a conversation to another device. A
 * code opens nothing else: no proof, no identity, and the conversation itself goes on only where it was.
 */
import { createHmac } from 'node:crypto';
import type { Clock, RecordStore } from '../conversation/ports.js';
import type { Whence } from '../sources/whence.js';

/** Digits and letters that no one takes for another: 32 of them, 5 bits each. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 8;

/** How long a code brings the words back, in milliseconds. */
export const RESUMED_FOR = 7 * 24 * 3_600_000;
/** Wrong tries in an hour: of one address, and of the range around it, where many may live. */
const TRIES = { address: 5, range: 20, within: 3_600_000 };

/** Where the records lie that keep a conversation as long as they hold. */
export const KEPT_CODES = 'aide-code/';

interface Kept {
  readonly conversationId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export type Entered =
  | { readonly kind: 'found'; readonly conversationId: string }
  /** Unknown, mistyped or past its 7 days: not told apart. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-many' };

export interface Codes {
  /** Gives the code of a conversation, good for 7 days from now. The same conversation has the same code. */
  give(conversationId: string): Promise<void>;
  /** The code and its end, where one was given and still holds. */
  shown(conversationId: string): Promise<{ readonly code: string; readonly expiresAt: number } | undefined>;
  /** Keys of the records that hold a conversation's code. */
  recordsOf(conversationId: string): readonly string[];
  /** `whence`: where the try comes from; kept for an hour. */
  enter(code: string, whence: Pick<Whence, 'address' | 'range'>): Promise<Entered>;
}

export function createCodes({ key, records, clock }: { key: Uint8Array; records: RecordStore; clock: Clock }): Codes {
  const hash = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const codeOf = (conversationId: string): string => [...hash(`code ${conversationId}`).subarray(0, LENGTH)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  const placeOf = (code: string): string => `${KEPT_CODES}${hash(`kept ${code}`).toString('base64url')}`;
  const find = async (code: string): Promise<Kept | undefined> => {
    const kept = (await records.read<Kept>(placeOf(code)))?.value;
    return kept && kept.expiresAt > clock.now() ? kept : undefined;
  };
  const enter = async (given: string, { address, range }: Pick<Whence, 'address' | 'range'>): Promise<Entered> => {
    const tries = [[`aide-tries/${address}`, TRIES.address], [`aide-tries/around/${range}`, TRIES.range]] as const;
    for (const [key, atMost] of tries) if ((await records.counted(key, clock.now())).count >= atMost) return { kind: 'too-many' };
    const found = await find(plain(given));
    if (found) return { kind: 'found', conversationId: found.conversationId };
    for (const [key] of tries) await records.count(key, TRIES.within, clock.now());
    return { kind: 'wrong' };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    async give(conversationId) {
      const place = placeOf(codeOf(conversationId));
      const expiresAt = clock.now() + RESUMED_FOR;
      const known = await records.read<Kept>(place);
      await records.write<Kept>(place, { conversationId, expiresAt }, known?.revision ?? 0, expiresAt);
    },
    async shown(conversationId) {
      const code = codeOf(conversationId);
      const kept = await find(code);
      return kept && { code: `${code.slice(0, 4)}-${code.slice(4)}`, expiresAt: kept.expiresAt };
    },
    recordsOf: (conversationId) => [placeOf(codeOf(conversationId))],
    // One at a time: tries sent together must not all be read before the first is counted.
    enter(given, whence) {
      const next = last.then(() => enter(given, whence));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** A code as it was given, whatever its spaces, dashes and case. */
function plain(code: string): string {
  return code.slice(0, 40).toUpperCase().replace(/[^0-9A-Z]/g, '');
}
