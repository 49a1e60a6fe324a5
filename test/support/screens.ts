/**
 * Everything that a person may be shown in a conversation, as the explorer finds it: for each turn of each state, what
 * was said and what came back. It draws nothing; the same replies are the same screen, however one came to it.
 */
import type { Reply } from '../../src/conversation/reply.js';
import { openState } from '../../src/conversation/state.js';
import type { Content } from '../../src/content.js';
import type { NewEntry, TranscriptEntry } from '../../src/conversation/transcript.js';
import type { Dialogs } from '../../src/dialog/definition.js';
import { question } from '../../src/dialog/question.js';
import type { Ended, Saying } from '../../src/exploration/machine.js';
import { stepsOf } from '../../src/exploration/texts.js';
import { placeOfNode, type Node } from '../../src/exploration/walk.js';
import { survey, type Survey } from '../../src/explore.js';
import { createReaders } from '../../src/house.js';
import { kept } from './kept.js';
import { content } from './world.js';

export interface Screen {
  /** Unique: where it was first met, what was said there and how the actions ended; or the content it shows. */
  readonly name: string;
  readonly entries: readonly TranscriptEntry[];
  /** The questions of dialogs that stand open on it, as the explorer names them. */
  readonly places: ReadonlySet<string>;
  /** States of dialogs that are first seen like this. */
  readonly states: number;
  /** Turns of dialogs that end like this. */
  readonly turns: number;
}

type Met = { -readonly [name in keyof Screen]: Screen[name] } & { readonly places: Set<string> };

/** A Monday morning; no screen tells another time. */
const AT = Date.UTC(2026, 10, 23, 9, 0, 0);

/** All that the screens of the dialogs are made of. */
const SOURCES = ['src', 'knowledge', 'dialogs', 'package-lock.json', 'test/support/screens.ts', 'test/support/world.ts'];

export interface Wanted {
  readonly turns: boolean;
  /** These dialogs and what they call only; all, unless told. */
  readonly of?: readonly string[];
}

/**
 * Every distinct screen on which a state of a dialog is first seen, in the order of the walk; with `turns`, every distinct
 * screen of every turn that the explorer takes. Without, they are surveyed once for all suites.
 */
export async function dialogScreens(wanted: Wanted): Promise<readonly Screen[]> {
  if (wanted.turns) return surveyScreens(wanted);
  const written = await kept(`screens-${wanted.of?.join('-') ?? 'all'}`, SOURCES, async () => (await surveyScreens(wanted)).map((screen) => ({ ...screen, places: [...screen.places] })));
  return written.map((screen) => ({ ...screen, places: new Set(screen.places) }));
}

/** These dialogs and all that they call. */
export function calledFrom(ids: readonly string[], dialogs: Dialogs): Dialogs {
  const found = new Set(ids);
  for (const id of found) for (const step of dialogs.get(id)?.steps.values() ?? []) if (step.kind === 'call') found.add(step.dialog);
  return new Map([...dialogs].filter(([id]) => found.has(id)));
}

function contentOf({ of }: Wanted): Content {
  if (of === undefined) return content();
  const dialogs = calledFrom(of, content().dialogs);
  return { ...content(), dialogs, entries: new Map([...content().entries].filter(([, { dialog }]) => dialog === undefined || dialogs.has(dialog))) };
}

async function surveyScreens(wanted: Wanted): Promise<readonly Screen[]> {
  const { turns } = wanted;
  const surveyed = await survey(contentOf(wanted), createReaders(Date.now));
  const { walked, machine } = surveyed;
  const found = new Map<string, Met>();
  const meet = (name: () => string, said: Saying, { replies }: Ended): Met => {
    const key = `${said.kind} ${JSON.stringify(replies, (field, value: unknown) => (field === 'place' ? undefined : value))}`;
    const met = found.get(key) ?? { name: name(), entries: toEntries(said, replies), places: new Set<string>(), states: 0, turns: 0 };
    found.set(key, met);
    return met;
  };
  for (const node of [...walked.nodes, ...walked.variants]) {
    const seen = await stateSeen(node, surveyed, meet);
    seen.states += 1;
    seen.places.add(placeOfNode(node));
    for (const { said, ends } of turns ? node.edges : []) {
      for (const { script } of ends) {
        const ended = await machine.once(node.state, said.saying, script);
        meet(() => nameOf(node, said.manner, ended), said.saying, ended).turns += 1;
      }
    }
  }
  return numbered([...found.values()]);
}

/** A state is seen as the turn left it that first led to it; the empty conversation is seen as its greeting. */
async function stateSeen({ from }: Node, { machine }: Survey, meet: (name: () => string, said: Saying, ended: Ended) => Met): Promise<Met> {
  if (from) {
    const ended = await machine.once(from.node.state, from.said.saying, from.script);
    return meet(() => nameOf(from.node, from.said.manner, ended), from.said.saying, ended);
  }
  const greeting = { kind: 'text', ...content().messages['greeting']! } as const;
  return meet(() => 'greeting', { kind: 'words', text: '' }, { script: [], deeds: [], visited: new Set(), stage: '', replies: [greeting] });
}

function nameOf(node: Node, manner: string, { deeds }: Ended): string {
  return [placeOfNode(node) || 'start', manner, ...deeds.map(({ action, outcome }) => `${action}=${outcome}`)].join(' · ');
}

/** Where two screens are met at one place in one manner, a number tells them apart. */
function numbered(screens: readonly Screen[]): Screen[] {
  const times = new Map<string, number>();
  return screens.map((screen) => {
    const time = (times.get(screen.name) ?? 0) + 1;
    times.set(screen.name, time);
    return time === 1 ? screen : { ...screen, name: `${screen.name} (${String(time)})` };
  });
}

