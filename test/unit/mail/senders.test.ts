/** Mails that leave by a relay, and mails that stay on one's own machine. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalMailbox, createSmtpMailer } from '../../../src/mail/senders.js';
import { SimulatedClock } from '../../support/clock.js';

const mail = { to: 'martin@exemple.fr', subject: 'Votre code à usage unique', text: 'Voici votre code : 123456.\n' };

describe('the local mailbox', () => {
  let folder: string;
  let clock: SimulatedClock;
  beforeEach(() => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'sesame-mail-')), 'mailbox');
    clock = new SimulatedClock();
  });
  afterEach(() => {
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  it('is empty before the first mail', async () => {
    expect(await createLocalMailbox({ folder, clock }).list()).toEqual([]);
  });

  it('lists mails newest first, also those of the same instant', async () => {
    const mailbox = createLocalMailbox({ folder, clock });
    await mailbox.send({ ...mail, subject: 'un' });
    await mailbox.send({ ...mail, subject: 'deux' });
    clock.pass(1);
    await mailbox.send({ ...mail, subject: 'trois' });
    const found = await mailbox.list();
    expect(found.map(({ subject }) => subject)).toEqual(['trois', 'deux', 'un']);
    expect(found[0]).toEqual({ ...mail, subject: 'trois', at: clock.now() });
  });

  it('keeps them for the next start, readable by its owner only', async () => {
    await createLocalMailbox({ folder, clock }).send(mail);
    expect(await createLocalMailbox({ folder, clock }).list()).toHaveLength(1);
    const [name] = readdirSync(folder);
    expect(statSync(path.join(folder, name!)).mode & 0o077).toBe(0);
  });

  it('keeps the last hundred', async () => {
    const mailbox = createLocalMailbox({ folder, clock });
    for (let index = 1; index <= 103; index += 1) await mailbox.send({ ...mail, subject: String(index) });
    const found = await mailbox.list();
    expect([found.length, found[0]?.subject, found.at(-1)?.subject]).toEqual([100, '103', '4']);
    expect(readdirSync(folder)).toHaveLength(100);
  });

  it('refuses with a code when the folder cannot be written', async () => {
    writeFileSync(folder, 'a file where a folder should be');
    await expect(createLocalMailbox({ folder, clock }).send(mail)).rejects.toMatchObject({ code: 'mail-unavailable' });
  });
});

describe('the relay', () => {
  let server: Server;
  const sessions: string[] = [];

  /** Speaks just enough SMTP; refuses the addresses it is told to. */
  function converse(socket: Socket): void {
    let inData = false;
    let session = '';
    socket.write('220 relay.example ready\r\n');
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      session += text;
      if (inData && text.endsWith('\r\n.\r\n')) {
        inData = false;
        sessions.push(session);
        socket.write('250 taken\r\n');
      } else if (!inData) socket.write(replyTo(text));
      if (text.startsWith('DATA')) inData = true;
      if (text.startsWith('QUIT')) socket.end();
    });
    socket.on('error', () => undefined);
  }

  function replyTo(line: string): string {
    if (line.startsWith('RCPT') && line.includes('refused@')) return '550 5.1.1 <refused@exemple.fr> unknown\r\n';
    return line.startsWith('DATA') ? '354 go on\r\n' : '250 fine\r\n';
  }

  const mailerTo = (port: number) => createSmtpMailer({ url: `smtp://127.0.0.1:${String(port)}`, from: 'Sésame <sesame@exemple.fr>' });
  const portOf = () => (server.address() as { port: number }).port;

  beforeEach(async () => {
    server = createServer(converse).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
  });

  it('takes a mail as plain text, marked as sent by a machine', async () => {
    await mailerTo(portOf()).send(mail);
    const session = sessions.at(-1)!;
    expect(session).toContain('RCPT TO:<martin@exemple.fr>');
    expect(session).toMatch(/Auto-Submitted: auto-generated/i);
    expect(session).toMatch(/Content-Type: text\/plain; charset=utf-8/i);
    expect(session).toContain('Voici votre code : 123456.');
  });

  it('lets no line of a subject become a header', async () => {
    await mailerTo(portOf()).send({ ...mail, subject: 'Bonjour\r\nBcc: voleur@exemple.fr' });
    expect(sessions.at(-1)).not.toMatch(/^Bcc:/im);
    expect(sessions.at(-1)).not.toContain('RCPT TO:<voleur@exemple.fr>');
  });

  it('that refuses an address is a coded fault which does not repeat the address', async () => {
    const fault = await mailerTo(portOf()).send({ ...mail, to: 'refused@exemple.fr' }).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'mail-unavailable' });
    expect((fault as Error).message).toContain('550');
    expect(JSON.stringify(fault) + String((fault as Error).stack) + String((fault as Error).cause)).not.toContain('refused@');
  });

  it('that nobody answers at is a coded fault', async () => {
    const port = portOf();
    server.close();
    await once(server, 'close');
    await expect(mailerTo(port).send(mail)).rejects.toMatchObject({ code: 'mail-unavailable' });
  });
});
