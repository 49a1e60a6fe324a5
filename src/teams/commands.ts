/**
 * What advisers ask of Sésame itself, in their channel or in private: the queue, their presence, a search of the
 * knowledge, a proposal for its authors. Nothing here acts on a request.
 */
import { z } from 'zod';
import type { Queue } from '../handoff/queue.js';
import { cardTexts, plain } from './cards.js';

const words = z.string().trim().min(1);
const phrases = z.array(words).min(1);

/** Key `commands` of dialogs/teams.yaml. */
export const commandTexts = z.strictObject({
  words: z.strictObject({ state: phrases, available: phrases, away: phrases, search: phrases, propose: phrases, help: phrases }),
  help: words,
  available: words,
  away: words,
  proposed: words,
  proposeWhat: words,
  searchWhat: words,
  state: z.strictObject({ title: words, line: words, nobody: words, forSupervisors: words }),
  found: z.strictObject({ best: words, other: words, reasons: words, source: words, none: words }),
});

const refusals = ['stranger', 'private', 'not-here', 'wrong-thread', 'stale-card', 'malformed', 'too-long', 'link', 'number'] as const;

/** Key `answers` of dialogs/teams.yaml. */
export const answerTexts = z.strictObject({
  refused: z.record(z.enum(refusals), words),
  done: z.record(z.enum(['take', 'release', 'transfer', 'hand-back', 'close', 'note']), words),
  alreadyHeld: words,
  alreadyYours: words,
  takeFirst: words,
  nowhere: words,
  ended: words,
  trouble: words,
  /** To the adviser, whose files were not passed on. */
  files: words,
  /** To the person, in place of a file. */
  fileLeft: words,
  corrected: words,
  withdrawn: words,
  /** Hosts that advisers may link to, with what is under them. */
  links: z.array(z.string().regex(/^[\w.-]+$/)).min(1),
});

/** The shape of dialogs/teams.yaml. */
export const teamsTexts = z.strictObject({ card: cardTexts, commands: commandTexts, answers: answerTexts });

export type CommandTexts = z.infer<typeof commandTexts>;
export type AnswerTexts = z.infer<typeof answerTexts>;

/** Someone of the roster. */
export interface Member {
  /** Entra ID object id, lower case. */
  readonly id: string;
  /** First name. */
  readonly name: string;
  readonly caisse: string;
}

/** Who is who, as the roster in force has it. */
export interface Staff {
  tenant(): string;
  find(id: string): Member | undefined;
  /** The caisse whose requests a channel shows. */
  caisseOf(channel: string): string | undefined;
  /** Caisses whose queue they may be told, as supervisors. */
  oversees(member: Member): readonly string[];
  nameOf(caisse: string): string;
  /** Advisers there now. */
  present(caisse: string): number;
  active(id: string): void;
  available(id: string): void;
  away(id: string): void;
}

/** An entry found for a text. */
export interface Found {
  readonly title: string;
  readonly answer: string;
  readonly sources: readonly string[];
  /** Why it was found, in words. */
  readonly reasons: readonly string[];
}

export interface CommandOptions {
  readonly staff: Staff;
  readonly queue: Pick<Queue, 'all'>;
  /** The knowledge, best first. */
  readonly ask: (text: string) => readonly Found[];
  /** Keeps a proposal for the authors. */
  readonly propose: (text: string, by: Member) => Promise<void>;
  readonly texts: CommandTexts;
  readonly clock: { now(): number };
}

export interface Commands {
  /** Whether these words are a command; a bare mention asks for help. */
  understands(text: string): boolean;
  /** Whether they are a command and nothing else: such a word in the thread of a request is not meant for the person. */
  isOneWord(text: string): boolean;
  /** What is answered; words that are no command are looked up in the knowledge. */
  answer(text: string, by: Member): Promise<string>;
}

type Name = keyof CommandTexts['words'];

export function createCommands(options: CommandOptions): Commands {
  const { texts, staff } = options;
  const listed = Object.entries(texts.words).flatMap(([name, all]) => all.map((phrase) => ({ name: name as Name, phrase: folded(phrase) })));
  const read = (text: string): { name: Name; rest: string } | undefined => {
    const said = folded(text);
    const match = listed.find(({ phrase }) => said === phrase || said.startsWith(`${phrase} `));
    return match && { name: match.name, rest: text.trim().split(/\s+/).slice(match.phrase.split(' ').length).join(' ') };
  };
  const run: Readonly<Record<Name, (rest: string, by: Member) => string | Promise<string>>> = {
    state: (_rest, by) => stateFor(by, options),
    help: () => texts.help,
    search: (rest) => (rest === '' ? texts.searchWhat : search(rest, options)),
    available: (_rest, by) => {
      staff.available(by.id);
      return texts.available;
    },
    away: (_rest, by) => {
      staff.away(by.id);
      return texts.away;
    },
    propose: async (rest, by) => {
      if (rest === '') return texts.proposeWhat;
      await options.propose(rest, by);
      return texts.proposed;
    },
  };
  return {
    understands: (text) => read(text) !== undefined || folded(text) === '',
    isOneWord: (text) => read(text)?.rest === '',
    answer(text, by) {
      const command = read(text) ?? (folded(text) === '' ? { name: 'help', rest: '' } as const : { name: 'search', rest: text } as const);
      return Promise.resolve(run[command.name](command.rest, by));
    },
  };
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[’']/g, '’').replace(/[.!?\s]+$/u, '').trim().replace(/\s+/g, ' ');
}

function stateFor(by: Member, { staff, queue, texts: { state }, clock }: CommandOptions): string {
  const caisses = staff.oversees(by);
  if (caisses.length === 0) return state.forSupervisors;
  const lines = caisses.map((caisse) => {
    const open = queue.all().filter((ticket) => ticket.caisse === caisse);
    const waiting = open.filter(({ phase }) => phase !== 'held');
    const longest = Math.max(0, ...waiting.map(({ requestedAt }) => clock.now() - requestedAt));
    const present = staff.present(caisse);
    const values = { caisse: staff.nameOf(caisse), waiting: waiting.length, longest: Math.floor(longest / 60_000), held: open.length - waiting.length, present };
    return fill(state.line, values) + (present === 0 ? ` ${state.nobody}` : '');
  });
  return [state.title, ...lines].join('\n\n');
}

/** What people wrote is in no answer here but the adviser's own words. */
function search(text: string, { ask, texts: { found } }: CommandOptions): string {
  const [best, ...others] = ask(text.slice(0, 300));
  if (best === undefined) return fill(found.none, { text: plain(text, 200) });
  const reasons = best.reasons.map((reason) => `- ${plain(reason, 300)}`);
  return [
    fill(found.best, { title: best.title }),
    best.answer,
    ...(best.sources.length === 0 ? [] : [`${found.source}\n${best.sources.map((source) => `- ${source}`).join('\n')}`]),
    ...(reasons.length === 0 ? [] : [`${found.reasons}\n${reasons.join('\n')}`]),
    ...(others.length === 0 ? [] : [`${found.other}\n${others.slice(0, 3).map(({ title }) => `- ${title}`).join('\n')}`]),
  ].join('\n\n');
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}