function toEntries(said: Saying, replies: readonly Reply[]): readonly TranscriptEntry[] {
  const spoken = said.kind === 'form' ? { form: content().labels['form-sent'] ?? '' } : { text: said.text };
  const heard: NewEntry[] = said.kind === 'words' && said.text === '' ? [] : [{ author: 'person', at: AT, utteranceId: 'said', ...spoken }];
  return transcriptOf([...heard, ...replies.map((reply): NewEntry => ({ author: 'assistant', at: AT, reply }))]);
}

function transcriptOf(entries: readonly NewEntry[]): readonly TranscriptEntry[] {
  return entries.map((entry, at) => ({ ...entry, seq: at + 1 }));
}

/** Of no dialog. */
const ALONE: Pick<Screen, 'places' | 'states' | 'turns'> = { places: new Set(), states: 0, turns: 0 };

function shown(name: string, replies: readonly Reply[], text = 'Bonjour'): Screen {
  return { name, entries: toEntries({ kind: 'words', text }, replies), ...ALONE };
}

/** What stands in the marks of a standing message. */
const FILLED: Readonly<Record<string, string>> = { name: 'Camille', caisse: 'la CPAM de la Loire-Atlantique', code: 'TILLEUL 42', position: '3', title: 'Débloquer mon compte' };

/** Every standing message, every text of the knowledge, every form with each of its errors, and who else may speak. */
export function contentScreens(): readonly Screen[] {
  const { messages, entries, families } = content();
  const standing = Object.entries(messages).map(([key, message]) => {
    const text = message.text.replace(/\{(\w+)\}/g, (mark, name: string) => FILLED[name] ?? mark);
    return shown(`message ${key}`, [{ kind: 'text', ...message, text }]);
  });
  const known = [...entries.values()].flatMap((entry) => {
    const texts = { answer: entry.answer, more: entry.more ?? '', plain: entry.plain };
    const written = Object.entries(texts).filter(([, text]) => text !== '');
    return written.map(([key, text]) => shown(`entry ${entry.id} ${key}`, [{ kind: 'text', text, entry: entry.id }]));
  });
  const elsewhere = families.map(({ id, redirect }) => shown(`family ${id}`, [{ kind: 'text', text: redirect }]));
  return [...standing, ...known, ...elsewhere, ...formScreens(), ...speakers()];
}

/** Each form as it is first asked, with each error of each field by itself, and with every field in error. */
export function formScreens(): readonly Screen[] {
  const readers = createReaders(Date.now);
  return stepsOf(content().dialogs).flatMap(({ dialog, step, place }) => {
    if (step.kind !== 'form') return [];
    const frame = { ...openState('forms', AT), id: 1, dialog: dialog.id, step: step.id, slots: {}, hash: dialog.hash, misses: {} };
    const draw = (what: string, errors: ReadonlyMap<string, string>): Screen => shown(`form ${place} ${what}`, [question(frame, step, readers, errors)]);
    const each = step.fields.flatMap(({ name, errors }) => Object.entries(errors).map(([reason, error]) => draw(`${name}: ${reason}`, new Map([[name, error]]))));
    const all = new Map(step.fields.flatMap(({ name, errors }) => Object.values(errors).slice(0, 1).map((error): [string, string] => [name, error])));
    return [draw('asked', new Map()), ...each, draw('all wrong', all)];
  });
}

/** What no turn shows: an adviser, words as long as they may be, a secret masked, nothing answered yet. */
function speakers(): readonly Screen[] {
  const said = (text: string): NewEntry => ({ author: 'person', at: AT, utteranceId: 'said', text });
  const spoken: Readonly<Record<string, readonly NewEntry[]>> = {
    'an adviser': [said('Bonjour'), { author: 'adviser', at: AT, name: 'Camille', text: 'Bonjour, je suis Camille, de votre caisse. Je regarde votre demande.' }],
    'the longest words': [said('Je ne comprends pas pourquoi. '.repeat(33)), { author: 'assistant', at: AT, reply: { kind: 'text', ...content().messages['too-long']! } }],
    'one word without a space': [said('anticonstitutionnellement'.repeat(8))],
    'a masked number': [said('mon numéro est ••••••••••••••• merci')],
    'no answer yet': [said('mon compte est bloqué')],
  };
  return Object.entries(spoken).map(([name, entries]) => ({ name, entries: transcriptOf(entries), ...ALONE }));
}

/** What the last thing said shows for sure, whoever draws it: pieces of plain text, buttons included. */
export function markedBy({ entries }: Screen): readonly string[] {
  const last = entries.at(-1);
  if (last?.author === 'assistant') return markedIn(last.reply);
  return last?.text === undefined ? [] : [last.text];
}

function markedIn(reply: Reply): readonly string[] {
  const buttons = reply.choices?.slice(-1) ?? [];
  if (reply.kind === 'form') return [reply.title, reply.submit, ...reply.fields.flatMap(({ label, error = '' }) => [label, error]), ...buttons];
  const plain = reply.text.replace(/\[([^\]]+)\]\([^)]+\)/g, '\n$1\n').replace(/\*\*/g, '\n').replace(/^\s*- /gm, '\n');
  const pieces = plain.split('\n').map((piece) => piece.trim()).filter((piece) => piece.length > 3);
  return [...pieces.slice(-1), ...buttons];
}

/** Every `one in`-th, so that two runs look at the same ones; and every form, with and without errors. */
export function sampleOf(screens: readonly Screen[], oneIn: number): readonly Screen[] {
  return screens.filter(({ name }, at) => at % oneIn === 0 || /^form .* (asked|all wrong)$/.test(name));
}
