/** The reference backend as a process of its own, held to its contract: whatever passes here passes for another one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { people } from '../../src/reference/people.js';
import { ajv, askBackend, codeOf, contract, type Answer, type Sent } from '../support/account-contract.js';
import { built } from '../support/built.js';
import { newSigner, type Signer } from '../support/proofs.js';

const TOKEN = 'a-service-token-for-tests';

const locked = people.filter(({ cause }) => cause === 'too-many-attempts');
const [mine, other] = [locked[0]!, locked[1]!];

let folder: string;
let signer: Signer;
let url: string;
let child: ChildProcess;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-reference-'));
  signer = await newSigner();
  await start();
});

afterAll(async () => {
  await end('SIGTERM');
  rmSync(folder, { recursive: true });
});

async function start(more: Record<string, string> = {}): Promise<void> {
  const env = { REFERENCE_DATA: folder, REFERENCE_TOKEN: TOKEN, PROOF_JWKS: JSON.stringify(signer.keys), REFERENCE_FAULTS: '1', REFERENCE_DEMO: '1', ...more };
  child = spawn(process.execPath, [built('reference/main.js')], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  url = (JSON.parse(line) as { url: string }).url;
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const gone = once(child, 'exit');
  child.kill(signal);
  const [code] = (await gone) as [number | null];
  return code;
}

const ask = (template: string, parts: Record<string, string>, sent: Sent = {}): Promise<Answer> => askBackend(url, template, parts, { token: TOKEN, ...sent });

const UNLOCK = '/v1/accounts/{subject}/unlock';
const unlock = (subject: string, proof: string, key: string) => ask(UNLOCK, { subject }, { body: { proof }, key });
const code = codeOf;

async function ledger(key: string): Promise<{ key: string; count: number }[]> {
  const all = (await (await fetch(`${url}/_ledger`)).json()) as { key: string; count: number }[];
  return all.filter((effect) => effect.key === key);
}

async function order(...faults: object[]): Promise<void> {
  expect((await fetch(`${url}/_faults`, { method: 'POST', body: JSON.stringify(faults) })).status).toBe(200);
}

/** Waits until the effect is there: the process is then between its effect and its answer. */
async function effect(key: string): Promise<void> {
  while ((await ledger(key)).length === 0) await new Promise(setImmediate);
}

describe('the contract', () => {
  it('is a document of version 2.0.0 in which every reference leads somewhere', () => {
    expect([contract.openapi, contract.info.version]).toEqual(['3.1.0', '2.0.0']);
    for (const [, ref] of JSON.stringify(contract).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      expect(ref!.split('/').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], contract)).toBeDefined();
    }
  });

  it('can refuse: its schemas are not empty', () => {
    const answers = ajv.getSchema('contract#/components/schemas/StatusAnswer')!;
    expect(answers({ subject: 's_1', state: 'locked', cause: 'inactivity' })).toBe(true);
    for (const bad of [{ subject: 's_1', state: 'locked' }, { state: 'open' }, { subject: 's_1', state: 'ajar' }, 'ok']) expect(answers(bad)).toBe(false);
  });

  it('never puts a number in an address', () => {
    expect(Object.keys(contract.paths).filter((address) => /nir/i.test(address))).toEqual([]);
  });
});

