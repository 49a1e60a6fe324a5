// The graph of a dialog -> an SVG picture. The same graph gives the same bytes; nothing is read or written here.
import dagre from '@dagrejs/dagre';
import { edges as word, picture } from './dialog-words.mjs';

/** Dark words on light fills, 7:1 at least, on a ground of their own: a page may be dark. */
const looks = {
  say: { fill: '#e3eefc', line: '#1d4f91', shape: 'bubble' },
  choose: { fill: '#fff3c4', line: '#7a5b00', shape: 'hexagon' },
  ask: { fill: '#ffe3cc', line: '#8a3f00', shape: 'leaning' },
  form: { fill: '#eee4fb', line: '#5b2d91', shape: 'sheet' },
  do: { fill: '#dff3e1', line: '#1c5c2a', shape: 'barred' },
  when: { fill: '#ebebeb', line: '#444444', shape: 'diamond' },
  call: { fill: '#d8f3f3', line: '#0b5a60', shape: 'double' },
  handoff: { fill: '#fde2ec', line: '#8c1c4b', shape: 'thick' },
  end: { fill: '#3a3a3a', line: '#1a1a1a', shape: 'pill', ink: '#ffffff' },
};

const size = { text: 13, head: 11, edge: 11, line: 17, small: 15, edgeLine: 13, width: 190, edgeWidth: 118 };
const ground = '#fbfbfa';
const grey = '#4a4a4a';

/** Widths of a plain sans serif in ems, on the wide side, so that no font of a reader overflows. */
function widthOf(text, fontSize) {
  let ems = 0;
  for (const letter of text) ems += /[ilj.,:;!'’|·]/.test(letter) ? 0.3 : /[mwMW@—…]/.test(letter) ? 0.92 : /[A-ZÉÈÀ{}]/.test(letter) ? 0.72 : 0.57;
  return ems * fontSize;
}

function wrapped(text, fontSize, most) {
  const lines = [];
  for (const token of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(`${last} ${token}`, fontSize) <= most) lines[lines.length - 1] = `${last} ${token}`;
    else lines.push(token);
  }
  return lines;
}

const widest = (lines, fontSize) => Math.max(0, ...lines.map((line) => widthOf(line, fontSize)));

/** A node with its lines of text, the references below them, and the room that all take. */
function measured(node) {
  const lines = wrapped(node.text, size.text, size.width);
  const notes = node.note === undefined ? [] : wrapped(node.note, size.head, size.width);
  const refs = node.refs.flatMap(({ labels, to, ordinary }) => {
    const words = labels.length === 0 ? '' : `${labels.join(word.and)} `;
    return wrapped(`${words}→\u00A0${to}`, size.head, size.width).map((line) => ({ line, ordinary }));
  });
  const head = `${node.head} · ${node.id}`;
  const inner = Math.max(widest(lines, size.text), widest([...notes, ...refs.map(({ line }) => line)], size.head), widthOf(head, size.head) * 1.06);
  const sides = { hexagon: 44, diamond: 64, leaning: 44, barred: 40 }[looks[node.kind].shape] ?? 26;
  const height = 30 + size.line * lines.length + size.small * notes.length + (refs.length === 0 ? 0 : 8 + size.small * refs.length);
  return { ...node, head, lines, notes, refs, width: Math.ceil(inner + sides), height };
}

/**
 * Each step keeps one way in as a line, the most ordinary and the shortest, so that no two lines ever cross. Every other
 * way is told in words in the step that it leaves.
 */
function withReferences(graph) {
  const depth = depths(graph);
  const goesOn = ({ from, to }) => depth.get(to) > depth.get(from);
  const preferred = graph.edges.filter(goesOn).sort((a, b) => Number(b.ordinary) - Number(a.ordinary) || depth.get(a.from) - depth.get(b.from));
  const wayIn = new Map([...preferred].reverse().map((edge) => [edge.to, edge]));
  const isDrawn = (edge) => wayIn.get(edge.to) === edge;
  return {
    edges: graph.edges.filter(isDrawn),
    nodes: graph.nodes.map((node) => ({ ...node, refs: graph.edges.filter((edge) => edge.from === node.id && !isDrawn(edge)) })),
  };
}

/** Steps from the first, by the shortest way. */
function depths({ first, edges, nodes }) {
  const depth = new Map(nodes.map(({ id }) => [id, Infinity]));
  depth.set(first, 0);
  const queue = [first];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    for (const { from, to } of edges) {
      if (from !== id || depth.get(to) <= depth.get(id) + 1) continue;
      depth.set(to, depth.get(id) + 1);
      queue.push(to);
    }
  }
  return depth;
}

