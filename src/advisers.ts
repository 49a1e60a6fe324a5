/**
 * The advisers' side, put together: roster, queue, desk, audit, and Teams as the door. Only wiring; without a roster
 * there is no such side, and requests are honestly answered by « nobody ».
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditLog } from './audit/log.js';
import { every, type Chores } from './chores.js';
import type { Config, TeamsConfig } from './config.js';
import type { Content } from './content.js';
import type { Fault } from './conversation/errors.js';
import type { Ticket } from './conversation/handoff.js';
import type { Clock, Signals, Store } from './conversation/ports.js';
import type { Actions } from './dialog/run.js';
import { keepDraft } from './drafts.js';
import { createAnywhereAction, createDesk, createHandoffAction, createLeaveAction, createRequests, type Desk } from './handoff/desk.js';
import { isOpen } from './handoff/machine.js';
import { Queue } from './handoff/queue.js';
import { createReconciler } from './handoff/reconcile.js';
import { directory } from './house.js';
import type { Log } from './log.js';
import { createOffice, createRights, minutesBetween, roleOf, tellWaits } from './office.js';
import { applyRoster } from './roster-change.js';
import { shareDesk } from './shared-desk.js';
import { besideDesk, createSignals, type SignalBoard } from './signals.js';
import { Presence } from './staff/presence.js';
import { RosterSource, type Roster } from './staff/roster.js';
import { createConnector, createTeamsDoor, type TeamsDoor, type TeamsOptions } from './teams/adapter.js';
import { isNonceGood } from './connector/press.js';
import type { Face } from './teams/cards.js';
import { createCommands, teamsTexts, type Commands, type Found, type Staff } from './teams/commands.js';
import { createUndelivered, pace } from './teams/delivery.js';
import { createInbound } from './teams/inbound.js';
import { showTyping, startSender, type Sender } from './teams/sender.js';
import { Threads } from './teams/threads.js';
import { createWaitEstimator, type WaitEstimator } from './waiting/wait.js';

export interface AdvisersSide {
  readonly queue: Queue;
  readonly actions: Actions;
  readonly door: TeamsDoor;
  /** For people's doors. */
  readonly signals: Signals;
  /** Reads the roster again: with faults, which it gives back, the one in force stays. Requests follow the new one. */
  reload(): Promise<readonly Fault[]>;
  close(): void;
}

export interface SideOptions {
  readonly config: Config;
  readonly teams: TeamsConfig;
  readonly store: Store;
  readonly content: Content;
  /** Closed by whoever opened it. */
  readonly audit: AuditLog;
  /** Of the cards' buttons. */
  readonly key: Uint8Array;
  readonly clean: (text: string) => string;
  /** The knowledge, as advisers search it. */
  readonly search: (text: string) => readonly Found[];
  /** Where what one process does for all is taken. */
  readonly chores: Pick<Chores, 'take'>;
  readonly clock: Clock;
  readonly log: Log;
}

const SWEEP_EVERY_MS = 30_000;
/** Teams takes 50 a second of an app and tenant; the rest is for whatever else asks. */
const CALLS_PER_SECOND = 45;
const DURATIONS_KEPT = 300;