describe('the reference backend', () => {
  it('identifies, and says where to write', async () => {
    const found = await ask('/v1/subjects/identify', {}, { body: { nir: mine.nir, birthDate: mine.birthDate } });
    expect(found.body).toEqual({ match: 'one', subject: mine.subject });
    expect((await ask('/v1/subjects/identify', {}, { body: { nir: mine.nir, birthDate: other.birthDate } })).body).toEqual({ match: 'none' });
    expect((await ask('/v1/subjects/{subject}/contact', { subject: mine.subject })).body.email).toBe(mine.email);
    expect(code(await ask('/v1/subjects/{subject}/contact', { subject: 's_nobody' }))).toBe('404 not-found');
  });

  it('unlocks once for a key, and keeps the record', async () => {
    const subject = mine.subject;
    const proof = await signer.sign(subject);
    expect((await ask('/v1/accounts/{subject}/status', { subject }, { body: { proof } })).body).toEqual({ subject, state: 'locked', cause: 'too-many-attempts' });
    const first = await unlock(subject, proof, 'once/1');
    expect(first.body).toMatchObject({ result: 'unlocked', subject });
    expect(await unlock(subject, proof, 'once/1')).toEqual(first);
    expect((await ask('/v1/actions/{key}', { key: 'once/1' })).body).toEqual(first.body);
    expect((await ask('/v1/accounts/{subject}', { subject })).body).toMatchObject({ state: 'open', cause: null, revision: 2 });
    expect(code(await ask('/v1/actions/{key}', { key: 'once/2' }))).toBe('404 not-found');
  });

  it('does one effect for fifty requests at once with one key', async () => {
    const proof = await signer.sign(other.subject);
    const answers = await Promise.all(Array.from({ length: 50 }, () => unlock(other.subject, proof, 'fifty')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]!.body.result).toBe('unlocked');
    expect(await ledger('fifty')).toMatchObject([{ count: 1 }]);
  });

  it('keeps its answer to a key when the proof expires, and signs of the same proof differ', async () => {
    const { subject } = locked[2]!;
    const first = await unlock(subject, await signer.sign(subject, { jti: 'same' }), 'late');
    expect(await unlock(subject, await signer.sign(subject, { jti: 'same', lifeS: -5 }), 'late')).toEqual(first);
    expect(code(await unlock(subject, await signer.sign(subject, { jti: 'same' }), 'later'))).toBe('409 proof-used');
    expect(code(await unlock(subject, await signer.sign(subject), 'late'))).toBe('409 key-reused');
  });

  it('refuses proofs that are bent, foreign, for somebody else or for something else', async () => {
    const { subject } = locked[3]!;
    const bent = (await signer.sign(subject)).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify({ sub: subject })).toString('base64url')}.`);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await signer.sign(subject)).split('.')[1]!}.`;
    const proofs = [
      bent, none, 'x', await (await newSigner()).sign(subject), await signer.sign(mine.subject), await signer.sign(subject, { act: 'reset' }),
      await signer.sign(subject, { iss: 'someone' }), await signer.sign(subject, { aud: 'elsewhere' }), await signer.sign(subject, { act: 'delete' }),
    ];
    for (const proof of proofs) expect(code(await unlock(subject, proof, 'bent'))).toBe('403 proof-invalid');
    expect(code(await unlock(subject, await signer.sign(subject, { lifeS: -1 }), 'bent'))).toBe('403 proof-expired');
    expect(await ledger('bent')).toEqual([]);
  });

  it('refuses malformed requests without a stack', async () => {
    const { subject } = mine;
    const proof = await signer.sign(subject);
    const bodies: unknown[] = ['{', '[]', {}, { proof, more: 1 }, { proof: 3 }];
    for (const body of bodies) expect(code(await ask(UNLOCK, { subject }, { body, key: 'bad' }))).toBe('400 malformed');
    expect(code(await ask(UNLOCK, { subject }, { body: { proof } }))).toBe('400 malformed');
    expect(code(await ask('/v1/subjects/identify', {}, { body: { nir: '123', birthDate: mine.birthDate } }))).toBe('400 malformed');
    expect(code(await ask('/v1/subjects/identify', {}, { body: { nir: mine.nir, birthDate: '1985-02-30' } }))).toBe('400 malformed');
    expect(code(await ask(UNLOCK, { subject }, { body: { proof: 'x'.repeat(20_000) }, key: 'bad' }))).toBe('413 too-large');
    const raw = await fetch(`${url}/v1/actions/%E0%A4%A`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([raw.status, await raw.text()]).toEqual([400, expect.not.stringContaining(' at ')]);
  });

  it('answers nobody without the service token, whatever the address', async () => {
    expect(code(await ask('/v1/accounts/{subject}', { subject: mine.subject }, { token: 'guess' }))).toBe('401 service-token');
    expect((await fetch(`${url}/v1/nowhere`)).status).toBe(401);
    expect((await ask('/health', {}, { token: '' })).body).toEqual({ status: 'ok' });
  });

  it('sends a reset link once', async () => {
    const { subject } = locked[4]!;
    const body = { proof: await signer.sign(subject, { act: 'reset' }) };
    for (let i = 0; i < 2; i += 1) {
      expect((await ask('/v1/accounts/{subject}/reset-link', { subject }, { body, key: 'reset' })).body.result).toBe('sent');
    }
    expect(await ledger('reset')).toMatchObject([{ count: 1 }]);
  });

  it('shows people and their state to those who try it', async () => {
    const shown = (await (await fetch(`${url}/demo/people`)).json()) as { subject: string; state: string; key: string }[];
    expect(shown).toHaveLength(30);
    expect(shown.find(({ subject }) => subject === mine.subject)).toMatchObject({ state: 'open' });
    const page = await fetch(`${url}/demo`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await page.text()).match(/<li>/g)).toHaveLength(30);
  });
});

