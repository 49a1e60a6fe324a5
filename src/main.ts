/**
 * Starts and stops the process. `npm start` runs this: it needs no service, asks no question and prints the addresses
 * to open.
 */
import { url as debuggerUrl } from 'node:inspector';
import { join } from 'node:path';
import { createApp, type Running } from './app.js';
import { readConfig, type Config } from './config.js';
import { describeFault, FaultsError } from './conversation/errors.js';
import { readKeys, type Keys } from './keys.js';
import { exposures, ownLimits } from './exposure.js';
import { createLog, type RunningLog, type Log } from './log.js';
import { createMask } from './redaction/mask.js';
import { startReferenceProcess, type ReferenceProcess } from './reference.js';

/** A stop that takes longer than this is ended by force: whatever is not committed will be taken up at the next start. */
const STOP_WITHIN_MS = 10_000;

async function start(): Promise<void> {
  const config = readConfig(process.env);
  if (config.mode === 'production') refuseToBeSeen();
  const clock = { now: () => Date.now() };
  const mask = createMask(() => clock.now());
  const log = createLog(config.logLevel, (text) => mask(text).text);
  const keys = await readKeys(config.dataFolder);
  const reference = config.backend ? undefined : await startReference(config, keys);
  const backend = config.backend ?? { url: reference?.url ?? '' };
  const app = await createApp({ config, keys, backend, clock, mask, log, ...(reference ? { peopleUrl: `${reference.url}/demo` } : {}) });
  await app.listen();
  stopOnSignal(app, reference, log);
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

function stopOnSignal(app: Running, reference: ReferenceProcess | undefined, log: RunningLog): void {
  const stop = (): void => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    app
      .close()
      .then(() => reference?.stop())
      .finally(() => { log.flush(); })
      .then(() => process.exit(0), () => process.exit(1));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
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
