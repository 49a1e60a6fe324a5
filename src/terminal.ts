/**
 * The terminal as a door, for trying and showing: the same assistant, without a browser. Forms are asked field by
 * field; what is typed there is sent as a form and stays out of the transcript like any other.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { createApp } from './app.js';
import type { RunningAssistant } from './assistant.js';
import { readConfig } from './config.js';
import type { FormReply, Reply } from './conversation/reply.js';
import { readKeys } from './keys.js';
import { createLog } from './log.js';
import { createMask } from './redaction/mask.js';
import { startReferenceProcess } from './reference.js';

/** Runs a conversation on standard input and output until either ends. */
export async function chat(): Promise<void> {
  const read = readConfig(process.env);
  const config = { ...read, dataFolder: join(read.dataFolder, 'terminal') };
  const keys = await readKeys(config.keysFolder);
  const reference = await startReferenceProcess({
    ...{ port: 0, folder: join(config.dataFolder, 'reference-backend'), token: keys.reference },
    proofKeys: keys.proofKeys,
  });
  const clock = { now: () => Date.now() };
  const mask = createMask(() => clock.now());
  const log = createLog('fatal', (text) => mask(text).text);
  const app = await createApp({ config, keys, backend: { url: reference.url }, clock, mask, log });
  show(`made-up people: ${reference.url}/demo\ntheir e-mails:  ${join(config.dataFolder, 'mailbox')}\nCtrl+D ends.`);
  await new Talk(app.assistant, app.label('fill-in')).run();
  await app.close();
  await reference.stop();
}

class Talk {
  private readonly conversationId = `terminal-${randomUUID()}`;
  private readonly lines: Interface = createInterface({ input: process.stdin, output: process.stdout, terminal: process.stdin.isTTY });
  private readonly typed = this.lines[Symbol.asyncIterator]();
  private read = 0;
  private form: FormReply | undefined;
  private choices: readonly string[] = [];

  /** `fillIn`: how to open a form. */
  constructor(
    private readonly assistant: RunningAssistant,
    private readonly fillIn: string,
  ) {}

  async run(): Promise<void> {
    await this.assistant.hear({ ...this.said(), id: 'opening', kind: 'opening' });
    await this.listen();
    for (let line = await this.ask('> '); line !== undefined; line = await this.ask('> ')) {
      const values = this.form && line.trim() === '' ? await this.askFields(this.form) : undefined;
      if (this.form && values) await this.assistant.hear({ ...this.said(), kind: 'form', place: this.form.place, values });
      // Choices are shown with numbers here, so a number is the label that it stands for.
      else await this.assistant.hear({ ...this.said(), kind: 'words', text: this.choices[Number(line) - 1] ?? line });
      await this.listen();
    }
    this.lines.close();
  }

  private said(): { id: string; conversationId: string; channel: 'terminal'; at: number } {
    return { id: randomUUID(), conversationId: this.conversationId, channel: 'terminal', at: Date.now() };
  }

  private async ask(prompt: string): Promise<string | undefined> {
    process.stdout.write(prompt);
    const next = await this.typed.next();
    return next.done === true ? undefined : next.value;
  }

  private async askFields(form: FormReply): Promise<Record<string, string> | undefined> {
    const values: Record<string, string> = {};
    for (const field of form.fields) {
      const value = await this.ask(`  ${field.label}${field.hint === undefined ? '' : ` (${field.hint})`} : `);
      if (value === undefined) return undefined;
      values[field.name] = value;
    }
    return values;
  }

  /** Shows what came since, once the turn is closed: nothing is heard while a turn runs in this conversation. */
  private async listen(): Promise<void> {
    await this.assistant.settled();
    for (const entry of await this.assistant.transcript(this.conversationId, this.read)) {
      this.read = entry.seq;
      if (entry.author !== 'assistant') continue;
      this.form = entry.reply.kind === 'form' ? entry.reply : undefined;
      this.choices = entry.reply.choices ?? [];
      show(words(entry.reply, this.fillIn));
    }
  }
}

function words(reply: Reply, fillIn: string): string {
  const choices = (reply.choices ?? []).map((label, index) => `  ${String(index + 1)}. ${label}`);
  if (reply.kind === 'text') return [reply.text.replaceAll('**', ''), ...choices].join('\n');
  const errors = reply.fields.flatMap(({ label, error }) => (error === undefined ? [] : [`  ! ${label} : ${error}`]));
  return [reply.title, reply.why, ...errors, ...choices, `  (${fillIn})`].join('\n');
}

function show(text: string): void {
  process.stdout.write(`\n${text}\n\n`);
}
