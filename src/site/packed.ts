/**
 * Bodies compressed once, as hard as can be, and which variant of one a browser is given. Only for what holds no
 * secret: the length of a compressed secret tells about it.
 */
import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface Variant {
  /** As `Content-Encoding` says it; `identity`: as it is. */
  readonly coding: 'br' | 'gzip' | 'identity';
  readonly body: Buffer;
  /** An `ETag`, with its quotes: two variants of one body never share it. */
  readonly tag: string;
}

/** The variants of one body, best first; the last is the body itself. */
export type Packed = readonly [...Variant[], Variant];

/** A body in each coding but its own, longer or not. */
export interface Compressed {
  readonly br: Buffer;
  readonly gzip: Buffer;
}

/** Compresses a body, unless told what it was compressed to. A variant that is not smaller than the body is left out. */
export function pack(content: Buffer | string, compressed?: Compressed): Packed {
  const body = Buffer.from(content);
  const hash = createHash('sha256').update(body).digest('base64url');
  const { br, gzip } = compressed ?? compress(body);
  const variants: Variant[] = [
    { coding: 'br', body: br, tag: `"${hash}-br"` },
    { coding: 'gzip', body: gzip, tag: `"${hash}-gzip"` },
  ];
  return [...variants.filter((variant) => variant.body.length < body.length), { coding: 'identity', body, tag: `"${hash}"` }];
}

function compress(body: Buffer): Compressed {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return { br: brotliCompressSync(body, { params }), gzip: gzipSync(body, { level: constants.Z_BEST_COMPRESSION }) };
}

/** The variant for whoever sent this `Accept-Encoding`: what they like best, the best of those they like alike. */
export function choose(packed: Packed, accepted: string | undefined): Variant {
  const liking = readLikings(accepted ?? '');
  const weight = ({ coding }: Variant): number => liking.get(coding) ?? (coding === 'identity' ? 0 : (liking.get('*') ?? 0));
  // From the last one, which goes to whoever takes nothing else: a refusal would help nobody.
  return packed.reduceRight((best, variant) => (weight(variant) > 0 && weight(variant) >= weight(best) ? variant : best));
}

/** `gzip;q=0.5, br` -> gzip 0.5, br 1. What cannot be read is not liked. */
function readLikings(accepted: string): ReadonlyMap<string, number> {
  return new Map(
    accepted.split(',').map((item) => {
      const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return [coding, quality === undefined ? 1 : Number(quality.slice(2)) || 0];
    }),
  );
}
