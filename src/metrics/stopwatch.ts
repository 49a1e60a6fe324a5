/**
 * A stopwatch for one turn: how long each of its steps took, for the measures and, where they are on, for the traces. It
 * knows the names of steps and nothing of what is done in them.
 */
import type { Meters, Step, TurnEnd } from './measures.js';
import type { Span, Tracing } from './traces.js';

export interface Stopwatch {
  /** Does the work and takes its time. Steps of a turn come one after the other, or one within another. */
  step<T>(step: Step, work: () => T | Promise<T>): Promise<T>;
  /** Once a turn. `stage`: what claimed it; `none` where nothing did. */
  ended(stage: string, end: TurnEnd): void;
}

/** Takes no time: where nothing is measured. */
export const NO_STOPWATCH: Stopwatch = {
  step: async (_step, work) => work(),
  ended: () => undefined,
};

/** A table whose every entry's `run` is done as the step `actions`; looked into only where it is asked. */
export function timedActions<A extends { run(input: never): Promise<unknown> }>(actions: Readonly<Record<string, A>>, watch: Stopwatch): Readonly<Record<string, A>> {
  if (watch === NO_STOPWATCH) return actions;
  return new Proxy(actions, {
    get(all, name): A | undefined {
      const action = typeof name === 'string' ? all[name] : undefined;
      return action && { ...action, run: (input: never) => watch.step('actions', () => action.run(input)) };
    },
  });
}

export interface StopwatchParts {
  readonly meters: Meters;
  /** Absent where traces are off. */
  readonly tracing?: Tracing | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** `kind`: of the utterance, from the closed list. */
export function startStopwatch(kind: string, { meters, tracing, now }: StopwatchParts): Stopwatch {
  const started = now();
  const took = new Map<Step, number>();
  const turn = tracing?.begin('turn', { kind });
  const open: { readonly step: Step; readonly span: Span | undefined }[] = [];
  let since = started;
  const charge = (): void => {
    const at = now();
    const current = open.at(-1);
    if (current) took.set(current.step, (took.get(current.step) ?? 0) + at - since);
    since = at;
  };
  return {
    async step(step, work) {
      const span = (open.at(-1)?.span ?? turn)?.begin(`turn.${step}`);
      charge();
      open.push({ step, span });
      let failed = true;
      try {
        const done = await (span ? span.run(work) : work());
        failed = false;
        return done;
      } finally {
        charge();
        open.pop();
        span?.end({}, failed);
      }
    },
    ended(stage, end) {
      meters.took('turn', {}, now() - started);
      for (const [step, ms] of took) meters.took('turnStep', { step }, ms);
      meters.add('turns', { stage, end });
      turn?.end({ stage, end }, end !== 'closed');
    },
  };
}
