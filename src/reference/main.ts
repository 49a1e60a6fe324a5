/**
 * The reference backend as a process of its own: reads its settings from the environment, says where it listens on
 * one line of JSON, and stops with SIGTERM or with the process that started it.
 */
import { fstatSync } from 'node:fs';
import { z } from 'zod';
import { startReferenceBackend } from './backend.js';

const settings = z.object({
  REFERENCE_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  REFERENCE_DATA: z.string().min(1),
  /** Without it, signed calls only. */
  REFERENCE_TOKEN: z.string().min(16).optional(),
  /** Made-up people beside the thirty. */
  REFERENCE_PEOPLE: z.coerce.number().int().min(0).max(2400).default(0),
  PROOF_JWKS: z.string().transform((text, context) => {
    try {
      return keySet.parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON Web Key Set with public keys only' });
      return z.NEVER;
    }
  }),
  REFERENCE_FAULTS: z.literal(['0', '1']).default('0'),
  REFERENCE_DEMO: z.literal(['0', '1']).default('0'),
});

/** A private key has no business here: whoever verifies must not be able to sign. */
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() }).refine((key) => !('d' in key))).min(1) });

async function main(): Promise<void> {
  const read = settings.safeParse(process.env);
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    process.stderr.write(`${JSON.stringify({ event: 'config-invalid', faults })}\n`);
    process.exitCode = 1;
    return;
  }
  const env = read.data;
  const backend = await startReferenceBackend({
    port: env.REFERENCE_PORT,
    folder: env.REFERENCE_DATA,
    ...(env.REFERENCE_TOKEN === undefined ? {} : { token: env.REFERENCE_TOKEN }),
    people: env.REFERENCE_PEOPLE,
    proofKeys: env.PROOF_JWKS,
    faults: env.REFERENCE_FAULTS === '1',
    demo: env.REFERENCE_DEMO === '1',
  });
  const stop = (): void => {
    void backend.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  stopWithParent(stop);
  process.stdout.write(`${JSON.stringify({ event: 'listening', url: backend.url })}\n`);
}

/** A parent's pipe ends with the parent. A terminal or /dev/null says nothing about it, so they are not watched. */
function stopWithParent(stop: () => void): void {
  process.once('disconnect', stop);
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.once('end', stop).once('error', stop).resume();
}

main().catch((fault: unknown) => {
  const held = fault instanceof Error && 'code' in fault && fault.code === 'LEVEL_DATABASE_NOT_OPEN';
  const why = held
    ? 'its folder is in use by another process, or cannot be written: stop the other one, or choose another folder'
    : fault instanceof Error ? fault.message : 'unknown';
  process.stderr.write(`${JSON.stringify({ event: 'failed', why })}\n`);
  process.exitCode = 1;
});
