/**
 * What the internal port answers about health, by address. The public port has its own `/health`, which tells only
 * whether visits may come.
 */
import type { Checkup } from './checkup.js';
import type { Readiness } from './readiness.js';

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: object;
}

/** By path: `/health/live` (the process answers), `/health/ready` (visits may come), `/health` (all parts, since when). */
export function healthAnswers(readiness: Readiness, checkup: Checkup): Readonly<Record<string, () => Promise<HealthAnswer>>> {
  const life = () => ({ phase: readiness.phase, since: new Date(readiness.since).toISOString() });
  return {
    '/health/live': () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
    '/health/ready': () => Promise.resolve({ status: readiness.isReady ? 200 : 503, body: life() }),
    '/health': async () => {
      const report = await checkup.look();
      return { status: report.status === 'down' ? 503 : 200, body: { ...report, life: life() } };
    },
  };
}
