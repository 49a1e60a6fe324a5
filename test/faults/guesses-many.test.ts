/**
 * Codes of one account guessed at from hundreds of conversations, each at its own address, through the real server with
 * only its clock moved: what is judged is counted, then the owner comes. `SESAME_GUESSERS`: how many (npm run bench:guesses).
 */
import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LIMITS } from '../../src/attempts/limits.js';
import { CAMILLE } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';

const GUESSERS = Number(process.env['SESAME_GUESSERS'] ?? '20');
const AT_ONCE = 40;
const PATIENCE = 120_000 + GUESSERS * 600;

/**
 * Minutes since the attack began, and how many guesses each conversation makes then: the soonest that the waits and the
 * sends allow, so that every try of the day is had, and never so late that a token is over.
 */
const WAVES = [
  { minute: 0, guesses: 5, another: false },
  { minute: 2, guesses: 1, another: true },
  { minute: 5, guesses: 1, another: false },
  { minute: 10, guesses: 1, another: false },
  { minute: 35, guesses: 1, another: true },
  { minute: 61, guesses: 1, another: true },
] as const;
const SPENT = /nous ne pouvons pas continuer/;
/** However a guess is answered. */
const VERDICT = /n’est pas le bon|n’est plus ouvert|attendez|dépassé|ne peut plus|ne pouvons pas|n’est plus bloqué/;
/** The attack lies in the past, so that the backend, whose clock is right, meets the owner of the next day. */
const BEGAN = -26 * LIMITS.hourMs;

let sesame: RunningSesame;
let clock = '';

