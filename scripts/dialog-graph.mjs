// A loaded dialog -> the nodes and edges of its picture, in words. It knows nothing of places, shapes or colours.
import { edges as word, kinds, picture } from './dialog-words.mjs';

/** Longest text of a node, in characters; the rest is in the dialog itself. */
const longestText = 84;
const longestEdge = 40;

function shortened(text, most) {
  const bare = text.replace(/\*\*/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\s+/g, ' ').trim();
  const cut = bare.length <= most ? bare : `${bare.slice(0, most).replace(/[\s,;:.«]+\S*$/, '').replace(/(?:[\s,;:]+\S{1,3})+$/, '')}…`;
  // A line is never broken before a French « ? » or inside a guillemet.
  return cut.replace(/ (?=[?!:;»])/g, '\u00A0').replace(/« /g, '«\u00A0');
}

/** What a step says or does, for its node. */
function textOf(step) {
  const by = {
    say: () => step.texts.map(({ text, entry }) => (entry === undefined ? text : picture.entry(entry))).join(' '),
    choose: () => step.prompt,
    ask: () => step.prompt,
    form: () => step.title,
    do: () => step.action,
    when: () => `{${step.slot}}`,
    call: () => step.dialog + Object.entries(step.with ?? {}).map(([slot, value]) => ` · ${slot} : ${value}`).join(''),
    handoff: () => step.reason,
    end: () => step.result,
  };
  return shortened(by[step.kind](), longestText);
}

/** Every way out of a step: where to, by what words, and whether it is the ordinary way. */
function exitsOf(step) {
  const option = ({ label, next }) => ({ to: next, label: shortened(label, longestEdge), ordinary: true });
  return [
    ...(step.options ?? []).map(option),
    ...Object.entries(step.on ?? {}).map(([outcome, to]) => ({ to, label: step.kind === 'when' ? (word.values[outcome] ?? outcome) : outcome, ordinary: true })),
    ...('next' in step ? [{ to: step.next, label: step.kind === 'ask' ? word.answered : '', ordinary: true }] : []),
    ...('otherwise' in step ? [{ to: step.otherwise, label: word.otherwise, ordinary: Object.keys(step.on).length === 0 }] : []),
    ...(step.unknown === undefined ? [] : [{ to: step.unknown, label: word.unknown, ordinary: false }]),
    ...(step.exhausted === undefined ? [] : [{ to: step.exhausted, label: word.exhausted, ordinary: false }]),
  ];
}

/** Ways that lead to one place are one edge; it is dashed where no ordinary way takes it. */
function edgesOf(dialog) {
  const edges = new Map();
  for (const step of dialog.steps.values()) {
    for (const { to, label, ordinary } of exitsOf(step)) {
      const key = `${step.id} ${to}`;
      const edge = edges.get(key) ?? { from: step.id, to, labels: [], ordinary: false };
      edges.set(key, { ...edge, labels: [...edge.labels, label].filter((one) => one !== ''), ordinary: edge.ordinary || ordinary });
    }
  }
  return [...edges.values()];
}

/** The dialog as nodes and edges, in the order in which its author wrote the steps. */
export function graphOf(dialog) {
  const nodes = [...dialog.steps.values()].map((step) => ({
    id: step.id,
    kind: step.kind,
    head: kinds[step.kind],
    text: textOf(step),
    ...(step.kind === 'call' ? { dialog: step.dialog } : {}),
    ...(step.kind === 'ask' ? { note: picture.reader(step.reader, step.slot) } : {}),
    ...(step.kind === 'form' ? { note: step.action } : {}),
  }));
  return { first: dialog.first, nodes, edges: edgesOf(dialog).filter(({ to }) => dialog.steps.has(to)) };
}

/** Figures of a dialog for its description: steps, those that wait for an answer, and the results it can end with. */
export function figuresOf(dialog) {
  const steps = [...dialog.steps.values()];
  return {
    id: dialog.id,
    title: dialog.title,
    steps: steps.length,
    questions: steps.filter(({ kind }) => kind === 'choose' || kind === 'ask' || kind === 'form').length,
    ends: [...new Set(steps.flatMap((step) => (step.kind === 'end' ? [step.result] : [])))],
    calls: [...new Set(steps.flatMap((step) => (step.kind === 'call' ? [step.dialog] : [])))],
  };
}
