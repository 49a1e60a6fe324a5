/**
 * The whole application on a Redis that fails under it, while people talk and have their accounts unlocked. It plays and
 * counts; what must come out is the test's to say.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { crowd, keyOf, type Person } from '../../src/reference/people.js';
import type { Home } from './redis-homes.js';
import { added, countsOf, type Row } from './redis-table.js';
import { Talker, type Heard } from './redis-talker.js';
import { RunningSesame } from './running.js';
import { ledgerOf } from './unlock-table.js';
import { Codes } from './unlocking.js';

export interface Trial {
  readonly name: string;
  /** As its home names it. */
  readonly fault: string;
  readonly lastsMs: number;
  /** Service is expected back before it is put right: the time counts from the fault. */
  readonly heals?: boolean;
  /** Some conversations, or all of them, go on meanwhile. */
  readonly goesOn?: boolean;
}

const QUESTIONS = ['quels sont vos horaires ?', 'je ne reçois pas le code par mail', 'comment changer mon adresse e-mail', 'numéro de téléphone de ma caisse', 'mon compte est bloqué'];
/** Words that say that nothing was done. */
const NOT_NOW = /encore bloqué\*\*|rien n’a changé sur votre compte|Rien n’a été modifié sur votre compte/;
const PACE_MS = 700;
const GRACE_MS = 20_000;

interface Unlocker {
  readonly person: Person;
  readonly talker: Talker;
  readonly giveCode: () => Promise<unknown>;
}

export class RedisTrials {
  private first = 0;
  private used = 0;

  private constructor(
    private readonly home: Home,
    private readonly sesame: RunningSesame,
    private readonly everybody: readonly Person[],
    private readonly codes: Codes,
  ) {}

  /** `unlocks`: as many as all the trials need together. */
  static async start(home: Home, unlocks: number, waitReplicas = 0): Promise<RedisTrials> {
    const settings = { REDIS_URL: home.url, REDIS_WAIT_REPLICAS: String(waitReplicas), REFERENCE_PEOPLE: String(unlocks), TRUSTED_PROXIES: '127.0.0.1' };
    const sesame = await RunningSesame.start(settings);
    return new RedisTrials(home, sesame, crowd(unlocks), new Codes(path.join(sesame.data, 'mailbox')));
  }

  async stop(): Promise<void> {
    await this.sesame.stop();
    await this.home.destroy();
  }

  /** What the application said of it, for whoever looks for a cause. */
  get output(): readonly string[] {
    return this.sesame.output;
  }

  async play(trial: Trial, { talks, unlocks }: { readonly talks: number; readonly unlocks: number }): Promise<Row> {
    const talkers = Array.from({ length: talks }, () => this.newTalker());
    await Promise.all(talkers.map((talker) => talker.open()));
    const unlockers = await Promise.all(Array.from({ length: unlocks }, (_, n) => this.untilTheCode(this.everybody[this.used + n]!)));
    this.used += unlocks;
    let going = true;
    const talking = talkers.map((talker) => this.talk(talker, () => going));
    await pause(500);
    const pages = await this.pages();
    const giving = unlockers.map(async ({ giveCode }, n) => {
      await pause((600 * n) / unlocks);
      await giveCode();
    });
    await pause(300);
    const struck = performance.now();
    const mend = await this.home.faults[trial.fault]!();
    const wrong = await pages(trial.goesOn !== true);
    await pause(Math.max(0, trial.lastsMs - (performance.now() - struck)));
    await mend();
    const since = trial.heals === true ? struck : performance.now();
    await until(() => talkers.every(({ said }) => said.some((one) => one.takenAt > since && one.answeredAt !== undefined)));
    going = false;
    await Promise.all([...talking, ...giving]);
    const everyone = [...talkers, ...unlockers.map(({ talker }) => talker)];
    await until(() => everyone.every(({ said }) => said.every(({ answeredAt }) => answeredAt !== undefined)));
    const ended = await Promise.all(everyone.map(async (talker) => countsOf(talker, await settled(talker))));
    return { ...this.met(trial.name, talkers, everyone, since), ...added(ended), ...(await this.unlocked(unlockers)), 'pages wrong': wrong };
  }

  private newTalker(): Talker {
    return new Talker(this.sesame.url, (this.first += 1));
  }

  private async talk(talker: Talker, goesOn: () => boolean): Promise<void> {
    await pause(Math.random() * PACE_MS);
    for (let n = 0; goesOn(); n += 1) {
      const said = await talker.say({ text: QUESTIONS[n % QUESTIONS.length] });
      // In a hurry every other time: the next words come whether there was an answer or not.
      await until(() => said.answeredAt !== undefined, n % 2 === 0 ? 3_000 : 1);
      await pause(PACE_MS * (0.5 + Math.random()));
    }
  }

