/**
 * How the roster is written in YAML. Only the form is judged here; whether it holds together is roster.ts.
 */
import { z } from 'zod';
import type { Need } from '../conversation/handoff.js';
import { EARLIEST_OPENING, type Opening } from './hours.js';
import { ROLES } from './rights.js';

export const NEEDS = ['general', 'fraud', 'third-party', 'technical', 'sign-language'] as const satisfies readonly Need[];

/** Sunday first, as `Date` counts. */
export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** Operators work on the machine, not in Teams: no roster makes one. */
const rosterRoles = ROLES.filter((role) => role !== 'operator');

const guid = z.guid('identifiant Entra attendu, de la forme 00000000-0000-0000-0000-000000000000').transform((id) => id.toLowerCase());
const need = z.enum(NEEDS, `besoin attendu : ${NEEDS.join(', ')}`);
const words = z.string('texte attendu, entre guillemets').trim().min(1, 'texte vide');

const day = z
  .string('date attendue, entre guillemets')
  .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isCalendarDay(text), 'date attendue, de la forme 2026-12-24');

function isCalendarDay(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const opening = z
  .string('horaire attendu, entre guillemets')
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'horaire attendu, de la forme "08:30-12:00"')
  .transform((text): Opening => {
    const [from = '', to = ''] = text.split('-');
    return { from: minuteOf(from), to: minuteOf(to) };
  })
  .refine(({ from, to }) => from < to, 'la fin vient avant le début')
  .refine(({ from }) => from >= EARLIEST_OPENING, 'aucune ouverture avant 05:00');

function minuteOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}

const openings = z
  .array(opening)
  .refine((all) => all.every(({ from }, at) => at === 0 || from >= (all[at - 1]?.to ?? 0)), 'les horaires se chevauchent ou ne sont pas dans l’ordre')
  .default([]);

const hours = z.strictObject({
  sunday: openings,
  monday: openings,
  tuesday: openings,
  wednesday: openings,
  thursday: openings,
  friday: openings,
  saturday: openings,
});

const closure = z
  .strictObject({ from: day, to: day.optional(), reason: words })
  .transform(({ from, to, reason }) => ({ from, to: to ?? from, reason }))
  .refine(({ from, to }) => from <= to, 'la fin vient avant le début');

const serves = z.array(need).min(1, 'au moins un besoin').default(['general']);

const post = z.strictObject({
  code: words,
  team: words,
  channel: words,
  zone: z.string().refine(isZone, 'fuseau horaire inconnu').optional(),
  hours,
  alwaysOpen: z.boolean('« true » ou « false » attendu').default(false),
  closures: z.array(closure).default([]),
  serves,
  queueCap: z.number('nombre attendu').int('nombre entier attendu').min(1, 'au moins 1').max(500, '500 au plus'),
});

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const adviser = z.strictObject({
  oid: guid,
  name: words.regex(/^[\p{L}\p{M}'’ -]{1,30}$/u, 'prénom seul attendu, 30 lettres au plus'),
  caisse: words,
  roles: z.array(z.enum(rosterRoles, `rôle attendu : ${rosterRoles.join(', ')}`)).min(1, 'au moins un rôle'),
  serves,
  atOnce: z.number('nombre attendu').int('nombre entier attendu').min(1, 'au moins 1').max(10, '10 au plus').default(3),
});

/** The whole file. */
export const rosterFile = z.strictObject({ tenant: guid, caisses: z.array(post).min(1, 'au moins une caisse'), advisers: z.array(adviser) });

export type RosterFile = z.infer<typeof rosterFile>;
