/**
 * Conversations that plant made-up secrets in every place where somebody could leave one, over the real doors, and a
 * harmless word each, which must be found again. What is searched for them is the test's.
 */
import { randomUUID } from 'node:crypto';
import { nonceFor } from '../../src/connector/press.js';
import { activityFrom, type FakeConnector } from './connector.js';
import { eventually, type RunningSesame } from './running.js';
import { AROUND, drawBirthDate, drawCard, drawCode, drawEmail, drawIban, drawNir, drawPassword, drawPhone, drawPostalCode, drawSentence, pick, type Draw, type Planted } from './secrets.js';

/** The team that is there at any hour, and its supervisor. */
const NATIONAL = '19:demo-national@thread.tacv2';
const NADIA = '00000000-0000-4000-8000-000000000101';

export interface Fields {
  readonly sesame: RunningSesame;
  readonly teams: FakeConnector;
  readonly draw: Draw;
  /** Runs work after all that came before. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  /** Of the buttons of cards. */
  readonly staffKey: Uint8Array;
}

/** What one conversation left behind. */
export interface Sown {
  readonly secrets: readonly Planted[];
  /** A harmless word that it said: it must be found. */
  readonly word: string;
  /** What its own person reads of it. */
  readonly read: string;
}

interface Wire {
  readonly id: string;
  readonly text?: string;
  readonly channelData?: { readonly asksOpinion?: boolean };
  readonly attachments?: readonly { content: { actions: { data: { place?: string } }[] } }[];
}

/** One conversation: secrets drawn, planted and remembered. */
class Sower {
  readonly secrets: Planted[] = [];
  readonly word = `pervenche${randomUUID().replaceAll('-', '')}`.replace(/\d/g, 'z');
  private readonly address: string;
  protected readonly draw: Draw;

  constructor(
    protected readonly fields: Fields,
    turn: number,
  ) {
    this.draw = fields.draw;
    // Its own address, as a proxy tells it: so many people do not come from one.
    this.address = `2001:db8:${turn.toString(16)}::1`;
  }

  plant(make: (draw: Draw) => Planted): Planted {
    const planted = make(this.draw);
    this.secrets.push(planted);
    return planted;
  }

  /** A sentence with a secret in it. */
  sentence(turn: number): string {
    const planted = drawSentence(this.draw, turn);
    this.secrets.push(planted);
    return planted.sentence;
  }

  /** Everybody's name, date and number in one breath. */
  everything(): string {
    const [nir, date, code, email] = [drawNir, drawBirthDate, drawCode, drawEmail].map((make) => this.plant(make).typed);
    return `je suis ${String(nir)}, né le ${String(date)}, mon code est ${String(code)}, mon mail ${String(email)}`;
  }

  request(route: string, init: RequestInit = {}): Promise<Response> {
    const headers = { 'x-forwarded-for': this.address, origin: this.fields.sesame.url, ...(init.headers as Record<string, string> | undefined) };
    return fetch(`${this.fields.sesame.url}${route}`, { ...init, headers, redirect: 'manual' });
  }
}

class DirectLineSower extends Sower {
  private token = '';
  private id = '';
  private place = '';

  async open(): Promise<void> {
    const user = this.plant(pick(this.draw, [drawNir, drawEmail, drawPhone])).typed;
    const opened = (await (await this.post('/api/conversation', { user: { id: user, name: user } })).json()) as { token: string; conversationId: string };
    [this.token, this.id] = [opened.token, opened.conversationId];
  }

  post(route: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const signed = this.token === '' ? {} : { authorization: `Bearer ${this.token}` };
    return this.request(route, { method: 'POST', headers: { 'content-type': 'application/json', ...signed, ...headers }, body: JSON.stringify(body) });
  }

  async say(activity: object): Promise<Response> {
    return this.post(`/v3/directline/conversations/${this.id}/activities`, { type: 'message', from: { id: 'person' }, ...activity });
  }

  async activities(): Promise<readonly Wire[]> {
    const response = await this.request(`/v3/directline/conversations/${this.id}/activities`, { headers: { authorization: `Bearer ${this.token}` } });
    return ((await response.json()) as { activities: Wire[] }).activities;
  }

  /** Says something and waits until it is answered. */
  async tell(text: string, more: object = {}): Promise<void> {
    const before = (await this.activities()).length;
    await this.say({ text, ...more });
    await eventually(async () => ((await this.activities()).length > before + 1 ? true : undefined));
  }

