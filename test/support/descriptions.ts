/**
 * Holds what the web door is asked and answers against its descriptions: ours, always, and Microsoft's where that file
 * lies beside the project. It sends nothing itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { parse } from 'yaml';
import { isRecord } from '../../src/channels/activities.js';

/** One request and its answer. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly address: string;
  /** The body of the request: JSON as text, or a value to be written as JSON. */
  readonly sent?: unknown;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type Entry = Readonly<Record<string, unknown>>;
/** Names from the root of the description down to one thing in it. */
type Pointer = readonly string[];

const root = path.join(__dirname, '..', '..');

/** Our own description, as it was read. */
export const description: Entry & { readonly paths: Readonly<Record<string, Entry>> } = parse(
  readFileSync(path.join(root, 'docs', 'direct-line.openapi.yaml'), 'utf8'),
);

const ours = new Ajv2020({ strict: false, allErrors: true });
addFormats(ours);
ours.addSchema(description, 'ours');

/** What is at a place of our description, its own `$ref` not followed. */
export function look(pointer: Pointer): Entry | undefined {
  const found = pointer.reduce<unknown>((inside, name) => (isRecord(inside) ? inside[name] : undefined), description);
  return isRecord(found) ? found : undefined;
}

function follow(pointer: Pointer): Pointer {
  const ref = look(pointer)?.['$ref'];
  return typeof ref === 'string' ? ref.slice(2).split('/') : pointer;
}

/** What is wrong with a value, by the schema at a place of our description. */
export function faultsOf(pointer: Pointer, value: unknown): readonly ErrorObject[] {
  const escaped = pointer.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1')));
  const validate = ours.getSchema(`ours#/${escaped.join('/')}`);
  if (validate === undefined) throw new Error(`our description has no schema at ${pointer.join(' > ')}`);
  return validate(value) === true ? [] : (validate.errors ?? []);
}

/** Holds one frame of a stream against our description. A sign of writing has no number to compare. */
export function holdFrame(frame: { readonly activities: readonly { readonly id?: string }[]; readonly watermark: string }): void {
  expect(faultsOf(['components', 'schemas', 'Frame'], frame)).toEqual([]);
  const last = frame.activities.at(-1)?.id;
  if (last !== undefined) expect(Number(frame.watermark)).toBe(Number(last.split('|')[1]));
}

function holdToOurs(exchange: Exchange): void {
  const [where = ''] = exchange.address.split('?');
  const method = exchange.method.toLowerCase();
  const template = Object.keys(description.paths).find((one) => new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(where));
  const operation = ['paths', template ?? '', method];
  if (template === undefined || look(operation) === undefined) {
    const [status, name] = template === undefined ? [404, 'NotFound'] : [405, 'MethodNotAllowed'];
    expect(exchange.status).toBe(status);
    holdAnswer(['components', 'responses', name], exchange);
    return;
  }
  expect(Object.keys(look([...operation, 'responses']) ?? {})).toContain(String(exchange.status));
  holdAnswer(follow([...operation, 'responses', String(exchange.status)]), exchange);
  holdQuery(operation, exchange);
  holdSent(operation, exchange);
}

function holdAnswer(pointer: Pointer, exchange: Exchange): void {
  holdHeaders(pointer, exchange.headers);
  holdBody([...pointer, 'content'], exchange);
}

function holdHeaders(pointer: Pointer, headers: Headers): void {
  for (const name of Object.keys(look([...pointer, 'headers']) ?? {})) {
    const header = follow([...pointer, 'headers', name]);
    const value = headers.get(name);
    const faults = value !== null || look(header)?.['required'] === true ? faultsOf([...header, 'schema'], value) : [];
    expect([name, faults]).toEqual([name, []]);
  }
}

