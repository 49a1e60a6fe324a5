// How long an old phone waits for the first words of Sésame: our widget beside Microsoft's Web Chat, on the same page of
// another site, with the same server. Starts the compiled server on made-up people. Ends with 1 when ours is too slow.
//   npm run bench:first-message [-- <runs>]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chats, measureOpening, phone } from './opening.mjs';
import { openSite } from './web-chat-site.mjs';

const limitMs = 1_500;
const runs = Number(process.argv[2] ?? 7);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const data = mkdtempSync(join(tmpdir(), 'sesame-first-message-'));
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((place) => place && existsSync(place));
if (!executablePath) throw new Error('no Chromium: install it, or set CHROMIUM to its path');

/** Starts the server; resolves with it and its address. */
function startServer(allowed) {
  const env = { ...process.env, PORT: '0', REFERENCE_PORT: '0', DATA_DIR: data, ALLOWED_ORIGINS: allowed, LOG_LEVEL: 'error' };
  const program = spawn(process.execPath, [join(root, 'dist', 'main.js')], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    program.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface(program.stdout).on('line', (line) => {
      const url = /^ {2}The assistant +(http\S+)$/.exec(line)?.[1];
      if (url) resolve({ program, url });
    });
  });
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const kb = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;
const row = (...cells) => console.log(cells.map((cell, at) => (at === 0 ? String(cell).padEnd(24) : String(cell).padStart(14))).join(''));

async function main() {
  const site = await openSite(root);
  const { program, url } = await startServer(site.origin);
  site.serve(url);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  const found = { sesame: [], webChat: [] };
  try {
    // One of each first, thrown away: the server's own first conversation is not what a person waits for. Then turn and turn about.
    for (let run = 0; run <= runs; run += 1) {
      for (const [name, chat] of Object.entries(chats)) {
        const opening = await measureOpening(browser, site.origin, chat);
        if (run > 0) found[name].push(opening);
      }
    }
  } finally {
    await browser.close();
    await site.close();
    program.removeAllListeners('exit').kill('SIGTERM');
    await new Promise((resolve) => program.once('exit', resolve));
    rmSync(data, { recursive: true, force: true });
  }
  return found;
}

function report({ sesame, webChat }) {
  const both = [sesame, webChat];
  const times = both.map((openings) => openings.map(({ ms }) => Math.round(ms)));
  const of = (pick) => both.map((openings) => median(openings.map(pick)));
  console.log(`From the press to the first message on the screen: ${phone.width}x${phone.height}, processor ${phone.slowdown} times slower,`);
  console.log(`${phone.downKbit} kbit/s down, ${phone.upKbit} up, ${phone.roundTripMs} ms of round trip, nothing cached; medians of ${runs} openings each.\n`);
  row('', '<sesame-chat>', 'Web Chat');
  row('time', ...times.map((values) => `${median(values)} ms`));
  row('requests', ...of(({ requests }) => requests));
  row('  preflights', ...of(({ preflights }) => preflights));
  row('bytes on the wire', ...of(({ bytes }) => bytes).map(kb));
  row('  before the press', ...of(({ before }) => before.bytes).map(kb));
  console.log(`\nevery time, in ms:\n  <sesame-chat>  ${times[0].join('  ')}\n  Web Chat       ${times[1].join('  ')}`);
  const [ours, theirs] = times.map(median);
  console.log(`\nOurs is ${(theirs / ours).toFixed(1)} times as quick; at most ${limitMs} ms is wanted: ${ours <= limitMs ? 'kept' : 'NOT KEPT'}.`);
  return ours <= limitMs;
}

process.exitCode = report(await main()) ? 0 : 1;
