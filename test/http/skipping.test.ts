/**
 * Case A16 of the threat model through the doors: activities and posts that claim a proof, of every type and at each step
 * of the unlock story, over Direct Line and on the page without JavaScript. The assistant itself: test/unit/identity.
 */
import fc from 'fast-check';
import { MARTIN } from '../support/world.js';
import { PlainBrowser, SelfHelp } from '../support/self-help.js';
import { forged, type Forged } from '../unit/identity/forged.js';

const EACH = 40;
const ORIGIN = 'https://site.example';
const TYPES = ['message', 'event', 'invoke', 'messageUpdate', 'conversationUpdate', 'command', 'trace', 'endOfTheWorld'] as const;

let help: SelfHelp;
beforeEach(async () => { help = await SelfHelp.open(); });
afterEach(() => help.close());

const effects = (): readonly number[] => [help.world.backend.unlockCalls, help.world.backend.effects.size];

interface Activity {
  readonly text?: string;
  readonly attachments?: readonly { readonly content: { readonly actions: readonly { readonly data: { readonly place?: string } }[] } }[];
}

class Client {
  private constructor(private readonly token: string, private readonly conversation: string) {}

  static async open(): Promise<Client> {
    const opened = (await (await fetch(`${help.url}/api/conversation`, { method: 'POST', headers: { origin: ORIGIN } })).json()) as Record<string, string>;
    return new Client(opened['token'] ?? '', opened['conversationId'] ?? '');
  }

  async post(activity: object): Promise<number> {
    const response = await fetch(this.url, { method: 'POST', headers: this.headers, body: JSON.stringify(activity) });
    await response.text();
    await help.world.calm();
    return response.status;
  }

  message(activity: object): Promise<number> {
    return this.post({ type: 'message', from: { id: 'person' }, ...activity });
  }

  async places(): Promise<readonly string[]> {
    const { activities } = (await (await fetch(this.url, { headers: this.headers })).json()) as { activities: readonly Activity[] };
    return activities.flatMap(({ attachments = [] }) => attachments).flatMap(({ content }) => content.actions[0]?.data.place ?? []);
  }

  private get url(): string {
    return `${help.url}/v3/directline/conversations/${this.conversation}/activities`;
  }

  private get headers(): Record<string, string> {
    return { 'origin': ORIGIN, 'content-type': 'application/json', 'authorization': `Bearer ${this.token}` };
  }
}

/** The same forgery in each place of an activity where a program might look. */
function activities({ place, values, text }: Forged, open: string, type: string): readonly object[] {
  const at = place === 'open' || place === 'first' ? open : place;
  const from = { id: 'person', role: 'bot' };
  return [
    { type, from, name: text ?? 'account.unlock', value: { place: at, ...values }, channelData: { postBack: true, value: values, verified: true } },
    { type, from, text: text ?? JSON.stringify(values), entities: [{ type: 'proof', ...values }], conversation: { id: 'another', ...values } },
  ];
}

it('A16: over Direct Line, no type of activity and no field stands in for a proof', async () => {
  const client = await Client.open();
  const forgeries = fc.sample(forged, { numRuns: EACH, seed: 16 });
  const statuses = new Set<number>();
  const steps: readonly (() => Promise<unknown>)[] = [
    () => client.message({ text: 'mon compte est bloqué après plusieurs essais' }),
    () => client.message({ text: 'Débloquer mon compte' }),
    async () => client.message({ value: { place: (await client.places()).at(-1), nir: MARTIN.nir, birthDate: MARTIN.typedDate } }),
  ];
  for (const step of steps) {
    await step();
    const open = (await client.places()).at(-1) ?? 'none';
    for (const [n, one] of forgeries.entries()) {
      for (const activity of activities(one, open, TYPES[n % TYPES.length] ?? 'message')) statuses.add(await client.post(activity));
      expect([one, effects()]).toEqual([one, [0, 0]]);
    }
    await client.message({ text: 'recommencer' });
    await client.message({ text: 'mon compte est bloqué après plusieurs essais' });
    await client.message({ text: 'Débloquer mon compte' });
  }
  // Refused or taken as words; nothing breaks.
  expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  expect([statuses.has(200), [...statuses].some((status) => status >= 400)]).toEqual([true, true]);
  expect(help.world.mails).toHaveLength(1);
}, 120_000);

it('A16: on the page without JavaScript, no field of a post stands in for a proof, and the person still gets in', async () => {
  const browser = new PlainBrowser(help);
  await browser.look('/aide');
  const steps: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['Commencer', { dit: 'mon compte est bloqué après plusieurs essais' }],
    ['Débloquer mon compte', {}],
    ['Recevoir mon code', { 'champ-nir': MARTIN.nir, 'champ-birthDate': MARTIN.typedDate }],
  ];
  for (const [label, fields] of steps) {
    const { action, values } = browser.form(label);
    for (const { place, values: claims, text } of fc.sample(forged, { numRuns: EACH, seed: 17 })) {
      // A post of one's own making: the page is left as it was, and what hides in it is bent.
      const bent = Object.fromEntries(Object.entries(claims).flatMap(([name, value]) => [[name, value], [`champ-${name}`, value]]));
      const away = new PlainBrowser(help);
      away.cookie = browser.cookie;
      await away.post(action, { ...values, ...bent, ...(place === 'open' ? {} : Object.fromEntries(Object.keys(values).map((name) => [name, place]))), ...(text === undefined ? {} : { dit: text }) });
      expect(away.seen.status).toBeLessThan(500);
      expect([place, effects()]).toEqual([place, [0, 0]]);
    }
    await browser.post(action, { ...values, ...fields });
  }
  await help.world.calm();
  expect(effects()).toEqual([0, 0]);
}, 120_000);
