/**
 * Cases G12 and P05 of the threat model: over the whole story, the server and the libraries in it reach what was configured,
 * write where they were told to, and say nothing but the lines of the log.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built } from '../support/built.js';
import { FakeConnector } from '../support/connector.js';
import { DirectLineTalk, PageTalk } from '../support/measured.js';
import { CAMILLE, ODILE, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import { openForWriting, undeclared, Watched, type Declared } from '../support/watched.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'sesame-outside-')));
  for (const name of ['home', 'tmp']) mkdirSync(path.join(folder, name));
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

/** From the first word to the unlocked account, and a human asked for. */
async function story(line: DirectLineTalk | PageTalk, sesame: RunningSesame, { nir, birthDate, email }: Locked): Promise<void> {
  await line.open();
  await line.say('mon compte est bloqué après plusieurs essais', /Que souhaitez-vous faire/);
  await line.say('Débloquer mon compte', /Vérifions que c’est bien vous/);
  await line.fill({ nir, birthDate }, /Votre code à 8 chiffres/);
  await line.fill({ code: await eventually(() => sesame.lastCode(email)) }, /il n’est plus bloqué/);
  await line.say('je veux parler à un conseiller', /conseiller/);
  await line.end();
}

/** What `npm start` greets with, and nothing else that is not a line of the log. */
const GREETING = /^(|Sésame is ready\.|Ctrl\+C stops it\.| {2}The [\w -]+ {3,}http:\/\/localhost:\d+\S*)$/;

function isLogLine(line: string): boolean {
  try {
    const said = JSON.parse(line) as Record<string, unknown>;
    return typeof (said['msg'] ?? said['event']) === 'string';
  } catch {
    return false;
  }
}

describe('a watched server', () => {
  it('G12, P05: reaches and writes what was declared, and speaks in lines of the log, over the whole story', async () => {
    const watched = new Watched(folder);
    const teams = await FakeConnector.open();
    const advisers = path.join(__dirname, '..', '..', 'config', 'advisers.yaml');
    const sesame = await RunningSesame.start({ ...watched.env, HOME: path.join(folder, 'home'), TMPDIR: path.join(folder, 'tmp'), TEAMS_LOCAL_URL: teams.origin, ADVISERS_FILE: advisers, LOG_LEVEL: 'debug' });
    const declared: Declared = {
      folders: [realpathSync(sesame.data), path.join(path.dirname(built('main.js')), 'learnt')],
      ports: [Number(new URL(sesame.backendUrl).port), Number(new URL(teams.origin).port)],
    };
    const pid = watched.deeds()[0]!.pid;
    const open = new Set(openForWriting(pid));
    await story(new DirectLineTalk(sesame), sesame, CAMILLE);
    for (const file of openForWriting(pid)) open.add(file);
    await story(new PageTalk(sesame), sesame, ODILE);
    await fetch(`${sesame.url}/public/sesame-chat.js`);
    for (const file of openForWriting(pid)) open.add(file);
    open.delete(watched.file);
    await sesame.stopServer();
    const deeds = watched.deeds();

    expect(undeclared(deeds, declared)).toEqual([]);
    expect(undeclared([...open].map((where) => ({ kind: 'write', pid, path: where })), declared)).toEqual([]);
    expect(['home', 'tmp'].map((name) => readdirSync(path.join(folder, name)))).toEqual([[], []]);
    expect(sesame.output.filter((line) => !isLogLine(line) && !GREETING.test(line))).toEqual([]);
    // It looked where there was something to see.
    for (const port of declared.ports.slice(0, 1)) expect(deeds.some((deed) => deed.kind === 'connect' && Number(deed.port) === port)).toBe(true);
    expect(deeds.some(({ kind, path: where }) => kind === 'write' && String(where).includes('mailbox'))).toBe(true);
    expect(process.platform !== 'linux' || [...open].some((file) => file.includes(`${path.sep}store${path.sep}`))).toBe(true);
    await sesame.stop();
    await teams.close();
  }, 120_000);

  it.each([
    ['a connection to elsewhere', `require('node:net').connect(9, '192.0.2.1').on('error', () => {}).destroy()`, '"host":"192.0.2.1"'],
    ['a connection to another port', `require('node:http').get('http://127.0.0.1:9/').on('error', () => {})`, '"port":9'],
    ['a request by fetch', `fetch('http://127.0.0.1:3/').catch(() => {})`, '"port":'],
    ['a name looked up', `require('node:dns').lookup('telemetry.invalid', () => {})`, 'telemetry.invalid'],
    ['a datagram', `const s = require('node:dgram').createSocket('udp4'); s.send('x', 9, '127.0.0.1', () => s.close())`, 'datagram'],
    ['a program', `require('node:child_process').exec('true')`, '"kind":"program"'],
    ['a file in the home folder', `require('node:fs').writeFileSync(process.env.HOME + '/cache', 'x')`, '/cache'],
    ['a file beside the data', `require('node:fs/promises').appendFile(process.env.HOME + '/data-2', 'x')`, '/data-2'],
    ['a file by a thread', `new (require('node:worker_threads').Worker)("require('node:fs').createWriteStream(process.env.HOME + '/thread')", { eval: true })`, '/thread'],
  ])('would see %s', (_what, code, told) => {
    const watched = new Watched(folder);
    execFileSync(process.execPath, ['-e', code], { env: { PATH: process.env['PATH'] ?? '', HOME: path.join(folder, 'home'), ...watched.env } });
    expect(undeclared(watched.deeds(), { folders: [path.join(folder, 'home', 'data')], ports: [10] }).join('\n')).toContain(told);
  });
});
