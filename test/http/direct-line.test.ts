/** The REST side of Direct Line, each answer held against the public description of the protocol. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { FORM, SECRET, until, WebDoor, type Answer } from '../support/web-door.js';

const DESCRIPTION = path.join(__dirname, '..', '..', '..', 'shared', 'protocol', 'directline-3.0.json');

interface Swagger {
  readonly definitions: Record<string, { properties?: Record<string, unknown> }>;
  readonly paths: Record<string, Record<string, { responses: Record<string, { schema?: object }> } | undefined>>;
}

let swagger: Swagger;
let ajv: Ajv;
let door: WebDoor;

beforeAll(async () => {
  if (!existsSync(DESCRIPTION)) {
    throw new Error('put the Direct Line 3.0 description at ../shared/protocol/directline-3.0.json, beside the project');
  }
  swagger = JSON.parse(readFileSync(DESCRIPTION, 'utf8').replace(/^\uFEFF/, '')) as Swagger;
  // The description writes "object" where the protocol takes any value; strings are the common case.
  Object.assign(swagger.definitions['CardAction']!.properties!, { value: {}, channelData: {} });
  ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('date-time', fullFormats['date-time']);
  ajv.addFormat('int32', { type: 'number', validate: Number.isInteger });
  ajv.addSchema({ $id: 'swagger', definitions: swagger.definitions });
  door = await WebDoor.open();
});
afterAll(() => door.close());

function check(method: string, route: string, answer: Answer): void {
  const described = swagger.paths[`/v3/directline${route}`]?.[method.toLowerCase()]?.responses ?? {};
  expect(Object.keys(described)).toContain(String(answer.status));
  // Error answers have no schema of their own in the description, but a shape that is defined.
  const schema = described[String(answer.status)]!.schema ?? { $ref: '#/definitions/ErrorResponse' };
  const text = JSON.stringify(schema).replaceAll('#/definitions/', 'swagger#/definitions/');
  const validate: ValidateFunction = ajv.compile(JSON.parse(text) as object);
  validate(answer.json);
  expect(validate.errors ?? []).toEqual([]);
}

describe('the description itself', () => {
  it('would refuse an answer of another shape', () => {
    const wrong = { status: 200, headers: new Headers(), text: '', json: { activities: 'none' } } as unknown as Answer;
    expect(() => { check('GET', '/conversations/{conversationId}/activities', wrong); }).toThrow();
  });
});

describe('a conversation over REST', () => {
  it('gives a token for a secret, then opens the conversation of that token once', async () => {
    const generated = await door.call('POST', '/v3/directline/tokens/generate', { token: SECRET, body: { user: { id: 'dl_alice' } } });
    check('POST', '/tokens/generate', generated);
    expect(generated.json.expires_in).toBe(1800);
    const { token, conversationId } = generated.json;
    const first = await door.call('POST', '/v3/directline/conversations', { token });
    check('POST', '/conversations', first);
    expect(first.status).toBe(201);
    expect(first.json.conversationId).toBe(conversationId);
    expect(first.json.streamUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v3\/directline\/conversations\/[^/]+\/stream\?watermark=0&t=/);
    const again = await door.call('POST', '/v3/directline/conversations', { token });
    check('POST', '/conversations', again);
    expect(again.status).toBe(200);
    expect(door.assistant.heard.filter((one) => one.conversationId === conversationId)).toHaveLength(1);
  });

  it('opens a fresh conversation for a secret, each time', async () => {
    const one = await door.call('POST', '/v3/directline/conversations', { token: SECRET });
    const two = await door.call('POST', '/v3/directline/conversations', { token: SECRET, body: {} });
    check('POST', '/conversations', one);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.json.conversationId).not.toBe(two.json.conversationId);
  });

  it('carries words both ways, with the marks that a client needs', async () => {
    const { id, token, path: where } = await door.begin();
    const posted = await door.call('POST', `${where}/activities`, {
      token,
      body: { type: 'message', text: 'Bonjour à vous', from: { id: 'mallory' }, timestamp: '1999-01-01T00:00:00Z', channelData: { clientActivityID: 'tag-1' } },
    });
    check('POST', '/conversations/{conversationId}/activities', posted);
    expect(posted.json.id).toBe(`${id}|0000002`);
    await until(async () => (await door.assistant.transcript(id, 0)).length === 3);
    const all = await door.call('GET', `${where}/activities`, { token });
    check('GET', '/conversations/{conversationId}/activities', all);
    expect(all.json.watermark).toBe('3');
    const [hello, echo, reply] = all.json.activities;
    expect(hello?.suggestedActions?.actions.map(({ value }) => value)).toEqual(['Mon compte est bloqué', 'Autre chose']);
    expect(echo).toMatchObject({ text: 'Bonjour à vous', from: { role: 'user' }, channelData: { clientActivityID: 'tag-1' }, timestamp: '2026-11-23T09:00:00.000Z' });
    expect(echo?.from.id).not.toBe('mallory');
    expect(reply).toMatchObject({ text: 'Écho : Bonjour à vous', replyToId: echo?.id, inputHint: 'expectingInput' });
  });

  it('gives after a watermark exactly the rest', async () => {
    const { id, token, path: where } = await door.begin();
    await door.call('POST', `${where}/activities`, { token, body: { type: 'message', text: 'un' } });
    await until(async () => (await door.assistant.transcript(id, 0)).length === 3);
    const rest = await door.call('GET', `${where}/activities?watermark=2`, { token });
    expect(rest.json.activities.map((activity) => activity.id)).toEqual([`${id}|0000003`]);
    expect(rest.json.activities[0]?.replyToId).toBe(`${id}|0000002`);
    const none = await door.call('GET', `${where}/activities?watermark=3`, { token });
    expect(none.json).toEqual({ activities: [], watermark: '3' });
    for (const start of ['', '-']) {
      expect((await door.call('GET', `${where}/activities?watermark=${start}`, { token })).json.activities).toHaveLength(3);
    }
  });

  it('takes the same message sent twice as one', async () => {
    const { id, token, path: where } = await door.begin();
    const body = { type: 'message', text: 'deux fois', channelData: { clientActivityID: 'same' } };
    const [one, two] = [await door.call('POST', `${where}/activities`, { token, body }), await door.call('POST', `${where}/activities`, { token, body })];
    expect(two.json).toEqual(one.json);
    expect(door.assistant.heard.filter((said) => said.conversationId === id && said.kind === 'words')).toHaveLength(1);
  });

  it('shows a form as a card and takes its values back without repeating them', async () => {
    const { id, token, path: where } = await door.begin();
    await door.call('POST', `${where}/activities`, { token, body: { type: 'message', text: 'formulaire' } });
    await until(async () => (await door.assistant.transcript(id, 0)).length === 3);
    const shown = await door.call('GET', `${where}/activities?watermark=2`, { token });
    check('GET', '/conversations/{conversationId}/activities', shown);
    expect(shown.json.activities[0]?.attachments?.[0]).toMatchObject({ contentType: 'application/vnd.microsoft.card.adaptive' });
    const sent = await door.call('POST', `${where}/activities`, { token, body: { type: 'message', value: { place: FORM.place, nir: '255081416802538' } } });
    expect(sent.json.id).toBe(`${id}|0000004`);
    expect(door.assistant.heard.at(-1)).toMatchObject({ kind: 'form', place: FORM.place, values: { nir: '255081416802538' } });
    const after = await door.call('GET', `${where}/activities`, { token });
    expect(after.text).not.toContain('255081416802538');
    expect(JSON.stringify(door.log)).not.toContain('255081416802538');
  });

  it('takes signs of life without a word', async () => {
    const { id, token, path: where } = await door.begin();
    for (const type of ['typing', 'event', 'conversationUpdate', 'endOfConversation']) {
      const answer = await door.call('POST', `${where}/activities`, { token, body: { type, name: 'webchat/join' } });
      check('POST', '/conversations/{conversationId}/activities', answer);
    }
    expect(await door.assistant.transcript(id, 0)).toHaveLength(1);
  });

  it('refreshes a token, reconnects, and knows a session', async () => {
    const { id, token, path: where } = await door.begin();
    door.clock.pass(1_000_000);
    const refreshed = await door.call('POST', '/v3/directline/tokens/refresh', { token });
    check('POST', '/tokens/refresh', refreshed);
    door.clock.pass(1_000_000);
    expect((await door.call('GET', where, { token })).json.error.code).toBe('TokenExpired');
    const back = await door.call('GET', `${where}?watermark=1`, { token: refreshed.json.token });
    check('GET', '/conversations/{conversationId}', back);
    expect(back.json.conversationId).toBe(id);
    expect(new URL(back.json.streamUrl).searchParams.get('watermark')).toBe('1');
    check('GET', '/session/getsessionid', await door.call('GET', '/v3/directline/session/getsessionid', { token: refreshed.json.token }));
  });
});
