/**
 * Masks secrets that people type by mistake, before anything is stored, logged or sent on. It prefers to mask a
 * harmless number over letting a real one through.
 */
import type { SecretKind } from '../conversation/utterance.js';
import { createDateJudge, markedDates, namedDates } from './dates.js';
import { corsicanNumbers, figures } from './figures.js';
import { passwords } from './passwords.js';
import { Shadow, type Finder } from './shadow.js';
import { announcedCodes, emails, ibans, writtenCodes } from './written.js';

export interface Masked {
  readonly text: string;
  /** What was found, each kind once, in the order of the finders. */
  readonly found: readonly SecretKind[];
}

/**
 * Masks every secret in a text; linear in its length for any input. `before`: what the same person wrote just before,
 * where this may be its end; nothing of it is given back.
 */
export type Mask = (text: string, before?: string) => Masked;

/** What takes a secret's place, readable by a person and by nothing else. */
export const MASK = '•••';

interface Secret {
  readonly kind: SecretKind;
  readonly from: number;
  readonly to: number;
}

/** `now`: epoch milliseconds, which tell a birth date from a recent one. */
export function createMask(now: () => number): Mask {
  const judge = createDateJudge(() => new Date(now()).getUTCFullYear());
  const written: readonly Finder[] = [...passwords, ibans, emails, writtenCodes];
  const numbers: readonly Finder[] = [corsicanNumbers, namedDates(judge), markedDates(judge), announcedCodes, figures(judge)];
  return (given, before = '') => {
    const text = given.normalize('NFC');
    const source = before + text;
    const first = search(Shadow.of(source), written);
    const second = search(first.shadow.spoken(), numbers);
    const here = (secret: Secret): boolean => secret.to > before.length && (secret.from >= before.length || isOneNumber(secret, source));
    const secrets = [...first.secrets, ...second.secrets].filter(here).map((secret) => within(secret, before.length));
    if (secrets.length === 0) return { text: given, found: [] };
    return { text: covered(text, secrets), found: [...new Set(secrets.map(({ kind }) => kind))] };
  };
}

/** Figures that only meet where two messages do are answers to two questions, unless they are a number of a known make. */
function isOneNumber({ kind, from, to }: Secret, source: string): boolean {
  return kind !== 'code' || /^\d{4}\D+\d{4}$/.test(source.slice(from, to));
}

function within({ kind, from, to }: Secret, start: number): Secret {
  return { kind, from: Math.max(0, from - start), to: to - start };
}

/** Asks the finders in turn; what one found, the next do not see. */
function search(start: Shadow, finders: readonly Finder[]): { readonly shadow: Shadow; readonly secrets: readonly Secret[] } {
  let shadow = start;
  const secrets: Secret[] = [];
  for (const find of finders) {
    const found = find(shadow.text);
    if (found.length === 0) continue;
    for (const { kind, from, to } of found) {
      const [start, end] = shadow.sourceOf(from, to);
      if (kind !== 'harmless') secrets.push({ kind, from: start, to: end });
    }
    shadow = shadow.without(found.map(({ from, to }) => [from, to]));
  }
  return { shadow, secrets };
}

function covered(text: string, secrets: readonly Secret[]): string {
  let [shown, at] = ['', 0];
  for (const { from, to } of [...secrets].sort((a, b) => a.from - b.from)) {
    if (from >= at) shown += text.slice(at, from) + MASK;
    at = Math.max(at, to);
  }
  return shown + text.slice(at);
}