export async function openAdvisersSide(options: SideOptions): Promise<AdvisersSide> {
  const { config, audit, store, content, chores, clock, log, teams } = options;
  const rosters = new RosterSource(teams.rosterFile, directory());
  const roster = (): Roster => rosters.current();
  const queue = await Queue.restore(store);
  const presence = new Presence(roster);
  for (const { id, holder } of queue.all()) if (holder) presence.took(holder.id, id);
  const estimator = createWaitEstimator();
  const durations: number[] = [];
  const message = (key: string): { text: string } => content.messages[key] ?? { text: key };
  const office = createOffice({ directory: directory(), roster, presence, queue, estimator, durations, nationalName: content.labels['national-team'] ?? '' });
  queue.watch(counted({ presence, estimator, durations }));
  const desk = createDesk({
    ...{ store, queue, office, message, clock, clean: options.clean, rights: createRights(roster) },
    audit: { record: (entry) => audit.record({ ...entry, role: roleOf(roster(), entry.actor) }) },
  });
  const reconciler = createReconciler({ desk, queue, office, clock, log });
  const shared = config.redisUrl === undefined ? undefined : shareDesk({ store, queue, presence, clock, log });
  const counting = setInterval(() => { tellWaits(queue, estimator, clock.now()); }, SWEEP_EVERY_MS).unref();
  chores.take(() => every(SWEEP_EVERY_MS, () => reconciler.sweep()));
  const requests = createRequests({ store, queue, office, titleOf: (id) => content.dialogs.get(id)?.title ?? content.entries.get(id)?.title ?? id, clock });
  const signals = createSignals(clock);
  const door = openTeams(options, { roster, presence, queue, desk, audit, office, signals, refresh: async () => shared?.refresh() });
  signals.heardBy(besideDesk({ queue, desk, typing: door.typing, log }));
  const change = { roster, desk, queue, log };
  // Who left the roster while nothing ran may hold requests still.
  await applyRoster(change);
  return {
    ...{ queue, signals },
    actions: { 'handoff.request': createHandoffAction(requests), 'handoff.anywhere': createAnywhereAction(requests), 'handoff.leave': createLeaveAction(requests) },
    door: door.door,
    async reload() {
      const faults = rosters.reload();
      if (faults.length === 0) log.info('roster.reloaded', { changed: await applyRoster(change) });
      return faults;
    },
    close() {
      clearInterval(counting);
      shared?.stop();
    },
  };
}

interface Counted {
  readonly presence: Presence;
  readonly estimator: WaitEstimator;
  /** Minutes of past conversations, newest first. */
  readonly durations: number[];
}

/** What every change of a request tells of advisers' hands, of waits and of durations. */
function counted({ presence, estimator, durations }: Counted): Parameters<Queue['watch']>[0] {
  return (before, after) => {
    if (after.phase === 'held' && after.holder) {
      presence.took(after.holder.id, after.id);
      if (before?.phase !== 'held') estimator.observe(after.id, minutesBetween(after.requestedAt, after.since));
    } else if (before?.phase === 'held') {
      presence.left(after.id);
      durations.unshift(minutesBetween(before.since, after.since));
      durations.length = Math.min(durations.length, DURATIONS_KEPT);
    } else if (!isOpen(after)) estimator.forget(after.id);
  };
}

interface Behind {
  readonly roster: () => Roster;
  readonly presence: Presence;
  readonly queue: Queue;
  readonly desk: Desk;
  readonly audit: AuditLog;
  readonly office: ReturnType<typeof createOffice>;
  readonly signals: SignalBoard;
  /** Resolves once what other processes changed is known. */
  readonly refresh: () => Promise<void>;
}

interface Door {
  readonly door: TeamsDoor;
  readonly typing: (ticketId: string) => Promise<void>;
}

