/** Places that are taken and given back: so many in all, and so many for one address. What they are for is the taker's. */
import type { Place } from '../sources/newcomers.js';

export interface Room {
  readonly total: number;
  readonly perAddress: number;
}

/** Gives the place back; harmless when called again. */
export type Leave = () => void;

/** How many times more where many people are known to share an address. */
export const LARGE = 10;

export class Places {
  private readonly byAddress = new Map<string, number>();
  private taken = 0;

  constructor(private readonly room: Room) {}

  /** How many are taken. */
  get size(): number {
    return this.taken;
  }

  /** `full`: all are taken. `crowded`: those of this address are. Whoever comes from nowhere in particular is in nobody's way. */
  take(from: Place | undefined): Leave | 'full' | 'crowded' {
    if (this.taken >= this.room.total) return 'full';
    const key = from === undefined || from.crowd === 'free' ? undefined : from.address;
    const own = key === undefined ? 0 : (this.byAddress.get(key) ?? 0);
    if (own >= this.room.perAddress * (from?.crowd === 'large' ? LARGE : 1)) return 'crowded';
    this.taken += 1;
    if (key !== undefined) this.byAddress.set(key, own + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.giveBack(key);
      isHeld = false;
    };
  }

  private giveBack(key: string | undefined): void {
    this.taken -= 1;
    if (key === undefined) return;
    const left = (this.byAddress.get(key) ?? 1) - 1;
    if (left > 0) this.byAddress.set(key, left);
    else this.byAddress.delete(key);
  }
}
