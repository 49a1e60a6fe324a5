// Tries the advisers' side without a tenant: our server and the official local Teams client beside it, as a made-up
// adviser of config/advisers.yaml. Nothing leaves this machine. Usage: npm run teams [-- FIRST-NAME]
//
//   PORT, DATA_DIR…    as for `npm start`        TEAMS_CLIENT_PORT    of the local client (56150)
//   A port 0 is any free one.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse, stringify } from 'yaml';

const { env } = process;
const data = env.DATA_DIR ?? './var';
const rosterFile = env.ADVISERS_FILE ?? 'config/advisers.yaml';
const playground = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');
const OTHERS = 5;
const children = [];
let stopping = false;

/** A port that is free now: the one wanted, or any. */
function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))));
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** What a caisse is called where people read it. */
function nameOf(code) {
  if (code === 'national') return parse(readFileSync('dialogs/messages.yaml', 'utf8'))['national-team'].label;
  const [head = '', ...rows] = readFileSync('knowledge/caisses.csv', 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [codes, names] = ['code', 'nom'].map((column) => head.split(',').indexOf(column));
  return rows.map((row) => row.split(',')).find((cells) => cells[codes] === code)?.[names] ?? code;
}

/** The adviser at the keyboard: the one asked for, or the first of the national team. */
function chooseAdviser({ advisers }, asked) {
  const working = advisers.filter(({ roles }) => roles.includes('adviser') || roles.includes('supervisor'));
  const found = working.find(({ name, caisse }) => (asked === undefined ? caisse === 'national' : name.toLowerCase() === asked.toLowerCase()));
  if (found) return found;
  throw new Error(`nobody of ${rosterFile} answers people under this name; there are ${working.map(({ name }) => name).join(', ')}`);
}

/** The client's made-up tenant: people and channel of the roster. It takes five others, no more and no fewer. */
function tenantOf(roster, adviser) {
  const { channel, team } = roster.caisses.find(({ code }) => code === adviser.caisse);
  const userOf = ({ oid, name }, at) => {
    const email = `personne-${at}@example.invalid`;
    return { id: `user-${at}`, name, userPrincipleName: email, aadObjectId: oid, givenName: name, surname: name, email };
  };
  const others = roster.advisers.filter((one) => one !== adviser).sort((a, b) => (b.caisse === adviser.caisse) - (a.caisse === adviser.caisse)).slice(0, OTHERS);
  return {
    version: '0.1.1',
    tenantId: roster.tenant,
    bot: { id: 'sesame', name: 'Sésame' },
    currentUser: userOf(adviser, 0),
    users: others.map((one, at) => userOf(one, at + 1)),
    personalChat: { id: `prive-${adviser.oid}` },
    groupChat: { id: 'groupe', name: 'Sésame' },
    team: { id: team, name: 'Sésame', aadGroupId: '00000000-0000-4000-8000-000000000002', channels: [{ id: channel, name: nameOf(adviser.caisse) }] },
  };
}

/** Starts a program; resolves with what `ready` finds in its lines. */
function start(args, options, ready) {
  // Detached: Ctrl+C is ours to pass on, once. A program told twice to stop would stop badly.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true, windowsHide: true, ...options });
  children.push(child);
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = ready(line);
      if (found !== undefined) resolve(found);
      else if (line.startsWith('{')) process.stdout.write(`${line}\n`);
    });
    child.once('exit', (code) => {
      if (stopping) return;
      reject(new Error(`${args[0]} ended with ${code}`));
      stop(1);
    });
  });
}

function stop(code) {
  stopping = true;
  process.exitCode = code;
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
}

async function run() {
  const roster = parse(readFileSync(rosterFile, 'utf8'));
  const adviser = chooseAdviser(roster, process.argv[2]);
  const port = await freePort(Number(env.TEAMS_CLIENT_PORT ?? 56_150));
  const serverEnv = { LOG_LEVEL: 'warn', ...env, TEAMS_LOCAL_URL: `http://localhost:${port}/_connector`, ADVISERS_FILE: rosterFile };
  const home = await start(['dist/main.js'], { env: serverEnv }, (line) => /^ {2}The assistant +(http\S+)$/.exec(line)?.[1]);
  const folder = join(data, 'teams-client');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.m365agentsplayground.yml'), stringify(tenantOf(roster, adviser)));
  const client = [playground, 'start', '--app-endpoint', `${home}api/messages`, '--channel-id', 'msteams', '--port', String(port), '--disable-telemetry'];
  await start(client, { cwd: folder, env: { ...env, TEAMSAPPTESTER_BROWSER: 'none' } }, (line) => (line.startsWith('Listening') ? line : undefined));
  // It says that it listens before it reads its file, and keeps to its log what it does not like in it.
  const { ok } = await fetch(`http://localhost:${port}/_internal/v1/config`).catch(() => ({ ok: false }));
  if (!ok) throw new Error(`the local Teams client did not start: see ${join(folder, 'devTools')}`);
  const team = nameOf(adviser.caisse);
  process.stdout.write(`
Both windows are ready.

  The assistant, for the person          ${home}
  The local Teams client, for ${adviser.name.padEnd(10)} http://localhost:${port}/

 1. In Teams, « Personal Chat »: write « disponible ». Nobody is promised who has not said so,
    nor outside the opening hours of config/advisers.yaml.
 2. In the assistant: « parler à un conseiller », then « ${adviser.caisse === 'national' ? 'Je préfère ne pas le dire' : team} ».
 3. In Teams, « ${team} »: the card. Press « Prendre ».
 4. Answer below the card. This client passes on what mentions the bot: type @Sésame, choose it, then write.
 5. « Clore » on the card, with a reason.

Ctrl+C stops both.

`);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));
run().catch((error) => {
  process.stderr.write(`\nteams: ${error.message}\n\n`);
  stop(1);
});
