/**
 * Takes up what was accepted and never answered: at the start what was left by this process before, then again and again
 * what stays behind, since its store failed for a while or another process that shares it ended. How a turn is taken is
 * turn.ts's.
 */
import type { RunningAssistant } from './assistant.js';
import type { Log } from './log.js';

/** How often it is looked for, in milliseconds. What is unfinished at two looks in a row may have been left by somebody. */
const LOOK_EVERY_MS = 2_000;

export interface TakingUpParts {
  readonly assistant: Pick<RunningAssistant, 'unfinished' | 'takeUp'>;
  readonly log: Log;
}

/** Starts at once. Returns the way to stop, which resolves when no look is under way; turns go on. */
export function keepTakingUp({ assistant, log }: TakingUpParts): () => Promise<void> {
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
  const timer = setInterval(() => void (looking = looking.then(look).catch(failed)), LOOK_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
