/**
 * Asks an account backend something, and holds question and answer against docs/account-backend.openapi.yaml: whatever
 * passes here passes for another backend written from that page.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

interface Page {
  readonly $ref?: string;
  readonly content?: { readonly 'application/json': { readonly schema: object } };
}
interface Operation {
  readonly requestBody?: Page;
  readonly responses: Readonly<Record<string, Page>>;
}
export interface Contract {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Page>>>>;
}

export const contract = parse(readFileSync(path.join(__dirname, '..', '..', 'docs', 'account-backend.openapi.yaml'), 'utf8')) as Contract;
export const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(contract, 'contract');

export interface Sent {
  readonly body?: unknown;
  readonly key?: string;
  readonly token?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & { readonly error?: { readonly code: string } };
}

export const codeOf = ({ status, body }: Answer): string => `${String(status)} ${String(body.error?.code)}`;

/** Asks at the address that a page of the contract describes, and holds both sides to it. */
export async function askBackend(url: string, template: string, parts: Readonly<Record<string, string>>, { body, key, token = '' }: Sent = {}): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  const address = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name]!));
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { 'idempotency-key': key }) };
  const response = await fetch(url + address, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
  const answer = (await response.json()) as Answer['body'];
  const operation = contract.paths[template]![method.toLowerCase()]!;
  if (operation.requestBody && typeof body !== 'string') holdSent(operation.requestBody, body, { status: response.status, hasKey: key !== undefined });
  expect(Object.keys(operation.responses)).toContain(String(response.status));
  expect(faultsOf(operation.responses[String(response.status)]!, answer)).toEqual([]);
  return { status: response.status, body: answer };
}

/** What was taken must fit the page; what was refused as malformed must not, unless it was the key that was missing. */
function holdSent(page: Page, body: unknown, { status, hasKey }: { status: number; hasKey: boolean }): void {
  if (status === 200) expect(faultsOf(page, body)).toEqual([]);
  if (status === 400 && hasKey) expect(faultsOf(page, body)).not.toEqual([]);
}

function faultsOf(page: Page, value: unknown): unknown[] {
  const [, , kind = '', name = ''] = page.$ref?.split('/') ?? [];
  const { schema } = (page.$ref === undefined ? page : contract.components[kind]![name]!).content!['application/json'];
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"contract#/')) as object);
  validate(value);
  return validate.errors ?? [];
}
