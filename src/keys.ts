/**
 * The secrets of this installation: made at the first start, kept in one file that only its owner may read. Losing
 * them signs everybody out and voids running codes, and loses no conversation.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { z } from 'zod';
import { FaultsError } from './conversation/errors.js';
import { newProofKey, publicPart } from './identity/proof.js';

const publicKey = { kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() };

const keyFile = z.object({
  /** Keyed hashes of codes and accounts. */
  hash: z.base64url().min(43),
  /** Direct Line tokens. */
  tokens: z.base64url().min(43),
  /** Service token of the reference backend. */
  reference: z.base64url().min(43),
  proof: z.looseObject({ ...publicKey, d: z.string() }),
  /** Public parts of the keys that signed before: a proof that is still alive outlives a change of key. */
  former: z.array(z.looseObject(publicKey)).default([]),
});

export interface Keys {
  readonly hash: Uint8Array;
  readonly tokens: Uint8Array;
  readonly reference: string;
  /** Pseudonyms of the audit, buttons of cards. */
  readonly staff: Uint8Array;
  /** Cookies and codes of the self-help page. */
  readonly pages: Uint8Array;
  /** Where people speak from. */
  readonly sources: Uint8Array;
  /** Signs proofs. */
  readonly proof: JWK;
  /** Public parts of what verifies proofs: of the key that signs first, then of those that did. */
  readonly proofKeys: readonly JWK[];
}

/** Keys that signed before and still verify. A proof lives minutes: more would serve no one. */
const FORMER_KEPT = 2;

export async function readKeys(folder: string): Promise<Keys> {
  const path = join(folder, 'keys.json');
  if (!existsSync(path)) await makeKeys(folder, path);
  const parsed = keyFile.safeParse(parse(readFileSync(path, 'utf8')));
  if (!parsed.success) {
    throw new FaultsError('config-invalid', [
      { where: 'keys.json in KEYS_DIR, or DATA_DIR', what: 'cannot be read as the keys of this installation', todo: 'restore it from a backup, or delete it: everybody then signs in again' },
    ]);
  }
  const { hash, tokens, reference, proof, former } = parsed.data;
  const hashKey = Buffer.from(hash, 'base64url');
  const staff = createHmac('sha256', hashKey).update('staff').digest();
  const pages = createHmac('sha256', hashKey).update('pages').digest();
  const sources = createHmac('sha256', hashKey).update('sources').digest();
  return { hash: hashKey, tokens: Buffer.from(tokens, 'base64url'), reference, proof, proofKeys: [proof, ...former].map(publicPart), staff, pages, sources };
}

/**
 * Makes a new key for proofs, which signs from the next start on; the one before still verifies. Whoever verifies must
 * know the new key before that start: resolves with the public parts of all that hold.
 */
export async function rotateProofKey(folder: string): Promise<readonly JWK[]> {
  const { proofKeys } = await readKeys(folder);
  const path = join(folder, 'keys.json');
  const kept = z.looseObject({}).parse(parse(readFileSync(path, 'utf8')));
  const newest = Math.max(...proofKeys.map(({ kid }) => Number(kid) || 0));
  writeKeys(path, { ...kept, proof: await newProofKey(String(newest + 1)), former: proofKeys.slice(0, FORMER_KEPT) });
  return (await readKeys(folder)).proofKeys;
}

async function makeKeys(folder: string, path: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secret = (): string => randomBytes(32).toString('base64url');
  const keys = { hash: secret(), tokens: secret(), reference: secret(), proof: await newProofKey('1') };
  writeKeys(path, keys);
}

function writeKeys(path: string, keys: object): void {
  // Written whole under another name first: a start killed here must not leave half a key file.
  writeFileSync(`${path}.new`, JSON.stringify(keys, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
