/**
 * The stages of a turn in which a human is waited for or has the conversation: the assistant steps back, and the person
 * can always take the request back. What advisers do is handoff/.
 */
import { dropDialogs } from './dialog/stack.js';
import { isOpen, step } from './handoff/machine.js';
import { calm, standing, type Claim, type Stage, type Turn } from './stages.js';

/**
 * While a human has the conversation the assistant is silent: the words go to them. Only danger is still answered, and
 * the way out still works; « annuler » and « au revoir » are words like others, since they may be meant for the adviser.
 */
export const adviserHolds: Stage = (turn) => {
  const { utterance, state, house } = turn;
  if (state.holder !== 'adviser') return undefined;
  if (utterance.kind === 'form') return { state, replies: [standing(house, 'stale-form')] };
  if (utterance.kind === 'opening') return { state, replies: [] };
  if (house.isEmergency(utterance.text)) return { state, replies: [standing(house, 'emergency')] };
  return (house.commandIn(utterance.text) === 'withdraw' ? withdraw(turn) : undefined) ?? { state, replies: [] };
};

/**
 * While the operator has turned the assistant off nothing is answered, asked or done, and where one was is kept. Danger
 * is still answered, and whoever waits for a human can still take that back.
 */
export const sayClosed: Stage = ({ utterance, state, house }) => {
  if (house.isClosed?.() !== true) return undefined;
  if (utterance.kind === 'words' && house.isEmergency(utterance.text)) return undefined;
  const leaves = utterance.kind === 'words' && state.ticket && isOpen(state.ticket) && house.commandIn(utterance.text) === 'withdraw';
  return leaves === true ? undefined : { state, replies: [standing(house, 'closed')] };
};

/** Takes back a request that waits: said in so many words, by leaving, or by « annuler » with nothing else to cancel. */
export const withdrawRequest: Stage = (turn) => {
  const { utterance, state, house } = turn;
  if (utterance.kind !== 'words' || !state.ticket || !isOpen(state.ticket)) return undefined;
  const command = house.commandIn(utterance.text);
  if (command === 'bye') return withdraw({ ...turn, state: dropDialogs(state) });
  return command === 'withdraw' || (command === 'cancel' && state.frames.length === 0) ? withdraw(turn) : undefined;
};

function withdraw({ state, house, now }: Turn): Claim | undefined {
  const ticket = state.ticket && step(state.ticket, { kind: 'give-up', why: 'withdrawn' }, now);
  if (ticket === undefined || typeof ticket === 'string') return undefined;
  return { state: { ...calm(state), ticket, holder: 'assistant' }, replies: [standing(house, 'handoff-withdrawn')] };
}
