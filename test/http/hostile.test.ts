/**
 * A poisoned account backend, over real HTTP: hostile words in every place of every answer. Of what it says, nothing but
 * outcomes and causes of the closed lists gets as far as a dialog, whose words reach a page.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACCOUNT_OUTCOMES, createAccountActions, type ActionResult } from '../../src/account/actions.js';
import { createHttpBackend } from '../../src/account/http-backend.js';
import { HOSTILE } from '../support/hostile.js';

/** What a poisoned backend answers: status, body, and where it sends on to. */
interface Poison {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

const SUBJECT = 's_martin';
const KEY = 'idempotency-key';
const CAUSE = 'too-many-attempts';
const ECHO = { subject: SUBJECT, key: KEY };
const NAMES = ['account.unlock', 'account.read-status', 'account.send-reset-link'] as const;

/** Each hides the text where the others do not. */
const RECIPES: readonly ((text: string) => Poison)[] = [
  (text) => ok({ ...ECHO, match: text, state: text, cause: text, result: text, action: text }),
  (text) => ok({ ...ECHO, match: 'one', email: text, state: 'locked', result: 'not-unlockable', cause: text }),
  (text) => ok({ ...ECHO, match: 'one', email: null, state: 'locked', cause: CAUSE, result: 'unlocked', title: text, message: text, [text]: text }),
  (text) => ok({ ...ECHO, subject: text, key: text, result: 'unlocked', state: 'open' }),
  (text) => ({ status: 200, body: `{"subject":"${SUBJECT}","__proto__":{"state":"open","result":"unlocked","pwned":${JSON.stringify(text)}}}` }),
  (text) => ({ status: 409, body: JSON.stringify({ error: { code: text, message: text } }) }),
  (text) => ({ status: 409, body: JSON.stringify({ error: { code: '__proto__', message: text } }) }),
  (text) => ({ status: 503, body: JSON.stringify({ error: { code: text, message: text } }) }),
  (text) => ({ status: 302, body: text, location: `/elsewhere?${encodeURIComponent(text.slice(0, 100).replace(/\p{Cs}/gu, ''))}` }),
  (text) => ({ status: 200, body: text }),
];

function ok(answer: object): Poison {
  return { status: 200, body: JSON.stringify(answer) };
}

/** Nobody checks its signature on this side; the subject in it is all that is read. */
const PROOF = ['{"alg":"none"}', JSON.stringify({ sub: SUBJECT }), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');

let poison: Poison = ok({});
let asked: string[] = [];
let server: Server;
let backend: ReturnType<typeof createHttpBackend>;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(poison.status, { 'content-type': 'application/json', ...(poison.location === undefined ? {} : { location: poison.location }) });
    response.end(poison.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  backend = createHttpBackend({ url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, token: 'a-token', timeoutMs: 100 });
});
afterAll(async () => {
  await backend.close();
  server.closeAllConnections();
  server.close();
});

/** All that three actions and the two reads of the registry make of the poison. */
async function drink(): Promise<{ results: readonly (readonly [(typeof NAMES)[number], ActionResult])[]; read: readonly unknown[] }> {
  const actions = createAccountActions(backend);
  const results = await Promise.all(NAMES.map(async (name) => [name, await actions[name].run({ slots: { proof: PROOF }, key: KEY })] as const));
  const told = (error: unknown): unknown => (error instanceof Error ? error.message : error);
  const read = await Promise.all([backend.identify('255081416802538', '1955-08-19').catch(told), backend.contactOf(SUBJECT).catch(told)]);
  return { results, read };
}

function isMailAddress(read: unknown): boolean {
  return typeof read === 'object' && read !== null && 'email' in read && /^[^\s@]+@[^\s@]+$/.test(String(read.email));
}

describe('a poisoned account backend', () => {
  // A quarter of the strings each, another one for each way.
  it.each(RECIPES.map((recipe, at) => [at + 1, recipe] as const))('says nothing to a dialog but outcomes and causes of the lists, in way %i', async (at, recipe) => {
    const wrong: string[] = [];
    for (const { name, text } of HOSTILE.filter((one, place) => one.text.length < 1_000 && place % 4 === at % 4)) {
      poison = recipe(text);
      asked = [];
      const { results, read } = await drink();
      // An address that could be one goes to the mail, and nowhere else.
      const kept = read.map((one) => (isMailAddress(one) ? 'an address' : one));
      for (const [action, { outcome, slots = {} }] of results) {
        const outcomes: readonly string[] = ACCOUNT_OUTCOMES[action];
        if (!outcomes.includes(outcome)) wrong.push(`${name}: ${action} ended as ${outcome}`);
        if (Object.entries(slots).some(([slot, value]) => slot !== 'cause' || value !== CAUSE)) wrong.push(`${name}: ${action} gave ${JSON.stringify(slots)}`);
      }
      if (text.length > 3 && JSON.stringify([results, kept]).includes(JSON.stringify(text).slice(1, -1))) wrong.push(`${name}: its words came through`);
      if (asked.some((url) => url.startsWith('/elsewhere'))) wrong.push(`${name}: it was followed`);
      if ('pwned' in {}) wrong.push(`${name}: it is in every object`);
    }
    expect(wrong).toEqual([]);
  });

  it('is believed where it says what the contract has', async () => {
    poison = ok({ ...ECHO, match: 'one', email: 'martin@exemple.fr', state: 'locked', result: 'not-unlockable', cause: CAUSE });
    const { results, read } = await drink();
    expect(results.map(([, { outcome }]) => outcome)).toEqual(['not-unlockable', 'locked', 'unknown']);
    expect(results[0]?.[1].slots).toEqual({ cause: CAUSE });
    expect(read).toEqual([{ kind: 'match', subject: SUBJECT }, { kind: 'email', email: 'martin@exemple.fr' }]);
  });
});
