/**
 * Masks across messages: a number typed in pieces, one message each. What a message ended with is held in memory for a
 * short while, and only where it ends with figures; nothing is kept, and a restart forgets it.
 */
import type { Mask, Masked } from './mask.js';

export interface Said {
  readonly conversationId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Someone who types a number in pieces goes on at once. */
const HELD_MS = 3 * 60_000;
const HELD_AT_MOST = 5_000;
/** The longest number and what stands between its figures. */
const LONGEST_TAIL = 48;
/** Figures, or numbers in words, at the very end. */
const ENDS_IN_FIGURES = /(?:\p{Nd}|\b(?:z[eé]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|cents?|mille))[\s.,\-_/]{0,3}$/iu;

/** Masks what each speaker says, with the end of what they said before in mind. */
export function createListener(mask: Mask): (text: string, said: Said) => Masked {
  const held = new Map<string, { readonly tail: string; readonly at: number }>();
  return (text, { conversationId, at }) => {
    const before = held.get(conversationId);
    held.delete(conversationId);
    const tail = before && at - before.at <= HELD_MS ? `${before.tail} ` : '';
    if (ENDS_IN_FIGURES.test(text.slice(-20))) held.set(conversationId, { tail: `${tail}${text}`.slice(-LONGEST_TAIL), at });
    // A map keeps the order of insertion: the first is the oldest.
    const [oldest] = held.keys();
    if (held.size > HELD_AT_MOST && oldest !== undefined) held.delete(oldest);
    return mask(text, tail);
  };
}
