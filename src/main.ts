/**
 * Starts and stops the process. `npm start` runs this: it needs no service, asks no question and prints the addresses
 * to open.
 */
import { url as debuggerUrl } from 'node:inspector';
import { join } from 'node:path';
import { createApp, type Running } from './app.js';
import { readConfig, type Config } from './config.js';
import { describeFault, FaultsError } from './conversation/errors.js';
import { createInternal, inJson, type InternalServer } from './internal.js';
import { readKeys, type Keys } from './keys.js';
import { exposures, ownLimits } from './exposure.js';
import { createLog, type RunningLog, type Log } from './log.js';
import { openMeasures } from './measured.js';
import { createMask } from './redaction/mask.js';
import { startReferenceProcess, type ReferenceProcess } from './reference.js';
import { createStop } from './stop.js';

/** Less than 5 s in all, with what it takes to end. Whatever is cut is taken up at the next start, or by another process. */
const STOP_WITHIN_MS = 4_800;

async function start(): Promise<void> {
  const config = readConfig(process.env);
  if (config.mode === 'production') refuseToBeSeen();
  const clock = { now: () => Date.now() };
  const mask = createMask(() => clock.now());
  const lines = createLog(config.logLevel, (text) => mask(text).text);
  const measures = await openMeasures({ config, clock });
  const log = { ...measures.log(lines), flush: () => { lines.flush(); } };
  const keys = await readKeys(config.keysFolder);
  const reference = config.backend ? undefined : await startReference(config, keys);
  const backend = config.backend ?? { url: reference?.url ?? '' };
  const app = await createApp({ config, keys, backend, clock, mask, log, measures, ...(reference ? { peopleUrl: `${reference.url}/demo` } : {}) });
  const internal = createInternal({ at: config.internal, routes: { ...measures.routes, ...inJson(app.health) }, log });
  // Before anybody can know that we are here, so that no stop finds nobody to hear it.
  stopOnSignal({ app, reference, internal }, { config, log });
  await internal.listen();
  if (config.internal) app.watchHealth();
  await app.listen();
  process.on('SIGUSR1', () => { log.warn('debugger.refused'); });
  if (config.teams) reloadOnSignal(app, log);
  process.stdout.write(welcome(app.url(), config, reference?.url));
}

/** Before any key is read. Throws `config-invalid` with all that would show the memory. */
function refuseToBeSeen(): void {
  const faults = exposures({ options: process.execArgv, env: process.env, debuggerUrl: debuggerUrl(), limits: ownLimits() });
  if (faults.length > 0) throw new FaultsError('config-invalid', faults);
}

function startReference(config: Config, keys: Keys): Promise<ReferenceProcess> {
  return startReferenceProcess({
    port: config.referencePort,
    folder: join(config.dataFolder, 'reference-backend'),
    token: keys.reference,
    proofKeys: keys.proofKeys,
  });
}

function stopOnSignal({ app, reference, internal }: { app: Running; reference: ReferenceProcess | undefined; internal: InternalServer }, { config, log }: { config: Config; log: RunningLog }): void {
  const stop = createStop({
    drainMs: config.drainMs,
    withinMs: STOP_WITHIN_MS,
    drain: () => { app.drain(); },
    close: async () => {
      await app.close();
      await reference?.stop();
      await internal.close();
    },
    ended: (how, error) => {
      log[how === 'well' ? 'info' : 'error']('process.stopped', { how, ...(error === undefined ? {} : { error }) });
      log.flush();
      process.exit(how === 'well' ? 0 : 1);
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
}

/** `kill -HUP` after a change of the advisers' file. */
function reloadOnSignal(app: Running, log: Log): void {
  // A terminal that closes sends the same signal: there it must still end the process.
  if (process.stdout.isTTY) return;
  process.on('SIGHUP', () => {
    app.reload().then(
      (faults) => { if (faults.length > 0) log.warn('roster.not-reloaded', { faults: faults.map(describeFault) }); },
      (error: unknown) => { log.error('roster.not-reloaded', { error }); },
    );
  });
}

function welcome(url: string, config: Config, referenceUrl: string | undefined): string {
  const rows = [
    ['The assistant', `${url}/`],
    ...(config.smtpUrl === undefined ? [['The mailbox where its e-mails land', `${url}/demo/courrier`]] : []),
    ...(referenceUrl === undefined ? [] : [['The made-up people to try it with', `${referenceUrl}/demo`]]),
  ];
  const width = Math.max(...rows.map(([label = '']) => label.length));
  return `\nSésame is ready.\n\n${rows.map(([label = '', address = '']) => `  ${label.padEnd(width)}   ${address}`).join('\n')}\n\nCtrl+C stops it.\n\n`;
}

// Where nobody listens to this signal, Node.js opens a debugger at it. What is said of it has to wait for the log.
process.on('SIGUSR1', () => undefined);

start().catch((error: unknown) => {
  const lines =
    error instanceof FaultsError
      ? [`Sésame cannot start: ${String(error.faults.length)} fault(s) to mend.`, ...error.faults.map((fault) => `  ${describeFault(fault)}`)]
      : ['Sésame cannot start.', `  ${error instanceof Error ? error.message : String(error)}`];
  process.stderr.write(`\n${lines.join('\n')}\n\n`);
  process.exit(1);
});
