/**
 * What people do in their conversations while the server is killed again and again: they ask questions one by one, or
 * several at once and each three times, follow a dialog, have their account unlocked. It plays; what came of it is judged
 * elsewhere.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { keyOf, type Person } from '../../src/reference/people.js';
import type { Seen, StubbornTalk } from './stubborn.js';
import type { Codes } from './unlocking.js';

export type Story = 'questions' | 'at once' | 'dialog' | 'unlock';

export interface Played {
  readonly story: Story;
  readonly talk: StubbornTalk;
  /** Which of the dialogs it was. */
  readonly opening?: string;
  /** Whose account it was. */
  readonly person?: Person;
}

export interface Chance {
  /** From 0 up to 1. */
  (): number;
}

/** Each is answered by one message, whatever was said before. */
export const QUESTIONS = ['à quoi sert le compte ameli', 'comment éviter un nouveau blocage', 'comment contacter ma caisse', 'comment choisir un bon mot de passe'] as const;
/** Dialogs, by what starts them, and what is pressed in each. */
export const DIALOGS: Readonly<Record<string, readonly string[]>> = {
  'france services': ['Aller sur place', 'Dans une maison France services', 'Oui, merci'],
  'mon compte a changé de caisse': ['J’habite à l’étranger', 'Non, c’est tout'],
  'j’ai changé de numéro de téléphone': ['J’ai changé de numéro', 'oui'],
};

const AT_ONCE = 3;
const TIMES_EACH = 3;
/** In milliseconds, how far apart the same message comes again. */
const APART = 60;
/** How long people wait to be asked something, in milliseconds; those who are told to wait longer leave. */
const PATIENCE_MS = 60_000;
const STEPS_OF_UNLOCK = 12;
export const OPENED = /il n’est plus bloqué/;

const answersTo = (talk: StubbornTalk, tag: string): readonly Seen[] => {
  const at = talk.seen.findIndex((one) => one.tag === tag);
  return at < 0 ? [] : talk.seen.slice(at + 1).filter(({ from }) => from === 'assistant');
};

async function say(talk: StubbornTalk, tag: string, text: string): Promise<void> {
  await talk.post(tag, { text });
  await talk.until(() => answersTo(talk, tag)[0], PATIENCE_MS);
}

export async function askOneByOne(talk: StubbornTalk, questions: readonly string[] = QUESTIONS): Promise<void> {
  for (const [index, text] of questions.entries()) await say(talk, `q-${String(index)}`, text);
}

/** A few at once, each several times, in whatever order they come; then the next few. */
export async function askAtOnce(talk: StubbornTalk, chance: Chance, rounds = 2): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const few = QUESTIONS.slice(0, AT_ONCE).map((text, index) => ({ text, tag: `r-${String(round)}-${String(index)}` }));
    const sent = few.flatMap((one) => Array.from({ length: TIMES_EACH }, () => ({ ...one, after: chance() * APART })));
    await Promise.all(
      sent.map(async ({ text, tag, after }) => {
        await pause(after);
        await talk.post(tag, { text });
      }),
    );
    const answers = (): number => talk.seen.filter(({ from }) => from === 'assistant').length;
    // One of them is the greeting.
    await talk.until(() => (answers() > AT_ONCE * round ? true : undefined), PATIENCE_MS);
  }
}

export async function followDialog(talk: StubbornTalk, opening: string): Promise<void> {
  // Whoever speaks before they are greeted is heard as well, but is greeted after: what is said is compared in its order.
  await talk.until(() => talk.seen[0], PATIENCE_MS);
  for (const [step, text] of [opening, ...(DIALOGS[opening] ?? [])].entries()) await say(talk, `d-${String(step)}`, text);
}

const isQuestion = ({ choices, form }: Seen): boolean => choices.length > 0 || form !== undefined;

/** What people have their account unlocked with. */
export interface Unlock {
  readonly person: Person;
  readonly codes: Codes;
}

/** Does what is asked for, last thing first, until the account is open or there is nothing that can be done now. */
export async function unlock(talk: StubbornTalk, { person, codes }: Unlock): Promise<void> {
  let what: Readonly<Record<string, unknown>> | undefined = { text: 'mon compte est bloqué après plusieurs essais' };
  for (let step = 0; what && step < STEPS_OF_UNLOCK; step += 1) {
    const tag = `u-${String(step)}`;
    await talk.post(tag, what);
    const asked = await talk.until(() => answersTo(talk, tag).find(isQuestion), PATIENCE_MS);
    what = asked && !talk.seen.some(({ text }) => OPENED.test(text)) ? await doing(asked, { person, codes }) : undefined;
  }
}

const PRESSED = ['Débloquer mon compte', 'Oui, un nouveau code', 'Oui, recommencer la vérification'];

async function doing({ choices, form }: Seen, { person, codes }: Unlock): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (form && /Vérifions/.test(form.title)) {
    const { nir, birthDate } = person;
    return { value: { place: form.place, nir: `${nir}${keyOf(nir)}`, birthDate: birthDate.split('-').reverse().join('/') } };
  }
  if (form && /Votre code/.test(form.title)) {
    const code = await codes.await(person.email ?? '', () => Promise.resolve(true));
    return code === undefined ? undefined : { value: { place: form.place, code } };
  }
  const text = PRESSED.find((label) => choices.includes(label));
  return text === undefined ? undefined : { text };
}
