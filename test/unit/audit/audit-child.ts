/**
 * A process that records until it is killed, and says the number of each entry once it is acknowledged. Run by
 * kill.test.ts; never imported.
 */
import { writeSync } from 'node:fs';
import { createAuditLog } from '../../../src/audit/log.js';

const [folder = '', lanes = '1', round = '0'] = process.argv.slice(2);

async function run(): Promise<void> {
  const log = await createAuditLog({ folder, key: Buffer.alloc(32, 7), clock: { now: () => Date.now() } });
  let next = 0;
  const lane = async (): Promise<never> => {
    for (;;) {
      const ticket = `${round}-${String((next += 1))}`;
      await log.record({ actor: 'system', role: 'system', caisse: '751', action: 'ticket.take', when: 'before', ticket });
      writeSync(1, `${ticket}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(lanes) }, lane));
}

void run();