/** Places for everything, from top to bottom (`TB`) or from left to right (`LR`). */
function laidOut(graph, rankdir) {
  const { nodes, edges } = withReferences(graph);
  const plan = new dagre.graphlib.Graph();
  plan.setGraph({ rankdir, nodesep: 26, ranksep: rankdir === 'TB' ? 34 : 48, edgesep: 14, marginx: 24, marginy: 24 });
  const boxes = nodes.map(measured);
  plan.setNode('start', { width: widthOf(picture.start, size.text) + 30, height: 28 });
  for (const { id, width, height } of boxes) plan.setNode(`step ${id}`, { width, height });
  const entrance = { ends: ['start', `step ${graph.first}`], labels: [], lines: [''], ordinary: true };
  plan.setEdge(...entrance.ends, { weight: 4 });
  const drawn = edges.map((edge) => {
    const lines = wrapped(edge.labels.join(word.and), size.edge, size.edgeWidth);
    const ends = [`step ${edge.from}`, `step ${edge.to}`];
    const room = edge.labels.length === 0 ? {} : { width: widest(lines, size.edge) + 8, height: lines.length * size.edgeLine + 4, labelpos: 'c' };
    plan.setEdge(...ends, { ...room, weight: edge.ordinary ? 3 : 1 });
    return { ...edge, lines, ends };
  });
  dagre.layout(plan);
  return {
    width: Math.ceil(plan.graph().width),
    height: Math.ceil(plan.graph().height),
    start: plan.node('start'),
    isFlat: rankdir === 'LR',
    boxes: boxes.map((box) => ({ ...box, ...plan.node(`step ${box.id}`) })),
    edges: [entrance, ...drawn].map((edge) => ({ ...edge, ...plan.edge(...edge.ends) })),
  };
}

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
const n = (value) => String(Math.round(value * 10) / 10);
const dots = (points) => points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');

function textAt(lines, { x, y, step, attributes }) {
  return lines.map((line, i) => `<text x="${n(x)}" y="${n(y + i * step)}" ${attributes}>${escaped(line)}</text>`).join('');
}

