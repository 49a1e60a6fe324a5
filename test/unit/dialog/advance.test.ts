import { advance, placeOf } from '../../../src/dialog/advance.js';
import type { Frame } from '../../../src/conversation/state.js';
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
    ['done', { kind: 'call', dialog: 'inner' }],
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
