/** People who have their account unlocked, many at once, over Direct Line: what each was told, and what was done. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Person } from '../../src/reference/people.js';
import { eventually, type RunningSesame } from './running.js';

/** `opened`: that the account is unlocked. `doubt`: that it may be or not. `outage`: that the service does not answer. */
export type Told = 'opened' | 'doubt' | 'outage' | 'nothing';

/** Many at once on a small machine wait for one another. */
const PATIENCE_MS = 120_000;

interface Activity {
  readonly text?: string;
  readonly attachments?: readonly { content: { body: { text: string }[]; actions: { data: { place?: string } }[] } }[];
}

const SAID: readonly (readonly [Told, RegExp])[] = [
  ['opened', /il n’est plus bloqué/],
  ['doubt', /Je ne peux donc pas vous dire avec certitude|je ne peux pas vous dire que le compte est débloqué|il est \*\*encore bloqué\*\*/],
  ['outage', /Une panne est en cours|ne répond pas en ce moment/],
];

/** Codes as they land in the local mailbox; each file is read once, however often one looks. */
export class Codes {
  private readonly read = new Set<string>();
  private readonly codes = new Map<string, string>();

  constructor(private readonly folder: string) {}

  of(email: string): string | undefined {
    const files = existsSync(this.folder) ? readdirSync(this.folder).filter((file) => file.endsWith('.json') && !this.read.has(file)) : [];
    for (const file of files) {
      const mail = JSON.parse(readFileSync(path.join(this.folder, file), 'utf8')) as { to: string; text: string };
      const code = /\d{4} \d{4}/.exec(mail.text)?.[0];
      if (code !== undefined) this.codes.set(mail.to, code);
      this.read.add(file);
    }
    return this.codes.get(email);
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
    await this.post({ value: { place: identity, nir: `${this.person.nir}${keyOf(this.person.nir)}`, birthDate: this.person.birthDate.split('-').reverse().join('/') } });
    const place = await this.form(/Votre code/);
    if (place === undefined) return undefined;
    const code = await eventually(() => this.codes.of(this.person.email ?? ''), PATIENCE_MS);
    return () => this.post({ value: { place, code } });
  }

  /** What was told last of the account. */
  async told(): Promise<Told> {
    const texts = (await this.said()).flatMap(({ text }) => text ?? []).join('\n');
    return SAID.find(([, words]) => words.test(texts))?.[0] ?? 'nothing';
  }

  private async said(): Promise<readonly Activity[]> {
    return (await this.call('GET', `/v3/directline/conversations/${this.conversation}/activities`))['activities'] as readonly Activity[];
  }

  private hears(words: RegExp): Promise<boolean> {
    return eventually(async (): Promise<boolean | undefined> => {
      if ((await this.said()).some(({ text }) => words.test(text ?? ''))) return true;
      return (await this.told()) === 'outage' ? false : undefined;
    }, PATIENCE_MS);
  }

  /** Where a form is to be sent, or nothing where the person was told instead that it cannot be now. */
  private async form(title: RegExp): Promise<string | undefined> {
    const place = await eventually(async () => {
      const cards = (await this.said()).flatMap(({ attachments }) => attachments ?? []).map(({ content }) => content);
      const found = cards.filter(({ body }) => title.test(body[0]?.text ?? '')).at(-1)?.actions[0]?.data.place;
      return found ?? ((await this.told()) === 'outage' ? 'none' : undefined);
    }, PATIENCE_MS);
    return place === 'none' ? undefined : place;
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
    return (await response.json()) as Record<string, unknown>;
  }
}
