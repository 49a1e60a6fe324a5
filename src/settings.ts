/**
 * How one setting is read from its text: ports, addresses, lists, keys. Which settings there are is config.ts's.
 */
import type { Fault } from './conversation/errors.js';
import { readNetwork } from './sources/address.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads single settings and gathers what is wrong with them. */
export class Reading {
  constructor(
    private readonly env: Env,
    private readonly faults: Fault[],
  ) {}

  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  }

  list(name: string): readonly string[] {
    return (this.text(name) ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
  }

  port(name: string, otherwise: number): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const port = Number(value);
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
    this.faults.push({ where: name, what: `"${value}" is not a port`, todo: 'give a whole number from 0 (any free port) to 65535' });
    return otherwise;
  }

  wholeNumber(name: string, otherwise: number, atMost = 999): number {
    const value = this.text(name) ?? String(otherwise);
    if (!/^\d{1,9}$/.test(value) || Number(value) > atMost) this.faults.push({ where: name, what: `"${value}" is not a whole number up to ${String(atMost)}`, todo: 'give a whole number, such as 1' });
    return Number(value);
  }

  /** A number of things of which there must be some. */
  positive(name: string, otherwise: number): number {
    const value = this.text(name) ?? String(otherwise);
    if (/^[1-9]\d{0,6}$/.test(value)) return Number(value);
    this.faults.push({ where: name, what: `"${value}" is not a number from 1 on`, todo: 'give a whole number from 1 to 9999999' });
    return otherwise;
  }

  url(name: string, protocols: readonly string[] = ['http:', 'https:']): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    // The value may hold credentials, so the fault does not repeat it.
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      this.faults.push({ where: name, what: 'is not an address that can be used', todo: `give a full address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}` });
    }
    return value.replace(/\/+$/, '');
  }

  /** One server, or the names of several with what they are; no other URL has more than one. */
  redis(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const one = /^rediss?:\/\//.test(value) && URL.canParse(value) && new URL(value).hostname !== '';
    if (!one && !/^rediss?\+(cluster:\/\/|sentinel:\/\/(?=.*[^/]\/[^/]))([^/@:]*:[^/@]*@)?[^/@,]+(,[^/@,]+)*(\/[^/]*)?$/.test(value)) {
      this.faults.push({ where: name, what: 'is not an address of Redis', todo: 'give redis://host:port, redis+cluster://h1:p,h2:p or redis+sentinel://h1:p,h2:p/name (rediss for TLS)' });
    }
    return value;
  }

  /** A private JWK, as JSON. */
  privateKey(name: string): { readonly kty: string; readonly alg: string } | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const key = toRecord(value);
    const { kty, alg, d } = key;
    if (typeof kty === 'string' && typeof alg === 'string' && typeof d === 'string') return { ...key, kty, alg };
    this.faults.push({ where: name, what: 'is not a private key', todo: 'give a private JWK with its "alg", such as RSA-OAEP or ECDH-ES, as JSON on one line' });
    return undefined;
  }

  origins(name: string): readonly string[] {
    return this.list(name).map((value) => {
      if (!URL.canParse(value) || new URL(value).origin !== value) {
        this.faults.push({ where: name, what: `"${value}" is not an origin`, todo: 'give scheme, host and port only, such as https://www.example.fr' });
      }
      return value;
    });
  }

  networks(name: string): readonly string[] {
    const values = this.list(name);
    for (const value of values) {
      if (readNetwork(value) === undefined) this.faults.push({ where: name, what: `"${value}" is not an address or a network`, todo: 'give addresses or networks separated by commas, such as 10.0.0.0/8, 2001:db8::/32' });
    }
    return values;
  }

  oneOf<T extends string>(name: string, known: readonly T[], otherwise: T): T {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const found = known.find((item) => item === value);
    if (found === undefined) this.faults.push({ where: name, what: `"${value}" is not known`, todo: `give one of ${known.join(', ')}` });
    return found ?? otherwise;
  }
}

function toRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
