/**
 * Takes a browser through many screens, on two pages at once, and gathers what the audits say by theme. How a screen
 * comes to be drawn is the caller's.
 */
import type { Browser, Page } from 'playwright-core';
import { inspect, NARROW, THEMES, type AskedField, type Theme } from './axe.js';
import { openPage } from './browser.js';
import type { Screen } from './screens.js';
import { StageDoor } from './stage-door.js';

/** One thing to look at; `within`: the element to look at, the whole page where there is none. */
export interface Stop {
  readonly name: string;
  readonly fields?: readonly AskedField[];
  readonly within?: string;
  /** Rules that this screen may break, each with why. */
  readonly excused?: Readonly<Record<string, string>>;
  /** Resolves when it is drawn. */
  draw(page: Page, door: StageDoor): Promise<void>;
}

export interface Report {
  /** What is wrong, by theme: each fault once, with how many screens show it and the first of them. */
  readonly broken: Readonly<Record<Theme, readonly string[]>>;
  /** What axe was not sure of and nobody has looked at yet, in the same way. */
  readonly unreviewed: readonly string[];
  /** What an excuse was needed for, as `screen: rule`. */
  readonly excused: readonly string[];
  readonly screens: number;
}

/** `all`: every screen on which a state is first seen, rather than a sample; `turns`: every screen of every turn, too. */
const ASKED = process.env['SESAME_AXE'] ?? '';
export const ALL = ['all', 'turns'].includes(ASKED);
export const TURNS = ASKED === 'turns';

/** Dialogs that a sample is taken of: all with a proof of identity in them take half a minute to survey. Its forms are looked at by themselves. */
export const SAMPLED: readonly string[] = ['suspected-fraud', 'third-party', 'lost-phone', 'lost-email', 'provisional-number'];

/** Milliseconds: every screen of every dialog takes minutes. */
export const PATIENCE = ALL ? 3_600_000 : 400_000;

const AT_ONCE = 2;

/** `reviewed`: kinds of things that axe cannot tell, each with why it holds. */
export async function tour(browser: Browser, stops: readonly Stop[], reviewed: Readonly<Record<string, string>>): Promise<Report> {
  const broken: Record<Theme, Finding[]> = { light: [], dark: [] };
  const unreviewed: Finding[] = [];
  const excused: string[] = [];
  const left = [...stops];
  const guide = async (): Promise<void> => {
    const door = await StageDoor.open();
    const { page } = await openPage(browser, NARROW);
    for (let stop = left.shift(); stop; stop = left.shift()) {
      const { name, excused: excuses = {} } = stop;
      await stop.draw(page, door);
      const seen = await inspect(page, stop);
      for (const theme of THEMES) {
        for (const fault of seen[theme].broken) {
          const rule = fault.split(':')[0] ?? '';
          if (rule in excuses) excused.push(`${name}: ${rule}`);
          else broken[theme].push({ fault, name });
        }
        unreviewed.push(...seen[theme].unsure.filter(({ kind }) => !(kind in reviewed)).map(({ kind, element }) => ({ fault: `${kind}: ${element}`, name })));
      }
    }
    await page.context().close();
    await door.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, guide));
  return { broken: { light: gathered(broken.light), dark: gathered(broken.dark) }, unreviewed: gathered(unreviewed), excused: excused.sort(), screens: stops.length };
}

interface Finding {
  readonly fault: string;
  /** Of the screen. */
  readonly name: string;
}

function gathered(findings: readonly Finding[]): string[] {
  const names = new Map<string, string[]>();
  for (const { fault, name } of findings) names.set(fault, [...(names.get(fault) ?? []), name]);
  return [...names].map(([fault, at]) => `${fault} (on ${String(at.length)}, as ${at[0] ?? ''})`);
}

/** The fields that a screen's last reply asks for. */
export function fieldsOf({ entries }: Screen): readonly AskedField[] {
  const last = entries.at(-1);
  return last?.author === 'assistant' && last.reply.kind === 'form' ? last.reply.fields : [];
}

/** Says on the standard output what was looked at, where everything was. */
export function tell(door: string, { broken, excused, screens }: Report, of: readonly Screen[] = []): void {
  const sum = (key: 'states' | 'turns'): string => of.reduce((total, screen) => total + screen[key], 0).toLocaleString('en');
  const states = of.length > 0 ? `${sum('states')} states, ${TURNS ? `${sum('turns')} turns, ` : ''}` : '';
  const besides = excused.length > 0 ? `, ${String(excused.length)} excused` : '';
  const lines = THEMES.map((theme) => `axe: ${door}, ${theme}: ${states}${screens.toLocaleString('en')} screens, ${String(broken[theme].length)} violations${theme === 'light' ? besides : ' of colours'}\n`);
  if (ALL) process.stdout.write(lines.join(''));
}
