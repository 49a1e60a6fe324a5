import { openState, type ConversationState } from '../../../src/conversation/state.js';
import type { DialogEvent } from '../../../src/dialog/advance.js';
import { resumeAction, runDialogs, type ActionInput, type ActionResult, type Leg } from '../../../src/dialog/run.js';
import { fitToContent, innermost, openDialog, stepBack } from '../../../src/dialog/stack.js';
import { GUIDED, INNER, load, readers } from '../../support/dialogs.js';

const { dialogs } = load({ 'guided.yaml': GUIDED, 'inner.yaml': INNER });

class Bench {
  readonly calls: { name: string; input: ActionInput }[] = [];
  readonly committed: Leg[] = [];
  readonly faults: string[] = [];
  readonly dialogs = dialogs;
  readonly readers = readers;
  outcome: (name: string) => ActionResult | Error = (name) => ({ outcome: name === 'test.check' ? 'right' : 'done', slots: { gift: 'un code' } });

  readonly actions = { 'test.act': this.action('test.act'), 'test.check': this.action('test.check') };

  private action(name: string) {
    return {
      outcomes: [],
      run: (input: ActionInput): Promise<ActionResult> => {
        this.calls.push({ name, input });
        const result = this.outcome(name);
        return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
      },
    };
  }

  commit(leg: Leg): Promise<void> {
    this.committed.push(leg);
    return Promise.resolve();
  }

  onFault(action: string): void {
    this.faults.push(action);
  }

  /** Runs events one after the other from a fresh conversation. */
  async through(...events: DialogEvent[]): Promise<Leg> {
    let leg: Leg = { state: openDialog(openState('c', 0), dialogs.get('guided')!), replies: [], outbox: [] };
    for (const event of [{ type: 'enter' } as const, ...events]) leg = await runDialogs({ ...leg, replies: [] }, event, this);
    return leg;
  }
}

const toForm: DialogEvent[] = [{ type: 'answer', text: 'Agir' }, { type: 'answer', text: '4' }];
const submit: DialogEvent = { type: 'submit', values: { code: '8' } };
const texts = (leg: Leg): string[] => leg.replies.map((reply) => (reply.kind === 'text' ? reply.text : reply.title));

describe('running dialogs', () => {
  it('commits the intention of an action before it is done, with the key it will be done under', async () => {
    const bench = new Bench();
    let committedFirst = false;
    bench.outcome = (name) => {
      if (name === 'test.act') committedFirst = bench.committed.length === 1;
      return { outcome: name === 'test.check' ? 'right' : 'failed' };
    };
    await bench.through(...toForm, submit);
    expect(committedFirst).toBe(true);
    expect(bench.committed[0]?.state.pending).toEqual({ action: 'test.act', key: bench.calls[1]?.input.key });
  });

  it('does a form’s action before any commit, so that its values are never part of one', async () => {
    const bench = new Bench();
    bench.outcome = () => ({ outcome: 'wrong' });
    await bench.through(...toForm, submit);
    expect(bench.calls.map(({ name, input }) => [name, input.sealed])).toEqual([['test.check', { code: 8 }]]);
    expect(bench.committed).toEqual([]);
  });

  it('leaves no action pending once its outcome is known', async () => {
    const leg = await new Bench().through(...toForm, submit);
    expect(leg.state.pending).toBeUndefined();
    expect(innermost(leg.state)).toMatchObject({ dialog: 'inner', step: 'ask' });
  });

  it('gives the caller what the called dialog gives, and nothing more', async () => {
    const leg = await new Bench().through(...toForm, submit, { type: 'answer', text: 'oui' });
    expect(texts(leg).slice(-2)).toEqual(['Fait : 4, un code.', '']);
    expect(leg.state.frames).toEqual([]);
  });

  it('takes up a pending action after a crash under the same key', async () => {
    const bench = new Bench();
    await bench.through(...toForm, submit);
    const before = bench.committed[0]!;
    const leg = await resumeAction({ ...before, replies: [] }, bench);
    expect(bench.calls.map(({ input }) => input.key).slice(1)).toEqual([before.state.pending?.key, before.state.pending?.key]);
    expect(leg.state.pending).toBeUndefined();
    expect(innermost(leg.state)).toMatchObject({ dialog: 'inner', step: 'ask' });
  });

  it('gives two frames of one dialog two keys', async () => {
    const bench = new Bench();
    await bench.through(...toForm, submit);
    const keys = bench.calls.filter(({ name }) => name === 'test.act').map(({ input }) => input.key);
    const other = new Bench();
    let state: ConversationState = { ...openState('c', 0), nextFrameId: 7 };
    state = openDialog(state, dialogs.get('guided')!);
    let leg: Leg = { state, replies: [], outbox: [] };
    for (const event of [{ type: 'enter' } as const, ...toForm, submit]) leg = await runDialogs(leg, event, other);
    expect(other.calls.filter(({ name }) => name === 'test.act').map(({ input }) => input.key)).not.toEqual(keys);
  });

  it('goes on by `otherwise` when an action breaks, and reports it', async () => {
    const bench = new Bench();
    bench.outcome = (name) => (name === 'test.act' ? new Error('broken') : { outcome: 'right' });
    const leg = await bench.through(...toForm, submit);
    expect(bench.faults).toEqual(['test.act']);
    expect(leg.state.frames).toEqual([]);
  });

  it('asks the open question again after a dialog that interrupted it', async () => {
    const bench = new Bench();
    const asked = await bench.through();
    const aside = openDialog(asked.state, dialogs.get('inner')!);
    const leg = await runDialogs({ state: aside, replies: [], outbox: [] }, { type: 'miss' }, bench);
    const over = await runDialogs({ ...leg, replies: [] }, { type: 'miss' }, bench);
    expect(texts(over)).toEqual(['Que faire ?']);
  });
});

describe('going back', () => {
  it('returns one question, as often as wanted, and keeps the other answers', async () => {
    const leg = await new Bench().through(...toForm);
    const once = stepBack(leg.state)!;
    expect(innermost(once)).toMatchObject({ step: 'number', slots: { count: 4 } });
    expect(innermost(stepBack(once)!)).toMatchObject({ step: 'pick', slots: { count: 4 } });
    expect(stepBack(stepBack(once)!)).toBeUndefined();
  });

  it('does not go back over what was done', async () => {
    const leg = await new Bench().through(...toForm, submit);
    expect(stepBack(leg.state)).toBeUndefined();
  });
});

describe('a dialog edited under a conversation', () => {
  it('goes on at the same step where it still exists', async () => {
    const { state } = await new Bench().through();
    const edited = load({ 'guided.yaml': `${GUIDED}\n# un mot de plus\n`, 'inner.yaml': INNER }).dialogs;
    const fitted = fitToContent(state, edited);
    expect(innermost(fitted!)).toMatchObject({ step: 'pick', hash: edited.get('guided')!.hash });
    expect(edited.get('guided')!.hash).not.toBe(innermost(state)!.hash);
  });

  it('is said to be gone where the step is', async () => {
    const { state } = await new Bench().through();
    const edited = load({ 'guided.yaml': GUIDED.replaceAll('pick', 'choose-now'), 'inner.yaml': INNER }).dialogs;
    expect(fitToContent(state, edited)).toBeUndefined();
  });
});
