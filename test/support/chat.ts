/**
 * Plays a `.chat` story against the house and reports every line that did not hold.
 *
 *   # a comment                                  ignored
 *   Assuré: mon compte est bloqué                the person types
 *   Assuré: {nir: @nir, birthDate: @naissance}   the person fills in the form that is open; @code is the last code sent,
 *                                              @référence and @lettre what the last letter says
 *   Sésame: fragment … fragment [A | B]          the next reply holds these fragments, and exactly these choices
 *   Sésame: (fiche id)                           the next reply is the answer of this entry, however it is worded
 *   Sésame: (formulaire) title ! error           the next reply is a form, with these errors
 *   (15 min)                                     time passes
 *   => compte débloqué                           a fact of FACTS holds, or is made to hold
 *   Conseiller: prend                            an adviser acts, or writes to the person: see test/support/adviser-lines.ts
 */
import { randomUUID } from 'node:crypto';
import type { Reply } from '../../src/conversation/reply.js';
import { ADVISER_FACTS, playAdviser } from './adviser-lines.js';
import { MARTIN, World } from './world.js';

const UNITS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, jour: 86_400_000, jours: 86_400_000 };

/** What a story may state after `=>`. Each returns whether it holds. */
const FACTS: Readonly<Record<string, (world: World) => boolean | Promise<boolean>>> = {
  'compte débloqué': ({ people }) => people.get('s_martin')?.status.kind === 'open',
  'compte bloqué': ({ people }) => people.get('s_martin')?.status.kind === 'locked',
  'un seul déblocage': ({ backend }) => backend.effects.size === 1,
  'aucun déblocage': ({ backend }) => backend.effects.size === 0,
  'aucun appel de déblocage': ({ backend }) => backend.unlockCalls === 0,
  'un lien envoyé': ({ backend }) => backend.links.size === 1,
  'aucun lien envoyé': ({ backend }) => backend.links.size === 0,
  'aucun courriel': ({ mails }) => mails.length === 0,
  '1 courriel': ({ mails }) => mails.length === 1,
  '2 courriels': ({ mails }) => mails.length === 2,
  'aucune lettre': ({ letters }) => letters.length === 0,
  '1 lettre': ({ letters }) => letters.length === 1,
  'redémarrage': (world) => world.restart().then(() => true),
  'panne du service de comptes': ({ backend }) => (backend.down = true),
  'panne déjà connue': ({ backend }) => (backend.incident = true),
  'fin de la panne connue': ({ backend }) => !(backend.incident = false),
  'réouverture faite': ({ backend }) => backend.count('reactivate') === 1,
  'code parti par courrier': ({ backend }) => backend.count('post-code') === 1,
  'aucun code parti par courrier': ({ backend }) => backend.count('post-code') === 0,
  'correction demandée': ({ backend }) => backend.count('correction') === 1,
  'aucune correction demandée': ({ backend }) => backend.count('correction') === 0,
  'fraude déclarée': ({ backend }) => backend.count('fraud') === 1,
  'aucune fraude déclarée': ({ backend }) => backend.count('fraud') === 0,
  'dossier ouvert': ({ backend }) => backend.count('still-locked') === 1,
  'compte inactif': ({ people }) => Boolean((people.get('s_martin')!.status = { kind: 'locked', cause: 'inactivity' })),
  'fin de la panne': ({ backend }) => !(backend.down = false),
  'le service de comptes ment': ({ backend }) => (backend.lies = true),
  'compte bloqué pour fraude': ({ people }) => Boolean((people.get('s_martin')!.status = { kind: 'locked', cause: 'fraud-suspected' })),
  ...ADVISER_FACTS,
  'compte déjà ouvert': ({ people }) => Boolean((people.get('s_martin')!.status = { kind: 'open' })),
};

/** Plays a story and returns what did not hold, by line; an empty list when all did. */
export async function playChat(story: string): Promise<string[]> {
  const world = await World.open();
  const faults: string[] = [];
  const player = new Player(world);
  try {
    await player.open();
    for (const [index, raw] of story.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      const fault = await player.play(line);
      if (fault !== undefined) faults.push(`line ${String(index + 1)}: ${line}\n      ${fault}`);
    }
    const rest = player.unheard();
    if (rest.length > 0) faults.push(`at the end, not in the story: ${rest.map(show).join(' / ')}`);
  } finally {
    await world.close();
  }
  return faults;
}

class Player {
  private readonly conversationId = `chat-${randomUUID()}`;
  private read = 0;
  private waiting: Reply[] = [];
  private place = '';

  constructor(private readonly world: World) {}

  async open(): Promise<void> {
    await this.hear({ kind: 'opening', id: 'opening' });
    this.waiting = [];
  }

