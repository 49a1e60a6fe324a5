/**
 * What the reference backend keeps on disk: accounts, the record of every action by its key, and which key used each
 * proof. It makes sure that an effect, its record and its proof are written together or not at all; it does not
 * decide what an action does.
 */
import { ClassicLevel } from 'classic-level';
import type { BlockingCause } from '../account/port.js';

export interface Account {
  readonly state: 'open' | 'locked';
  readonly cause: BlockingCause | null;
  /** A fraud was declared: nothing that opens the account leaves before an adviser has looked. */
  readonly frozen?: boolean;
  /** Counts up by one at each change. */
  readonly revision: number;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
}

export type ActionName = 'unlock' | 'reactivate' | 'reset-link' | 'code-letter' | 'correction' | 'still-locked' | 'fraud' | 'letter';

/** One request for an effect. The same key must always come with the same three others. */
export interface Intention {
  readonly key: string;
  readonly action: ActionName;
  readonly subject: string;
  /** What is used up by it: the id of the proof that allows it, or a name that no id can have. */
  readonly jti: string;
}

/** What an action came to, and what it changed if anything. */
export interface Decision {
  readonly result: string;
  readonly cause?: BlockingCause;
  /** What the person may quote. */
  readonly reference?: string;
  readonly account?: Account;
  /** Whether something happened outside or inside: an account opened, a mail sent. */
  readonly effect: boolean;
}

export interface Recorded extends Intention {
  readonly result: string;
  readonly cause?: BlockingCause;
  readonly reference?: string;
}

/** `count` is how often the effect happened: anything but 1 is a fault of this backend. */
export interface Effect extends Intention {
  readonly count: number;
}

export type Performed = { kind: 'recorded'; record: Recorded } | { kind: 'key-reused' } | { kind: 'proof-used' };

export class ReferenceStore {
  private readonly accounts;
  private readonly actions;
  private readonly proofs;
  private readonly effects;
  private readonly tails = new Map<string, Promise<unknown>>();

  private constructor(private readonly db: ClassicLevel) {
    const json = { valueEncoding: 'json' };
    this.accounts = db.sublevel<string, Account>('account', json);
    this.actions = db.sublevel<string, Recorded>('action', json);
    this.proofs = db.sublevel('proof', json);
    this.effects = db.sublevel<string, Effect>('effect', json);
  }

  /** Opens the folder, and writes the given accounts the first time only. One process may hold a folder. */
  static async open(folder: string, seeds: ReadonlyMap<string, Account>): Promise<ReferenceStore> {
    const db = new ClassicLevel(folder);
    await db.open();
    const store = new ReferenceStore(db);
    for (const [subject, account] of seeds) {
      if ((await store.accounts.get(subject)) === undefined) await store.accounts.put(subject, account);
    }
    return store;
  }

  account(subject: string): Promise<Account | undefined> {
    return this.accounts.get(subject);
  }

  recorded(key: string): Promise<Recorded | undefined> {
    return this.actions.get(key);
  }

  /** Every effect there ever was, by key. */
  ledger(): Promise<Effect[]> {
    return this.effects.values().all();
  }

  /**
   * Does what `decide` says for the account as it stands, once: on disk when resolved. The same intention again gives
   * the first record; a known key with another intention, or a proof another key has used, changes nothing.
   */
  perform(intention: Intention, decide: (account: Account) => Decision): Promise<Performed> {
    const { key, jti, subject } = intention;
    return this.alone([`key ${key}`, `proof ${jti}`, `account ${subject}`], async () => {
      const before = await this.recorded(key);
      if (before !== undefined && !same(before, intention)) return { kind: 'key-reused' };
      if (before !== undefined) return { kind: 'recorded', record: before };
      if ((await this.proofs.get(jti)) !== undefined) return { kind: 'proof-used' };
      const account = await this.account(subject);
      if (account === undefined) throw new RangeError('an action needs a known account: check before performing');
      return { kind: 'recorded', record: await this.write(intention, decide(account)) };
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.tails.values());
    await this.db.close();
  }

  private async write(intention: Intention, decision: Decision): Promise<Recorded> {
    const { key, subject, jti } = intention;
    const { account, effect, ...told } = decision;
    const record: Recorded = { ...intention, ...told };
    const count = ((await this.effects.get(key))?.count ?? 0) + 1;
    let batch = this.db.batch().put(key, record, { sublevel: this.actions }).put(jti, key, { sublevel: this.proofs });
    if (account !== undefined) batch = batch.put(subject, account, { sublevel: this.accounts });
    if (effect) batch = batch.put(key, { ...intention, count }, { sublevel: this.effects });
    await batch.write({ sync: true });
    return record;
  }

  /** Runs `work` when everyone who came earlier for one of the names is done; in order of arrival, so never stuck. */
  private async alone<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const earlier = names.flatMap((name) => this.tails.get(name) ?? []);
    const mine = Promise.allSettled(earlier).then(work);
    for (const name of names) this.tails.set(name, mine);
    try {
      return await mine;
    } finally {
      for (const name of names) if (this.tails.get(name) === mine) this.tails.delete(name);
    }
  }
}

function same(one: Intention, other: Intention): boolean {
  return one.action === other.action && one.subject === other.subject && one.jti === other.jti;
}
