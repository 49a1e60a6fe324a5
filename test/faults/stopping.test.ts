/**
 * A stop in the middle of a turn that waits for an account backend which never answers: the process is cut in time, the
 * form was never said to have arrived, and sent again under the same id it is taken by the next process.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { people, keyOf } from '../../src/reference/people.js';
import { Fleet } from '../support/fleet.js';
import { eventually } from '../support/running.js';

interface Activity {
  readonly text?: string;
  readonly attachments?: readonly { readonly content: { readonly actions: readonly { readonly data: { readonly place?: string } }[] } }[];
}

let backend: Server;
let fleet: Fleet;
let conversation = { token: '', conversationId: '' };

beforeAll(async () => {
  backend = createServer().listen(0, '127.0.0.1');
  await once(backend, 'listening');
  fleet = await Fleet.start(1, { ACCOUNT_BACKEND_URL: `http://127.0.0.1:${String((backend.address() as AddressInfo).port)}`, INTERNAL_PORT: '' });
  conversation = (await (await ask('/api/conversation', {})).json()) as typeof conversation;
}, 200_000);

afterAll(async () => {
  await fleet.stop();
  backend.closeAllConnections();
  backend.close();
});

function ask(where: string, body?: object): Promise<Response> {
  const token = conversation.token === '' ? {} : { authorization: `Bearer ${conversation.token}` };
  return fetch(fleet.directly(0) + where, { headers: { ...token, 'content-type': 'application/json', 'connection': 'close' }, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) });
}

const activities = (): string => `/v3/directline/conversations/${conversation.conversationId}/activities`;

function send(clientActivityID: string, said: object): Promise<Response> {
  return ask(activities(), { type: 'message', from: { id: 'person' }, channelData: { clientActivityID }, ...said });
}

function heard<T>(find: (said: readonly Activity[]) => T | undefined): Promise<T> {
  return eventually(async () => find(((await (await ask(activities())).json()) as { activities: readonly Activity[] }).activities));
}

it('cuts what takes too long, and loses nothing by it', async () => {
  await send('blocked', { text: 'mon compte est bloqué après plusieurs essais' });
  await heard((said) => said.find(({ text }) => text?.includes('Que souhaitez-vous faire')));
  await send('unlock', { text: 'Débloquer mon compte' });
  const place = await heard((said) => said.flatMap(({ attachments }) => attachments ?? []).at(-1)?.content.actions[0]?.data.place);
  const { nir, birthDate } = people[0]!;
  const form = { value: { place, nir: `${nir}${keyOf(nir)}`, birthDate: birthDate.split('-').reverse().join('/') } };
  // A request before this one may have been for something else.
  const asked = once(backend, 'request');
  const first = send('identity', form).then(({ status }) => status, () => 'cut');
  await asked;
  // 0 would mean that it waited for the backend.
  expect((await fleet.stopInstance(0)).code).toBe(1);
  expect(await first).toBe('cut');
  // From now on it refuses at once: the next turn ends.
  backend.removeAllListeners('request').on('request', (_, response) => {
    // Not in one chain: where restify was loaded in the same process, `writeHead` gives nothing back.
    response.writeHead(503);
    response.end();
  });
  backend.closeAllConnections();
  await fleet.startInstance(0);
  expect((await send('identity', form)).status).toBe(200);
  expect((await send('identity', form)).status).toBe(200);
  const echoes = await heard((said) => {
    const own = said.filter((activity) => 'channelData' in activity && JSON.stringify(activity.channelData).includes('identity'));
    return own.length > 0 ? own : undefined;
  });
  expect(echoes).toHaveLength(1);
}, 400_000);
