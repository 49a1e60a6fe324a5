import { createMask } from '../../src/redaction/mask.js';
import { createLog } from '../../src/log.js';

const NIR = '2 55 08 14 168 025 38';

function linesOf(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog('info', (text) => createMask(() => Date.UTC(2026, 10, 23))(text).text, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes one JSON line an event, with its fields', () => {
    expect(linesOf((log) => { log.info('turn.closed', { conversation: 'abc', ms: 3 }); })).toMatchObject([{ level: 'info', msg: 'turn.closed', conversation: 'abc', ms: 3 }]);
  });

  it('masks a secret wherever it hides: a field, a list, an error’s message, its stack and its cause', () => {
    const error = new Error(`no account for ${NIR}`);
    const lines = linesOf((log) => {
      log.error('broke', { text: NIR, deep: { list: [`x ${NIR}`] }, error });
      log.warn('broke', { deeper: { a: { b: { c: { d: NIR } } } } });
    });
    expect(JSON.stringify(lines)).not.toMatch(/168 025|2550814168025/);
  });

  it('keeps one event on one line, whatever it holds', () => {
    const raw: string[] = [];
    createLog('info', (text) => text, { write: (line) => void raw.push(line) }).info('event', { text: 'a\nb\r\u2028c\u001b[31m' });
    expect(raw.join('').trimEnd().split('\n')).toHaveLength(1);
  });
});
