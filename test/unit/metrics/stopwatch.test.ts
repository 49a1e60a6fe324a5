import { context, ROOT_CONTEXT, trace, type Context, type Span, type SpanOptions, type Tracer } from '@opentelemetry/api';
import type { Meters } from '../../../src/metrics/measures.js';
import { NO_STOPWATCH, startStopwatch, timedActions } from '../../../src/metrics/stopwatch.js';
import { createTracing } from '../../../src/metrics/traces.js';

class Board implements Meters {
  readonly told: unknown[] = [];
  add(...told: unknown[]): void { this.told.push(['add', ...told]); }
  took(...told: unknown[]): void { this.told.push(['took', ...told]); }
  move(...told: unknown[]): void { this.told.push(['move', ...told]); }
  set(...told: unknown[]): void { this.told.push(['set', ...told]); }
  learn(): void { /* Nothing is closed here. */ }
}

/** A turn of known times: 5 ms of dialog around a commit of 20 and an action of 100. */
async function turn(parts: { readonly board: Board; readonly tracing?: ReturnType<typeof createTracing>; readonly fails?: boolean }): Promise<void> {
  let at = 1000;
  const pass = (ms: number): void => { at += ms; };
  const watch = startStopwatch('words', { meters: parts.board, tracing: parts.tracing, now: () => at });
  await watch.step('load', () => { pass(3); });
  pass(1);
  const actions = timedActions({ unlock: { outcomes: ['done'], run: () => { pass(100); return Promise.resolve('done'); } } }, watch);
  await watch.step('dialog', async () => {
    pass(2);
    await watch.step('commit', () => { pass(20); });
    pass(3);
    await actions['unlock']?.run();
    if (parts.fails === true) throw new Error('2 55 08 14 168 025 38');
  }).catch(() => undefined);
  watch.ended('continueDialog', parts.fails === true ? 'apologised' : 'closed');
}

describe('a stopwatch', () => {
  it('tells what each step took without the steps within it, and the whole with what lies between', async () => {
    const board = new Board();
    await turn({ board });
    expect(board.told).toEqual([
      ['took', 'turn', {}, 129],
      ['took', 'turnStep', { step: 'load' }, 3],
      ['took', 'turnStep', { step: 'dialog' }, 5],
      ['took', 'turnStep', { step: 'commit' }, 20],
      ['took', 'turnStep', { step: 'actions' }, 100],
      ['add', 'turns', { stage: 'continueDialog', end: 'closed' }],
    ]);
  });

  it('keeps what a step gives and what it throws', async () => {
    const watch = startStopwatch('words', { meters: new Board(), now: () => 0 });
    const broken = new Error('broken');
    await expect(watch.step('load', () => 4)).resolves.toBe(4);
    await expect(watch.step('commit', () => Promise.reject(broken))).rejects.toBe(broken);
    await expect(NO_STOPWATCH.step('commit', () => { throw broken; })).rejects.toBe(broken);
  });

  it('leaves actions as they are where nothing is measured', () => {
    const actions = { unlock: { run: () => Promise.resolve() } };
    expect(timedActions(actions, NO_STOPWATCH)).toBe(actions);
  });
});

interface Made {
  readonly name: string;
  readonly within: string | undefined;
  readonly attributes: Record<string, unknown>;
  failed: boolean;
  ended: boolean;
}

/** The least that can be registered through the interface of OpenTelemetry. */
class Tracers {
  readonly made: Made[] = [];
  private readonly known = new WeakMap<Span, Made>();

  getTracer(): Tracer {
    return { startSpan: (name: string, options: SpanOptions = {}, around: Context = ROOT_CONTEXT) => this.start(name, options, around) } as Tracer;
  }

  private start(name: string, options: SpanOptions, around: Context): Span {
    const parent = trace.getSpan(around);
    const made: Made = { name, within: parent && this.known.get(parent)?.name, attributes: { ...options.attributes }, failed: false, ended: false };
    const span = {
      setAttributes: (more: object) => { Object.assign(made.attributes, more); },
      setStatus: () => { made.failed = true; },
      end: () => { made.ended = true; },
    } as unknown as Span;
    this.known.set(span, made);
    this.made.push(made);
    return span;
  }
}

describe('traces', () => {
  afterEach(() => {
    trace.disable();
    context.disable();
  });

  it('are a span of each turn with its steps within, and say nothing that is on no list', async () => {
    const tracers = new Tracers();
    trace.setGlobalTracerProvider(tracers);
    await turn({ board: new Board(), tracing: createTracing(), fails: true });
    expect(tracers.made.map(({ name, within }) => [name, within])).toEqual([
      ['turn', undefined],
      ['turn.load', 'turn'],
      ['turn.dialog', 'turn'],
      ['turn.commit', 'turn.dialog'],
      ['turn.actions', 'turn.dialog'],
    ]);
    expect(tracers.made.every(({ ended }) => ended)).toBe(true);
    expect(tracers.made.filter(({ failed }) => failed).map(({ name }) => name)).toEqual(['turn', 'turn.dialog']);
    expect(tracers.made[0]?.attributes).toEqual({ 'sesame.kind': 'words', 'sesame.stage': 'continueDialog', 'sesame.end': 'apologised' });
    expect(JSON.stringify(tracers.made)).not.toContain('2 55');
  });

  it('tell a value of nobody’s list as other', () => {
    const tracers = new Tracers();
    trace.setGlobalTracerProvider(tracers);
    createTracing().begin('turn', { kind: 'Martin' }).end({ stage: '2550814168025' }, false);
    expect(tracers.made[0]?.attributes).toEqual({ 'sesame.kind': 'other', 'sesame.stage': 'other' });
  });

  it('cost nothing and break nothing where no kit is loaded', async () => {
    const board = new Board();
    await turn({ board, tracing: createTracing() });
    expect(board.told).toHaveLength(6);
  });
});