describe('the process', () => {
  it.each([1, 2, 3])('has the effect once when it is killed between effect and answer (%i)', async (round) => {
    const { subject } = locked[4 + round]!;
    const key = `killed-${String(round)}`;
    const proof = await signer.sign(subject);
    await order({ route: 'unlock', delayMs: 60_000 });
    const lost = expect(unlock(subject, proof, key)).rejects.toThrow();
    await effect(key);
    await end('SIGKILL');
    await lost;
    await start();
    expect((await ask('/v1/actions/{key}', { key })).body.result).toBe('unlocked');
    expect((await unlock(subject, proof, key)).body.result).toBe('unlocked');
    expect(await ledger(key)).toMatchObject([{ count: 1 }]);
    expect((await ask('/v1/accounts/{subject}', { subject })).body.revision).toBe(2);
  });

  it('keeps every answered effect when it is killed in the middle of many', async () => {
    const { subject } = people.find(({ cause }) => cause === null)!;
    const answered: string[] = [];
    const many = Array.from({ length: 60 }, async (_, i) => {
      const proof = await signer.sign(subject, { act: 'reset' });
      const key = `many-${String(i)}`;
      await ask('/v1/accounts/{subject}/reset-link', { subject }, { body: { proof }, key });
      answered.push(key);
      if (answered.length === 20) child.kill('SIGKILL');
    });
    await Promise.allSettled([...many, once(child, 'exit')]);
    await start();
    expect(answered.length).toBeGreaterThanOrEqual(20);
    for (const key of answered) expect(await ledger(key)).toMatchObject([{ count: 1 }]);
  });

  it('stops with SIGTERM, and with the process that started it', async () => {
    expect(await end('SIGTERM')).toBe(0);
    await start();
    const gone = once(child, 'exit');
    child.stdin!.end();
    expect((await gone)[0]).toBe(0);
    await start({ REFERENCE_FAULTS: '0', REFERENCE_DEMO: '0' });
    for (const address of ['/_ledger', '/demo', '/demo/people']) expect((await fetch(url + address)).status).toBe(401);
  });

  it.each([{ REFERENCE_TOKEN: 'short' }, { PROOF_JWKS: 'nonsense' }, { PROOF_JWKS: '{"keys":[{"kty":"OKP","d":"private"}]}' }, { REFERENCE_PORT: '99999' }])(
    'does not start with %j, and says which setting',
    async (bad) => {
      const env = { REFERENCE_DATA: path.join(folder, 'none'), REFERENCE_TOKEN: TOKEN, PROOF_JWKS: JSON.stringify(signer.keys), ...bad };
      const refused = spawn(process.execPath, [built('reference/main.js')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      refused.stderr.on('data', (chunk) => (said += String(chunk)));
      expect((await once(refused, 'close'))[0]).toBe(1);
      expect(said).toContain(Object.keys(bad)[0]);
      expect(said).not.toContain(Object.values(bad)[0]);
    },
  );
});
