/**
 * Whom an utterance comes from, as far as limits need it. Addresses and names of devices come in here and leave as
 * keyed hashes only: nothing behind the doors can tell where anybody lives.
 */
import { createHmac } from 'node:crypto';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import type { Source } from '../conversation/utterance.js';
import { liesIn, nameOf, rangeOf, readNetwork, type Network } from './address.js';
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
  readonly limits?: NewcomerLimits;
}

const LOOPBACK = ['127.0.0.0/8', '::1'];
const HASH_BYTES = 16;

/** Throws `config-invalid` for a network that cannot be read. */
export function createSources({ key, clock, proxies = [], crowded = [], local = false, limits }: SourcesOptions): Sources {
  const [trusted, large, free] = [networks(proxies), networks(crowded), networks(local ? LOOPBACK : [])];
  const hash = (text: string): string => createHmac('sha256', key).update(text).digest().subarray(0, HASH_BYTES).toString('base64url');
  return {
    whence({ headers, socket }) {
      const client = clientOf({ socket: socket.remoteAddress, forwarded: headers['x-forwarded-for'] }, trusted);
      if (client === undefined) return { address: hash('address nowhere'), range: hash('range nowhere'), crowd: 'ordinary' };
      const among = (list: readonly Network[]): boolean => list.some((network) => liesIn(client, network));
      const crowd = among(free) ? 'free' : among(large) ? 'large' : 'ordinary';
      return { address: hash(`address ${nameOf(client)}`), range: hash(`range ${rangeOf(client)}`), crowd };
    },
    sourceOf: ({ range }, { device, seat }) => ({
      range,
      ...(device === undefined ? {} : { device: hash(`device ${device}`) }),
      ...(seat === undefined ? {} : { seat }),
    }),
    admit: createNewcomers(clock, limits),
  };
}

function networks(texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const network = readNetwork(text);
    if (network === undefined) throw new SesameError('config-invalid', `"${text}" is no address and no network: give one such as 10.0.0.0/8`);
    return network;
  });
}
