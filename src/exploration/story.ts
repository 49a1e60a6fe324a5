/**
 * Tells a conversation found by the walk as a `.chat` story, that can be played against the house again. How an action
 * ends is a comment: a story cannot bend the world to it.
 */
import type { Reply } from '../conversation/reply.js';
import type { Ended, Machine, Saying } from './machine.js';
import { READABLE } from './sayings.js';
import type { Turn, Walk } from './walk.js';

/** Values that a story knows by another name. */
const NAMES = new Map([
  [READABLE['nir']?.[0], '@nir'],
  [READABLE['birth-date']?.[0], '@naissance'],
  [READABLE['code']?.[0], '@code'],
]);

/** Enough of a reply to recognise it by. */
const ENOUGH = 60;

/** The whole conversation up to and with `last`, one line for each thing said. */
export async function tellStory(last: Turn, { nodes }: Walk, machine: Machine): Promise<string> {
  const turns: Turn[] = [];
  for (let turn: Turn | undefined = last; turn; turn = turn.node.from) turns.unshift(turn);
  let state = nodes[0]?.state;
  const lines: string[] = [];
  for (const { said, script } of turns) {
    if (!state) break;
    const ended = await machine.once(state, said.saying, script);
    lines.push(...heardLines(said.saying), ...ended.deeds.map(({ action, outcome }) => `# ${action} : ${outcome}`), ...saidLines(ended));
    ({ state } = ended);
  }
  return lines.join('\n');
}

function heardLines(saying: Saying): string[] {
  if (saying.kind === 'form') {
    const values = Object.entries(saying.values).map(([name, value]) => `${name}: ${NAMES.get(value) ?? value}`);
    return [`Assuré: {${values.join(', ')}}`];
  }
  const silence = saying.after === undefined ? [] : [`(${String(Math.round(saying.after / 60_000))} min)`];
  return [...silence, `Assuré: ${saying.text}`];
}

function saidLines({ replies, fault, why }: Ended): string[] {
  return [...replies.map((reply) => `Sésame: ${shown(reply)}`), ...(fault === undefined ? [] : [`# ${fault}: ${why ?? ''}`])];
}

function shown(reply: Reply): string {
  const choices = reply.choices && reply.choices.length > 0 ? ` [${reply.choices.join(' | ')}]` : '';
  if (reply.kind === 'form') {
    const errors = reply.fields.flatMap(({ error }) => (error === undefined ? [] : [` … ! ${error}`]));
    return `(formulaire) ${reply.title}${errors.join('')}${choices}`;
  }
  if (reply.entry !== undefined) return `(fiche ${reply.entry})`;
  const line = reply.text.trim().split('\n')[0] ?? '';
  return `${line.length > ENOUGH ? line.slice(0, line.lastIndexOf(' ', ENOUGH)) : line}${choices}`;
}
