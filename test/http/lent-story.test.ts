/** C04 against the compiled server: a conversation is lent to somebody, who proves who they are in it and has their account unlocked. */
import { WebSocket } from 'ws';
import type { Activity } from '../../src/channels/activities.js';
import { CAMILLE } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';
import type { Answer } from '../support/web-door.js';

let sesame: RunningSesame;
beforeAll(async () => {
  sesame = await RunningSesame.start();
});
afterAll(() => sesame.stop());

async function call(method: string, where: string, token?: string, body?: object): Promise<{ status: number; json: Answer['json'] }> {
  const headers = { 'origin': sesame.url, 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(sesame.url + where, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as Answer['json'] };
}

/** One end of the conversation, reading along. */
class End {
  readonly read: Activity[] = [];
  closed: number | undefined;
  private readonly where: string;

  constructor(private readonly grant: Answer['json']) {
    this.where = `/v3/directline/conversations/${grant.conversationId}/activities`;
    const socket = new WebSocket(grant.streamUrl);
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      if (text !== '') this.read.push(...(JSON.parse(text) as Answer['json']).activities);
    });
    socket.on('close', (code) => (this.closed = code));
  }

  async list(): Promise<number> {
    return (await call('GET', this.where, this.grant.token)).status;
  }

  post(more: object): Promise<unknown> {
    return call('POST', this.where, this.grant.token, { type: 'message', ...more });
  }

  async press(label: string): Promise<void> {
    await eventually(() => this.read.find(({ suggestedActions }) => suggestedActions?.actions.some(({ title }) => title === label)));
    await this.post({ text: label });
  }

  /** The place of the form that has this field. */
  async place(field: string): Promise<string> {
    const card = await eventually(() => this.read.flatMap(({ attachments }) => attachments ?? []).findLast(({ content }) => content.body.some(({ id }) => id === field))?.content);
    return (card.actions[0] as { data: { place: string } }).data.place;
  }

  hears(words: RegExp): Promise<Activity> {
    return eventually(() => this.read.find(({ text }) => words.test(text ?? '')));
  }
}

it('C04: whoever lent it hears nothing of what the proof opens, and whoever proved goes on', async () => {
  const lent = (await call('POST', '/api/conversation')).json;
  const lender = new End(lent);
  const person = new End((await call('POST', '/v3/directline/conversations', lent.token)).json);
  await lender.hears(/Bonjour/);
  await person.post({ text: 'mon compte est bloqué' });
  await person.press('Débloquer mon compte');
  await person.post({ value: { place: await person.place('nir'), nir: CAMILLE.nir, birthDate: CAMILLE.birthDate } });
  const place = await person.place('code');
  const code = await eventually(async () => /\d{4} \d{4}/.exec(await (await fetch(`${sesame.url}/demo/courrier`)).text())?.[0]);
  await person.post({ value: { place, code } });
  await person.hears(/relire l’état de votre compte/);
  await eventually(() => lender.closed);
  expect([lender.closed, person.closed]).toEqual([4401, undefined]);
  expect(lender.read.map(({ text }) => text).join('\n')).not.toMatch(/votre identité est vérifiée|l’état de votre compte/);
  expect([await lender.list(), await person.list()]).toEqual([403, 200]);
});
