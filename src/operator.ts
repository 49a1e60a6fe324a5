/**
 * What an operator does from the command line: back up and restore, turn the assistant off and on, change a key. Each
 * says what was done in a sentence, and what is left to do.
 */
import { join, resolve } from 'node:path';
import { verify } from './audit/verify.js';
import { giveOrder, isRunning, takeOrders } from './backup/orders.js';
import { restoreFrom } from './backup/restore.js';
import { saveTo } from './backup/save.js';
import { CLOSED_FILE, turnOff, turnOn } from './closing.js';
import type { Config } from './config.js';
import type { Clock } from './conversation/ports.js';
import { OPINIONS_FILE } from './insights/journal.js';
import type { Home } from './home.js';
import { rotateProofKey } from './keys.js';
import type { Log } from './log.js';
import { fillEmbeddedStore } from './storage/embedded.js';

type Command = (options: readonly string[]) => Promise<void>;

/** Files and folders of the data that grow by lines. */
const JOURNALS = ['audit', OPINIONS_FILE];

const AUDIT = 'audit';

const dataFolder = (): string => process.env['DATA_DIR'] ?? './var';
const keysFolder = (): string => process.env['KEYS_DIR'] ?? dataFolder();

export interface OrdersParts {
  readonly config: Pick<Config, 'dataFolder'>;
  readonly store: Home;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets the operator give orders to this process. Returns the way to stop. */
export function openOrders({ config, store, clock, log }: OrdersParts): Promise<() => Promise<void>> {
  const backing = { dataFolder: config.dataFolder, journals: JOURNALS, clock, ...(store.snapshot ? { snapshot: store.snapshot } : {}) };
  const backup = async (folder: string): Promise<string> => {
    const { rows, files, at } = await saveTo(folder, backing);
    log.info('backup.made', { rows, files: files.length });
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return `${rows === undefined ? 'the conversations rest in Redis and are not in it' : `${String(rows)} keys of the store`}, ${String(files.length)} files, ${String(bytes)} bytes, as of ${at}, read back and whole`;
  };
  return takeOrders({ dataFolder: config.dataFolder, orders: { backup }, report: (error) => { log.warn('orders.unavailable', { error }); } });
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The one argument that a command takes. */
function only([given]: readonly string[], what: string): string {
  if (given === undefined || given === '') throw new Error(`name ${what}`);
  return resolve(given);
}

const backup: Command = async (options) => {
  const folder = only(options, 'the folder to write the backup to: npm run backup -- FOLDER');
  say(`backup: ${folder}: ${await giveOrder(dataFolder(), 'backup', folder)}`);
  say('The keys (keys.json) are not in it: keep them apart.');
};

const restore: Command = async (options) => {
  const from = only(options, 'the backup to restore: npm run restore -- FOLDER');
  const to = resolve(dataFolder());
  if (await isRunning(to)) throw new Error(`a server runs on ${to}: stop it, and set DATA_DIR to an empty folder`);
  const fill = (rows: Parameters<typeof fillEmbeddedStore>[1]): ReturnType<typeof fillEmbeddedStore> => fillEmbeddedStore(join(to, 'store'), rows);
  const { at, rows, files } = await restoreFrom({ from, to, mayStay: ['keys.json', CLOSED_FILE], fill });
  say(`restored: ${to}: ${String(rows ?? 0)} keys and ${String(files.length)} files, as of ${at}`);
  if (!files.some(({ name }) => name.startsWith(`${AUDIT}/`))) return;
  const audit = await verify(join(to, AUDIT));
  say(audit.kind === 'broken' ? `audit: ${audit.file}, line ${String(audit.line)}: ${audit.what}` : `audit: whole, ends at ${String(audit.head.seq)}:${audit.head.hash}`);
};

const off: Command = async () => {
  await turnOff(keysFolder());
  say(`The assistant is off within a second, and stays off over restarts, wherever KEYS_DIR is ${resolve(keysFolder())}. "npm run on" turns it on.`);
};

const on: Command = async () => {
  await turnOn(keysFolder());
  say('The assistant is on within a second.');
};

const rotateKeys: Command = async () => {
  const keys = await rotateProofKey(keysFolder());
  say(JSON.stringify({ keys }, null, 2));
  process.stderr.write('A new key signs from the next start of each process on. Give the list above to whoever verifies proofs before that.\n');
};

export const OPERATOR_COMMANDS: Readonly<Record<string, Command>> = { backup, restore, off, on, 'keys-rotate': rotateKeys };
