import type { Frame } from '../../../src/conversation/state.js';
import { advance } from '../../../src/dialog/advance.js';
import { placeOf } from '../../../src/dialog/question.js';
import { GUIDED, INNER, load, readers } from '../../support/dialogs.js';

const { dialogs } = load({ 'guided.yaml': GUIDED, 'inner.yaml': INNER });
const guided = dialogs.get('guided')!;

const frameAt = (step: string, slots: Frame['slots'] = {}): Frame => ({ id: 1, dialog: 'guided', step, slots, hash: guided.hash, misses: {} });

describe('advancing a dialog', () => {
  it('goes through what needs nobody, to the first question', () => {
    const moved = advance(guided, frameAt('hello'), { type: 'enter' }, readers)!;
    expect(moved.frame.step).toBe('pick');
    expect(moved.replies).toEqual([
      { kind: 'text', text: 'Bonjour.' },
      { kind: 'text', text: 'Que faire ?', choices: ['Agir', 'Partir'] },
    ]);
    expect(moved.next).toEqual({ kind: 'wait' });
  });

  it('claims an answer that fits and leaves any other to someone else', () => {
    expect(advance(guided, frameAt('pick'), { type: 'answer', text: 'agir' }, readers)?.frame.step).toBe('number');
    expect(advance(guided, frameAt('pick'), { type: 'answer', text: 'il pleut' }, readers)).toBeUndefined();
  });

  it('puts what a reader read into the slot', () => {
    expect(advance(guided, frameAt('number'), { type: 'answer', text: '4' }, readers)?.frame).toMatchObject({ step: 'secret', slots: { count: 4 } });
    expect(advance(guided, frameAt('number'), { type: 'answer', text: '5' }, readers)).toBeUndefined();
  });

  it('asks again after a miss, and takes the other way when its patience is over', () => {
    const once = advance(guided, frameAt('pick'), { type: 'miss' }, readers)!;
    expect(once.replies.map((reply) => (reply.kind === 'text' ? reply.text : ''))).toEqual(['Choisissez.', 'Que faire ?']);
    const twice = advance(guided, once.frame, { type: 'miss' }, readers)!;
    expect(twice.next).toEqual({ kind: 'end', result: 'left' });
  });

  it('shows a form with the marks filled in and the place it will come back with', () => {
    const { replies, frame } = advance(guided, frameAt('number'), { type: 'answer', text: '4' }, readers)!;
    expect(replies).toMatchObject([{ kind: 'form', title: 'Le secret', why: 'Parce que 4.', place: placeOf(frame), fields: [{ name: 'code' }] }]);
  });

  it('says what is wrong beside the field, and never gives the value back', () => {
    const { replies, frame } = advance(guided, frameAt('secret'), { type: 'submit', values: { code: '73190461' } }, readers)!;
    expect(replies).toMatchObject([{ kind: 'form', fields: [{ name: 'code', error: 'Impair.' }] }]);
    expect(JSON.stringify([replies, frame])).not.toContain('73190461');
  });

  it('hands the values of a good form to the action and keeps none in the frame', () => {
    const { next, frame } = advance(guided, frameAt('secret'), { type: 'submit', values: { code: '73190462' } }, readers)!;
    expect(next).toEqual({ kind: 'act', action: 'test.check', sealed: { code: 73_190_462 } });
    expect(JSON.stringify(frame)).not.toContain('73190462');
  });

  it('gives up on a form that stays wrong', () => {
    const wrong = { type: 'submit', values: {} } as const;
    const once = advance(guided, frameAt('secret'), wrong, readers)!;
    expect(advance(guided, once.frame, wrong, readers)?.next).toEqual({ kind: 'end', result: 'left' });
  });

  it.each([
    ['done', { kind: 'call', dialog: 'inner', slots: {} }],
    ['failed', { kind: 'end', result: 'left' }],
    ['an outcome nobody foresaw', { kind: 'end', result: 'left' }],
  ])('follows the branch of the outcome « %s »', (outcome, next) => {
    expect(advance(guided, frameAt('act'), { type: 'outcome', outcome }, readers)?.next).toEqual(next);
  });

  it('repeats the open question without counting a miss', () => {
    const again = advance(guided, frameAt('pick'), { type: 'ask-again' }, readers)!;
    expect(again.frame).toEqual(frameAt('pick'));
    expect(again.replies).toHaveLength(1);
  });

  it('is pure: the same arguments give the same result and nothing given is changed', () => {
    const frame = Object.freeze(frameAt('pick'));
    const event = Object.freeze({ type: 'miss' as const });
    expect(advance(guided, frame, event, readers)).toEqual(advance(guided, frame, event, readers));
  });
});