function holdBody(pointer: Pointer, { method, headers, text }: Exchange): void {
  const content = look(pointer);
  if (content === undefined || method === 'HEAD') expect(text).toBe('');
  if (content === undefined) return;
  const type = headers.get('content-type')?.split(';')[0] ?? 'nothing';
  expect(Object.keys(content)).toContain(type);
  const schema = [...pointer, type, 'schema'];
  if (method === 'HEAD' || look(schema) === undefined) return;
  const value: unknown = type === 'application/json' ? JSON.parse(text) : text;
  expect(faultsOf(schema, value)).toEqual([]);
}

/** What was taken must be what we say may be asked. */
function holdQuery(operation: Pointer, { address, status }: Exchange): void {
  const asked = new URLSearchParams(address.split('?')[1]);
  const listed = look(operation)?.['parameters'];
  for (const one of Array.isArray(listed) ? (listed as Entry[]) : []) {
    const parameter = String(one['$ref']).slice(2).split('/');
    const value = asked.get(String(look(parameter)?.['name']));
    if (value !== null && status < 300) expect(faultsOf([...parameter, 'schema'], value)).toEqual([]);
  }
}

/** What was taken must fit what we say may be sent; what was refused for its content must not. */
function holdSent(operation: Pointer, { sent, status, text }: Exchange): void {
  if (sent === undefined || look([...operation, 'requestBody']) === undefined) return;
  const faults = () => {
    const value: unknown = typeof sent === 'string' ? JSON.parse(sent) : sent;
    return faultsOf([...follow([...operation, 'requestBody']), 'content', 'application/json', 'schema'], value);
  };
  if (status < 300) expect(faults()).toEqual([]);
  if (/"code":"(MissingProperty|BadArgument)"/.test(text)) expect(faults()).not.toEqual([]);
}

const MICROSOFT = path.join(root, '..', 'shared', 'protocol', 'directline-3.0.json');

interface Swagger {
  readonly definitions: Record<string, { properties?: Record<string, unknown> }>;
  readonly paths: Record<string, Record<string, { responses: Record<string, { schema?: object }> } | undefined>>;
}

/** Microsoft's description as a check of its own. It knows the addresses of the protocol and no other. */
function readMicrosoft(): (exchange: Exchange) => void {
  const swagger = JSON.parse(readFileSync(MICROSOFT, 'utf8').replace(/^\uFEFF/, '')) as Swagger;
  // The description writes "object" where the protocol takes any value; strings are the common case.
  Object.assign(swagger.definitions['CardAction']!.properties!, { value: {}, channelData: {} });
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('date-time', fullFormats['date-time']);
  ajv.addFormat('int32', { type: 'number', validate: Number.isInteger });
  ajv.addSchema({ $id: 'swagger', definitions: swagger.definitions });
  return ({ method, address, status, text }) => {
    const [where = ''] = address.split('?');
    const template = Object.keys(swagger.paths).find((one) => new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(where));
    const described = swagger.paths[template ?? '']?.[method.toLowerCase()]?.responses;
    if (described === undefined) return;
    // It leaves out statuses that HTTP has for what we refuse (413, 415, 503); the shape of a refusal holds for them too.
    if (status < 400) expect(Object.keys(described)).toContain(String(status));
    const schema = described[String(status)]?.schema ?? { $ref: '#/definitions/ErrorResponse' };
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('#/definitions/', 'swagger#/definitions/')) as object);
    validate(JSON.parse(text));
    expect(validate.errors ?? []).toEqual([]);
  };
}

/** The checks that run here, each throwing on an answer that its description does not allow. */
export const checks: readonly ((exchange: Exchange) => void)[] = existsSync(MICROSOFT) ? [holdToOurs, readMicrosoft()] : [holdToOurs];

/** Holds one exchange against every description there is. */
export function hold(exchange: Exchange): void {
  for (const check of checks) check(exchange);
}

/** Says on standard error, in one line, that Microsoft's description is not there. */
export function sayWhatIsMissing(): void {
  if (checks.length > 1) return;
  process.stderr.write('direct-line: held against docs/direct-line.openapi.yaml only; ../shared/protocol/directline-3.0.json is not there\n');
}
