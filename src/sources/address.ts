/**
 * Network addresses as numbers, whatever way they are written, and the ranges they lie in. It knows nothing of requests
 * or proxies.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

export interface Network {
  readonly address: Address;
  /** How many leading bits belong to the network. */
  readonly prefix: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;
/** One household or one office: what a single customer of a network is usually given, and no less. */
const RANGE = { 4: 24, 6: 64 } as const;
/** No address, with its brackets, zone and port, is longer. */
const LONGEST = 80;

/**
 * Reads an address with or without a port, brackets or a zone. An IPv4 address mapped into IPv6 is the IPv4 address.
 * Anything else, names included, is nothing.
 */
export function readAddress(text: string): Address | undefined {
  const given = text.length > LONGEST ? '' : text.trim();
  const [, inBrackets, beforePort] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(given) ?? [];
  const bare = inBrackets ?? beforePort ?? given;
  if (isIPv4(bare)) return { family: 4, bits: bitsOf(bare.split('.').map(Number), 8n) };
  if (!isIPv6(bare)) return undefined;
  const bits = bitsOf(groupsOf(bare.replace(/%.*$/, '')), 16n);
  return bits >> 32n === 0xffffn ? { family: 4, bits: bits & 0xffff_ffffn } : { family: 6, bits };
}

function bitsOf(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address that is known to be one. */
function groupsOf(text: string): readonly number[] {
  const inHex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [before = [], after = []] = inHex.split('::').map((half) => half.split(':').filter((group) => group !== '').map((group) => parseInt(group, 16)));
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Reads an address, or a network as `address/prefix`. The whole of the internet is no network: it is nothing, too. */
export function readNetwork(text: string): Network | undefined {
  const [, host = '', given] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = readAddress(host);
  if (address === undefined) return undefined;
  const prefix = given === undefined ? WIDTH[address.family] : Number(given);
  return prefix >= 1 && prefix <= WIDTH[address.family] ? { address, prefix } : undefined;
}

export function liesIn({ family, bits }: Address, { address, prefix }: Network): boolean {
  const rest = BigInt(WIDTH[family] - prefix);
  return family === address.family && bits >> rest === address.bits >> rest;
}

/** A name of the address: the same for every way to write it. */
export function nameOf({ family, bits }: Address): string {
  return `${String(family)}/${bits.toString(16)}`;
}

/** A name of the range around the address: /24 for IPv4, /64 for IPv6. */
export function rangeOf({ family, bits }: Address): string {
  return `${String(family)}/${(bits >> BigInt(WIDTH[family] - RANGE[family])).toString(16)}/${String(RANGE[family])}`;
}
