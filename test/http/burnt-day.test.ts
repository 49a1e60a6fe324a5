/**
 * Cases A14 and O03 of the threat model, on the real server with a real OpenID provider: on the day on which somebody
 * burnt every try with a person's number, FranceConnect lets its owner in, and gives no more codes than the number did.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { LIMITS } from '../../src/attempts/limits.js';
import { Challenges } from '../../src/identity/challenge.js';
import { readKeys } from '../../src/keys.js';
import { openEmbeddedStore } from '../../src/storage/embedded.js';
import { SimulatedClock } from '../support/clock.js';
import { OidcProvider, pivotOf } from '../support/oidc.js';
import { CAMILLE, ODILE, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';

/** As many tries of each code as the waits between failures leave, in the five codes of a day. */
const BURNT = [4, 2, 2, 1, 1] as const;

let provider: OidcProvider;
let sesame: RunningSesame;
beforeAll(async () => {
  provider = await OidcProvider.start();
  sesame = await RunningSesame.start(provider.settings('eidas1'));
  await provider.register(sesame.url, { camille: pivotOf(CAMILLE), odile: pivotOf(ODILE) });
  await sesame.stopServer();
  for (const person of [CAMILLE, ODILE]) await burn(person);
  await sesame.startServer();
}, 60_000);
afterAll(async () => {
  await sesame.stop();
  await provider.stop();
});

/** What an attacker did in the last six hours, in the server's own store. */
async function burn({ bareNir, isoBirthDate, subject }: Locked): Promise<void> {
  const keys = await readKeys(sesame.data);
  const clock = new SimulatedClock(Date.now() - 6 * LIMITS.hourMs);
  const store = await openEmbeddedStore({ folder: path.join(sesame.data, 'store') });
  const registry = { identify: () => Promise.resolve({ kind: 'match' as const, subject }), contactOf: () => Promise.resolve({ kind: 'none' as const }) };
  const challenges = new Challenges({ records: store, registry, keys, clock });
  const kinds: string[] = [];
  for (const [n, tries] of BURNT.entries()) {
    const conversationId = `burner${String(n)}`;
    const sent = await challenges.send({ conversationId, purpose: 'unlock' }, { nir: bareNir, birthDate: isoBirthDate });
    const id = sent.kind === 'sent' ? sent.challenge : 'none';
    await challenges.noteSent((await challenges.find(id))!, '11112222');
    for (let taken = 0; taken < tries; taken += 1) {
      kinds.push((await challenges.check(id, conversationId, '00000000')).kind);
      clock.pass(taken < tries - 1 ? 5 * LIMITS.minuteMs * Number(kinds.length > 4) : 0);
    }
    clock.pass(LIMITS.hourMs);
  }
  expect(kinds).toEqual(Array<string>(LIMITS.triesPerAccountDay).fill('wrong'));
  await store.close();
}

interface Activity {
  readonly text?: string;
  readonly from: { readonly role?: string };
  readonly attachments?: readonly { readonly content: { readonly body: readonly { readonly text?: string }[]; readonly actions: readonly { readonly data: { readonly place?: string } }[] } }[];
}

/** The owner, who knows nothing of what happened. */
class Owner {
  private token = '';
  private conversation = '';
  private readonly jars = new Map<string, Map<string, string>>();

  async begin(): Promise<void> {
    const opened = await this.call('POST', '/api/conversation');
    [this.token, this.conversation] = [String(opened['token']), String(opened['conversationId'])];
    await this.say('mon compte est bloqué après plusieurs essais', /Que souhaitez-vous faire/);
    await this.say('Débloquer mon compte', /Vérifions/);
  }

  async say(text: string, answer: RegExp): Promise<string> {
    await this.post({ text });
    return this.hears(answer);
  }

  async identify({ nir, birthDate }: Locked, answer: RegExp): Promise<string> {
    const place = (await this.said()).flatMap(({ attachments = [] }) => attachments).map(({ content }) => content.actions[0]?.data.place).at(-1);
    await this.post({ value: { place, nir, birthDate } });
    return this.hears(answer);
  }

  hears(answer: RegExp): Promise<string> {
    return eventually(async () => {
      const heard = (await this.said()).flatMap(({ text = '', attachments = [] }) => [text, ...attachments.map(({ content }) => content.body[0]?.text ?? '')]);
      return heard.filter((text) => answer.test(text)).at(-1);
    });
  }

  /** Goes through FranceConnect and comes back. */
  async passThrough(link: string, as: string): Promise<void> {
    await this.visit(link);
    const chosen = await this.visit(`${link}&suite=1`);
    const choice = new RegExp(`href="([^"]*/${as.replace('.', '\\.')})"`).exec(chosen.body)?.[1] ?? '';
    expect(choice).not.toBe('');
    await this.visit(new URL(choice, chosen.url).href);
  }

  /** A browser without JavaScript: cookies of each host, and redirects until a page, or until the farewell. */
  private async visit(url: string): Promise<{ body: string; url: string }> {
    let next = new URL(url);
    for (;;) {
      const jar = this.jars.get(next.host) ?? new Map<string, string>();
      this.jars.set(next.host, jar);
      const response = await fetch(next, { redirect: 'manual', headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      const location = response.headers.get('location');
      const here = next.pathname;
      if (location === null || here === '/franceconnect/retour') return { body: await response.text(), url: next.href };
      next = new URL(location, next);
    }
  }

  private async said(): Promise<readonly Activity[]> {
    const { activities } = (await this.call('GET', `/v3/directline/conversations/${this.conversation}/activities`)) as { activities: readonly Activity[] };
    return activities.filter(({ from }) => from.role === 'bot');
  }

  private async post(activity: object): Promise<void> {
    await this.call('POST', `/v3/directline/conversations/${this.conversation}/activities`, { type: 'message', from: { id: 'person' }, channelData: { clientActivityID: randomUUID() }, ...activity });
  }

  private async call(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
    const headers = { 'origin': sesame.url, 'content-type': 'application/json', ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }) };
    const response = await fetch(`${sesame.url}${route}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return (await response.json()) as Record<string, unknown>;
  }
}

const linkIn = (text: string): string => /\]\(([^)]+)\)/.exec(text)?.[1] ?? 'no link';
const state = async (person: Locked): Promise<unknown> => ((await sesame.askBackend(`/v1/accounts/${person.subject}`)) as { state: unknown }).state;

it('A14: on the burnt day a code by e-mail is refused, and FranceConnect at eidas2 gets the owner in', async () => {
  const owner = new Owner();
  await owner.begin();
  await owner.identify(CAMILLE, /ne pouvons pas continuer/);
  expect(await state(CAMILLE)).toBe('locked');
  const again = new Owner();
  await again.begin();
  await again.passThrough(linkIn(await again.say('Continuer avec FranceConnect', /Ouvrir FranceConnect/)), 'camille.eidas2');
  await again.hears(/il n’est plus bloqué/);
  expect(await state(CAMILLE)).toBe('open');
}, 60_000);

it('O03: on the burnt day FranceConnect at eidas1 gives no code beyond those of the number', async () => {
  const owner = new Owner();
  await owner.begin();
  await owner.passThrough(linkIn(await owner.say('Continuer avec FranceConnect', /Ouvrir FranceConnect/)), 'odile.eidas1');
  await owner.hears(/FranceConnect vous a reconnu/);
  await owner.say('Recevoir mon code', /ne pouvons pas continuer/);
  expect([sesame.lastCode(ODILE.email), await state(ODILE)]).toEqual([undefined, 'locked']);
}, 60_000);
