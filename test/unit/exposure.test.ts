/** What could show the memory of the process is found, however it was asked for. */
import { exposures, ownLimits, type Circumstances } from '../../src/exposure.js';

const QUIET: Circumstances = { options: [], env: {} };
const named = (more: Partial<Circumstances>): readonly string[] => exposures({ ...QUIET, ...more }).map(({ where }) => where);
const limits = (soft: string): string => `Limit                     Soft Limit           Hard Limit           Units\nMax stack size            8388608              unlimited            bytes\nMax core file size        ${soft.padEnd(20)} unlimited            bytes\n`;

describe('what could show the memory', () => {
  it.each([
    ['--inspect'], ['--inspect=0.0.0.0:9229'], ['--inspect-brk'], ['--inspect-wait'], ['--inspect-port=1'], ['--debug-port=1'], ['--heapsnapshot-signal=SIGUSR2'],
    ['--heapsnapshot-near-heap-limit=3'], ['--heap-prof'], ['--report-on-fatalerror'], ['--report-on-signal'], ['--report-uncaught-exception'],
    ['--abort-on-uncaught-exception'], ['--abort_on_uncaught_exception'],
  ])('G05: is found in the option %s, on the command line and in NODE_OPTIONS', (option) => {
    const name = option.split('=')[0]!.replaceAll('_', '-');
    expect(named({ options: ['--max-old-space-size=512', option] })).toEqual([name]);
    expect(named({ env: { NODE_OPTIONS: `--enable-source-maps "${option}"` } })).toEqual([`NODE_OPTIONS ${name}`]);
  });

  it('G05: is found in a debugger that is open already, in talkative libraries and in core dumps', () => {
    expect(named({ debuggerUrl: 'ws://127.0.0.1:9229/x' })).toEqual(['debugger']);
    expect(named({ env: { NODE_DEBUG: 'http', DEBUG: '*', NODE_DEBUG_NATIVE: '' } })).toEqual(['NODE_DEBUG', 'DEBUG']);
    expect(named({ limits: limits('unlimited') })).toEqual(['core dumps']);
    expect(named({ limits: limits('4096') })).toEqual(['core dumps']);
  });

  it('is not seen where there is none, nor where the kernel says nothing', () => {
    expect(named({ options: ['--enable-source-maps', '--max-old-space-size=512'], env: { NODE_OPTIONS: '--no-warnings', DEBUG: '' }, limits: limits('0') })).toEqual([]);
    expect(exposures(QUIET)).toEqual([]);
  });

  it('is told all at once, each with what to do, and without values', () => {
    const faults = exposures({ options: ['--inspect=10.1.2.3'], env: { NODE_OPTIONS: '--heap-prof --diagnostic-dir=/secret' }, limits: limits('1') });
    expect(faults).toHaveLength(3);
    expect(faults.every(({ todo }) => todo.length > 10)).toBe(true);
    expect(JSON.stringify(faults)).not.toMatch(/10\.1\.2\.3|secret/);
  });

  it('reads the limits of this process where the kernel tells them', () => {
    expect(process.platform === 'linux' ? ownLimits() : limits('0')).toMatch(/^Max core file size/m);
  });
});
