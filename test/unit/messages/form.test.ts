/** Cards read into forms, and numbers written in groups: the parts of the form that need no page. */
import fc from 'fast-check';
import { asksAgain, readCard } from '../../../src/messages/card.js';
import { compact, groupNir } from '../../../src/messages/form.js';

const card = {
  type: 'AdaptiveCard',
  body: [
    { type: 'TextBlock', text: 'Vos informations', weight: 'Bolder' },
    { type: 'TextBlock', text: 'Pour retrouver votre dossier.', wrap: true },
    { type: 'TextBlock', id: 'nir-error', text: 'Vérifiez ce numéro.', color: 'Attention' },
    { type: 'Input.Text', id: 'nir', label: 'Numéro', placeholder: '15 chiffres', maxLength: 21, isRequired: true, errorMessage: 'Écrivez-le.', inputMode: 'numeric', autocomplete: 'off' },
    { type: 'Input.Text', id: 'code', label: 'Code' },
  ],
  actions: [
    { type: 'Action.Submit', title: 'Annuler', data: { msteams: { type: 'imBack', value: 'Annuler' }, say: 'Annuler' } },
    { type: 'Action.Submit', title: 'Continuer', data: { place: 'unlock/identity#2' } },
  ],
};

describe('readCard', () => {
  it('reads title, reason, fields, errors, the button that sends and the ways out', () => {
    const model = readCard(card);
    expect(model).toMatchObject({ place: 'unlock/identity#2', title: 'Vos informations', why: ['Pour retrouver votre dossier.'], submit: 'Continuer' });
    expect(model?.ways).toEqual([{ title: 'Annuler', say: 'Annuler' }]);
    expect(model?.fields.map(({ name, error, required, inputMode, autocomplete }) => [name, error, required, inputMode, autocomplete])).toEqual([
      ['nir', 'Vérifiez ce numéro.', true, 'numeric', 'off'],
      ['code', '', false, 'text', 'off'],
    ]);
  });

  it('says of an emptied field that it is empty, not what was wrong before', () => {
    const faulty = readCard(card)?.fields[0];
    const clean = readCard({ ...card, body: card.body.filter(({ id }) => id !== 'nir-error') })?.fields[0];
    expect(clean?.whenEmpty).toBe('Écrivez-le.');
    expect(faulty?.whenEmpty).not.toBe('Écrivez-le.');
  });

  it.each([undefined, null, 'x', 3, [], {}, { body: 'x', actions: null }, { ...card, actions: [] }, { ...card, actions: [{ title: 'Envoyer', data: {} }] }])('gives nothing for what is not a form that could be sent: %j', (content) => {
    expect(readCard(content)).toBeUndefined();
  });

  it('knows a form that asks the same again, or asks to mend an answer', () => {
    const model = readCard(card)!;
    const clean = { ...model, fields: model.fields.map((field) => ({ ...field, error: '' })) };
    expect(asksAgain(model, undefined)).toBe(true);
    expect(asksAgain(clean, undefined)).toBe(false);
    expect(asksAgain(clean, { ...clean, place: 'elsewhere' })).toBe(false);
    expect(asksAgain(clean, clean)).toBe(true);
  });
});

describe('groupNir', () => {
  it.each([
    ['185057800608436', '1 85 05 78 006 084 36'],
    ['1.85.05.78.006.084.36', '1 85 05 78 006 084 36'],
    ['2 84 05 2a 321 025 52', '2 84 05 2A 321 025 52'],
    ['18505', '1 85 05'],
    ['1850', '1 85 0'],
    ['', ''],
    ['１８５ ٠٥', '１ ８５ ٠٥'],
    ['1850578006084367', '1 85 05 78 006 084 367'],
  ])('writes %j as %j', (typed, grouped) => {
    expect(groupNir(typed, typed.length)).toEqual({ text: grouped, caret: grouped.length });
  });

  it('keeps the caret after the same digit when something changes before it', () => {
    expect(groupNir('1 8505 78', 4)).toEqual({ text: '1 85 05 78', caret: 4 });
    expect(groupNir('19 85', 2)).toEqual({ text: '1 98 5', caret: 3 });
  });

  it('loses and invents no letter or digit, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.nat(40), (typed, at) => {
        const caret = Math.min(at, typed.length);
        const once = groupNir(typed, caret);
        expect(compact(once.text)).toBe(compact(typed));
        expect(compact(once.text.slice(0, once.caret))).toBe(compact(typed.slice(0, caret)));
        expect(groupNir(once.text, once.caret)).toEqual(once);
      }),
    );
  });
});
