/**
 * Whom an utterance comes from, as far as limits need it. Addresses and names of devices come in here and leave as
 * keyed hashes only: nothing behind the doors can tell where anybody lives.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import type { Source } from '../conversation/utterance.js';
import { liesIn, nameOf, rangeOf, readAddress, readNetwork, type Address, type Network } from './address.js';
import { clientOf } from './hops.js';
import { createNewcomers, type Newcomer, type NewcomerLimits, type Place } from './newcomers.js';

/** Where a request comes from, in keyed hashes. */
export type Whence = Place;

/** What is looked at of a request; `IncomingMessage` has it. */
export interface Arrival {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export interface Sources {
  /** Where a request comes from. Never throws: whoever has no address that can be read shares one place. */
  whence(request: Arrival): Whence;
  /** The other end of a connection; nothing where that is a proxy of ours, which speaks for many. */
  neighbour(socket: Arrival['socket']): Whence | undefined;
  /** What an utterance says of it. `device`: what the door knows the browser or the client by. */
  sourceOf(whence: Whence, known: { readonly device?: string; readonly seat?: string | undefined }): Source;
  /** Counts a newcomer; the seconds to wait where it is one too many. */
  admit(what: Newcomer, whence: Whence): number | undefined;
}

export interface SourcesOptions {
  /** Secret of the keyed hashes. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly proxies?: readonly string[];
  /** Networks in which many people share an address: their limits are larger. */
  readonly crowded?: readonly string[];
  /** On one's own machine: who comes from it is not counted. */
  readonly local?: boolean;
  /** Addresses and networks whose people are not counted, instead. */
  readonly free?: readonly string[];
  readonly limits?: NewcomerLimits;
}

const LOOPBACK = ['127.0.0.0/8', '::1'];
const HASH_BYTES = 16;

/** Throws `config-invalid` for a network that cannot be read. */
export function createSources({ key, clock, proxies = [], crowded = [], local = false, free: uncounted = local ? LOOPBACK : [], limits }: SourcesOptions): Sources {
  const [trusted, large, free] = [networks(proxies), networks(crowded), networks(uncounted)];
  const secret = createSecretKey(key);
  const hash = (text: string): string => createHmac('sha256', secret).update(text).digest().subarray(0, HASH_BYTES).toString('base64url');
  const placeOf = (client: Address | undefined): Whence => {
    if (client === undefined) return { address: hash('address nowhere'), range: hash('range nowhere'), crowd: 'ordinary' };
    const crowd = liesAmong(client, free) ? 'free' : liesAmong(client, large) ? 'large' : 'ordinary';
    return { address: hash(`address ${nameOf(client)}`), range: hash(`range ${rangeOf(client)}`), crowd };
  };
  // Whoever stays on one connection stays where they are: their keyed hashes are made once, and go with it.
  const known = new WeakMap<Arrival['socket'], Whence>();
  return {
    whence({ headers, socket }) {
      const forwarded = headers['x-forwarded-for'];
      const before = known.get(socket);
      if (before !== undefined && forwarded === undefined) return before;
      const place = placeOf(clientOf({ socket: socket.remoteAddress, forwarded }, trusted));
      if (forwarded === undefined) known.set(socket, place);
      return place;
    },
    neighbour({ remoteAddress = '' }) {
      const address = readAddress(remoteAddress);
      return address !== undefined && liesAmong(address, trusted) ? undefined : placeOf(address);
    },
    sourceOf: ({ range }, { device, seat }) => ({
      range,
      ...(device === undefined ? {} : { device: hash(`device ${device}`) }),
      ...(seat === undefined ? {} : { seat }),
    }),
    admit: createNewcomers(clock, limits),
  };
}

function liesAmong(client: Address, list: readonly Network[]): boolean {
  return list.some((network) => liesIn(client, network));
}

function networks(texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const network = readNetwork(text);
    if (network === undefined) throw new SesameError('config-invalid', `"${text}" is no address and no network: give one such as 10.0.0.0/8`);
    return network;
  });
}
