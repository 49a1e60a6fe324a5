import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pagesOf } from '../../scripts/dialog-pages.mjs';
import { load } from '../support/dialogs.js';
import { content } from '../support/world.js';

const ROOT = path.join(__dirname, '..', '..');
const FOLDER = path.join(ROOT, 'docs', 'dialogs');

function pages(): ReadonlyMap<string, string> {
  const { dialogs, entries } = content();
  const sources = new Map([...dialogs.keys()].map((id) => [id, readFileSync(path.join(ROOT, 'dialogs', `${id}.yaml`), 'utf8')]));
  return pagesOf({ dialogs, entries, sources });
}

describe('the pictures of dialogs', () => {
  it('are current: npm run draw:dialogs writes them anew', () => {
    const wanted = pages();
    const stale = [...wanted].filter(([file, text]) => !readdirSync(FOLDER).includes(file) || readFileSync(path.join(FOLDER, file), 'utf8') !== text).map(([file]) => file);
    const gone = readdirSync(FOLDER).filter((file) => !wanted.has(file));
    const todo = [...stale, ...gone].map((file) => `docs/dialogs/${file} does not show dialogs/ as it is -> npm run draw:dialogs`);
    expect(todo).toEqual([]);
  });

  it('are the same bytes each time', () => {
    expect([...pages()]).toEqual([...pages()]);
  });
});

describe('a picture', () => {
  const text = `
id: shown
title: Un essai & un « test »
steps:
  - id: pick
    choose: Que faire ?
    options:
      - { label: Agir <vite>, next: act }
      - { label: Partir, next: leave }
    attempts: 2
    exhausted: leave
    unknown: sub
  - id: act
    do: test.act
    on: { done: leave, failed: pick }
    otherwise: leave
  - id: sub
    call: other
    on: { over: leave }
    otherwise: leave
  - id: leave
    end: left
`;
  const other = 'id: other\ntitle: Autre\nsteps:\n  - { id: stop, end: over }\n';
  const { dialogs, faults } = load({ 'shown.yaml': text, 'other.yaml': other });
  const drawn = pagesOf({ dialogs, entries: new Map(), sources: new Map([['shown', '# À montrer.\nid: shown\n']]) });
  const svg = drawn.get('shown.svg') ?? '';

  it('is of dialogs that can be read', () => {
    expect(faults).toEqual([]);
  });

  it('names each step and each way out, and escapes what authors write', () => {
    for (const id of dialogs.get('shown')!.steps.keys()) expect(svg).toContain(`· ${id}</text>`);
    expect(svg).toContain('Agir &lt;vite&gt;');
    expect(svg).not.toContain('<vite>');
  });

  it('dashes the ways that are not the ordinary one, and links to the dialog that is called', () => {
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(1);
    expect(svg).toContain('<a href="other.svg">');
  });

  it('can be read aloud', () => {
    expect(svg).toMatch(/role="img" aria-labelledby="title desc"/);
    expect(svg).toContain('<title id="title">Un essai &amp; un « test »</title>');
    expect(svg).toMatch(/<desc id="desc">.*4 étapes, dont 1 qui attend.*left/);
  });

  it('comes with an index that says what the dialog is for, how long it is and how it ends', () => {
    const index = drawn.get('README.md') ?? '';
    expect(index).toMatch(/\[Un essai & un « test »\]\(#shown\) \| 4 \| 1 \| 1 \|/);
    expect(index).toContain('À montrer.');
    expect(index).toMatch(/1 fin : `left`/);
  });
});
