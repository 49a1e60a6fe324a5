import { describeFault } from '../../../src/conversation/errors.js';
import { GUIDED, INNER, load } from '../../support/dialogs.js';

const faultsOf = (files: Record<string, string>): string[] => load(files).faults.map(describeFault);
const good = { 'guided.yaml': GUIDED, 'inner.yaml': INNER };

describe('loading dialogs', () => {
  it('finds nothing wrong with good ones', () => {
    expect(faultsOf(good)).toEqual([]);
  });

  it.each([
    ['a step that leads nowhere', 'next: pick', 'next: nowhere', /guided\.yaml:5: étape « hello » : l'étape « nowhere » n'existe pas/],
    ['an action that does not exist', 'do: test.act', 'do: test.atc', /l'action « test\.atc » n'existe pas/],
    ['an outcome that never comes', 'on: { done: sub,', 'on: { dnoe: sub,', /ne finit jamais par « dnoe »/],
    ['a dialog that does not exist', 'call: inner', 'call: iner', /le dialogue « iner » n'existe pas/],
    ['a result that never comes', 'on: { fine: bye }', 'on: { good: bye }', /« inner » ne finit jamais par « good »/],
    ['a reader that does not exist', 'reader: even', 'reader: odd', /le lecteur « odd » n'existe pas/],
    ['a reason without words', 'otherwise: Illisible.', '', /rien n'est prévu pour l'erreur « not-a-number »/],
    ['an entry that does not exist', 'entry: prevention', 'entry: prevntion', /la fiche « prevntion » n'existe pas/],
    ['a step without what it does', 'end: left', 'finish: left', /étape sans action/],
    ['a form without an otherwise', '    otherwise: number\n', '', /steps\.3\.otherwise/],
    ['a question asked for ever', '    attempts: 2\n    exhausted: leave\n  - id: number', '  - id: number', /steps\.1\.attempts/],
    ['an outcome without its branch', ', failed: leave }', ' }', /étape « act » : rien n'est prévu quand « test\.act » finit par « failed »/],
    ['something nobody can hear', 'retry: Choisissez.', 'hears: colour\n    confirm: { text: "{value} ?", yes: Oui, no: Non }', /« colour » ne s'entend pas dans un message/],
    ['something heard and not confirmed', 'retry: Choisissez.', 'hears: kin', /« hears » et « confirm » vont ensemble/],
    ['a confirmation that does not say what it confirms', 'retry: Choisissez.', 'hears: kin\n    confirm: { text: Vraiment ?, yes: Oui, no: Non }', /il manque \{value\}/],
    ['a way on for who does not know that leads nowhere', 'retry: Choisissez.', 'unknown: nowhere', /l'étape « nowhere » n'existe pas/],
    ['broken YAML', 'title: Essai', 'title: "Essai', /guided\.yaml:\d+/],
  ])('tells of %s, with the file and the line', (_what, from, to, expected) => {
    const broken = GUIDED.replace(from, to);
    expect(broken).not.toBe(GUIDED);
    expect(faultsOf({ ...good, 'guided.yaml': broken }).join('\n')).toMatch(expected);
  });

  it('tells all faults at once, of all files', () => {
    const found = faultsOf({
      'guided.yaml': GUIDED.replace('next: pick', 'next: nowhere').replace('do: test.act', 'do: test.atc'),
      'inner.yaml': INNER.replace('otherwise: fine', 'otherwise: gone'),
    });
    expect(found.filter((line) => /nowhere|test\.atc|gone/.test(line))).toHaveLength(3);
  });

  it('tells of a step that nothing leads to, and of two steps with one name', () => {
    const lonely = GUIDED.replace('  - id: over', '  - id: lonely\n    end: alone\n  - id: over');
    expect(faultsOf({ ...good, 'guided.yaml': lonely }).join()).toMatch(/étape « lonely » : aucun chemin n'y mène/);
    const twice = `${GUIDED}  - id: leave\n    end: left\n`;
    expect(faultsOf({ ...good, 'guided.yaml': twice }).join()).toMatch(/deux étapes s'appellent « leave »/);
  });

  it('wants a file to be named after its dialog', () => {
    expect(faultsOf({ ...good, 'other.yaml': INNER }).join()).toMatch(/nommez le fichier inner\.yaml/);
  });
});
