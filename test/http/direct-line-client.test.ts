/** Microsoft's own client, unmodified, against our door: over WebSocket, over polling, and through a cut. */
import { ConnectionStatus, DirectLine, type Activity, type Message } from 'botframework-directlinejs';
import { WebSocket } from 'ws';
import { adviserSays, SECRET, until, WebDoor } from '../support/web-door.js';

const opened: WebSocket[] = [];

/** The client takes its socket from the world; this one lets the test find it again. */
class FoundSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    opened.push(this);
  }
}

let door: WebDoor;
let client: DirectLine;
let received: Activity[];

beforeAll(() => {
  Object.assign(globalThis, { XMLHttpRequest: jest.requireActual<{ XMLHttpRequest: unknown }>('xhr2').XMLHttpRequest, WebSocket: FoundSocket });
});
beforeEach(async () => {
  door = await WebDoor.open();
});
afterEach(async () => {
  client.end();
  await door.close();
});

/** Connects the way a page does: with a token of its own, or a secret. */
async function connect(options: { webSocket: boolean; secret?: string }): Promise<void> {
  const given = await door.call('POST', '/api/token', { headers: { 'sec-fetch-site': 'same-origin' } });
  const { secret, ...rest } = options;
  client = new DirectLine({ domain: `${door.url}/v3/directline`, pollingInterval: 200, ...(secret === undefined ? { token: given.json.token } : { secret }), ...rest });
  received = [];
  // The client reports its own end as an error.
  client.activity$.subscribe((activity) => received.push(activity), () => undefined);
}

function post(text: string): Promise<string> {
  const message: Message = { type: 'message', from: { id: 'someone' }, text, channelData: { clientActivityID: `tag of ${text}` } };
  return new Promise((resolve, reject) => {
    client.postActivity(message).subscribe(resolve, reject);
  });
}

const texts = () => received.map((activity) => (activity.type === 'message' ? activity.text : activity.type));

describe.each([
  ['WebSocket', { webSocket: true }],
  ['polling', { webSocket: false }],
  ['WebSocket with a secret', { webSocket: true, secret: SECRET }],
])('the reference client over %s', (_, options) => {
  it('starts, sends, and receives everything once', async () => {
    await connect(options);
    await until(() => received.length === 1);
    const id = await post('bonjour');
    await until(() => received.length === 3);
    expect(texts()).toEqual(['Bonjour.', 'bonjour', 'Écho : bonjour']);
    expect(received[1]).toMatchObject({ id, channelData: { clientActivityID: 'tag of bonjour' } });
    await post('encore');
    await until(() => received.length === 5);
    expect(new Set(received.map((activity) => activity.id)).size).toBe(5);
    expect(client.connectionStatus$.getValue()).toBe(ConnectionStatus.Online);
  });
});

describe('the reference client over a socket that dies', () => {
  it('comes back by itself and misses nothing', async () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0);
    await connect({ webSocket: true });
    await until(() => received.length === 1);
    const { conversationId } = client as unknown as { conversationId: string };
    opened.at(-1)!.terminate();
    await until(() => door.assistant.followers(conversationId) === 0);
    door.assistant.say(conversationId, adviserSays('pendant la coupure'));
    await until(() => received.length === 2);
    await post('de retour');
    await until(() => received.length === 4);
    expect(texts()).toEqual(['Bonjour.', 'pendant la coupure', 'de retour', 'Écho : de retour']);
    random.mockRestore();
  });
});