beforeAll(async () => {
  sesame = await RunningSesame.start({ TRUSTED_PROXIES: '127.0.0.1' }, (data, { reference }) => {
    clock = `${data}.clock`;
    writeFileSync(clock, String(BEGAN));
    // Calls would be signed with the time, and the two clocks differ by a day.
    return { ACCOUNT_BACKEND_TOKEN: reference, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CLOCK)}`, TEST_CLOCK: clock };
  });
}, PATIENCE);
afterAll(() => sesame.stop());

/** Loaded before the server: its dates differ from the real ones by the milliseconds in a file, which it reads again and again. */
const CLOCK = `import { readFileSync, writeFileSync } from 'node:fs';
const [Real, file] = [Date, process.env.TEST_CLOCK];
let moved = Number(readFileSync(file, 'utf8'));
setInterval(() => {
  const read = readFileSync(file, 'utf8');
  if (read === '' || Number(read) === moved) return;
  moved = Number(read);
  writeFileSync(file + '.seen', read);
}, 20).unref();
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length > 0) super(...given); else super(Real.now() + moved); }
  static now() { return Real.now() + moved; }
};`;

async function moveClock(ms: number): Promise<void> {
  const [file, wanted] = [clock, String(ms)];
  writeFileSync(file, wanted);
  await eventually(() => (existsSync(`${file}.seen`) && readFileSync(`${file}.seen`, 'utf8') === wanted ? true : undefined));
}

interface Activity {
  readonly text?: string;
  readonly from: { readonly role?: string };
  readonly attachments?: readonly { content: { body: { text: string }[]; actions: { data: { place?: string } }[] } }[];
}

/** Somebody at an address of their own, who knows all about Camille. */
class Visitor {
  /** Where the form for a code is to be sent; empty while none was shown. */
  place = '';
  private identity = '';
  private token = '';
  private conversation = '';
  private watermark = '0';

  constructor(private readonly number: number) {}

  async identify(): Promise<string> {
    const opened = await this.call('POST', '/api/conversation');
    [this.token, this.conversation] = [String(opened['token']), String(opened['conversationId'])];
    await this.says('mon compte est bloqué après plusieurs essais', /Que souhaitez-vous faire/);
    await this.says('Débloquer mon compte', /Vérifions/);
    return this.giveIdentity();
  }

  /** Sends the form of the identity, where one is open. */
  giveIdentity(): Promise<string> {
    if (this.identity === '') return Promise.resolve('');
    return this.send({ value: { place: this.identity, nir: CAMILLE.nir, birthDate: CAMILLE.birthDate } }, /Votre code|Attendez une minute|Gardez votre référence|ne pouvons pas/);
  }

  /** Through the form that was shown, or, without one, through the form that another guesser was shown. */
  async guess(code: string, elsewhere: string): Promise<string> {
    const heard = await this.send({ value: { place: this.place === '' ? elsewhere : this.place, code } }, VERDICT);
    return /continuer avec ce code/.test(heard) ? heard + (await this.says('Saisir le code reçu', /Votre code/)) : heard;
  }

  says(text: string, answer: RegExp): Promise<string> {
    return this.send({ text }, answer);
  }

  async refresh(): Promise<void> {
    this.token = String((await this.call('POST', '/v3/directline/tokens/refresh'))['token']);
  }

  private async send(activity: object, answer: RegExp): Promise<string> {
    await this.call('POST', `/v3/directline/conversations/${this.conversation}/activities`, { type: 'message', from: { id: 'person' }, channelData: { clientActivityID: randomUUID() }, ...activity });
    let text = '';
    return eventually(async () => {
      text += await this.hear();
      return answer.test(text) ? text : undefined;
    }, PATIENCE);
  }

  /** What was answered since the last time, titles of forms included. Notes the forms that came with it. */
  private async hear(): Promise<string> {
    const { activities, watermark } = await this.call('GET', `/v3/directline/conversations/${this.conversation}/activities?watermark=${this.watermark}`);
    this.watermark = String(watermark);
    const heard = (activities as readonly Activity[]).filter(({ from }) => from.role === 'bot');
    const forms = heard.flatMap(({ attachments }) => attachments ?? []).map(({ content }) => ({ title: content.body[0]?.text ?? '', place: content.actions[0]?.data.place }));
    const text = [...heard.map((one) => one.text ?? ''), ...forms.map(({ title }) => title)].join('\n');
    const placeOf = (title: RegExp): string | undefined => forms.filter((form) => title.test(form.title)).at(-1)?.place;
    this.identity = placeOf(/Vérifions|courrier/) ?? (SPENT.test(text) ? '' : this.identity);
    this.place = placeOf(/Votre code/) ?? this.place;
    return text;
  }

  private async call(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${sesame.url}${route}`, {
      method,
      headers: {
        ...{ 'origin': sesame.url, 'content-type': 'application/json' },
        'x-forwarded-for': `11.${String(Math.floor(this.number / 250))}.${String(this.number % 250)}.7`,
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // A guess that was never heard would make all of this true by silence.
    if (!response.ok) throw new Error(`${route}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }
}

async function all(visitors: readonly Visitor[], work: (visitor: Visitor) => Promise<unknown>): Promise<void> {
  const left = [...visitors];
  const one = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

const mails = (): { subject: string; text: string }[] => {
  const folder = path.join(sesame.data, 'mailbox');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { subject: string; text: string });
};
const codes = (): string[] => mails().flatMap(({ text }) => /\d{4} \d{4}/.exec(text)?.[0] ?? []);
const judged = (): number => sesame.output.filter((line) => line.includes('"code.judged"')).length;

/** The verdicts that the audit holds of checks of a code, each as often as it was given. */
function verdicts(): Record<string, number> {
  const lines = sesame.filesLeft().filter(({ name }) => name.startsWith('audit')).flatMap(({ content }) => content.toString().split('\n'));
  const results = lines.filter((line) => line.includes('"identity.check-code"')).map((line) => /"result":"([^"]+)"/.exec(line)?.[1] ?? 'none');
  return results.reduce<Record<string, number>>((sum, result) => ({ ...sum, [result]: (sum[result] ?? 0) + 1 }), {});
}

/** A wrong code, whatever was sent: the test is about how many are judged, not about luck. */
function wrongCode(): string {
  const right = new Set(codes().map((code) => code.replace(' ', '')));
  for (;;) {
    const code = String(randomInt(100_000_000)).padStart(8, '0');
    if (!right.has(code)) return code;
  }
}

/** One guesser after the other asks again, until one more code has left. */
async function anotherCode(guessers: readonly Visitor[]): Promise<Visitor | undefined> {
  for (const guesser of guessers) {
    if (guesser.place === '' && /Votre code/.test(await guesser.giveIdentity())) return guesser;
  }
  return undefined;
}

/** Plays the waves. Resolves with how many guesses were sent, and who was sent the last code. */
async function attack(guessers: readonly Visitor[]): Promise<{ sent: number; last: Visitor | undefined }> {
  let [sent, left] = [0, 1];
  let last: Visitor | undefined;
  for (const { minute, guesses, another } of WAVES) {
    if (minute > 0) await moveClock(BEGAN + minute * LIMITS.minuteMs);
    await all(guessers, (guesser) => (minute === 0 ? guesser.identify() : guesser.refresh()));
    if (another) {
      last = await anotherCode(guessers);
      left += 1;
    }
    await eventually(() => (codes().length === left ? true : undefined));
    const elsewhere = guessers.find(({ place }) => place !== '')?.place ?? '';
    await all(guessers, async (guesser) => {
      for (let n = 0; n < guesses; n += 1) {
        await guesser.guess(wrongCode(), elsewhere);
        sent += 1;
      }
    });
  }
  return { sent, last };
}

const account = (): Promise<unknown> => sesame.askBackend(`/v1/accounts/${CAMILLE.subject}`);
const effects = async (): Promise<string[]> => ((await sesame.askBackend('/_ledger')) as { action: string }[]).map(({ action }) => action);

it('A02: judges no more guesses than the day allows, and leaves the account and its owner unharmed', async () => {
  const started = performance.now();
  const before = await account();
  const guessers = Array.from({ length: GUESSERS }, (_, number) => new Visitor(number));
  const { sent, last } = await attack(guessers);
  const evaluated = judged();

  // The tries are spent: now even the right code is not looked at.
  expect(await last?.guess(codes().at(-1) ?? '', '')).toMatch(SPENT);
  const given = verdicts();
  process.stdout.write(`${JSON.stringify({ conversations: GUESSERS, sent, evaluated, right: given['proved'] ?? 0, codesSent: codes().length, verdicts: given, seconds: Math.round((performance.now() - started) / 1000) })}\n`);
  expect(sent).toBe(GUESSERS * 10);
  expect(evaluated).toBe(LIMITS.triesPerAccountDay);
  expect(judged()).toBe(evaluated);
  expect(given['proved']).toBeUndefined();
  expect(codes().length).toBeLessThanOrEqual(LIMITS.sendsPerDay);
  expect(await effects()).toEqual([]);
  expect(await account()).toEqual(before);
  expect(mails().length - codes().length).toBe(1);
}, PATIENCE);

it('A14: on the same day lets the owner have a letter', async () => {
  const owner = new Visitor(GUESSERS);
  expect(await owner.identify()).toMatch(SPENT);
  await owner.says('Recevoir un code par courrier', /Recevoir un code par courrier/);
  expect(await owner.giveIdentity()).toMatch(/Gardez votre référence/);
  await eventually(async () => ((await effects()).length > 0 ? true : undefined));
  expect(await effects()).toEqual(['letter']);
}, PATIENCE);

it('A02: a day later lets the owner in with a code by e-mail', async () => {
  // A server that knows the right time, and has nothing but what is on the disk.
  await sesame.stopServer();
  sesame.tell({ NODE_OPTIONS: '' });
  await sesame.startServer();
  const owner = new Visitor(GUESSERS + 1);
  const known = new Set(codes());
  await owner.identify();
  const code = await eventually(() => codes().find((one) => !known.has(one)));
  expect(await owner.guess(code, '')).toMatch(/il n’est plus bloqué/);
  expect((await effects()).sort()).toEqual(['letter', 'unlock']);
}, PATIENCE);