function openTeams(options: SideOptions, behind: Behind): Door {
  const { store, content, chores, clock, log, teams, config } = options;
  const { roster, queue, desk, audit } = behind;
  const texts = teamsTexts.parse(content.teams);
  const cardKey = Buffer.from(options.key);
  const settings: TeamsOptions = { ...teams.connection, clock, log };
  const connector = pace(createConnector(settings), CALLS_PER_SECOND, (ms) => wait(ms), clock);
  const threads = new Threads({ store, clock });
  const undelivered = createUndelivered({ store, wording: content.messages['relay-undelivered'] ?? { text: '' }, clock });
  const placeOf = (caisse: string): { tenant: string; channel: string } | undefined => {
    const post = roster().posts.get(caisse);
    return post && { tenant: roster().tenant, channel: post.channel };
  };
  const faceOf = (ticket: Ticket): Face => face(ticket, options, behind);
  let sender: Sender | undefined;
  chores.take(() => {
    const own = startSender({ store, desk, connector, threads, placeOf, faceOf, texts: texts.card, cardKey, undelivered, clock, log });
    sender = own;
    return {
      stop: () => {
        sender = undefined;
        return own.stop();
      },
    };
  });
  const staff = staffOf(behind, clock);
  const folder = join(config.dataFolder, 'drafts');
  const hear = createInbound({
    ...{ desk, staff, threads, texts: texts.answers, log },
    find: (id) => queue.find(id),
    acted: async ({ conversationId }, id) => (await store.seen(conversationId, `act:${id}`)) !== undefined,
    isNonceGood: (ticket, text) => isNonceGood(cardKey, ticket, { text, now: clock.now() }),
    canned: (value) => content.entries.get(value)?.answer,
    commands: cleaned(options.clean, createCommands({
      ...{ staff, queue, ask: options.search, texts: texts.commands, clock },
      propose: async (text, { caisse }) => {
        await keepDraft({ text, caisse, at: clock.now() }, { folder, clean: options.clean });
      },
    })),
    onTyping: (id, { name }) => {
      const ticket = queue.find(id);
      if (ticket) behind.signals.adviserTypes(ticket.conversationId, name);
    },
    refused: ({ actor, caisse, why, request, ticket }) =>
      audit.record({ actor, role: roleOf(roster(), actor), caisse: caisse === '' ? 'none' : caisse, action: 'refused', when: 'after', request, result: why, ...(ticket === undefined ? {} : { ticket }) }),
  });
  return { door: createTeamsDoor(settings, connector, async (activity) => behind.refresh().then(() => hear(activity))), typing: (id) => sender?.typing(id) ?? showTyping(id, { connector, threads, log }) };
}

/** What is looked for is quoted in the answer. */
function cleaned(clean: SideOptions['clean'], commands: Commands): Commands {
  return { ...commands, answer: (text, by) => commands.answer(clean(text), by) };
}

function staffOf({ roster, presence, office }: Behind, clock: Clock): Staff {
  return {
    tenant: () => roster().tenant,
    find: (id) => roster().advisers.get(id),
    caisseOf: (channel) => [...roster().posts.values()].find((post) => post.channel === channel)?.code,
    oversees: ({ id }) => {
      const adviser = roster().advisers.get(id);
      return adviser?.roles.includes('supervisor') === true ? [adviser.caisse] : [];
    },
    nameOf: (caisse) => office.nameOf(caisse),
    present: (caisse) => presence.present(caisse, clock.now()).length,
    active: (id) => { presence.active(id, clock.now()); },
    available: (id) => { presence.available(id, clock.now()); },
    away: (id) => { presence.away(id, clock.now()); },
  };
}

/** What a card offers besides its ticket: colleagues who are there, other caisses, and the answer of its cause. */
function face({ caisse, subject, holder }: Ticket, { content, clock }: SideOptions, { presence, roster, office }: Behind): Face {
  const cause = content.entries.get(subject ?? '');
  const colleagues = presence.present(caisse, clock.now()).filter(({ id }) => id !== holder?.id);
  const others = [...roster().posts.keys()].filter((code) => code !== caisse);
  const about = [cause?.id, ...(cause?.related ?? [])].flatMap((id) => content.entries.get(id ?? '') ?? []);
  return {
    caisse: office.nameOf(caisse),
    zone: office.zoneOf(caisse),
    ...(cause ? { cause: cause.title } : {}),
    destinations: [
      ...colleagues.map(({ id, name }) => ({ title: name, value: `colleague:${id}` })),
      ...others.map((code) => ({ title: office.nameOf(code), value: `caisse:${code}` })),
    ],
    answers: about.map(({ id, title }) => ({ title, value: id })),
  };
}
