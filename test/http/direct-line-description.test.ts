/** Our description of the web door as a document: whole, strict, and of the same addresses as the server itself. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Server } from 'restify';
import { Refusal, type WireCode } from '../../src/channels/activities.js';
import { toCard } from '../../src/channels/cards.js';
import { description, faultsOf, look } from '../support/descriptions.js';
import { FORM, WebDoor } from '../support/web-door.js';

const mockServers: Server[] = [];
jest.mock('restify', () => {
  const restify = jest.requireActual<{ createServer: (options: object) => Server }>('restify');
  // The list of routes is the framework's own: a route that nobody thought of is in it too.
  const createServer = (options: object) => mockServers[mockServers.push(restify.createServer(options)) - 1];
  return { ...restify, createServer };
});

const pages = { home: '<!doctype html>', discussion: '<!doctype html>', mailbox: () => Promise.resolve('<!doctype html>'), notFound: '<!doctype html>' };
const verbs = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'];
const operations = Object.entries(description.paths).flatMap(([address, item]) =>
  verbs.filter((verb) => verb in item).map((verb) => ({ address, verb, more: look(['paths', address, verb])! })),
);
const fill = (address: string) => address.replace(/\{\w+\}/g, 'x');
let door: WebDoor;

beforeAll(async () => {
  door = await WebDoor.open({ pages });
});
afterAll(() => door.close());

describe('the document', () => {
  it('has a version, and references that lead somewhere', () => {
    expect(description['openapi']).toBe('3.1.0');
    const refs = [...JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref]) => ref!);
    expect(refs.length).toBeGreaterThan(100);
    expect(refs.filter((ref) => look(ref.split('/')) === undefined)).toEqual([]);
  });

  it('has a name of its own for each operation', () => {
    const names = operations.map(({ more }) => more['operationId']);
    expect(new Set(names).size).toBe(operations.length);
  });

  it('gives each refusal the status that the server gives it', () => {
    const wrong = operations.flatMap(({ address, verb, more }) =>
      Object.keys(more['responses'] as object).flatMap((status) => codesOf(['paths', address, verb, 'responses', status]).filter((code) => new Refusal(code, '').status !== Number(status))),
    );
    expect(wrong).toEqual([]);
    expect(codesOf(['paths', '/v3/directline/tokens/refresh', 'post', 'responses', '403'])).toEqual(['Forbidden', 'TokenExpired']);
  });
});

/** The codes that a described refusal may have. */
function codesOf(pointer: readonly string[]): readonly WireCode[] {
  const ref = look(pointer)?.['$ref'];
  const at = typeof ref === 'string' ? ref.slice(2).split('/') : pointer;
  const { const: one, enum: several } = look([...at, 'content', 'application/json', 'schema', 'properties', 'error', 'properties', 'code']) ?? {};
  return (several ?? (one === undefined ? [] : [one])) as readonly WireCode[];
}

describe('the schemas', () => {
  const id = 'AAAAAAAAAAAAAAAAAAAAAA';
  const envelope = { type: 'message', id: `${id}|0000001`, timestamp: '2026-11-23T09:00:00.000Z', channelId: 'directline', conversation: { id }, locale: 'fr-FR' };
  const said = { ...envelope, from: { id: 'sesame', name: 'Sésame', role: 'bot' }, textFormat: 'markdown', text: 'Bonjour.' };
  const card = toCard(FORM, { fieldMissing: 'Ce champ est à remplir.' });
  const [title, why, field] = card.body;
  const problem = { error: { code: 'NotFound', message: 'There is nothing at this address.' } };
  const posted = { type: 'message', text: 'Bonjour' };

  it.each<[string, object, Record<string, object>]>([
    ['Activity', said, {
      'an unknown property': { ...said, speak: 'Bonjour.' },
      'no words': { ...said, text: undefined },
      'somebody else’s name': { ...said, from: { ...said.from, id: 'adviser' } },
      'an id without a number': { ...said, id },
      'words beside a form': { ...said, attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }] },
      'a time that is not UTC': { ...said, timestamp: '2026-11-23T10:00:00.000+01:00' },
    }],
    ['Card', card, { 'a value in a field': { ...card, body: [title, why, { ...field, value: '2550814168025' }] }, 'no field': { ...card, body: [title] } }],
    ['Problem', problem, { 'a stack': { error: { ...problem.error, stack: 'at x' } }, 'a code of another list': { error: { ...problem.error, code: 'internal' } } }],
    ['ActivitySet', { activities: [said], watermark: '1' }, { 'a number as a watermark': { activities: [said], watermark: 1 }, 'none': { activities: [said] } }],
    ['Frame', { activities: [said], watermark: '1' }, { 'nothing said': { activities: [], watermark: '1' } }],
    ['PostedActivity', posted, {
      'blank words': { ...posted, text: ' \n' },
      'another kind': { ...posted, type: 'invoke' },
      'the id of the opening': { ...posted, id: 'opening' },
      'a form without a place to go to': { type: 'message', value: { nir: '255' } },
    }],
  ])('allow %s, and nothing like it', (name, right, wrong) => {
    const schema = ['components', 'schemas', name];
    expect(faultsOf(schema, right)).toEqual([]);
    // As on the wire: what is undefined is not there.
    for (const [what, value] of Object.entries(wrong)) expect([what, faultsOf(schema, JSON.parse(JSON.stringify(value))).length > 0]).toEqual([what, true]);
  });
});

describe('the addresses', () => {
  it('are those of the server, no more and no less', () => {
    const { routes } = mockServers[0]!.getDebugInfo() as { routes: readonly { method: string; path: string }[] };
    const served = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const described = operations.filter(({ verb, more }) => verb !== 'options' && more['x-upgrade'] === undefined);
    expect(served.sort()).toEqual(described.map(({ verb, address }) => `${verb} ${address}`).sort());
  });

  it.each(Object.keys(description.paths))('%s takes a preflight and an upgrade where that is described', async (address) => {
    const preflight = await door.call('OPTIONS', fill(address));
    expect(preflight.status).toBe('options' in description.paths[address]! ? 204 : 405);
    const upgrade = await askToUpgrade(door.url + fill(address));
    // Where there is a stream, what is missing is the ticket.
    expect(upgrade.statusCode).toBe(look(['paths', address, 'get'])?.['x-upgrade'] === undefined ? 404 : 403);
  });
});

async function askToUpgrade(url: string): Promise<IncomingMessage> {
  const [answer] = (await once(get(url, { headers: { connection: 'Upgrade', upgrade: 'websocket' } }), 'response')) as [IncomingMessage];
  answer.resume();
  return answer;
}
