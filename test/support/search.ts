/** Searches bytes for many secrets at once, in every spelling in which they could have been written down. */
import type { Planted } from './secrets.js';

export interface Place {
  readonly name: string;
  readonly content: Buffer;
}

export interface Hit {
  readonly place: string;
  readonly needle: string;
}

/** Shorter ones would be found by chance. */
const LEAST = 8;

/** A secret plain, in groups, and coded for addresses, as base64 (wherever it stands in what was coded) and in hexadecimal. */
export function spellingsOf({ kind, bare, typed }: Planted): readonly string[] {
  const grouped = kind === 'nir' ? [' ', '.', '-'].map((mark) => bare.replace(/^(.)(..)(..)(..)(...)(...)$/, ['$1', '$2', '$3', '$4', '$5', '$6'].join(mark))) : [];
  const dates = kind === 'birth-date' ? [`${bare.slice(0, 2)}/${bare.slice(2, 4)}/${bare.slice(4)}`, `${bare.slice(4)}-${bare.slice(2, 4)}-${bare.slice(0, 2)}`] : [];
  const pairs = kind === 'phone' ? [`0${bare}`.replace(/(..)(?=.)/g, '$1 ')] : [];
  const halves = kind === 'code' && bare.length === 8 ? [`${bare.slice(0, 4)} ${bare.slice(4)}`] : [];
  const plain = [...new Set([bare, typed, typed.toLowerCase(), ...grouped, ...dates, ...pairs, ...halves])];
  const coded = plain.flatMap((text) => [encodeURIComponent(text), encodeURIComponent(text).replaceAll('%20', '+'), JSON.stringify(text).slice(1, -1), Buffer.from(text).toString('hex'), ...inBase64(text)]);
  return [...new Set([...plain, ...coded])].filter((text) => text.length >= LEAST);
}

/** Three beginnings, since what stands before shifts the letters; the ends that depend on neighbours are cut off. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const coded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64').replace(/=+$/, '');
    const inner = coded.slice(Math.ceil((shift * 4) / 3), (shift + Buffer.byteLength(text)) % 3 === 0 ? undefined : -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Every needle in every place, each once a place. Figures within longer figures do not count: those are other numbers. */
export function search(places: readonly Place[], needles: readonly string[]): readonly Hit[] {
  const byHead = new Map<number, Buffer[]>();
  const mayStart = new Uint8Array(1 << 24);
  for (const needle of needles) {
    const bytes = Buffer.from(needle);
    const head = headOf(bytes, 0);
    mayStart[head] = 1;
    byHead.set(head, [...(byHead.get(head) ?? []), bytes]);
  }
  return places.flatMap(({ name, content }) => {
    const found = new Set<string>();
    for (let at = 0; at + LEAST <= content.length; at += 1) {
      const head = headOf(content, at);
      if (mayStart[head] !== 1) continue;
      for (const needle of byHead.get(head) ?? []) if (stands(content, at, needle)) found.add(needle.toString());
    }
    return [...found].map((needle) => ({ place: name, needle }));
  });
}

function headOf(bytes: Buffer, at: number): number {
  return (Math.imul(bytes.readUInt32LE(at), 0x9e3779b1) ^ Math.imul(bytes.readUInt32LE(at + 4), 0x85ebca6b)) >>> 8;
}

const isFigure = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

function stands(content: Buffer, at: number, needle: Buffer): boolean {
  if (at + needle.length > content.length || content.compare(needle, 0, needle.length, at, at + needle.length) !== 0) return false;
  const [first, last] = [needle[0], needle.at(-1)];
  return !(isFigure(first) && isFigure(content[at - 1])) && !(isFigure(last) && isFigure(content[at + needle.length]));
}
