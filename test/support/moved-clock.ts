/**
 * A clock that a test moves forward in a running server: dates and the monotonic clock together, timers excepted. The
 * backend keeps the right time, so the server must show it a fixed token: signed calls would come from the future.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { eventually } from './running.js';

/** Loaded before the server: its clocks differ from the real ones by the milliseconds in a file, read again and again. */
const CLOCK = `import { readFileSync, writeFileSync } from 'node:fs';
const [Real, file] = [Date, process.env.TEST_CLOCK];
const monotonic = performance.now.bind(performance);
let moved = 0;
setInterval(() => {
  const read = readFileSync(file, 'utf8');
  if (read === '' || Number(read) === moved) return;
  moved = Number(read);
  writeFileSync(file + '.seen', read);
}, 20).unref();
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length > 0) super(...given); else super(Real.now() + moved); }
  static now() { return Real.now() + moved; }
};
performance.now = () => monotonic() + moved;`;

export class MovedClock {
  private moved = 0;

  /** `file`: one that nothing else uses. */
  constructor(private readonly file: string) {
    writeFileSync(file, '0');
  }

  /** What the server must be started with, by names of environment variables. */
  get settings(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CLOCK)}`, TEST_CLOCK: this.file };
  }

  /** Resolves once the server's clock is there. */
  async pass(milliseconds: number): Promise<void> {
    this.moved += milliseconds;
    const wanted = String(this.moved);
    writeFileSync(this.file, wanted);
    await eventually(() => (existsSync(`${this.file}.seen`) && readFileSync(`${this.file}.seen`, 'utf8') === wanted ? true : undefined));
  }
}
