// Moves through the real dialogs, for the measures of bench/dialogs.mjs and of the unit tests: what a person may do at
// each step, and long conversations drawn by a seed. The engine is handed in, compiled or not.

/** Answers of every type, made up: each reader of a dialog takes one of them. */
const answers = ['oui', 'non', 'je ne sais pas', '2', '33000', 'hier', '12/03/1985', 'Y010004', 'une.personne@exemple.fr', 'il pleut'];
const values = { nir: '2 55 08 14 168 025 38', birthDate: '19/08/1955', code: '12345678' };

function eventsAt(step) {
  switch (step.kind) {
    case 'choose':
    case 'ask':
      return [...step.options.map(({ label }) => label), ...answers].map((text) => ({ type: 'answer', text })).concat({ type: 'miss' }, { type: 'ask-again' });
    case 'form':
      return [{ type: 'submit', values }, { type: 'submit', values: {} }, { type: 'miss' }, { type: 'answer', text: 'oui' }];
    case 'do':
    case 'call':
    case 'handoff':
      return [...Object.keys(step.on), 'unexpected'].map((outcome) => ({ type: 'outcome', outcome }));
    default:
      return [{ type: 'enter' }];
  }
}

/** Every event at every step, each as the arguments of `advance`. */
export function movesOf(dialogs) {
  return [...dialogs.values()].flatMap((dialog) =>
    [...dialog.steps.values()].flatMap((step) => {
      const frame = { id: 1, dialog: dialog.id, step: step.id, slots: {}, hash: dialog.hash, misses: {} };
      return eventsAt(step).map((event) => ({ dialog, frame, event }));
    }),
  );
}

/**
 * Times `advance` is called in a second of one core on these moves, after a warm-up. It counts the processor's time for
 * this process, so that what else the machine does changes little.
 */
export function pace(moves, { advance, readers, ms }) {
  const round = () => {
    for (const { dialog, frame, event } of moves) advance(dialog, frame, event, readers);
  };
  for (let i = 0; i < 3; i += 1) round();
  const before = process.cpuUsage();
  const spentMs = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  let calls = 0;
  for (; spentMs() < ms; calls += moves.length) round();
  return (calls / spentMs()) * 1_000;
}

/** A small generator, so that the same seed draws the same conversation anywhere. */
function drawing(seed) {
  let state = seed;
  return (list) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return list[Math.floor((state / 2 ** 32) * list.length)];
  };
}

/** The largest state, in bytes of JSON, that a conversation of `turns` turns comes to. */
export async function largestState({ seed, turns }, { dialogs, readers, outcomes, openState, openDialog, runDialogs, innermost }) {
  const draw = drawing(seed);
  const act = (name) => ({ outcomes: outcomes[name], run: () => Promise.resolve({ outcome: draw(outcomes[name]), slots: { proof: 'p'.repeat(400) } }) });
  const actions = Object.fromEntries(Object.keys(outcomes).map((name) => [name, act(name)]));
  const world = { dialogs, readers, actions, onFault: () => undefined, commit: () => Promise.resolve() };
  const heard = { errorCode: 'Y010004', postcode: '33000', date: '2026-01-05', thirdParty: 'parent' };
  const all = [...dialogs.values()];
  const interrupting = all.filter(({ id }) => id === 'talk-to-adviser' || id === 'what-you-see');
  // As the stages do: what is asked for again while it is open starts anew.
  const begin = ({ frames, ...rest }, dialog) => {
    const open = frames.findIndex((one) => one.dialog === dialog.id);
    return openDialog({ ...rest, frames: open < 0 ? frames : frames.slice(0, open) }, dialog, heard);
  };
  let state = openState('benchmark', 0);
  let largest = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const frame = innermost(state);
    const begins = frame === undefined || draw([true, false, false, false, false]);
    const step = dialogs.get(frame?.dialog)?.steps.get(frame?.step);
    if (begins) state = begin(state, draw(frame === undefined ? all : interrupting));
    const event = begins ? { type: 'enter' } : draw(eventsAt(step));
    ({ state } = await runDialogs({ state, replies: [], outbox: [] }, event, world));
    largest = Math.max(largest, Buffer.byteLength(JSON.stringify(state)));
  }
  return largest;
}
