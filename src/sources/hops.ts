/**
 * Which address a request comes from, when it may have come through proxies of ours. What a client writes about itself
 * is never believed: only what a trusted proxy saw with its own eyes.
 */
import { liesIn, readAddress, type Address, type Network } from './address.js';

export interface Hops {
  /** Address of the other end of the connection. */
  readonly socket: string | undefined;
  /** `X-Forwarded-For`, as it came. */
  readonly forwarded: string | readonly string[] | undefined;
}

/** No chain of proxies is longer; what stands further left was made up. */
const MOST_HOPS = 20;

/**
 * The connection's own address; where that is a trusted proxy, the right-most address of the chain that is not. A hop
 * that is no address ends the chain: its proxy saw nobody, and stands for whoever is behind it.
 */
export function clientOf({ socket, forwarded }: Hops, trusted: readonly Network[]): Address | undefined {
  const isTrusted = (address: Address): boolean => trusted.some((network) => liesIn(address, network));
  let client = readAddress(socket ?? '');
  for (const hop of chainOf(forwarded)) {
    if (client === undefined || !isTrusted(client)) return client;
    const next = readAddress(hop);
    if (next === undefined) return client;
    client = next;
  }
  return client;
}

/** The hops from the nearest on. */
function chainOf(forwarded: Hops['forwarded']): readonly string[] {
  const text = typeof forwarded === 'string' ? forwarded : (forwarded ?? []).join(',');
  return text === '' ? [] : text.split(',').slice(-MOST_HOPS).reverse();
}