  /** Sends the form that is open, and whatever a page could send along. */
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    this.place = await eventually(async () => (await this.activities()).flatMap(({ attachments = [] }) => attachments.flatMap(({ content }) => content.actions.flatMap(({ data }) => data.place ?? []))).at(-1));
    await this.say({ value: { place: this.place, ...values } });
  }

  /** Where no person types: ids, marks, names, addresses, headers, bodies that are none. */
  async corners(): Promise<void> {
    const nir = this.plant(drawNir).typed;
    const email = this.plant(drawEmail).typed;
    const code = this.plant(drawCode).typed;
    await this.say({ text: 'bonjour', from: { id: nir, name: email }, channelData: { clientActivityID: nir, other: code }, locale: email, replyToId: code });
    await this.say({ text: 'encore', id: email });
    await this.say({ type: 'event', name: 'opinion', value: { about: nir, verdict: code, reason: email } });
    await this.say({ type: 'event', name: nir, value: { nir, email } });
    await this.say({ type: nir, text: code });
    await this.say({ value: { place: nir, code } });
    await this.say({ value: { action: 'unlock', nir, verified: true } });
    await this.post(`/v3/directline/conversations/${encodeURIComponent(nir)}/activities?user=${encodeURIComponent(email)}`, { type: 'message', text: code });
    await this.post(`/v3/directline/conversations/${this.id}/upload?userId=${encodeURIComponent(nir)}`, { nir });
    await this.request(`/${encodeURIComponent(email)}?nir=${encodeURIComponent(nir)}&code=${encodeURIComponent(code)}`, { headers: { referer: `https://site.example/?nir=${encodeURIComponent(nir)}`, 'user-agent': `Navigateur ${email}` } });
    await this.request('/v3/directline/conversations', { method: 'POST', headers: { authorization: `Bearer ${encodeURIComponent(nir)}`, 'content-type': 'application/json' }, body: `{"nir":"${nir}` });
  }

  /** An opinion as the widget sends it, with more than it should hold. */
  async judge(): Promise<void> {
    const about = (await this.activities()).find(({ channelData }) => channelData?.asksOpinion === true)?.id;
    if (about === undefined) return;
    await this.say({ type: 'event', name: 'opinion', value: { about, verdict: 'down', reason: this.sentence(0) } });
    await this.say({ type: 'event', name: 'opinion', value: { about, verdict: 'up', comment: this.sentence(1) } });
  }
}

async function talk(sower: DirectLineSower, turn: number): Promise<void> {
  await sower.tell(`mon compte est bloqué, ${sower.word}. ${sower.sentence(turn)}`);
  await sower.tell(sower.everything());
  await sower.judge();
}

/** A number in two messages: what is searched is all of it, and its second half. */
async function inPieces(sower: DirectLineSower): Promise<void> {
  const { bare } = sower.plant((draw) => eventuallyPlain(draw));
  await sower.tell(`${sower.word} mon numéro commence par ${bare.slice(0, 5)}`);
  sower.secrets.push({ kind: 'nir', bare: bare.slice(5), typed: bare.slice(5) });
  await sower.tell(bare.slice(5));
}

function eventuallyPlain(draw: Draw): Planted {
  for (;;) {
    const nir = drawNir(draw);
    if (/^\d+$/.test(nir.bare)) return nir;
  }
}

async function byForm(sower: DirectLineSower): Promise<void> {
  await sower.tell(`mon compte est bloqué après plusieurs essais ${sower.word}`);
  await sower.tell('Débloquer mon compte');
  const wrong = { nir: sower.plant(drawPostalCode).typed, birthDate: sower.plant(drawEmail).typed };
  await sower.fill(wrong);
  await sower.fill({ nir: sower.plant(eventuallyPlain).typed, birthDate: sower.plant(drawBirthDate).typed, other: sower.plant(drawIban).typed });
  await sower.fill({ code: sower.plant(drawCode).typed });
  await sower.tell(sower.plant(drawCode).typed);
}

/** Somebody asks for a human, who takes the request: both write what they should not. One at a time, so that its thread is the new one. */
async function withAdviser(sower: DirectLineSower, fields: Fields): Promise<void> {
  await sower.tell(`mon compte est bloqué ${sower.word}`);
  const staff = new Staff(fields);
  await fields.inTurn(async () => {
    await staff.act('a:private', { text: 'disponible' });
    const known = new Set(fields.teams.threads.keys());
    await sower.tell('je veux un conseiller');
    await sower.say({ text: 'Je préfère ne pas le dire' });
    await staff.take(await eventually(() => [...fields.teams.threads].find(([id, [root]]) => !known.has(id) && id.startsWith(NATIONAL) && JSON.stringify(root ?? {}).includes('"ticket"'))?.[0]));
  });
  await eventually(async () => (await sower.activities()).some(({ text }) => /Nadia/.test(text ?? '')) || undefined);
  await sower.say({ text: `${sower.word} ${sower.everything()}` });
  await sower.say({ text: pick(fields.draw, AROUND.card).replace('{}', sower.plant(drawCard).typed) });
  await staff.say(`votre numéro est bien ${sower.plant(drawNir).typed} ?`);
  await staff.press('note', { note: `né le ${sower.plant(drawBirthDate).typed}` });
  await eventually(() => fields.teams.calls.some(({ body }) => JSON.stringify(body).includes(sower.word)) || undefined);
  await staff.press('close', { reason: 'solved', note: `code ${sower.plant(drawCode).typed}` });
  await staff.act(NATIONAL, { text: `chercher ${sower.plant(drawPhone).typed}` });
}

