/**
 * Runs the reference backend as the separate process that it is, for trying Sésame without any service to set up. It
 * knows how to start and stop it, and nothing of what it does.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JWK } from 'jose';
import { SesameError } from './conversation/errors.js';

export interface ReferenceProcessOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly folder: string;
  readonly token: string;
  /** Public keys that proofs are verified with. */
  readonly proofKeys: readonly JWK[];
  /** Lets tests break it on purpose. */
  readonly faults?: boolean;
}

export interface ReferenceProcess {
  readonly url: string;
  readonly pid: number;
  /** Asks it to end, and resolves when it has. */
  stop(): Promise<void>;
}

/** Starts it and resolves when it listens; throws `backend-unavailable` with its last words when it does not. */
export function startReferenceProcess(options: ReferenceProcessOptions): Promise<ReferenceProcess> {
  const child = spawn(process.execPath, [join(__dirname, 'reference', 'main.js')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      REFERENCE_PORT: String(options.port),
      REFERENCE_DATA: options.folder,
      REFERENCE_TOKEN: options.token,
      PROOF_JWKS: JSON.stringify({ keys: options.proofKeys }),
      REFERENCE_DEMO: '1',
      ...(options.faults === true ? { REFERENCE_FAULTS: '1' } : {}),
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString()}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      reject(new SesameError('backend-unavailable', `the reference backend did not start: ${reasonIn(lastWords)}`));
    });
    createInterface(child.stdout).on('line', (line) => {
      const url = listeningUrl(line);
      if (url === undefined) return;
      resolve({
        url,
        pid: child.pid ?? 0,
        stop: () => {
          child.kill('SIGTERM');
          return ended;
        },
      });
    });
  });
}

/** The reason it gave on its last line, or the line as it is. */
function reasonIn(words: string): string {
  const last = words.trim().split('\n').at(-1) ?? '';
  return /"why":"([^"]*)"/.exec(last)?.[1] ?? last;
}

function listeningUrl(line: string): string | undefined {
  try {
    const said: unknown = JSON.parse(line);
    const known = typeof said === 'object' && said !== null && 'event' in said && 'url' in said && said.event === 'listening';
    return known && typeof said.url === 'string' ? said.url : undefined;
  } catch {
    return undefined;
  }
}
