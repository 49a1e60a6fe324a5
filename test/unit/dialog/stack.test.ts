import { openState, type ConversationState } from '../../../src/conversation/state.js';
import { runDialogs, type Leg, type World } from '../../../src/dialog/run.js';
import { forgetTrail, innermost, openDialog, rememberPlace, replaceInnermost, stepBack } from '../../../src/dialog/stack.js';
import { HEARING, INNER, load, readers } from '../../support/dialogs.js';

const OUTER = `
id: outer
title: Dehors
steps:
  - id: inside
    call: hearing
    with: { wish: gift }
    on: { done: over, left: over }
    otherwise: over
  - id: over
    end: done
`;
const { dialogs, faults } = load({ 'outer.yaml': OUTER, 'hearing.yaml': HEARING, 'inner.yaml': INNER });
const [outer, hearing] = [dialogs.get('outer')!, dialogs.get('hearing')!];
const fresh = openState('c', 0);
const world: World = { dialogs, readers, actions: {}, onFault: () => undefined, commit: () => Promise.resolve() };

describe('opening a dialog', () => {
  it('is of dialogs that can be read', () => {
    expect(faults).toEqual([]);
  });

  it('keeps of what was heard only what its questions listen for', () => {
    const heard = { kin: 'parent', colour: 'bleu' };
    expect(innermost(openDialog(fresh, hearing, heard))?.heard).toEqual({ kin: 'parent' });
    expect(innermost(openDialog(fresh, dialogs.get('inner')!, heard))).not.toHaveProperty('heard');
  });

  it('gives each frame an id of its own, never one that was used', () => {
    const two = openDialog(openDialog(fresh, outer), hearing);
    expect(two.frames.map(({ id }) => id)).toEqual([1, 2]);
    expect(two.nextFrameId).toBe(3);
  });

  it('gives a called dialog the slots of `with`, what was heard, and nothing else of its caller', async () => {
    const called: Leg = { state: openDialog(fresh, { ...outer, steps: new Map([...outer.steps, ...hearing.steps]) }, { kin: 'parent' }, { own: 'mine' }), replies: [], outbox: [] };
    const { state } = await runDialogs(called, { type: 'enter' }, world);
    expect(innermost(state)).toMatchObject({ dialog: 'hearing', step: 'who', slots: { wish: 'gift' }, heard: { kin: 'parent' } });
    expect(innermost(state)?.slots).not.toHaveProperty('own');
  });
});

describe('the way back', () => {
  const at = (state: ConversationState, step: string): ConversationState => rememberPlace(replaceInnermost(state, { ...innermost(state)!, step, slots: { count: 4 } }));

  it('is bounded, so that the state is', () => {
    let state = openDialog(fresh, hearing);
    for (let i = 0; i < 100; i += 1) state = at(state, i % 2 === 0 ? 'who' : 'amount');
    expect(state.trail.length).toBeLessThanOrEqual(20);
    expect(stepBack(state)).toBeDefined();
  });

  it('is shorter where dialogs call dialogs, and still there', () => {
    let state = openDialog(openDialog(openDialog(openDialog(openDialog(fresh, outer), outer), outer), outer), hearing);
    for (let i = 0; i < 100; i += 1) state = at(state, i % 2 === 0 ? 'who' : 'amount');
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(8_000);
    expect(stepBack(stepBack(stepBack(state)!)!)).toBeDefined();
  });

  it('does not count a place twice in a row', () => {
    const state = at(at(openDialog(fresh, hearing), 'who'), 'who');
    expect(state.trail).toHaveLength(1);
    expect(stepBack(state)).toBeUndefined();
  });

  it('keeps the answers given since, and none of them in the trail', () => {
    const state = at(at(openDialog(fresh, hearing), 'who'), 'amount');
    expect(innermost(stepBack(state)!)).toMatchObject({ step: 'who', slots: { count: 4 } });
    expect(JSON.stringify(state.trail)).not.toContain('count');
  });

  it('ends where something was done', () => {
    const state = forgetTrail(at(at(openDialog(fresh, hearing), 'who'), 'amount'));
    expect(stepBack(state)).toBeUndefined();
  });
});
