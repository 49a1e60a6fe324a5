/**
 * Who answers, where and when: the roster of advisers and caisses, read from one YAML file and read again without a
 * restart. Faults name places in the file, never people: they end up in logs.
 */
import { readFileSync } from 'node:fs';
import { FaultsError, type Fault } from '../conversation/errors.js';
import type { Need } from '../conversation/handoff.js';
import { readYaml, type YamlText } from '../yaml/document.js';
import type { Directory } from './caisses.js';
import { territoryOf } from './holidays.js';
import type { Timetable } from './hours.js';
import type { Role } from './rights.js';
import { rosterFile, WEEKDAYS, type RosterFile } from './syntax.js';

/** The queue of those whose caisse is unknown or has no advisers here. */
export const NATIONAL = 'national';

/** A caisse as it is staffed. */
export interface Post {
  /** Code of the directory, or `national`. */
  readonly code: string;
  /** Teams ids: only this team's channel shows and takes the requests. */
  readonly team: string;
  readonly channel: string;
  readonly timetable: Timetable;
  readonly serves: readonly Need[];
  /** Requests waiting at once; more are told that it is full. */
  readonly queueCap: number;
}

export interface Adviser {
  /** Entra ID object id, lower case. */
  readonly id: string;
  /** First name. */
  readonly name: string;
  readonly caisse: string;
  readonly roles: readonly Role[];
  readonly serves: readonly Need[];
  /** Conversations held at once. */
  readonly atOnce: number;
}

export interface Roster {
  readonly tenant: string;
  readonly posts: ReadonlyMap<string, Post>;
  readonly advisers: ReadonlyMap<string, Adviser>;
}

type Report = (path: readonly PropertyKey[], what: string, todo: string) => void;

/** Reads and checks a roster; throws `FaultsError('config-invalid')` with every fault and its line. */
export function loadRoster(path: string, directory: Directory, where = 'config/advisers.yaml'): Roster {
  const faults: Fault[] = [];
  const text = readYaml(textOf(path, where));
  const report: Report = (at, what, todo) => faults.push({ where, ...placed(text.lineOf(at)), what, todo });
  for (const { code, line } of text.faults) faults.push({ where, line, what: `YAML illisible (${code})`, todo: 'corrigez la syntaxe' });
  const file = faults.length === 0 ? parsed(text, report) : undefined;
  if (file !== undefined) {
    checkPosts(file, directory, report);
    checkAdvisers(file, report);
  }
  if (file === undefined || faults.length > 0) throw new FaultsError('config-invalid', faults);
  return rosterOf(file, directory);
}

/** Holds the roster that is in force, and takes a new one only when it is sound. */
export class RosterSource {
  private held: Roster;

  /** Throws as `loadRoster` does: nothing starts on a broken roster. */
  constructor(
    private readonly path: string,
    private readonly directory: Directory,
  ) {
    this.held = loadRoster(path, directory);
  }

  current(): Roster {
    return this.held;
  }

  /** Reads the file again. With faults, the roster in force stays and they are given back. */
  reload(): readonly Fault[] {
    try {
      this.held = loadRoster(this.path, this.directory);
      return [];
    } catch (error) {
      if (error instanceof FaultsError) return error.faults;
      throw error;
    }
  }
}

function textOf(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new FaultsError('config-invalid', [{ where, what: 'ce fichier est illisible ou n’existe pas', todo: 'remettez-le' }]);
  }
}

function placed(line: number | undefined): { readonly line?: number } {
  return line === undefined ? {} : { line };
}

function parsed({ value }: YamlText, report: Report): RosterFile | undefined {
  const result = rosterFile.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) report(path, `${path.join('.')} : ${message}`, 'corrigez cette valeur');
  return undefined;
}

function checkPosts({ caisses, advisers }: RosterFile, directory: Directory, report: Report): void {
  caisses.forEach(({ code, channel, serves }, at) => {
    const place = ['caisses', at];
    const before = caisses.slice(0, at);
    if (code !== NATIONAL && !directory.caisses.has(code)) report([...place, 'code'], `la caisse ${code} n’existe pas`, 'prenez un code de knowledge/caisses.csv');
    if (before.some((other) => other.code === code)) report(place, `la caisse ${code} est écrite deux fois`, 'gardez-en une');
    if (before.some((other) => other.channel === channel)) report([...place, 'channel'], 'ce canal est déjà celui d’une autre caisse', 'donnez un canal à chaque caisse');
    const team = advisers.filter((one) => one.caisse === code && one.roles.some((role) => role === 'adviser' || role === 'supervisor'));
    for (const need of serves.filter((one) => !team.some((member) => member.serves.includes(one)))) {
      report([...place, 'serves'], `personne n’y répond au besoin ${need}`, 'retirez ce besoin, ou donnez-le à un conseiller de la caisse');
    }
  });
  if (!caisses.some(({ code }) => code === NATIONAL)) report(['caisses'], `la file ${NATIONAL} manque`, 'ajoutez-la : elle reçoit les demandes sans caisse');
}

function checkAdvisers({ caisses, advisers }: RosterFile, report: Report): void {
  advisers.forEach(({ oid, caisse, serves }, at) => {
    const place = ['advisers', at];
    if (advisers.slice(0, at).some((other) => other.oid === oid)) report([...place, 'oid'], 'cet identifiant est écrit deux fois', 'gardez une seule fiche par personne');
    const post = caisses.find(({ code }) => code === caisse);
    if (post === undefined) report([...place, 'caisse'], `la caisse ${caisse} n’est pas dans ce fichier`, 'ajoutez-la, ou corrigez le code');
    const extra = serves.filter((need) => post !== undefined && !post.serves.includes(need));
    if (extra.length > 0) report([...place, 'serves'], `la caisse ${caisse} ne répond pas à : ${extra.join(', ')}`, 'ajoutez ce besoin à la caisse, ou retirez-le ici');
  });
}

function rosterOf({ tenant, caisses, advisers }: RosterFile, directory: Directory): Roster {
  const posts = caisses.map(({ zone, hours, alwaysOpen, closures, ...post }): [string, Post] => {
    const territory = territoryOf(directory.caisses.get(post.code)?.departments[0] ?? '');
    const timetable = { territory: zone === undefined ? territory : { ...territory, zone }, week: WEEKDAYS.map((day) => hours[day]), closures, always: alwaysOpen };
    return [post.code, { ...post, timetable }];
  });
  return {
    tenant,
    posts: new Map(posts),
    advisers: new Map(advisers.map(({ oid, ...one }): [string, Adviser] => [oid, { id: oid, ...one }])),
  };
}
