/**
 * Takes up what was accepted and never answered: at the start what this process left, and, where a store is shared, again
 * and again what any other process left that ended. How a turn is taken is turn.ts's.
 */
import type { RunningAssistant } from './assistant.js';
import type { Config } from './config.js';
import type { Log } from './log.js';

/** How often others are looked after, in milliseconds. What is unfinished at two looks in a row was left by somebody. */
const LOOK_EVERY_MS = 5_000;

export interface TakingUpParts {
  readonly assistant: Pick<RunningAssistant, 'unfinished' | 'takeUp'>;
  readonly config: Pick<Config, 'redisUrl'>;
  readonly log: Log;
}

/** Starts at once. Returns the way to stop, which resolves when no look is under way; turns go on. */
export function keepTakingUp({ assistant, config, log }: TakingUpParts): () => Promise<void> {
  let before: ReadonlySet<string> | undefined;
  const look = async (): Promise<void> => {
    const unfinished = await assistant.unfinished();
    const left = before === undefined ? unfinished : unfinished.filter((id) => before?.has(id));
    before = new Set(unfinished);
    assistant.takeUp(left);
    if (left.length > 0) log.info('turns.taken-up', { conversations: left.length });
  };
  const failed = (error: unknown): void => { log.error('turns.not-taken-up', { error }); };
  let looking = look().catch(failed);
  const timer = config.redisUrl === undefined ? undefined : setInterval(() => void (looking = looking.then(look).catch(failed)), LOOK_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
