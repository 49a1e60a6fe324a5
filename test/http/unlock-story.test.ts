/**
 * The main story over Direct Line, told by Microsoft's own client, unmodified, against the compiled server. Afterwards
 * everything that was written is searched for what must be nowhere.
 */
import { ConnectionStatus, DirectLine, type Activity, type Message } from 'botframework-directlinejs';
import { WebSocket } from 'ws';
import { CAMILLE, ODILE, spellings, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';

interface FormCard {
  readonly body: readonly { readonly text?: string }[];
  readonly actions: readonly { readonly data: { readonly place?: string } }[];
}

let sesame: RunningSesame;
beforeAll(async () => {
  // The client is written for browsers: these two are all it asks of one.
  Object.assign(globalThis, { XMLHttpRequest: jest.requireActual<{ XMLHttpRequest: unknown }>('xhr2').XMLHttpRequest, WebSocket });
  sesame = await RunningSesame.start();
});
afterAll(() => sesame.stop());

class Client {
  readonly received: Activity[] = [];
  private readonly directLine: DirectLine;

  private constructor(token: string, webSocket: boolean) {
    this.directLine = new DirectLine({ token, domain: `${sesame.url}/v3/directline`, webSocket, pollingInterval: 200 });
    // Ending the conversation is an error in the client's eyes.
    this.directLine.activity$.subscribe((activity) => void this.received.push(activity), () => undefined);
  }

  static async open(webSocket: boolean): Promise<Client> {
    const response = await fetch(`${sesame.url}/api/token`, { method: 'POST', headers: { origin: sesame.url } });
    const { token } = (await response.json()) as { token: string };
    return new Client(token, webSocket);
  }

  post(activity: Partial<Message>): Promise<string> {
    return new Promise((resolve, reject) => {
      const whole = { type: 'message', from: { id: 'person' }, ...activity } as Message;
      this.directLine.postActivity(whole).subscribe((id) => { resolve(String(id)); }, reject);
    });
  }

  /** What the assistant said so far. */
  said(): Message[] {
    return this.received.filter((activity): activity is Message => activity.type === 'message' && activity.from.role === 'bot');
  }

  hears(words: RegExp): Promise<Message> {
    return eventually(() => this.said().find(({ text }) => words.test(text ?? '')));
  }

  /** The place of the last form with this title. */
  async form(title: RegExp): Promise<string> {
    const card = await eventually(() =>
      this.said()
        .flatMap(({ attachments }) => attachments ?? [])
        .map((attachment) => ('content' in attachment ? (attachment.content as FormCard) : { body: [], actions: [] }))
        .filter(({ body }) => title.test(body[0]?.text ?? ''))
        .at(-1),
    );
    return card.actions[0]?.data.place ?? '';
  }

  end(): void {
    this.directLine.end();
  }

  status(): ConnectionStatus {
    return this.directLine.connectionStatus$.getValue();
  }
}

async function unlock(client: Client, person: Locked): Promise<string> {
  await client.hears(/Bonjour, je suis Sésame/);
  await client.post({ text: 'jarive plus a me connecté jai mis 5 fois un mauvai mdp' });
  const asked = await client.hears(/Que souhaitez-vous faire/);
  expect(asked.suggestedActions?.actions.map(({ value }: { value?: unknown }) => value)).toContain('Débloquer mon compte');
  await client.post({ text: 'Débloquer mon compte' });
  await client.post({ value: { place: await client.form(/Vérifions/), nir: person.nir, birthDate: person.birthDate } });
  const place = await client.form(/Votre code/);
  const code = await eventually(() => sesame.lastCode(person.email));
  await client.post({ value: { place, code } });
  await client.hears(/il n’est plus bloqué/);
  return code;
}

describe('the unlock story over Direct Line', () => {
  it('is told from the first word to the open account by the unmodified client, over WebSocket', async () => {
    const client = await Client.open(true);
    const code = await unlock(client, CAMILLE);
    expect(await sesame.askBackend(`/v1/accounts/${CAMILLE.subject}`)).toMatchObject({ state: 'open' });
    expect(client.status()).toBe(ConnectionStatus.Online);
    const ids = client.received.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    client.end();

    await sesame.stopServer();
    const files = sesame.filesLeft();
    expect(files.some(({ name }) => name.startsWith('store'))).toBe(true);
    const heard = Buffer.from(JSON.stringify(client.received));
    const places = [...files, { name: 'output of the server', content: Buffer.from(sesame.output.join('\n')) }, { name: 'what clients get', content: heard }];
    const leaks = places.flatMap(({ name, content }) => spellings(CAMILLE, code).filter((secret) => content.includes(secret)).map((secret) => `${name}: ${secret}`));
    expect(leaks).toEqual([]);
    // The search can find: a word of the conversation is where it should be.
    expect(places.some(({ content }) => content.includes('mauvai mdp'))).toBe(true);
  });

  it('is told the same way by polling', async () => {
    await sesame.startServer();
    const client = await Client.open(false);
    await unlock(client, ODILE);
    expect(await sesame.askBackend(`/v1/accounts/${ODILE.subject}`)).toMatchObject({ state: 'open' });
    client.end();
  });
});
