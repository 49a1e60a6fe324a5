/**
 * Puts content, readers and the reading of French together into what the stages know. Everything here is fixed at
 * start and shared by every turn.
 */
import { join } from 'node:path';
import { birthDateReader } from './answers/birth-date.js';
import { yesNoReader } from './answers/closed.js';
import { codeReader, emailReader, errorCodeReader, numberReader, postcodeReader, writtenCodeReader } from './answers/details.js';
import { pastDateReader } from './answers/past-date.js';
import type { Recogniser } from './answers/recognise.js';
import type { SlotValue } from './conversation/state.js';
import type { Content } from './content.js';
import type { Readers } from './dialog/definition.js';
import { LETTER_CODE_LENGTH, REFERENCE_LENGTH } from './identity/letters.js';
import { NIR_REASONS, readNir } from './identity/nir.js';
import { onOffer } from './offers.js';
import type { House } from './stages.js';
import { loadCaisses, type Directory } from './staff/caisses.js';
import { caisseReader } from './staff/routing.js';
import { createCommands } from './understanding/commands.js';
import { createUnderstanding, type Decision } from './understanding/decide.js';
import { heardIn } from './understanding/entities.js';
import type { Explanation } from './understanding/explain.js';
import { fold } from './matching/normalise.js';

let known: Directory | undefined;

/** The caisses of France; read once, since they change with the project only. */
export function directory(): Directory {
  known ??= loadCaisses(join(__dirname, '..', 'knowledge', 'caisses.csv'));
  return known;
}

/** Every reader a dialog may name. `now` is epoch milliseconds: a birth date is held against today. */
export function createReaders(now: () => number): Readers {
  return {
    nir: { reasons: NIR_REASONS, read: (text): { ok: true; value: SlotValue } | { ok: false; reason: string } => readNir(text) },
    'birth-date': birthDateReader(() => frenchDay(now())),
    code: codeReader,
    'letter-code': writtenCodeReader(LETTER_CODE_LENGTH),
    'letter-reference': writtenCodeReader(REFERENCE_LENGTH),
    'yes-no': yesNoReader,
    'past-date': pastDateReader(() => frenchTime(now())),
    number: numberReader,
    postcode: postcodeReader,
    email: emailReader,
    'error-code': errorCodeReader,
    caisse: caisseReader(directory()),
  };
}

export interface Understood extends Decision {
  /** Set when the whole utterance is a command. */
  readonly command?: string;
}

export interface Ears {
  readonly understand: (text: string) => Understood;
  readonly commandIn: (text: string) => string | undefined;
  readonly decide: (text: string) => Decision;
  /** How a text was read; it quotes the text. */
  readonly explain: (text: string) => Explanation;
}

/**
 * What was learnt from the content rests beside the build, which makes it: a start reads it, and learns again only when
 * the content has changed since.
 */
export const LEARNT = join(__dirname, '..', 'dist', 'learnt');

/** How French is understood here: commands first, knowledge next. */
export function createEars(content: Content, cacheFolder = LEARNT): Ears {
  const understanding = createUnderstanding({ ...content, entries: [...content.entries.values()], cacheFolder });
  const decide = (text: string): Decision => understanding.decide(text);
  const commandOf = createCommands(content.commands, content.lexicon);
  return {
    decide,
    explain: (text) => understanding.explain(text),
    commandIn: (text) => commandOf(text)?.command,
    understand(text) {
      const found = commandOf(text);
      const decision = decide(text);
      if (!found) return decision;
      const because = [`commande « ${found.command} »`];
      if (found.entry === undefined) return { ...decision, kind: 'none', entry: null, candidates: [], because, command: found.command };
      const others = decision.candidates.filter(({ entry }) => entry !== found.entry).slice(0, 4);
      const candidates = [{ entry: found.entry, score: 1 }, ...others.map((one) => ({ ...one, score: Math.min(one.score, 0.01) }))];
      return { kind: 'answer', entry: found.entry, candidates, confidence: 1, because, command: found.command };
    },
  };
}

/** What reads answers: the readers that dialogs name, and what comes after them when they cannot. */
export interface Reading {
  readonly readers: Readers;
  readonly recogniser: Pick<Recogniser, 'read'>;
}

/** `offered`: actions that not every installation can do, and this one can. */
export function createHouse(content: Content, { readers, recogniser }: Reading, ears: Ears, offered: readonly string[] = []): House {
  return {
    recognise: (kind, text) => recogniser.read(kind, text),
    heardIn,
    entries: content.entries,
    dialogs: onOffer(content.dialogs, offered),
    readers,
    message: (key) => content.messages[key] ?? { text: key },
    label: (key) => content.labels[key] ?? key,
    decide: ears.decide,
    commandIn: ears.commandIn,
    isEmergency(text) {
      const folded = fold(text);
      return content.emergency.some((words) => folded.includes(words));
    },
  };
}

// Made once: making one takes longer than reading an answer.
const minutes = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'short' });
const days = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' });

/** The time in France, as `YYYY-MM-DDTHH:MM`. */
function frenchTime(at: number): string {
  return minutes.format(at).replace(' ', 'T');
}

/** The day in France, as `YYYY-MM-DD`. */
export function frenchDay(at: number): string {
  return days.format(at);
}