/** An adviser in Teams, with one request. */
class Staff {
  private thread = '';
  private ticket = '';

  constructor(private readonly fields: Fields) {}

  async take(thread: string): Promise<void> {
    this.thread = thread;
    const card = JSON.stringify(this.fields.teams.threads.get(thread)?.[0]?.activity ?? {});
    this.ticket = /"ticket":"([^"]+)"/.exec(card)?.[1] ?? '';
    await this.press('take');
  }

  say(text: string): Promise<unknown> {
    return this.act(this.thread, { text });
  }

  press(verb: string, inputs: object = {}): Promise<unknown> {
    const data = { verb, ticket: this.ticket, nonce: nonceFor(Buffer.from(this.fields.staffKey), this.ticket, Date.now()), ...inputs };
    return this.act(this.thread, { type: 'invoke', name: 'adaptiveCard/action', value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' } });
  }

  async act(where: string, more: Readonly<Record<string, unknown>>): Promise<unknown> {
    const body = JSON.stringify(activityFrom(this.fields.teams, { oid: NADIA }, where, more));
    const response = await fetch(`${this.fields.sesame.url}/api/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!response.ok) throw new Error(`Teams was answered ${String(response.status)}`);
    return response.text();
  }
}

async function byDirectLine(fields: Fields, turn: number, play: (sower: DirectLineSower) => Promise<void>): Promise<Sown> {
  const sower = new DirectLineSower(fields, turn);
  await sower.open();
  await play(sower);
  await sower.corners();
  return { secrets: sower.secrets, word: sower.word, read: JSON.stringify(await sower.activities()) };
}

class AideSower extends Sower {
  private cookie = '';
  html = '';

  async go(route: string, form?: Readonly<Record<string, string>>): Promise<void> {
    const init = form ? { method: 'POST', body: new URLSearchParams(form) } : {};
    const response = await this.request(route, { ...init, headers: { ...(this.cookie === '' ? {} : { cookie: this.cookie }), referer: `${this.fields.sesame.url}/aide` } });
    const set = response.headers.get('set-cookie')?.split(';')[0];
    if (set !== undefined) this.cookie = set;
    const html = await response.text();
    if (response.status === 303) await this.go(response.headers.get('location') ?? '/aide');
    else this.html = html;
  }

  hidden(name: string): string {
    return new RegExp(`name="${name}" value="([^"]*)"`).exec(this.html)?.[1] ?? '';
  }
}

async function byAide(fields: Fields, turn: number): Promise<Sown> {
  const sower = new AideSower(fields, turn);
  const [nir, email, code, password] = [drawNir, drawEmail, drawCode, drawPassword].map((make) => sower.plant(make).typed) as [string, string, string, string];
  const query = new URLSearchParams({ nir, email, code, dit: `mdp ${password}` }).toString();
  await sower.go(`/aide?${query}`);
  const billet = sower.hidden('billet');
  await sower.go(`/aide/recherche?q=${encodeURIComponent(sower.sentence(turn))}&${query}`);
  await sower.go(`/aide/fiche/${encodeURIComponent(nir)}?${query}`);
  await sower.go('/aide/reprise', { billet, code });
  await sower.go('/aide/conversation', { billet, dit: `mon compte est bloqué ${sower.word} ${sower.sentence(turn)}` });
  const say = (text: string, more: object = {}): Promise<void> => sower.go(`/aide/dire?${query}`, { jeton: sower.hidden('jeton'), envoi: sower.hidden('envoi'), dit: text, ...more });
  await say(sower.everything());
  await say(`bonjour ${sower.word}`, { envoi: nir });
  const jeton = sower.hidden('jeton');
  await sower.go('/aide/formulaire', { jeton, envoi: email, place: nir, 'champ-nir': nir, [`champ-${email}`]: code });
  await sower.go('/aide/avis', { jeton, sur: nir, avis: code, raison: email });
  await sower.go(`/aide/conversation?avis=${encodeURIComponent(nir)}&avant=${encodeURIComponent(code)}&vu=${encodeURIComponent(email)}`);
  await sower.go('/aide/resume');
  const read = sower.html;
  await sower.go('/aide/fin', { jeton });
  return { secrets: sower.secrets, word: sower.word, read };
}

/** Sows one conversation, of the kind whose turn it is. */
export function sow(fields: Fields, turn: number): Promise<Sown> {
  switch (turn % 6) {
    case 0:
    case 1:
      return byDirectLine(fields, turn, (sower) => talk(sower, turn));
    case 2:
      return byAide(fields, turn);
    case 3:
      return byDirectLine(fields, turn, inPieces);
    case 4:
      return byDirectLine(fields, turn, byForm);
    default:
      return byDirectLine(fields, turn, (sower) => withAdviser(sower, fields));
  }
}
