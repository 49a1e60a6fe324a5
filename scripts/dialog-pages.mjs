// What docs/dialogs/ should hold, by file name: a picture of each dialog, and the index. It reads and writes no file,
// so that a test can hold the folder against it.
import { figuresOf, graphOf } from './dialog-graph.mjs';
import { drawPicture } from './dialog-picture.mjs';
import { index } from './dialog-words.mjs';

/** The comment at the head of a dialog's file is what its author says that it is for. */
function purposeOf(source) {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines.slice(0, end).map((line) => line.replace(/^#\s?/, '')).join(' ').trim();
}

const link = ({ id, title }) => `[${title}](#${id})`;
const list = (texts) => (texts.length === 0 ? index.none : texts.join(', '));

function tableOf(all, entries) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const rows = all.map((one) => {
    const started = entries.filter(({ dialog }) => dialog === one.id).map(({ id }) => `\`${id}\``);
    const callers = all.filter(({ calls }) => calls.includes(one.id)).map(link);
    return row([link(one), one.steps, one.questions, one.ends.length, list(started), list(callers)]);
  });
  return [row(index.columns), row(index.columns.map(() => '---')), ...rows].join('\n');
}

function sectionOf(one, source) {
  return [
    `<a id="${one.id}"></a>\n\n## ${one.title}`,
    purposeOf(source),
    index.facts(one),
    `[![${index.alt(one.title)}](${one.id}.svg)](${one.id}.svg)`,
    index.see(one.id),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** @returns text by file name, in order; `sources` are the dialogs' files by dialog id. */
export function pagesOf({ dialogs, entries, sources }) {
  const sorted = [...dialogs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const all = sorted.map(figuresOf);
  const started = [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const sections = all.map((one) => sectionOf(one, sources.get(one.id) ?? ''));
  return new Map([
    ['README.md', `${[index.head, tableOf(all, started), ...sections].join('\n\n').replace(/\n{3,}/g, '\n\n')}\n`],
    ...sorted.map((dialog, i) => [`${dialog.id}.svg`, drawPicture(graphOf(dialog), all[i])]),
  ]);
}
