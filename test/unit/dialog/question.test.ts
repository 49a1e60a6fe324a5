import type { Frame, Slots } from '../../../src/conversation/state.js';
import { advance, type Advance } from '../../../src/dialog/advance.js';
import { HEARING, load, readers } from '../../support/dialogs.js';

const { dialogs, faults } = load({ 'hearing.yaml': HEARING });
const hearing = dialogs.get('hearing')!;

function opened(heard?: Slots): Advance {
  const frame: Frame = { id: 1, dialog: 'hearing', step: 'who', slots: {}, hash: hearing.hash, misses: {}, ...(heard ? { heard } : {}) };
  return advance(hearing, frame, { type: 'enter' }, readers)!;
}

const say = ({ frame }: Advance, text: string): Advance => advance(hearing, frame, { type: 'answer', text }, readers)!;
const lastOf = (moved: Advance) => moved.replies.at(-1);

describe('a question whose answer was heard in the first message', () => {
  it('is written as authors may write it', () => {
    expect(faults).toEqual([]);
  });

  it('is confirmed rather than asked: a choice by its label, a question by its value', () => {
    expect(lastOf(opened({ kin: 'parent' }))).toEqual({ kind: 'text', text: "« Pour ma mère », c'est bien cela ?", choices: ['Oui', 'Non'] });
    const next = say(opened({ kin: 'parent', amount: '8' }), 'ouais');
    expect(lastOf(next)).toEqual({ kind: 'text', text: "8, n'est-ce pas ?", choices: ['Exactement celui-là', 'Un autre nombre'] });
  });

  it.each(['Exactement celui-là', 'oui', 'tout à fait'])('takes what was heard on « %s »', (yes) => {
    const done = say(say(opened({ kin: 'parent', amount: '8' }), 'Oui'), yes);
    expect(done.frame.slots).toEqual({ count: 8 });
    expect(done.next).toEqual({ kind: 'end', result: 'done' });
  });

  it.each(['Un autre nombre', 'non', 'pas du tout'])('asks as if nothing had been heard on « %s », and counts no try', (no) => {
    const asked = say(say(opened({ kin: 'parent', amount: '8' }), 'Oui'), no);
    expect(lastOf(asked)).toEqual({ kind: 'text', text: 'Combien ?' });
    expect(asked.frame).toMatchObject({ step: 'amount', slots: {}, misses: { amount: 0 } });
    expect(say(asked, '6').frame.slots).toEqual({ count: 6 });
  });

  it('takes another answer than yes or no for the answer', () => {
    const other = say(opened({ kin: 'parent' }), 'Pour moi');
    expect(other.frame).toMatchObject({ step: 'amount' });
    expect(say(say(opened({ kin: 'parent', amount: '8' }), 'Oui'), '6').frame.slots).toEqual({ count: 6 });
  });

  it('keeps what was heard for the questions after it', () => {
    expect(lastOf(say(opened({ amount: '8' }), 'Pour moi'))).toMatchObject({ text: "8, n'est-ce pas ?" });
    expect(lastOf(say(opened({ kin: 'parent', amount: '8' }), 'Pour moi'))).toMatchObject({ text: "8, n'est-ce pas ?" });
  });

  it.each([
    ['nothing was heard', undefined],
    ['what was heard means no option', { kin: 'neighbour' }],
    ['something else was heard', { amount: '8' }],
  ])('is asked where %s', (_why, heard) => {
    expect(lastOf(opened(heard))).toEqual({ kind: 'text', text: 'Pour qui ?', choices: ['Pour moi', 'Pour ma mère'] });
  });

  it('is asked where what was heard cannot be read as its answer', () => {
    expect(lastOf(say(opened({ kin: 'parent', amount: '7' }), 'Oui'))).toEqual({ kind: 'text', text: 'Combien ?' });
  });

  it('lets the person not know, whether asked or to confirm', () => {
    expect(say(opened(), 'je ne sais pas').replies).toEqual([{ kind: 'text', text: 'Prenons votre temps.' }]);
    expect(say(opened({ kin: 'parent' }), 'aucune idée').replies).toEqual([{ kind: 'text', text: 'Prenons votre temps.' }]);
  });
});
