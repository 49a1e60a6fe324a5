/**
 * Masks across messages: a number typed in pieces, one message each. What a message ended with is held in memory for a
 * short while, and only where it ends with figures, and a restart forgets it; where other processes may have heard the
 * piece before, it is read where it is kept anyway.
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
const FIGURE = '(?:\\p{Nd}|\\b(?:z[eé]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|cents?|mille))';
const HAS_FIGURES = new RegExp(FIGURE, 'iu');
/** Figures, or numbers in words, at the very end. */
const ENDS_IN_FIGURES = new RegExp(`${FIGURE}[\\s.,\\-_/]{0,3}$`, 'iu');

/** Masks what each speaker says, with the end of what they said before in mind. */
export function createListener(mask: Mask): (text: string, said: Said) => Masked {
  const held = new Held();
  return (text, { conversationId, at }) => mask(text, held.tailBefore(text, { conversationId, at }));
}

/** What somebody said, as it was kept. */
export interface Piece {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Its place in the conversation. */
  readonly seq: number;
}

/**
 * As `createListener`, where other processes may have heard what was said in between. `recall`: what the same person
 * said in this conversation after a place, in order, secrets masked; so a piece that was masked elsewhere is not gone on
 * from.
 */
export function createSharedListener(mask: Mask, recall: (conversationId: string, after: number) => Promise<readonly Piece[]>): (text: string, said: Said) => Promise<Masked> {
  const held = new Held();
  const recalled = new Map<string, number>();
  const learn = async (conversationId: string): Promise<void> => {
    const after = recalled.get(conversationId) ?? 0;
    const pieces = await recall(conversationId, after);
    held.learn(conversationId, pieces);
    // What was recalled is not asked for again: a long conversation would be read whole at each message with a figure.
    recalled.delete(conversationId);
    keepNewest(recalled.set(conversationId, Math.max(after, pieces.at(-1)?.seq ?? 0)));
  };
  return async (text, said) => {
    if (HAS_FIGURES.test(text)) await learn(said.conversationId);
    return mask(text, held.tailBefore(text, said));
  };
}

/** What each conversation's last messages ended with. */
class Held {
  readonly #tails = new Map<string, Omit<Piece, 'seq'>>();

  /** The figures that the message before ended with; this one takes its place. */
  tailBefore(text: string, { conversationId, at }: Said): string {
    const before = this.#tails.get(conversationId);
    this.#tails.delete(conversationId);
    const tail = before && at - before.at <= HELD_MS ? `${before.text} ` : '';
    if (ENDS_IN_FIGURES.test(text.slice(-20))) this.#tails.set(conversationId, { text: `${tail}${text}`.slice(-LONGEST_TAIL), at });
    keepNewest(this.#tails);
    return tail;
  }

  /** Hears what was said elsewhere since. */
  learn(conversationId: string, pieces: readonly Piece[]): void {
    const since = this.#tails.get(conversationId)?.at ?? -Infinity;
    for (const { text, at } of pieces) if (at > since) this.tailBefore(text, { conversationId, at });
  }
}

/** A map keeps the order of insertion: the first is the oldest. */
function keepNewest(held: Map<string, unknown>): void {
  const [oldest] = held.keys();
  if (held.size > HELD_AT_MOST && oldest !== undefined) held.delete(oldest);
}
