import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaultsError, type Fault } from '../../../src/conversation/errors.js';
import { loadCaisses } from '../../../src/staff/caisses.js';
import { loadRoster, RosterSource } from '../../../src/staff/roster.js';

const ROOT = path.join(__dirname, '..', '..', '..');
const DEMO = path.join(ROOT, 'config', 'advisers.yaml');
const directory = loadCaisses(path.join(ROOT, 'knowledge', 'caisses.csv'));
const demo = readFileSync(DEMO, 'utf8');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sesame-roster-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function written(text: string): string {
  const file = path.join(folder, 'advisers.yaml');
  writeFileSync(file, text);
  return file;
}

function faultsOf(text: string): readonly Fault[] {
  try {
    loadRoster(written(text), directory);
    return [];
  } catch (error) {
    if (error instanceof FaultsError) return error.faults;
    throw error;
  }
}

/** The demonstration with one thing changed. */
function changed(from: string, to: string): string {
  if (!demo.includes(from)) throw new Error(`the demonstration has no ${from}`);
  return demo.replace(from, to);
}

describe('the roster', () => {
  it('of the demonstration is sound, and each caisse has the clock of its territory', () => {
    const roster = loadRoster(DEMO, directory);
    expect(roster.posts.get('974')?.timetable.territory.zone).toBe('Indian/Reunion');
    expect(roster.posts.get('673')?.timetable.territory.state).toBe('67');
    expect(roster.posts.get('691')?.timetable.week[4]).toEqual([
      { from: 600, to: 750 },
      { from: 810, to: 1_020 },
    ]);
    expect(roster.advisers.get('00000000-0000-4000-8000-000000000103')).toMatchObject({ caisse: 'national', serves: ['sign-language'], atOnce: 1 });
    expect(roster.advisers.get('00000000-0000-4000-8000-000000000401')).toMatchObject({ serves: ['general'], atOnce: 3 });
  });

  it.each([
    ['a caisse that does not exist', 'code: "673"', 'code: "999"', /999 n’existe pas/],
    ['the same caisse twice', 'code: "641"', 'code: "673"', /deux fois/],
    ['no national queue', 'code: national', 'code: "131"', /national manque/],
    ['two caisses in one channel', '19:demo-bayonne@', '19:demo-bas-rhin@', /canal/],
    ['an end before the start', '"13:30-17:00"]', '"17:30-17:00"]', /fin vient avant/],
    ['hours that overlap', '["08:30-12:30", "13:30-17:00"]', '["08:30-14:00", "13:30-17:00"]', /chevauchent/],
    ['an opening at night', '"07:30-15:30"', '"04:30-15:30"', /05:00/],
    ['an hour that does not exist', '"07:30-15:30"', '"07:30-24:30"', /horaire attendu/],
    ['a day that the calendar has not', 'from: "2026-12-24"', 'from: "2026-02-30"', /date attendue/],
    ['a clock that does not exist', 'team: demo-equipe-bayonne', 'team: demo-equipe-bayonne\n    zone: Europe/Bayonne', /fuseau/],
    ['an adviser of a caisse that is not there', 'name: Maialen, caisse: "641"', 'name: Maialen, caisse: "642"', /642 n’est pas dans ce fichier/],
    ['the same person twice', '000000000202', '000000000201', /deux fois/],
    ['a need that nobody serves', 'serves: [general, fraud, third-party, technical]\n', 'serves: [general, fraud, third-party, technical, sign-language]\n', /personne n’y répond au besoin sign-language/],
    ['an adviser for a need that the caisse does not serve', 'name: Jérémie, caisse: "974", roles: [adviser]', 'name: Jérémie, caisse: "974", roles: [adviser], serves: [general, fraud]', /ne répond pas à : fraud/],
    ['a role that a roster may not give', 'roles: [auditor]', 'roles: [operator]', /rôle attendu/],
    ['a field that nobody reads', 'atOnce: 1', 'maximum: 1', /maximum/],
    ['broken YAML', 'tenant:', 'tenant: [', /YAML/],
  ])('refuses %s', (_what, from, to, expected) => {
    expect(faultsOf(changed(from, to)).map(({ what }) => what).join('\n')).toMatch(expected);
  });

  it('tells every fault at once, with its line, and no one’s name or id', () => {
    const broken = changed('code: "673"', 'code: "999"').replace('000000000202', '000000000201').replace('name: Maialen', 'name: "Maialen 7"');
    const form = faultsOf(broken);
    expect(form).toEqual([expect.objectContaining({ line: broken.split('\n').findIndex((line) => line.includes('Maialen 7')) + 1 })]);
    const sense = faultsOf(broken.replace('Maialen 7', 'Maialen'));
    expect(sense.map(({ line }) => line)).toEqual([expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)]);
    expect(JSON.stringify([form, sense])).not.toMatch(/Maialen|Louise|Mathilde|00000000/);
  });

  it('is read again without a restart, and stays in force where the new one is broken', () => {
    const file = written(demo);
    const source = new RosterSource(file, directory);
    writeFileSync(file, changed('queueCap: 60', 'queueCap: 61'));
    expect(source.reload()).toEqual([]);
    expect(source.current().posts.get('national')?.queueCap).toBe(61);
    writeFileSync(file, changed('queueCap: 60', 'queueCap: -1'));
    expect(source.reload()).toHaveLength(1);
    rmSync(file);
    expect(source.reload()).toHaveLength(1);
    expect(source.current().posts.get('national')?.queueCap).toBe(61);
  });
});

describe('the directory of caisses', () => {
  it('tells every faulty line', () => {
    const file = path.join(folder, 'caisses.csv');
    writeFileSync(file, 'code,nom,departements,noms,villes,codes_postaux\n011,CPAM de l’Ain,01,,,\n11,X,01,,,\n011,CPAM,01,,,\n021,CPAM,un,,,\n031,CPAM\n');
    const load = (): unknown => loadCaisses(file);
    expect(load).toThrow(FaultsError);
    expect(load).toThrow(/:3: [^]*:4: [^]*:5: [^]*:6: /);
  });
});
