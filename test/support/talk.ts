/**
 * A conversation with small dialogs and a made-up house, through the real turn: a standing message reads as its key,
 * so that tests see which was said. Nothing is stored but the last state.
 */
import type { ConversationStore, Lease } from '../../src/conversation/ports.js';
import type { Reply } from '../../src/conversation/reply.js';
import type { ConversationState, Slots } from '../../src/conversation/state.js';
import type { Actions } from '../../src/dialog/run.js';
import { innermost } from '../../src/dialog/stack.js';
import type { House } from '../../src/stages.js';
import { takeTurn } from '../../src/turn.js';
import type { Decision } from '../../src/understanding/decide.js';
import type { Entry } from '../../src/understanding/knowledge.js';
import { SimulatedClock } from './clock.js';
import { load, readers } from './dialogs.js';

const NOTHING: Decision = { kind: 'none', entry: null, candidates: [], confidence: 0, because: [] };
const COMMANDS: Readonly<Record<string, string>> = { pourquoi: 'why', retour: 'back', annuler: 'cancel', écran: 'screen' };

export interface TalkOptions {
  /** Dialogs by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** The dialog that each entry starts, by entry id. */
  readonly entries: Readonly<Record<string, string | undefined>>;
  readonly heard?: Slots;
}

export function entryDecided(entry: string): Decision {
  return { ...NOTHING, kind: 'answer', entry, candidates: [{ entry, score: 1 }], confidence: 1 };
}

/** What the person says is understood where it is the id of an entry, or two with « et » between. */
function decide(text: string, entries: TalkOptions['entries']): Decision {
  const named = text.split(' et ').filter((id) => id in entries);
  if (named.length === 2) return { ...NOTHING, kind: 'clarify', both: true, candidates: named.map((entry) => ({ entry, score: 0.5 })) };
  return named[0] === undefined ? NOTHING : entryDecided(named[0]);
}

export class Talk {
  readonly clock = new SimulatedClock();
  readonly faults: unknown[] = [];
  state: ConversationState | undefined;
  private readonly house: House;
  private said: Reply[] = [];
  private turns = 0;

  constructor({ files, entries, heard = {} }: TalkOptions) {
    const { dialogs, faults } = load(files);
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    const known = Object.entries(entries).map(([id, dialog]): [string, Entry] => [id, entry(id, dialog)]);
    this.house = {
      entries: new Map(known),
      dialogs,
      readers,
      message: (key) => ({ text: key === 'where-we-were' || key === 'and-the-other' ? `${key} {title}` : key }),
      label: (key) => key,
      decide: (text) => decide(text, entries),
      commandIn: (text) => COMMANDS[text],
      isEmergency: () => false,
      heardIn: () => heard,
      recognise: () => Promise.resolve(undefined),
    };
  }

  /** The step that waits, or nothing. */
  get step(): string | undefined {
    return this.state && innermost(this.state)?.step;
  }

  get slots(): Slots {
    return (this.state && innermost(this.state)?.slots) ?? {};
  }

  /** Says something, and returns what is said back. */
  async say(text: string): Promise<string[]> {
    this.turns += 1;
    this.said = [];
    const utterance = { kind: 'words', id: String(this.turns), conversationId: 'talk', channel: 'terminal', at: this.clock.now(), text } as const;
    await takeTurn({ conversationId: 'talk', fence: 1 }, utterance, {
      store: this.store(),
      house: this.house,
      actions: this.actions(),
      mask: (words) => ({ text: words, found: [] }),
      clock: this.clock,
      log: { info: () => undefined, error: (_event, fields) => void this.faults.push(fields['error']) },
    });
    if (this.faults.length > 0) throw this.faults[0] as Error;
    return this.said.map((reply) => (reply.kind === 'form' ? reply.title : reply.text));
  }

  /** The part of a store that a turn of words needs. */
  private store(): ConversationStore {
    const part: Pick<ConversationStore, 'load' | 'commitTurn'> = {
      load: () => Promise.resolve(this.state && { state: this.state, revision: 1 }),
      commitTurn: ({ state, entries }: { lease: Lease; state: ConversationState; entries: Parameters<ConversationStore['commitTurn']>[0]['entries'] }) => {
        this.state = state;
        this.said.push(...entries.flatMap((one) => (one.author === 'assistant' ? [one.reply] : [])));
        return Promise.resolve([]);
      },
    };
    return part as ConversationStore;
  }

  private actions(): Actions {
    const done = { outcomes: [], run: () => Promise.resolve({ outcome: 'done' }) };
    return { 'test.act': done, 'test.check': { outcomes: [], run: () => Promise.resolve({ outcome: 'wrong' }) } };
  }
}

function entry(id: string, dialog: string | undefined): Entry {
  return {
    ...{ id, title: id, kind: 'cause', asks: [], screens: [], keywords: [], related: [], sources: [], owner: '', reviewBy: '', mustMatch: [], mustNotMatch: [] },
    answer: `réponse ${id}`,
    plain: `${id} en plus simple`,
    ...(dialog === undefined ? {} : { dialog }),
  };
}
