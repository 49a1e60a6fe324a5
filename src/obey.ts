/**
 * What the standing commands do: annuler, retour, plus simplement, parler à un conseiller… How they are said is content
 * (dialogs/commands.yaml); beside an adviser, other rules hold (beside-adviser.ts).
 */
import type { Reply } from './conversation/reply.js';
import type { ConversationState } from './conversation/state.js';
import { dropDialogs, stepBack } from './dialog/stack.js';
import { answerOf, askOpenQuestion, begin, calm, openStep, standing, type Claim, type House, type Stage, type Turn } from './stages.js';

export const obeyCommand: Stage = (turn) => {
  if (turn.utterance.kind !== 'words') return undefined;
  const command = turn.house.commandIn(turn.utterance.text);
  return command === undefined ? undefined : COMMANDS[command]?.(turn);
};

const cancel = ({ state, house }: Turn): Claim => ({
  state: calm(dropDialogs(state)),
  replies: [standing(house, state.frames.length > 0 ? 'cancelled' : 'nothing-to-cancel')],
});

const why = ({ state, house }: Turn): Claim => {
  const said = openStep(state, house.dialogs)?.why;
  return askOpenQuestion({ state, replies: [said === undefined ? standing(house, state.frames.length > 0 ? 'why-default' : 'help') : { kind: 'text', text: said }] });
};

const COMMANDS: Readonly<Record<string, (turn: Turn) => Claim | undefined>> = {
  adviser: ({ state, house }) => begin(house, 'talk-to-adviser', state, []),
  screen: ({ state, house }) => begin(house, 'what-you-see', state, []),
  cancel,
  // With no request open there is none to withdraw: something else was meant to end.
  withdraw: cancel,
  back: ({ state, house }) => {
    const earlier = stepBack(state);
    return askOpenQuestion({ state: earlier ?? state, replies: [standing(house, earlier ? 'back' : 'no-way-back')] });
  },
  restart: ({ state, house }) => ({ state: calm(dropDialogs(state)), replies: [standing(house, 'restarted')] }),
  repeat: ({ state, house }) => {
    if (state.frames.length > 0) return askOpenQuestion({ state, replies: [] });
    const entry = house.entries.get(state.lastEntry ?? '');
    return { state, replies: [entry ? answerOf(entry) : standing(house, 'greeting')] };
  },
  why,
  simpler: explainSimply,
  help: ({ state, house }) => askOpenQuestion({ state, replies: [standing(house, 'help')] }),
  bye: ({ state, house }) => ({ state: calm(dropDialogs(state)), replies: [standing(house, 'ended')] }),
};

/** An answer that was just given comes again in plain words; else it is the open question that was not understood. */
function explainSimply(turn: Turn): Claim | undefined {
  const { state, house } = turn;
  const asking = state.frames.length > 0;
  const entry = house.entries.get(state.explained ?? (asking ? '' : (state.lastEntry ?? '')));
  if (!entry && !asking) return { state, replies: [standing(house, 'nothing-simpler')] };
  if (!entry) {
    // Said a second time, it is not the question that has to change: what counts misunderstandings leads to a person.
    return state.misunderstood > 0 ? undefined : why({ ...turn, state: { ...state, misunderstood: 1 } });
  }
  const choices = asking ? [] : state.offered.map(({ label }) => label);
  return askOpenQuestion({ state, replies: [{ ...answerOf(entry), text: entry.plain, ...(choices.length > 0 ? { choices } : {}) }] });
}

/**
 * Notes the entry that a turn said in its ordinary words. It stays as long as the person only looks around,
 * and is gone once it was said plainly: then there is nothing plainer to say.
 */
export function noteExplained({ state, replies }: { state: ConversationState; replies: readonly Reply[] }, { event }: Claim, house: House): ConversationState {
  const said = replies.findLast((reply) => reply.kind === 'text' && reply.entry !== undefined);
  const { explained: before, ...rest } = state;
  if (said?.kind === 'text' && said.entry !== undefined) {
    return said.text === house.entries.get(said.entry)?.plain ? rest : { ...rest, explained: said.entry };
  }
  const stays = event === undefined || event.type === 'ask-again';
  return stays && before !== undefined ? { ...rest, explained: before } : rest;
}