/** The outline of a box: each kind of step has its own, so that colour is never alone in telling. */
function outline({ x, y, width: w, height: h, kind }) {
  const { fill, line, shape } = looks[kind];
  const [l, t, r, b] = [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
  const look = `fill="${fill}" stroke="${line}" stroke-width="${shape === 'thick' ? 4 : 1.5}"`;
  const rect = (inset, radius) => `<rect x="${n(l + inset)}" y="${n(t + inset)}" width="${n(w - 2 * inset)}" height="${n(h - 2 * inset)}" rx="${n(radius)}" ${look}/>`;
  const polygon = (points) => `<polygon points="${dots(points)}" ${look}/>`;
  const shapes = {
    bubble: () => rect(0, 12),
    thick: () => rect(0, 4),
    pill: () => rect(0, h / 2),
    double: () => rect(0, 4) + rect(4, 2),
    hexagon: () => polygon([[l, y], [l + 16, t], [r - 16, t], [r, y], [r - 16, b], [l + 16, b]]),
    diamond: () => polygon([[l, y], [l + 30, t], [r - 30, t], [r, y], [r - 30, b], [l + 30, b]]),
    leaning: () => polygon([[l + 16, t], [r, t], [r - 16, b], [l, b]]),
    sheet: () => polygon([[l, t], [r - 14, t], [r, t + 14], [r, b], [l, b]]) + `<path d="M${n(r - 14)} ${n(t)}v14h14" fill="none" stroke="${line}" stroke-width="1.5"/>`,
    barred: () => rect(0, 0) + `<path d="M${n(l + 8)} ${n(t)}v${n(h)}M${n(r - 8)} ${n(t)}v${n(h)}" stroke="${line}" stroke-width="1.5"/>`,
  };
  return shapes[shape]();
}

function boxOf(box) {
  const { line, ink = '#1a1a1a' } = looks[box.kind];
  const middle = 'text-anchor="middle"';
  const small = `${middle} font-size="${size.head}" fill="${line}"`;
  const top = box.y - box.height / 2 + 17;
  const afterText = top + 16 + size.line * box.lines.length;
  const afterNotes = afterText + size.small * box.notes.length + 6;
  const rule = box.refs.length === 0 ? '' : `<path d="M${n(box.x - 40)} ${n(afterNotes - 14)}h80" stroke="${line}" stroke-width="0.7"/>`;
  const drawn =
    outline(box) +
    textAt([box.head], { x: box.x, y: top, step: 0, attributes: `${middle} font-size="${size.head}" font-weight="bold" fill="${box.kind === 'end' ? ink : line}"` }) +
    textAt(box.lines, { x: box.x, y: top + 18, step: size.line, attributes: `${middle} font-size="${size.text}" fill="${ink}"` }) +
    textAt(box.notes, { x: box.x, y: afterText, step: size.small, attributes: small }) +
    rule +
    box.refs.map(({ line: words, ordinary }, i) => textAt([words], { x: box.x, y: afterNotes + size.small * i, step: 0, attributes: `${small}${ordinary ? '' : ' font-style="italic"'}` })).join('');
  return box.dialog === undefined ? `<g>${drawn}</g>` : `<a href="${escaped(box.dialog)}.svg">${drawn}</a>`;
}

/**
 * Edges cross the row of a rank straight and bend between rows only: none runs behind a box that it has nothing to do
 * with. Worked out from top to bottom; a picture from left to right swaps the axes.
 */
function routed(plan, isFlat) {
  const turned = ({ x, y }) => (isFlat ? { x: y, y: x } : { x, y });
  const deep = ({ width, height }) => (isFlat ? width : height);
  const broad = ({ width, height }) => (isFlat ? height : width);
  const boxes = new Map(plan.boxes.map((box) => [`step ${box.id}`, box]).concat([['start', plan.start]]));
  const rows = new Map();
  for (const thing of [...boxes.values(), ...plan.edges.filter(({ labels }) => labels.length > 0)]) {
    const row = n(turned(thing).y);
    rows.set(row, Math.max(rows.get(row) ?? 0, deep(thing) / 2));
  }
  const half = (point) => (rows.get(n(point.y)) ?? 6) + 4;
  const portOf = (edge) => {
    const all = plan.edges.filter(({ ends }) => ends[0] === edge.ends[0]).map((one) => ({ one, x: turned(one.points[1]).x })).sort((a, b) => a.x - b.x);
    const place = all.findIndex(({ one }) => one === edge);
    return ((place + 1) / (all.length + 1) - 0.5) * broad(boxes.get(edge.ends[0])) * 0.7;
  };
  return plan.edges.map((edge) => {
    const [from, to] = edge.ends.map((id) => boxes.get(id));
    const [start, end] = [turned(from), turned(to)];
    const lean = isFlat && looks[to.kind].shape === 'leaning' ? 8 : 0;
    const tip = { x: end.x, y: end.y - deep(to) / 2 + lean };
    const bends = edge.points.slice(1, -1).map(turned);
    const stops = bends.map((bend) => ({ x: bend.x, above: bend.y - half(bend), below: bend.y + half(bend) }));
    const exit = { x: start.x + portOf(edge), above: start.y, below: start.y + half(start) };
    const entry = { x: tip.x, above: end.y - half(end), below: tip.y };
    return { ...edge, path: pathThrough([exit, ...stops, entry], turned) };
  });
}

function pathThrough([first, ...rest], turned) {
  const at = (x, y) => {
    const point = turned({ x, y });
    return `${n(point.x)} ${n(point.y)}`;
  };
  let path = `M${at(first.x, first.above)}L${at(first.x, first.below)}`;
  let last = first;
  for (const stop of rest) {
    const middle = (last.below + stop.above) / 2;
    path += `C${at(last.x, middle)} ${at(stop.x, middle)} ${at(stop.x, stop.above)}L${at(stop.x, stop.below)}`;
    last = stop;
  }
  return path;
}

function lineOf({ path, ordinary }) {
  return `<path d="${path}" fill="none" stroke="${grey}" stroke-width="1.4"${ordinary ? '' : ' stroke-dasharray="6 4"'} marker-end="url(#tip)"/>`;
}

function labelOf({ lines, x, y, ordinary }) {
  if (lines[0] === '') return '';
  const top = y - ((lines.length - 1) * size.edgeLine) / 2 + 4;
  const [width, height] = [widest(lines, size.edge), lines.length * size.edgeLine];
  const words = textAt(lines, { x, y: top, step: size.edgeLine, attributes: `text-anchor="middle" font-size="${size.edge}" fill="#222222"${ordinary ? '' : ' font-style="italic"'}` });
  return `<rect x="${n(x - width / 2)}" y="${n(y - height / 2)}" width="${n(width)}" height="${n(height)}" fill="${ground}"/>${words}`;
}

/** The picture of a dialog, as the text of an SVG file. `figures` are those of dialog-graph.mjs. */
export function drawPicture(graph, figures) {
  const plan = ['TB', 'LR'].map((rankdir) => laidOut(graph, rankdir)).reduce((a, b) => (b.width < a.width ? b : a));
  const { width, height, start } = plan;
  const described = picture.describe({ ...figures, ends: figures.ends.join(', ') });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc" lang="fr" font-family="Arial, Helvetica, 'Liberation Sans', sans-serif">`,
    `<title id="title">${escaped(figures.title)}</title>`,
    `<desc id="desc">${escaped(described)}</desc>`,
    `<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="${grey}"/></marker></defs>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    ...routed(plan, plan.isFlat).map(lineOf),
    `<rect x="${n(start.x - start.width / 2)}" y="${n(start.y - 14)}" width="${n(start.width)}" height="28" rx="14" fill="#1a1a1a"/>` +
      textAt([picture.start], { x: start.x, y: start.y + 5, step: 0, attributes: `text-anchor="middle" font-size="${size.text}" fill="#ffffff"` }),
    ...plan.boxes.map(boxOf),
    ...plan.edges.map(labelOf).filter((label) => label !== ''),
    '</svg>',
    '',
  ].join('\n');
}
