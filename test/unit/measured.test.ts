import { SesameError, type ErrorCode } from '../../src/conversation/errors.js';
import type { Actions } from '../../src/dialog/run.js';
import type { Log } from '../../src/log.js';
import { openMeasures, UNMEASURED, type Measures } from '../../src/measured.js';

const clock = { now: () => 0 };
const open = (): Promise<Measures> => openMeasures({ config: { internal: { host: '127.0.0.1', port: 0 }, traces: false }, clock });
const lines = async (measures: Measures, start: string): Promise<string[]> => {
  const { body = '' } = (await measures.routes['/metrics']?.()) ?? {};
  return body.split('\n').filter((line) => line.startsWith(start)).sort();
};
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('what is measured', () => {
  it('is nothing, and changes nothing, where there is no port to read it at', async () => {
    const measures = await openMeasures({ config: { traces: false }, clock });
    const [log, actions, backend] = [quiet, {}, { identify: () => Promise.resolve() }];
    expect(measures).toBe(UNMEASURED);
    expect([measures.log(log), measures.actions(actions), measures.backend(backend)]).toEqual([log, actions, backend]);
    expect(measures.backend(backend)).toBe(backend);
    expect([measures.turns, measures.routes]).toEqual([{}, {}]);
  });

  it('tells how calls to the account backend ended, and hands each end on as it was', async () => {
    const measures = await open();
    const fails = (code: ErrorCode) => (): Promise<never> => Promise.reject(new SesameError(code, 'no'));
    const ends: Readonly<Record<string, () => Promise<unknown>>> = {
      unlock: () => Promise.resolve({ kind: 'unlocked' }),
      status: () => Promise.resolve({ kind: 'proof-refused', why: 'used' }),
      reactivate: () => Promise.resolve({ kind: 'unknown' }),
      isThere: () => Promise.resolve(false),
      identify: fails('backend-timeout'),
      contactOf: fails('backend-unavailable'),
      post: fails('backend-rejected'),
      openCase: fails('internal'),
    };
    const backend = measures.backend<Record<string, () => Promise<unknown>>>({ ...ends, close: () => Promise.resolve() });
    for (const [name, end] of Object.entries(ends)) {
      const given = await end().catch((error: unknown) => (error as Error).message);
      await expect(backend[name]!().catch((error: unknown) => (error as Error).message)).resolves.toEqual(given);
    }
    await backend['close']!();
    expect(await lines(measures, 'sesame_backend_calls_total')).toEqual([
      'sesame_backend_calls_total{call="contactOf",end="unavailable"} 1',
      'sesame_backend_calls_total{call="identify",end="timeout"} 1',
      'sesame_backend_calls_total{call="isThere",end="unavailable"} 1',
      'sesame_backend_calls_total{call="openCase",end="broke"} 1',
      'sesame_backend_calls_total{call="post",end="rejected"} 1',
      'sesame_backend_calls_total{call="reactivate",end="unknown"} 1',
      'sesame_backend_calls_total{call="status",end="refused"} 1',
      'sesame_backend_calls_total{call="unlock",end="answered"} 1',
    ]);
  });

  it('tells an action that threw as unexpected, and an outcome that it never announced as other', async () => {
    const measures = await open();
    const actions: Actions = measures.actions({
      'account.unlock': { outcomes: ['unlocked'], run: () => Promise.reject(new Error('broken')) },
      'account.service': { outcomes: ['up'], run: () => Promise.resolve({ outcome: 'Martin' }) },
    });
    await expect(actions['account.unlock']!.run({} as never)).rejects.toThrow('broken');
    await expect(actions['account.service']!.run({} as never)).resolves.toEqual({ outcome: 'Martin' });
    expect(await lines(measures, 'sesame_actions_total')).toEqual([
      'sesame_actions_total{action="account.service",outcome="other"} 1',
      'sesame_actions_total{action="account.unlock",outcome="unexpected"} 1',
    ]);
  });

  it('tells while the backend is given rest, and what passes on the way to the log', async () => {
    const measures = await open();
    const written: unknown[] = [];
    const note = (event: string, fields?: object): void => void written.push([event, fields]);
    const log = measures.log({ info: note, warn: note, error: note });
    log.warn('backend.resting');
    expect(await lines(measures, 'sesame_backend_resting')).toEqual(['sesame_backend_resting 1']);
    log.warn('backend.back');
    log.info('http.request', { method: 'GET', path: '/aide/2550814168025', status: 429, ms: 1 });
    log.error('turn.broke', { conversation: 'dl_martin' });
    expect(await lines(measures, 'sesame_backend_resting')).toEqual(['sesame_backend_resting 0']);
    expect(await lines(measures, 'sesame_http_requests_total')).toEqual(['sesame_http_requests_total{route="aide",status="429"} 1']);
    expect(await lines(measures, 'sesame_log_lines_total')).toEqual(['sesame_log_lines_total{severity="error"} 1', 'sesame_log_lines_total{severity="info"} 1', 'sesame_log_lines_total{severity="warn"} 2']);
    expect(written).toEqual([['backend.resting', undefined], ['backend.back', undefined], ['http.request', { method: 'GET', path: '/aide/2550814168025', status: 429, ms: 1 }], ['turn.broke', { conversation: 'dl_martin' }]]);
  });
});
