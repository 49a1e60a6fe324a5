/** The advisers' side of a story: channels of two caisses, in front of the real desk of a world. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readActivity } from '../../../src/connector/activity.js';
import { createMask } from '../../../src/redaction/mask.js';
import { isNonceGood, nonceFor } from '../../../src/connector/press.js';
import { createCommands, teamsTexts, type Found, type Member } from '../../../src/teams/commands.js';
import { createInbound, type InboundOptions, type RefusalLine } from '../../../src/teams/inbound.js';
import { Threads } from '../../../src/teams/threads.js';
import type { Ticket } from '../../../src/conversation/handoff.js';
import { keepDraft } from '../../../src/drafts.js';
import { activityFrom, TENANT } from '../../support/connector.js';
import { STAFF, staff } from '../../support/staff.js';
import { World } from '../../support/world.js';

export const TEXTS = teamsTexts.parse(parse(readFileSync(path.join(__dirname, '..', '..', '..', 'dialogs', 'teams.yaml'), 'utf8')));
export const CHANNELS: Readonly<Record<string, string>> = { '751': '19:paris@thread.tacv2', '131': '19:marseille@thread.tacv2' };
const KEY = Buffer.alloc(32, 3);

export class Channel {
  readonly refusals: RefusalLine[] = [];
  readonly typed: string[] = [];
  readonly signs: string[] = [];
  readonly log: unknown[] = [];
  found: Found[] = [];
  /** Set to make the desk fail. */
  fault: Error | undefined;
  private count = 0;
  private readonly roster = new Map<string, Member>(STAFF.map((one) => [one.id, one]));

  constructor(readonly world: World) {}

  static async open(): Promise<Channel> {
    const world = await World.open();
    world.advisers.availability = 'open';
    return new Channel(world);
  }

  get draftsFolder(): string {
    return path.join(this.world.folder, 'drafts');
  }

  /** A person asks for an adviser; the card lies in a thread of the channel of Paris. */
  async request(conversationId = 'c'): Promise<{ ticket: Ticket; thread: string }> {
    const { world } = this;
    await world.assistant.hear({ kind: 'words', id: `ask-${conversationId}`, conversationId, channel: 'web', at: world.clock.now(), text: 'je veux un conseiller' });
    await world.calm();
    const ticket = (await world.store.load(conversationId))!.state.ticket!;
    this.count += 1;
    const thread = `${CHANNELS['751'] ?? ''};messageid=17000000000${String(this.count).padStart(2, '0')}`;
    await this.threads().placed(ticket.id, '751', { serviceUrl: 'http://127.0.0.1/', conversationId: thread, rootId: '1' });
    return { ticket, thread };
  }

  /** Someone of the staff does something; resolves with what they are told. */
  async does(name: string, conversation: string, more: Readonly<Record<string, unknown>> = {}): Promise<string | undefined> {
    const oid = STAFF.some((one) => one.name === name) ? staff(name).id : name;
    const activity = readActivity(activityFrom({ serviceUrl: 'http://127.0.0.1/' }, { oid, tenant: TENANT }, conversation, more));
    return (await createInbound(this.options())(activity!)).text;
  }

  /** Data of a button of a card that was made now, or earlier. */
  button(verb: string, ticket: string, inputs: object = {}, ageMs = 0): { type: 'invoke'; name: string; value: object } {
    const data = { verb, ticket, nonce: nonceFor(KEY, ticket, this.world.clock.now() - ageMs), ...inputs };
    return { type: 'invoke', name: 'adaptiveCard/action', value: { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' } };
  }

  dismiss(name: string): void {
    this.roster.delete(staff(name).id);
  }

  async heardBy(conversationId = 'c'): Promise<string[]> {
    return (await this.world.said(conversationId)).flatMap((entry) => (entry.author === 'adviser' ? [entry.text] : []));
  }

  threads(): Threads {
    return new Threads({ store: this.world.store, clock: this.world.clock });
  }

  private options(): InboundOptions {
    const { world, roster } = this;
    const queue = { all: () => world.advisers.queue.all() };
    const members: InboundOptions['staff'] = {
      tenant: () => TENANT,
      find: (id) => roster.get(id),
      caisseOf: (channel) => Object.keys(CHANNELS).find((caisse) => CHANNELS[caisse] === channel),
      oversees: ({ id, caisse }) => (STAFF.some((one) => one.id === id && one.supervisor) ? [caisse] : []),
      nameOf: (caisse) => `CPAM ${caisse}`,
      present: () => 2,
      active: () => undefined,
      available: (id) => void this.signs.push(`available ${id}`),
      away: (id) => void this.signs.push(`away ${id}`),
    };
    const propose = async (text: string, { caisse }: Member): Promise<void> => {
      await keepDraft({ text, caisse, at: world.clock.now() }, { folder: this.draftsFolder, clean: (words) => createMask(() => world.clock.now())(words).text });
    };
    return {
      desk: { act: (...args) => (this.fault ? Promise.reject(this.fault) : world.advisers.desk.act(...args)) },
      staff: members,
      threads: this.threads(),
      find: (id) => world.advisers.queue.find(id),
      acted: async ({ conversationId }, id) => (await world.store.seen(conversationId, `act:${id}`)) !== undefined,
      isNonceGood: (ticket, text) => isNonceGood(KEY, ticket, { text, now: world.clock.now() }),
      canned: (value) => (value === 'code' ? 'Le code arrive par courrier.' : undefined),
      commands: createCommands({ staff: members, queue, ask: () => this.found, propose, texts: TEXTS.commands, clock: world.clock }),
      texts: TEXTS.answers,
      onTyping: (_ticket, { name }) => void this.typed.push(name),
      refused: (line) => Promise.resolve(void this.refusals.push(line)),
      log: { warn: (event, fields) => void this.log.push({ event, ...fields }) },
    };
  }
}
