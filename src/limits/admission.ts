/**
 * Which utterances are taken in, and which turns run now. Whoever cannot be answered soon is told so before anything is
 * accepted; what was accepted is never turned away.
 */
import { BusyError } from '../conversation/errors.js';
import type { Clock } from '../conversation/ports.js';
import { createPace } from './pace.js';
import type { LimitSettings } from './settings.js';

export interface Coming {
  readonly conversationId: string;
  /** An opening is somebody new: where it is crowded, those who are in the middle of something go first. */
  readonly kind: 'opening' | 'words' | 'form';
}

export interface Admission {
  /**
   * Runs `take` and holds a place until it has ended, and whatever it gave to `until` as well. Throws a `BusyError` where
   * there is no place: then `take` has not run.
   */
  admit<T>(coming: Coming, take: (until: (ended: Promise<unknown>) => void) => Promise<T>): Promise<T>;
  /** Runs a turn as soon as there is room for one more of its kind; in the order of asking. */
  run<T>(kind: Coming['kind'], turn: () => Promise<T>): Promise<T>;
}

type Figures = Pick<LimitSettings, 'messageBurst' | 'messagesPerMinute' | 'unanswered' | 'turns' | 'turnsWaiting'>;

/** Everybody is let in at once; where nothing else is asked for. */
export const openToAll: Admission = { admit: (_coming, take) => take(() => undefined), run: (_kind, turn) => turn() };

export function createAdmission(clock: Clock, figures: Figures): Admission {
  const pace = createPace(clock, { atOnce: figures.messageBurst, perSecond: figures.messagesPerMinute / 60 });
  const places = new Unanswered(figures);
  // Greeting is short and never waits for anybody: however many come, it keeps few from their answer.
  const turns = { others: new Turnstile(figures.turns), opening: new Turnstile(Math.ceil(figures.turns / 8)) };
  return {
    run: (kind, turn) => turns[kind === 'opening' ? kind : 'others'].run(turn),
    async admit(coming, take) {
      places.check(coming);
      const wait = coming.kind === 'opening' ? undefined : pace(coming.conversationId);
      if (wait !== undefined) throw new BusyError('too-many-messages', 'this conversation has more messages at once than anybody writes', wait);
      const leave = places.enter(coming.conversationId);
      const under: Promise<unknown>[] = [];
      try {
        return await take((ended) => void under.push(ended));
      } finally {
        void Promise.allSettled(under).then(leave);
      }
    },
  };
}

/** How many wait for an answer, in all and by conversation. */
class Unanswered {
  private readonly byConversation = new Map<string, number>();
  private total = 0;
  private refused = 0;

  constructor(private readonly figures: Figures) {}

  /** Throws a `BusyError` where there are too many. */
  check({ conversationId, kind }: Coming): void {
    const { turns, turnsWaiting, unanswered } = this.figures;
    if ((this.byConversation.get(conversationId) ?? 0) >= unanswered) {
      throw new BusyError('too-many-messages', 'this conversation has too many messages that wait for their answer', 1);
    }
    if (this.total < turns + (kind === 'opening' ? turnsWaiting / 2 : turnsWaiting)) return;
    // Not all of them at the same moment again.
    this.refused += 1;
    throw new BusyError('overloaded', 'more people wait for an answer than can be answered soon', 2 + (this.refused % 4));
  }

  enter(conversationId: string): () => void {
    this.total += 1;
    this.byConversation.set(conversationId, (this.byConversation.get(conversationId) ?? 0) + 1);
    return () => {
      this.total -= 1;
      const left = (this.byConversation.get(conversationId) ?? 1) - 1;
      if (left > 0) this.byConversation.set(conversationId, left);
      else this.byConversation.delete(conversationId);
    };
  }
}

/** Lets so many through at a time. */
class Turnstile {
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  constructor(private readonly atOnce: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside < this.atOnce) this.inside += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes from hand to hand, so that nobody who comes now is before those who wait.
      const next = this.waiting.shift();
      if (next) next();
      else this.inside -= 1;
    }
  }
}