  async play(line: string): Promise<string | undefined> {
    const time = /^\((\d+) (\w+)\)$/.exec(line);
    if (time) return this.wait(Number(time[1]), time[2] ?? '');
    if (line.startsWith('=>')) return this.state(line.slice(2).trim());
    if (line.startsWith('Conseiller')) return this.advise(line);
    if (line.startsWith('Assuré:')) return this.say(line.slice('Assuré:'.length).trim());
    if (line.startsWith('Sésame:')) return this.expect(line.slice('Sésame:'.length).trim());
    return 'this line cannot be read';
  }

  unheard(): readonly Reply[] {
    return this.waiting;
  }

  private async advise(line: string): Promise<string | undefined> {
    const fault = await playAdviser(line, this.world, this.conversationId);
    await this.world.calm();
    await this.collect();
    return fault;
  }

  private async wait(count: number, unit: string): Promise<string | undefined> {
    const length = UNITS[unit];
    if (length === undefined) return `the unit "${unit}" is not one of ${Object.keys(UNITS).join(', ')}`;
    this.world.clock.pass(count * length);
    await this.world.advisers.reconciler.sweep();
    await this.world.calm();
    await this.collect();
    return undefined;
  }

  private async state(fact: string): Promise<string | undefined> {
    const check = FACTS[fact];
    if (!check) return `no such fact: one of ${Object.keys(FACTS).join(' / ')}`;
    return (await check(this.world)) ? undefined : 'does not hold';
  }

  private async say(words: string): Promise<string | undefined> {
    const missed = this.waiting.length === 0 ? undefined : `not in the story: ${this.waiting.map(show).join(' / ')}`;
    this.waiting = [];
    const form = /^\{(.*)\}$/.exec(words);
    const id = randomUUID();
    if (form) await this.hear({ kind: 'form', id, place: this.place, values: this.values(form[1] ?? '') });
    else await this.hear({ kind: 'words', id, text: this.filled(words) });
    return missed;
  }

  private values(text: string): Record<string, string> {
    return Object.fromEntries(
      text.split(',').map((pair) => {
        const [name = '', ...value] = pair.split(':');
        return [name.trim(), this.filled(value.join(':').trim())];
      }),
    );
  }

  private filled(text: string): string {
    return text.replace('@nir', MARTIN.nir).replace('@naissance', MARTIN.typedDate).replace('@code', this.world.lastCode()).replace('@référence', this.world.letters.at(-1)?.reference ?? 'no letter').replace('@lettre', this.world.letters.at(-1)?.code ?? 'no letter');
  }

  private async hear(said: { kind: 'opening'; id: string } | { kind: 'words'; id: string; text: string } | { kind: 'form'; id: string; place: string; values: Record<string, string> }): Promise<void> {
    const { conversationId, world } = this;
    await world.assistant.hear({ ...said, conversationId, channel: 'terminal', at: world.clock.now() });
    await world.calm();
    await this.collect();
  }

  private async collect(): Promise<void> {
    const { conversationId, world } = this;
    for (const entry of await world.assistant.transcript(conversationId, this.read)) {
      this.read = entry.seq;
      if (entry.author !== 'assistant') continue;
      this.waiting.push(entry.reply);
      if (entry.reply.kind === 'form') this.place = entry.reply.place;
    }
  }

  private expect(line: string): string | undefined {
    const reply = this.waiting.shift();
    if (!reply) return 'nothing more was said';
    const choices = /\[([^\]]*)\]$/.exec(line);
    const words = (choices ? line.slice(0, choices.index) : line).trim();
    return (choices ? differentChoices(choices[1] ?? '', reply) : undefined) ?? differentWords(words, reply);
  }
}

function differentChoices(wanted: string, { choices = [] }: Reply): string | undefined {
  const labels = wanted.split('|').map((label) => label.trim());
  return plain(labels.join('|')) === plain(choices.join('|')) ? undefined : `the choices are [${choices.join(' | ')}]`;
}

function differentWords(words: string, reply: Reply): string | undefined {
  const entry = /^\(fiche (.+)\)$/.exec(words)?.[1];
  if (entry !== undefined) return reply.kind === 'text' && reply.entry === entry ? undefined : `this is not the entry ${entry}: ${show(reply)}`;
  const text = plain(show(reply));
  const missing = words.split('…').map(plain).find((fragment) => !text.includes(fragment));
  return missing === undefined ? undefined : `"${missing}" is not in: ${text}`;
}

/** A reply as a story writes it. */
function show(reply: Reply): string {
  if (reply.kind === 'text') return reply.text;
  const errors = reply.fields.flatMap(({ error }) => (error === undefined ? [] : [`! ${error}`]));
  return ['(formulaire)', reply.title, ...errors].join(' ');
}

function plain(text: string): string {
  return text.replace(/\*\*/g, '').replace(/’/g, "'").replace(/\s+/g, ' ').trim();
}