describe('what bounds a dialog', () => {
  const text = `
id: round
title: En rond
steps:
  - id: pick
    choose: Encore ?
    options:
      - { label: Encore, next: number }
      - { label: Vérifier, next: check }
    attempts: 3
    exhausted: leave
  - id: number
    ask: Quel nombre pair ?
    reader: even
    slot: count
    next: pick
    unknown: help
    attempts: 2
    exhausted: leave
  - id: help
    say: Un nombre comme 4.
    next: number
  - id: check
    do: test.act
    on: { done: which, failed: pick }
    otherwise: leave
  - id: which
    when: count
    on: { '4': inside }
    otherwise: pick
  - id: inside
    call: inner
    with: { wish: gift }
    on: { fine: leave, lost: leave }
    otherwise: leave
  - id: leave
    end: left
`;
  const loaded = load({ 'round.yaml': text, 'inner.yaml': INNER });
  const round = loaded.dialogs.get('round')!;
  const start: Frame = { id: 1, dialog: 'round', step: 'pick', slots: {}, hash: round.hash, misses: {} };
  const open = advance(round, start, { type: 'enter' }, readers)!;
  const say = (frame: Frame, text: string) => advance(round, frame, { type: 'answer', text }, readers)!;

  it('is written as authors may write it', () => {
    expect(loaded.faults).toEqual([]);
  });

  it('counts a question that an outcome brings back, and takes the other way when it came as often as it may', () => {
    let moved = open;
    const asked: string[] = [];
    while (moved.next.kind !== 'end') {
      asked.push(moved.frame.step);
      moved = advance(round, say(moved.frame, 'Vérifier').frame, { type: 'outcome', outcome: 'failed' }, readers)!;
      expect(asked.length).toBeLessThan(10);
    }
    expect(asked).toEqual(['pick', 'pick', 'pick']);
  });

  it('counts a question that « je ne sais pas » leads back to', () => {
    const once = say(say(open.frame, 'Encore').frame, 'je ne sais pas');
    expect(once.replies.map((reply) => (reply.kind === 'text' ? reply.text : ''))).toEqual(['Un nombre comme 4.', 'Quel nombre pair ?']);
    expect(say(once.frame, 'je sais pas').next).toEqual({ kind: 'end', result: 'left' });
  });

  it('starts anew at a question that the person goes to by choice, and at no other', () => {
    const missed = advance(round, say(open.frame, 'Encore').frame, { type: 'miss' }, readers)!;
    expect(missed.frame.misses).toEqual({ pick: 0, number: 1 });
    const back = say(missed.frame, '4');
    expect(back.frame.misses).toEqual({ pick: 1, number: 1 });
    expect(say(back.frame, 'Encore').frame.misses).toEqual({ pick: 1, number: 0 });
  });

  it('goes on by the value of a slot, or otherwise, and gives the called dialog its slots', () => {
    const checked = (slots: Frame['slots']) => advance(round, { ...start, step: 'check', slots }, { type: 'outcome', outcome: 'done' }, readers)!;
    expect(checked({ count: 4 }).next).toEqual({ kind: 'call', dialog: 'inner', slots: { wish: 'gift' } });
    expect(checked({ count: 6 }).frame.step).toBe('pick');
    expect(checked({}).frame.step).toBe('pick');
  });

  it('takes a value that somebody else could read, only where its own reader cannot', () => {
    const asked = say(open.frame, 'Encore').frame;
    const heard = (text: string) => advance(round, asked, { type: 'answer', text, value: 8 }, readers)!.frame.slots;
    expect([heard('huit'), heard('6')]).toEqual([{ count: 8 }, { count: 6 }]);
  });

  it('breaks off a dialog that turns in a circle without anybody, rather than hold the process', () => {
    const circle = (steps: string) => load({ 'turn.yaml': `id: turn\ntitle: Tour\nsteps:\n${steps}` }).dialogs.get('turn')!;
    const said = circle('  - { id: a, say: Un., next: b }\n  - { id: b, say: Deux., next: a }\n');
    const asked = circle('  - { id: a, choose: Un ?, options: [{ label: Un, next: a }], attempts: 1, exhausted: a }\n');
    const at = (misses: Frame['misses']): Frame => ({ id: 1, dialog: 'turn', step: 'a', slots: {}, hash: '', misses });
    expect(() => advance(said, at({}), { type: 'enter' }, readers)).toThrow(/never comes to rest/);
    expect(() => advance(asked, at({ a: 1 }), { type: 'miss' }, readers)).toThrow(/never comes to rest/);
  });
});
