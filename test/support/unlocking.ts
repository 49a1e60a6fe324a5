/** People who have their account unlocked, many at once, over Direct Line: what each was told of it, word for word. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keyOf, type Person } from '../../src/reference/people.js';
import { readMail, type RunningSesame } from './running.js';

/** `opened`: that the account is unlocked. `not-done`: that nothing was changed, or that it is locked still. `not-known`: neither. */
export type Said = 'opened' | 'not-done' | 'not-known' | 'case';

/** Many at once on a small machine wait for one another. */
const PATIENCE_MS = 150_000;
const FIRST_LOOK_MS = 25;
/** Looking more often would be most of the load. */
const LONGEST_LOOK_MS = 400;
const AWAITED_AT_MOST = 40;

interface Activity {
  readonly text?: string;
  readonly attachments?: readonly { content: { body: { text: string }[]; actions: { data: { place?: string } }[] } }[];
}

const WORDS: readonly (readonly [Said, RegExp])[] = [
  ['opened', /il n’est plus bloqué/],
  ['not-done', /il est \*\*encore bloqué\*\*|rien n’a changé sur votre compte|Rien n’a été modifié sur votre compte/],
  ['not-known', /Je ne peux donc pas vous dire avec certitude|je ne peux pas vous dire (?:que le compte est débloqué|si votre compte est débloqué)/],
  ['case', /Sa référence est \*\*[0-9A-Z-]+\*\*/],
];

/** Looks again and again, less and less often; undefined where it never came. */
async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
  const end = performance.now() + PATIENCE_MS;
  for (let wait = FIRST_LOOK_MS; performance.now() < end; wait = Math.min(wait * 2, LONGEST_LOOK_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(wait);
  }
  return undefined;
}

/**
 * Codes as they land in the local mailbox; each file is read once, however many look. The mailbox keeps its last hundred
 * mails only, so that few at a time may be waiting for theirs.
 */
export class Codes {
  private readonly read = new Set<string>();
  private readonly codes = new Map<string, string>();
  private readonly queue: (() => void)[] = [];
  private free = AWAITED_AT_MOST;
  private lookedAt = 0;

  constructor(private readonly folder: string) {}

  /** Does what makes a code leave and waits for it, when it is one's turn; undefined where `ask` says that none will come. */
  async await(email: string, ask: () => Promise<boolean>): Promise<string | undefined> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return (await ask()) ? await until(() => this.take(email)) : undefined;
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  /** A code that nobody took yet: each is given once. */
  private take(email: string): string | undefined {
    if (performance.now() - this.lookedAt > FIRST_LOOK_MS) this.look();
    const code = this.codes.get(email);
    this.codes.delete(email);
    return code;
  }

  private look(): void {
    this.lookedAt = performance.now();
    const files = existsSync(this.folder) ? readdirSync(this.folder).filter((file) => file.endsWith('.json') && !this.read.has(file)) : [];
    for (const file of files) {
      this.read.add(file);
      for (const { to, text } of readMail(path.join(this.folder, file))) {
        const code = /\d{4} \d{4}/.exec(text)?.[0];
        if (code !== undefined) this.codes.set(to, code);
      }
    }
  }
}

/** One made-up person at their own address, from « mon compte est bloqué » to the end. */
export class Unlocking {
  private token = '';
  private conversation = '';

  constructor(
    private readonly sesame: RunningSesame,
    private readonly person: Person,
    private readonly codes: Codes,
    /** Tells one network from another: neighbours share their limits. */
    private readonly number: number,
  ) {}

  /** Goes to the code that came by mail; `undefined` where the person was told before that it cannot be now. */
  async untilTheCode(): Promise<(() => Promise<void>) | undefined> {
    this.token = String((await this.call('POST', '/api/token'))['token']);
    this.conversation = String((await this.call('POST', '/v3/directline/conversations'))['conversationId']);
    await this.post({ text: 'mon compte est bloqué après plusieurs essais' });
    if (!(await this.hears(/Que souhaitez-vous faire/))) return undefined;
    await this.post({ text: 'Débloquer mon compte' });
    const identity = await this.form(/Vérifions/);
    if (identity === undefined) return undefined;
    const { nir, birthDate, email } = this.person;
    let place: string | undefined;
    const code = await this.codes.await(email ?? '', async () => {
      await this.post({ value: { place: identity, nir: `${nir}${keyOf(nir)}`, birthDate: birthDate.split('-').reverse().join('/') } });
      place = await this.form(/Votre code/);
      return place !== undefined;
    });
    return code === undefined ? undefined : () => this.post({ value: { place, code } });
  }

  /** Everything that was told of the account, in the end; empty where nothing was. */
  async told(): Promise<ReadonlySet<Said>> {
    return (await until(() => this.toldSoFar())) ?? new Set<Said>();
  }

  private async toldSoFar(): Promise<ReadonlySet<Said> | undefined> {
    const texts = (await this.said()).flatMap(({ text }) => text ?? []).join('\n');
    const told = new Set(WORDS.filter(([, words]) => words.test(texts)).map(([said]) => said));
    return told.size > 0 ? told : undefined;
  }

  private async said(): Promise<readonly Activity[]> {
    return (await this.call('GET', `/v3/directline/conversations/${this.conversation}/activities`))['activities'] as readonly Activity[];
  }

  private async hears(words: RegExp): Promise<boolean> {
    const heard = await until(async () => {
      if ((await this.said()).some(({ text }) => words.test(text ?? ''))) return true;
      return (await this.toldSoFar()) ? false : undefined;
    });
    return heard === true;
  }

  /** Where a form is to be sent, or nothing where the person was told instead that it cannot be now. */
  private async form(title: RegExp): Promise<string | undefined> {
    const place = await until(async () => {
      const cards = (await this.said()).flatMap(({ attachments }) => attachments ?? []).map(({ content }) => content);
      const found = cards.filter(({ body }) => title.test(body[0]?.text ?? '')).at(-1)?.actions[0]?.data.place;
      return found ?? ((await this.toldSoFar()) ? '' : undefined);
    });
    return place === '' ? undefined : place;
  }

  private async post(activity: object): Promise<void> {
    await this.call('POST', `/v3/directline/conversations/${this.conversation}/activities`, { type: 'message', from: { id: 'person' }, channelData: { clientActivityID: randomUUID() }, ...activity });
  }

  private async call(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.sesame.url}${route}`, {
      method,
      headers: {
        ...{ 'origin': this.sesame.url, 'content-type': 'application/json' },
        'x-forwarded-for': `11.${String(Math.floor(this.number / 250))}.${String(this.number % 250)}.7`,
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${route.replace(/[^/]{20,}/g, '…')}: HTTP ${String(response.status)}`);
    return (await response.json()) as Record<string, unknown>;
  }
}
