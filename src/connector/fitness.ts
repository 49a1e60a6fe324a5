/**
 * What may not reach a person in an adviser's words, since it would look like a scam whoever wrote it. Secrets typed by
 * mistake are masked elsewhere; a person's own words are not held against this.
 */

/** Bytes of text in a message of Teams. */
const LONGEST = 28_000;
const LINK = /\b(?:[a-z][a-z\d+.-]*:\/\/|www\.|javascript:|data:|mailto:)\S*/gi;
/** French numbers that cost extra: 081, 082 and 089. 080 is free. */
const COSTLY = /(?<!\d)(?:\+33|0033|0)[\s.-]*8[\s.-]*[1-9](?:[\s.-]*\d){7}(?!\d)/;

export type Unfit = 'too-long' | 'link' | 'number';

/** Why these words are not passed on; `hosts` and what is under them may be linked to, over https. */
export function unfitness(text: string, hosts: readonly string[]): Unfit | undefined {
  if (Buffer.byteLength(text) > LONGEST) return 'too-long';
  if (!(text.match(LINK) ?? []).every((link) => isKnown(link.replace(/[).,;!?»]+$/, ''), hosts))) return 'link';
  return COSTLY.test(text) ? 'number' : undefined;
}

function isKnown(link: string, hosts: readonly string[]): boolean {
  const address = link.startsWith('www.') ? `https://${link}` : link;
  if (!URL.canParse(address)) return false;
  const { protocol, username, hostname } = new URL(address);
  return protocol === 'https:' && username === '' && hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}