  private async untilTheCode(person: Person): Promise<Unlocker> {
    const talker = this.newTalker();
    const place = async (title: RegExp): Promise<string | undefined> => {
      const card = await talker.hears(({ attachments }) => title.test(attachments?.[0]?.content.body[0]?.text ?? ''));
      return card?.attachments?.[0]?.content.actions[0]?.data.place;
    };
    await talker.open();
    await talker.say({ text: 'mon compte est bloqué après plusieurs essais' });
    await talker.hears(({ text }) => text?.includes('Que souhaitez-vous faire') === true);
    await talker.say({ text: 'Débloquer mon compte' });
    const identity = await place(/Vérifions/);
    let form: string | undefined;
    const code = await this.codes.await(person.email ?? '', async () => {
      await talker.say({ value: { place: identity, nir: `${person.nir}${keyOf(person.nir)}`, birthDate: person.birthDate.split('-').reverse().join('/') } });
      form = await place(/Votre code/);
      return form !== undefined;
    });
    return { person, talker, giveCode: () => talker.say({ value: { place: form, code } }) };
  }

  /** Goes to the pages beforehand; then looks at them again, where the store is expected to fail, and counts what is wrong. */
  private async pages(): Promise<(fails: boolean) => Promise<number>> {
    const headers = { 'x-forwarded-for': `12.0.${String((this.first += 1) % 250)}.7`, 'origin': this.sesame.url };
    const look = (where: string, init: RequestInit = {}): Promise<Response> => fetch(`${this.sesame.url}${where}`, { redirect: 'manual', ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
    const aide = await look('/aide');
    const billet = /name="billet" value="([^"]*)"/.exec(await aide.text())?.[1] ?? '';
    return async (fails) => {
      const stay = await Promise.all(['/', '/aide', '/discussion', '/public/sesame-chat.js'].map(async (where) => (await look(where)).status));
      const begun = await look('/aide/conversation', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ billet, dit: 'bonjour' }).toString() });
      const told = begun.status === 503 && (await begun.text()).includes('de notre côté');
      return stay.filter((status) => status !== 200).length + (told || (!fails && begun.status === 303) ? 0 : 1);
    };
  }

  private met(fault: string, talkers: readonly Talker[], everyone: readonly Talker[], since: number) {
    const answered = talkers.map(({ said }) => Math.min(...said.filter(({ takenAt }) => takenAt > since).map(({ answeredAt = Infinity }) => answeredAt)) - since);
    const waits = everyone.flatMap(({ said }) => said.flatMap(({ takenAt, answeredAt }) => (answeredAt === undefined ? [] : answeredAt - Math.max(takenAt, answeredAt > since ? since : takenAt))));
    const sum = (of: (talker: Talker) => number): number => everyone.reduce((all, talker) => all + of(talker), 0);
    const seconds = (ms: number): number => Math.round(ms / 100) / 10;
    return {
      fault,
      'talks': everyone.length,
      'taken': sum(({ said }) => said.length),
      'told to wait': sum(({ met }) => met.refused),
      'failed': sum(({ met }) => met.otherwise.length),
      'longest ms': Math.round(Math.max(...everyone.map(({ met }) => met.longest))),
      'back s': seconds(Math.min(...answered)),
      'all back s': seconds(Math.max(...answered)),
      'slowest s': seconds(Math.max(...waits)),
    };
  }

  private async unlocked(unlockers: readonly Unlocker[]) {
    const ledger = (await ledgerOf(this.sesame)).unlocks;
    const ended = unlockers.map(({ person, talker }) => {
      const texts = talker.heard.map(({ text }) => text ?? '').join('\n');
      const one = { effects: ledger.get(person.subject) ?? 0, so: texts.includes('il n’est plus bloqué'), not: NOT_NOW.test(texts) };
      if (isToldWrong(one)) process.stderr.write(`told wrong, with ${String(one.effects)} effects:\n${texts}\n${talker.met.otherwise.join('\n')}\n`);
      return one;
    });
    const count = (is: (one: (typeof ended)[number]) => boolean): number => ended.filter(is).length;
    return {
      'unlocked': count(({ effects, so }) => effects === 1 && so),
      'told not now': count(({ so, not }) => not && !so),
      'told nothing': count(({ so, not }) => !not && !so),
      'unlocked twice': count(({ effects }) => effects > 1),
      'told wrong': count(isToldWrong),
    };
  }
}

function isToldWrong({ effects, so, not }: { readonly effects: number; readonly so: boolean; readonly not: boolean }): boolean {
  return (so && effects !== 1) || (not && effects > 0);
}

async function until(so: () => boolean, withinMs = GRACE_MS): Promise<void> {
  const end = performance.now() + withinMs;
  while (!so() && performance.now() < end) await pause(20);
}

/** The conversation, once the stream has told all of it or will no more. */
async function settled(talker: Talker): Promise<readonly Heard[]> {
  const history = await talker.history();
  await until(() => history.every(({ id }) => talker.heard.some((told) => told.id === id)), 4_000);
  talker.leave();
  return history;
}
