/**
 * Two ways to hand a mail over: a real SMTP relay, and a folder on one's own machine for trying things out. What a
 * mail says, and when it is sent, is decided elsewhere.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { SesameError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';

export interface OutgoingMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailSender {
  /** Resolves once the mail is taken; throws `SesameError('mail-unavailable')` when it was not. */
  send(mail: OutgoingMail): Promise<void>;
}

export interface StoredMail extends OutgoingMail {
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface LocalMailbox extends MailSender {
  /** Newest first. */
  list(): Promise<readonly StoredMail[]>;
}

const kept = 100;

/** Plain-text mail through the relay at `url` (`smtp://` or `smtps://`); gives up after 10 seconds of silence. */
export function createSmtpMailer(options: { url: string; from: string }): MailSender {
  const transport = createTransport({
    url: options.url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (mail) => {
      try {
        await transport.sendMail({ ...mail, from: options.from, headers: { 'Auto-Submitted': 'auto-generated' } });
      } catch (error) {
        throw mailUnavailable(error);
      }
    },
  };
}

function mailUnavailable(error: unknown): SesameError {
  // The relay's own words often quote the address: neither they nor the cause go any further.
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const said = [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
  return new SesameError('mail-unavailable', `the mail relay did not take a mail (${said}): check its address and state`);
}

/** Keeps the last 100 mails as one JSON file each, for a demonstration on one's own machine. They hold codes. */
export function createLocalMailbox(options: { folder: string; clock: Clock }): LocalMailbox {
  const { folder, clock } = options;
  let written = 0;
  const nameOf = (at: number) => `${digits(at, 15)}-${digits(++written, 9)}-${randomUUID()}.json`;
  return {
    send: async (mail) => {
      const at = clock.now();
      const stored: StoredMail = { at, to: mail.to, subject: mail.subject, text: mail.text };
      try {
        await writeWhole(folder, nameOf(at), JSON.stringify(stored, null, 2));
        const old = (await names(folder)).slice(kept);
        await Promise.all(old.map((name) => rm(path.join(folder, name), { force: true })));
      } catch (error) {
        throw new SesameError('mail-unavailable', `cannot write a mail in ${folder}: check the folder`, { cause: error });
      }
    },
    list: async () => {
      const found = await Promise.all((await names(folder)).map((name) => readMail(path.join(folder, name))));
      return found.filter((mail) => mail !== undefined);
    },
  };
}

/** A reader sees the whole file or none of it. */
async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = path.join(folder, `${name}.part`);
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path.join(folder, name));
}

async function names(folder: string): Promise<string[]> {
  const all = await readdir(folder).catch(() => []);
  return all.filter((name) => name.endsWith('.json')).sort((a, b) => (a < b ? 1 : -1));
}

/** Undefined when the file was swept away between the listing and now. */
async function readMail(file: string): Promise<StoredMail | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as StoredMail);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
