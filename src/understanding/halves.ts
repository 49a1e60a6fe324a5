/**
 * Two problems in one message: when each part points clearly elsewhere, both are offered. It splits where people pause
 * or add, and leaves a message whole unless both parts are clear.
 */
import { tokenise } from '../matching/normalise.js';
import type { Decision } from './decide.js';

const pauses = /[.?!;,\n]+|\b(?:et(?: aussi| puis| en plus)?|puis|mais|aussi)\b/giu;
/** A part of one word is a turn of phrase; a message of more is a story, told around one problem. */
const words = { leastOfPart: 2, most: 40 };
const splitsAtMost = 4;
/** What the whole message's own candidates keep beside the two. */
const leftToOthers = 0.1;

/** Gives a decision as it was, or one that offers the entries of both parts of the message. */
export function createHalves(decide: (text: string) => Decision): (text: string, whole: Decision) => Decision {
  return (text, whole) => {
    if (tokenise(text).length > words.most) return whole;
    for (const parts of partings(text)) {
      const first = decide(parts[0]);
      // Reading a part costs as much as reading the whole: without an entry in the first, the second changes nothing.
      if (first.entry === null) continue;
      const found = [first, decide(parts[1])];
      const entries = new Set(found.map(({ entry }) => entry));
      const told = whole.candidates[0]?.entry;
      if (!entries.has(null) && entries.size === parts.length && (whole.kind === 'none' || entries.has(told ?? null))) return join(whole, found);
    }
    return whole;
  };
}

function join(whole: Decision, parts: readonly Decision[]): Decision {
  const both = parts
    .flatMap(({ candidates }) => candidates.slice(0, 1))
    .map(({ entry, score }) => ({ entry, score: score / 2 }))
    // What the whole message is most about comes first.
    .sort((a, b) => Number(b.entry === whole.candidates[0]?.entry) - Number(a.entry === whole.candidates[0]?.entry));
  const second = both[1];
  const rest = whole.candidates.filter(({ entry }) => !both.some((one) => one.entry === entry)).slice(0, 3);
  const others = rest.map(({ entry, score }) => ({ entry, score: leftToOthers * Math.min(score, second?.score ?? 0) }));
  return {
    kind: 'clarify', entry: null, confidence: whole.confidence, candidates: [...both, ...others],
    both: true,
    ...(whole.measures === undefined ? {} : { measures: whole.measures }),
    because: ['deux demandes dans le message', ...parts.flatMap(({ because }) => because)],
  };
}

function partings(text: string): (readonly [string, string])[] {
  return [...text.matchAll(pauses)]
    .map(({ index, 0: pause }) => [text.slice(0, index), text.slice(index + pause.length)] as const)
    .filter((parts) => parts.every((part) => tokenise(part).length >= words.leastOfPart))
    .slice(0, splitsAtMost);
}
