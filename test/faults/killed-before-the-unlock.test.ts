/** The process is killed between the code and the unlock, at both of its edges: the conversation goes on, and the account is unlocked once. */
import { randomUUID } from 'node:crypto';
import { CAMILLE, MARIUS, ODILE, type Locked } from '../support/people.js';
import { eventually, RunningSesame } from '../support/running.js';

interface Wire {
  readonly type: string;
  readonly text?: string;
  readonly attachments?: readonly { content: { body: { text: string }[]; actions: { data: { place?: string } }[] } }[];
}

/** One for all, as each start takes seconds; each case has an account of its own. */
let sesame: RunningSesame;
beforeAll(async () => { sesame = await RunningSesame.start(); }, 120_000);
afterAll(() => sesame.stop());

/** A bare client, so that a message can be sent and its acknowledgement never come. */
class Caller {
  private token = '';
  private conversation = '';

  async open(): Promise<void> {
    const opened = await this.call('POST', '/api/token');
    this.token = String(opened['token']);
    this.conversation = String((await this.call('POST', '/v3/directline/conversations'))['conversationId']);
  }

  post(activity: object, id = randomUUID()): Promise<Record<string, unknown>> {
    const body = { type: 'message', from: { id: 'person' }, channelData: { clientActivityID: id }, ...activity };
    return this.call('POST', `/v3/directline/conversations/${this.conversation}/activities`, body);
  }

  async said(): Promise<readonly Wire[]> {
    const { activities } = await this.call('GET', `/v3/directline/conversations/${this.conversation}/activities`);
    return activities as readonly Wire[];
  }

  hears(words: RegExp): Promise<Wire> {
    return eventually(async () => (await this.said()).find(({ text }) => words.test(text ?? '')));
  }

  form(title: RegExp): Promise<string> {
    return eventually(async () => {
      const cards = (await this.said()).flatMap(({ attachments }) => attachments ?? []).map(({ content }) => content);
      return cards.filter(({ body }) => title.test(body[0]?.text ?? '')).at(-1)?.actions[0]?.data.place;
    });
  }

  private async call(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${sesame.url}${route}`, {
      method,
      headers: { origin: sesame.url, 'content-type': 'application/json', ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as Record<string, unknown>;
  }
}

async function toTheCode(person: Locked): Promise<{ caller: Caller; submission: object }> {
  const caller = new Caller();
  await caller.open();
  await caller.post({ text: 'mon compte est bloqué après plusieurs essais' });
  await caller.hears(/Que souhaitez-vous faire/);
  await caller.post({ text: 'Débloquer mon compte' });
  await caller.post({ value: { place: await caller.form(/Vérifions/), nir: person.nir, birthDate: person.birthDate } });
  const place = await caller.form(/Votre code/);
  return { caller, submission: { value: { place, code: await eventually(() => sesame.lastCode(person.email)) } } };
}

const unlocks = async (person: Locked): Promise<number> => {
  const ledger = (await sesame.askBackend('/_ledger')) as { action: string; subject: string; count: number }[];
  return ledger.filter(({ action, subject }) => action === 'unlock' && subject === person.subject).reduce((sum, { count }) => sum + count, 0);
};

describe('a kill -9 between the code and the unlock', () => {
  it.each([
    ['before the backend had read the request', CAMILLE, () => sesame.freezeBackend(), 0],
    ['after the backend unlocked and before it answered', ODILE, () => sesame.askBackend('/_faults', [{ route: 'unlock', times: 1, delayMs: 60_000 }]), 1],
  ])('%s: the next start finishes the job by itself, once', async (_when, person, hold, before) => {
    const { caller, submission } = await toTheCode(person);
    await hold();
    const lost = caller.post(submission).then(() => 'answered', () => 'cut');
    await caller.hears(/votre identité est vérifiée/);
    if (before > 0) await eventually(async () => ((await unlocks(person)) === before ? true : undefined));
    await sesame.kill();
    expect(await lost).toBe('cut');

    sesame.thawBackend();
    await sesame.startServer();
    await caller.hears(/il n’est plus bloqué/);
    expect(await unlocks(person)).toBe(1);
    expect(await sesame.askBackend(`/v1/accounts/${person.subject}`)).toMatchObject({ state: 'open' });
    await caller.post({ text: 'Non, c’est tout' });
    await caller.hears(/Merci de votre visite/);
  });

  it('answers a form once when it is sent three times over a restart', async () => {
    const { caller, submission } = await toTheCode(MARIUS);
    const id = randomUUID();
    await caller.post(submission, id);
    await sesame.kill();
    await sesame.startServer();
    await Promise.all([caller.post(submission, id), caller.post(submission, id)]);
    await caller.hears(/il n’est plus bloqué/);
    expect(await unlocks(MARIUS)).toBe(1);
    expect((await caller.said()).filter(({ text }) => /il n’est plus bloqué/.test(text ?? ''))).toHaveLength(1);
  });
});
