/**
 * Who may call the reference backend: whoever signs each request with Sésame's key, or shows the service token. It
 * tells a caller from a stranger; what a caller may do to an account is the proof's part.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { errors, jwtVerify, type createLocalJWKSet } from 'jose';
import { z } from 'zod';
import { CALL_TYPE, digestOf } from '../account/service-token.js';
import type { Clock } from '../conversation/ports.js';
import { PROOF_ALGORITHM, PROOF_AUDIENCE, PROOF_ISSUER } from '../identity/proof.js';

/** Seconds: no token may live longer, and clocks may differ by so much. */
const LONGEST_LIFE_S = 60;
const TOLERANCE_S = 30;

const claims = z.object({
  jti: z.string().min(1).max(200),
  iat: z.number(),
  exp: z.number(),
  htm: z.string(),
  htu: z.string(),
  bod: z.string(),
  idk: z.string().optional(),
});

export class Callers {
  /** Ids of the tokens that were taken, until they expire. */
  private readonly seen = new Map<string, number>();

  constructor(
    private readonly keys: ReturnType<typeof createLocalJWKSet>,
    /** Undefined: signed calls only. */
    private readonly token: string | undefined,
    private readonly clock: Clock,
  ) {}

  /** Whether a request comes from Sésame. A signed token is used up by it, whatever the answer will be. */
  async admit(request: IncomingMessage, body: string): Promise<boolean> {
    const shown = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (this.token !== undefined && sameText(shown, this.token)) return true;
    const told = await this.verified(shown);
    return told !== undefined && isAbout(told, request, body) && this.isNew(told);
  }

  private async verified(token: string): Promise<z.infer<typeof claims> | undefined> {
    const demands = {
      ...{ algorithms: [PROOF_ALGORITHM], issuer: PROOF_ISSUER, audience: PROOF_AUDIENCE, typ: CALL_TYPE },
      ...{ clockTolerance: TOLERANCE_S, maxTokenAge: LONGEST_LIFE_S, currentDate: new Date(this.clock.now()) },
    };
    try {
      return claims.safeParse((await jwtVerify(token, this.keys, demands)).payload).data;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  private isNew({ jti, exp, iat }: z.infer<typeof claims>): boolean {
    const now = this.clock.now() / 1000;
    for (const [id, until] of this.seen) if (until < now) this.seen.delete(id);
    if (this.seen.has(jti) || exp - iat > LONGEST_LIFE_S) return false;
    this.seen.set(jti, exp + TOLERANCE_S);
    return true;
  }
}

/** The token names this request and no other. */
function isAbout({ htm, htu, bod, idk }: z.infer<typeof claims>, { method, url, headers }: IncomingMessage, body: string): boolean {
  return htm === method && htu === url && bod === digestOf(body) && idk === headers['idempotency-key'];
}

/** Takes the same time whatever differs. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
