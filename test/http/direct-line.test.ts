/** The REST side of Direct Line. The door of these tests holds each answer against the descriptions of the protocol. */
import { checks, sayWhatIsMissing, type Exchange } from '../support/descriptions.js';
import { adviserSays, FORM, SECRET, until, WebDoor } from '../support/web-door.js';

let door: WebDoor;

beforeAll(async () => {
  sayWhatIsMissing();
  door = await WebDoor.open();
});
afterAll(() => door.close());

describe('each description', () => {
  const answer = (json: object): Exchange => ({
    method: 'GET',
    address: '/v3/directline/conversations/x/activities',
    status: 200,
    headers: new Headers({ 'content-type': 'application/json' }),
    text: JSON.stringify(json),
  });

  it('would refuse an answer of another shape', () => {
    for (const check of checks) {
      expect(() => { check(answer({ activities: [], watermark: '0' })); }).not.toThrow();
      expect(() => { check(answer({ activities: 'none', watermark: '0' })); }).toThrow();
      expect(() => { check({ ...answer({}), status: 202 }); }).toThrow();
    }
  });
});

describe('a conversation over REST', () => {
  it('gives a token for a secret, then opens the conversation of that token once', async () => {
    const generated = await door.call('POST', '/v3/directline/tokens/generate', { token: SECRET, body: { user: { id: 'dl_alice' } } });
    expect(generated.json.expires_in).toBe(1800);
    const { token, conversationId } = generated.json;
    const first = await door.call('POST', '/v3/directline/conversations', { token });
    expect(first.status).toBe(201);
    expect(first.json.conversationId).toBe(conversationId);
    expect(first.json.streamUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v3\/directline\/conversations\/[^/]+\/stream\?watermark=0&t=/);
    const again = await door.call('POST', '/v3/directline/conversations', { token });
    expect(again.status).toBe(200);
    expect(door.assistant.heard.filter((one) => one.conversationId === conversationId)).toHaveLength(1);
  });

  it('opens a fresh conversation for a secret, each time', async () => {
    const one = await door.call('POST', '/v3/directline/conversations', { token: SECRET });
    const two = await door.call('POST', '/v3/directline/conversations', { token: SECRET, body: {} });
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.json.conversationId).not.toBe(two.json.conversationId);
  });

  it('carries words both ways, with the marks that a client needs', async () => {
    const { id, token, path: where } = await door.begin();
    const posted = await door.call('POST', `${where}/activities`, {
      token,
      body: { type: 'message', text: 'Bonjour à vous', from: { id: 'mallory' }, timestamp: '1999-01-01T00:00:00Z', channelData: { clientActivityID: 'tag-1' } },
    });
    expect(posted.json.id).toBe(`${id}|0000002`);
    await until(async () => (await door.assistant.transcript(id, 0)).length === 3);
    const all = await door.call('GET', `${where}/activities`, { token });
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

  it('gives a long conversation in pages, until there is nothing more', async () => {
    const { id, token, path: where } = await door.begin();
    for (let line = 2; line <= 250; line += 1) door.assistant.say(id, adviserSays(`ligne ${String(line)}`));
    const sizes: number[] = [];
    let watermark = '0';
    while (sizes.at(-1) !== 0) {
      const { json } = await door.call('GET', `${where}/activities?watermark=${watermark}`, { token });
      if (json.activities.length > 0) expect(json.activities.at(-1)?.id).toBe(`${id}|${json.watermark.padStart(7, '0')}`);
      sizes.push(json.activities.length);
      watermark = json.watermark;
    }
    expect([sizes, watermark]).toEqual([[101, 100, 49, 0], '250']);
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
      expect((await door.call('POST', `${where}/activities`, { token, body: { type, name: 'webchat/join' } })).status).toBe(200);
    }
    expect(await door.assistant.transcript(id, 0)).toHaveLength(1);
  });

  it('refreshes a token, reconnects, and knows a session', async () => {
    const { id, token, path: where } = await door.begin();
    door.clock.pass(1_000_000);
    const refreshed = await door.call('POST', '/v3/directline/tokens/refresh', { token });
    door.clock.pass(1_000_000);
    expect((await door.call('GET', where, { token })).json.error.code).toBe('TokenExpired');
    const back = await door.call('GET', `${where}?watermark=1`, { token: refreshed.json.token });
    expect(back.json.conversationId).toBe(id);
    expect(new URL(back.json.streamUrl).searchParams.get('watermark')).toBe('1');
    expect((await door.call('GET', '/v3/directline/session/getsessionid', { token: refreshed.json.token })).status).toBe(200);
  });
});
