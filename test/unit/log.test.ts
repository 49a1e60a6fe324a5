/** The log: one line an event, without secrets, without disguise, and without end. */
import { createMask } from '../../src/redaction/mask.js';
import { createLog, LINES_A_SECOND, type RunningLog } from '../../src/log.js';

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

  it('G08: shows marks that turn, hide or break text as codes, in values, names and errors', () => {
    const marks = ['\u202e', '\u2066', '\u200b', '\u200d', '\ufeff', '\u00ad', '\u2028', '\u2029', '\u0085', '\u009b', '\u001b', '\r', '\n', '\u007f', '\u{e0041}'];
    const raw: string[] = [];
    const log = createLog('info', (text) => text, { write: (line) => void raw.push(line) });
    for (const mark of marks) log.info('event', { text: `a${mark}b`, [`na${mark}me`]: 1, conversation: `c${mark}`, list: [`d${mark}`], error: Object.assign(new Error(`e${mark}`), { code: `f${mark}` }) });
    expect(raw).toHaveLength(marks.length);
    for (const [at, line] of raw.entries()) {
      expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const { error, ...fields } = JSON.parse(line) as { error: { stack: string } };
      // Read back from JSON they are still codes; only a stack has lines.
      expect(JSON.stringify([fields, { ...error, stack: error.stack.replaceAll('\n', '') }])).not.toMatch(/\\[nrt]|\\u00|[\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(fields).toMatchObject({ text: `a\\u{${marks[at]!.codePointAt(0)!.toString(16)}}b` });
    }
  });

  it('G08: takes no forged line out of an address', () => {
    const [line] = linesOf((log) => { log.info('http.request', { path: `/x%0d%0a{"level":"info","msg":"forged"}%E2%80%AE${NIR.replaceAll(' ', '%20')}` }); });
    expect(line).toMatchObject({ msg: 'http.request' });
    expect(String(line!['path'])).not.toMatch(/[\r\n\u202e]/);
    expect(JSON.stringify(line)).not.toMatch(/168025|168 025/);
  });

  it('is cut short, after the mask', () => {
    const [line] = linesOf((log) => { log.info('event', { path: `/${'a'.repeat(20_000)}`, edge: `${'x '.repeat(247)}${NIR} x`, list: Array.from({ length: 5_000 }, () => 'b') }); });
    expect(JSON.stringify(line).length).toBeLessThan(2_000);
    expect(String(line!['edge'])).not.toMatch(/2 55 0/);
  });
});

describe('a flood of lines', () => {
  beforeEach(() => { jest.useFakeTimers(); });
  afterEach(() => { jest.useRealTimers(); });

  const logged = (): { log: RunningLog; lines: Record<string, unknown>[] } => {
    const lines: Record<string, unknown>[] = [];
    return { lines, log: createLog('info', (text) => text, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }) };
  };

  it('G09: of one event is counted, and said as one line with the number left out', () => {
    const { log, lines } = logged();
    for (let n = 0; n < 10_000; n += 1) log.info('http.request', { n });
    expect(lines).toHaveLength(LINES_A_SECOND);
    jest.advanceTimersByTime(1_000);
    expect(lines).toHaveLength(LINES_A_SECOND + 1);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: 'log.left-out', event: 'http.request', lines: 10_000 - LINES_A_SECOND });
    log.info('http.request', { n: 'the next second' });
    expect(lines.at(-1)).toMatchObject({ n: 'the next second' });
  });

  it('G09: hides no other event, and none of the audit', () => {
    const { log, lines } = logged();
    for (let n = 0; n < 1_000; n += 1) {
      log.info('http.request', { n });
      log.info('audit.kept', { n });
    }
    log.error('turn.broke');
    expect(lines.filter(({ msg }) => msg === 'audit.kept')).toHaveLength(1_000);
    expect(lines.at(-1)).toMatchObject({ msg: 'turn.broke' });
  });

  it('says at the end what it left out, once, and nothing where nothing was', () => {
    const { log, lines } = logged();
    for (let n = 0; n < LINES_A_SECOND + 3; n += 1) log.warn('mail.failed');
    log.info('turn.closed');
    log.flush();
    jest.advanceTimersByTime(5_000);
    expect(lines.filter(({ msg }) => msg === 'log.left-out')).toMatchObject([{ event: 'mail.failed', lines: 3 }]);
  });
});
