/**
 * The caisses of knowledge/caisses.csv and every name they go by: their own, their departments', their towns'. It reads
 * the file and indexes it; what a person meant is routing.ts.
 */
import { readFileSync } from 'node:fs';
import { FaultsError, type Fault } from '../conversation/errors.js';
import { wordsOf } from '../answers/reading.js';

export interface Caisse {
  readonly code: string;
  /** As people read it: « CPAM du Rhône ». */
  readonly name: string;
  /** As official codes: `69`, `2A`, `971`. */
  readonly departments: readonly string[];
  /** Other names that people give it or its territory. */
  readonly names: readonly string[];
  /** Some of its towns: enough to be understood, not a list of all. */
  readonly towns: readonly string[];
  /** Postcodes known to be its own; needed only where a department has several caisses. */
  readonly postcodes: readonly string[];
}

export interface Directory {
  readonly caisses: ReadonlyMap<string, Caisse>;
  readonly byDepartment: ReadonlyMap<string, readonly string[]>;
  readonly byPostcode: ReadonlyMap<string, readonly string[]>;
  /** Codes by name; a name is its significant words, folded, with single spaces. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

const COLUMNS = 'code,nom,departements,noms,villes,codes_postaux';
const WIDTH = COLUMNS.split(',').length;

/** Words that come and go in names: « Indre-et-Loire », « indre loire », « le Havre ». */
const SLIGHT = new Set(['de', 'du', 'des', 'd', 'le', 'la', 'les', 'l', 'et', 'en', 'sur', 'cpam', 'cgss', 'ccss', 'cssm']);
const WHOLE: Readonly<Record<string, string>> = { st: 'saint', ste: 'sainte' };

/** The word as names hold it; undefined for one that names nothing by itself. */
export function nameWord(word: string): string | undefined {
  return SLIGHT.has(word) ? undefined : (WHOLE[word] ?? word);
}

/** Reads the directory; throws `FaultsError('content-invalid')` with every faulty line. */
export function loadCaisses(path: string, where = 'knowledge/caisses.csv'): Directory {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const faults: Fault[] = head === COLUMNS ? [] : [{ where, line: 1, what: 'en-tête inattendu', todo: `écrivez : ${COLUMNS}` }];
  const caisses = new Map<string, Caisse>();
  lines.forEach((line, at) => {
    const what = faultOf(line, caisses);
    if (what === undefined) keep(line, caisses);
    else faults.push({ where, line: at + 2, what, todo: 'corrigez cette ligne' });
  });
  if (faults.length > 0) throw new FaultsError('content-invalid', faults);
  return indexed(caisses);
}

function faultOf(line: string, before: ReadonlyMap<string, Caisse>): string | undefined {
  const cells = line.split(',');
  const [code = '', name = '', departments = ''] = cells;
  if (cells.length !== WIDTH) return `${String(cells.length)} colonnes au lieu de ${String(WIDTH)}`;
  if (!/^\d{3}$/.test(code)) return `le code « ${code} » n’a pas trois chiffres`;
  if (before.has(code)) return `le code ${code} est déjà pris`;
  if (name.trim() === '') return 'le nom manque';
  return listed(departments).length > 0 && listed(departments).every((one) => /^(\d{2,3}|2[AB])$/.test(one)) ? undefined : `départements illisibles : « ${departments} »`;
}

function keep(line: string, caisses: Map<string, Caisse>): void {
  const [code = '', name = '', departments, names, towns, postcodes] = line.split(',');
  caisses.set(code, { code, name, departments: listed(departments), names: listed(names), towns: listed(towns), postcodes: listed(postcodes) });
}

function listed(cell = ''): string[] {
  return cell.split('|').filter((one) => one !== '');
}

function indexed(caisses: ReadonlyMap<string, Caisse>): Directory {
  const all = [...caisses.values()];
  return {
    caisses,
    byDepartment: grouped(all, ({ departments }) => departments),
    byPostcode: grouped(all, ({ postcodes }) => postcodes),
    byName: grouped(all, ({ name, names, towns }) => [name.replace(/\(.*\)/, ''), ...names, ...towns].map(nameKey)),
  };
}

function nameKey(name: string): string {
  return wordsOf(name).flatMap((word) => nameWord(word) ?? []).join(' ');
}

function grouped(all: readonly Caisse[], keysOf: (one: Caisse) => readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const one of all) {
    for (const key of new Set(keysOf(one))) {
      if (key !== '') groups.set(key, [...(groups.get(key) ?? []), one.code]);
    }
  }
  return groups;
}
