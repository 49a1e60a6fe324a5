/** Cards, read by the reference library of their format. */
import type * as Reference from 'adaptivecards';
import { toCard } from '../../../src/channels/cards.js';
import type { FormReply } from '../../../src/conversation/reply.js';
import { FORM } from '../../support/web-door.js';

// Its main entry cannot be required; the bundle for browsers can.
const { AdaptiveCard, TextBlock, TextInput } = jest.requireActual<typeof Reference>('adaptivecards/dist/adaptivecards.js');
const labels = { fieldMissing: 'Ce champ est à remplir.' };

function read(form: FormReply): Reference.AdaptiveCard {
  const card = new AdaptiveCard();
  card.parse(toCard(form, labels));
  return card;
}

const faultsOf = (card: Reference.AdaptiveCard) => card.validateProperties().validationEvents.map(({ message }) => message);

describe('the card of a form', () => {
  it('has no fault that the reference library can find', () => {
    expect(faultsOf(read(FORM))).toEqual([]);
  });

  it('would have one without a label, so that the check above means something', () => {
    const nameless = { ...FORM, fields: [{ ...FORM.fields[0]!, label: '' }] };
    expect(faultsOf(read(nameless))).not.toEqual([]);
  });

  it('asks each field by its label, all of them required', () => {
    const inputs = read(FORM).getAllInputs().filter((input) => input instanceof TextInput);
    expect(inputs.map(({ id, label, placeholder, maxLength, isRequired }) => ({ id, label, placeholder, maxLength, isRequired }))).toEqual([
      { id: 'nir', label: 'Numéro de sécurité sociale', placeholder: '2 55 08 14 168 025 38', maxLength: 21, isRequired: true },
      { id: 'birth', label: 'Date de naissance', placeholder: undefined, maxLength: 10, isRequired: true },
    ]);
  });

  it('says of a field left empty that it is to be filled, even where the last value was wrong', () => {
    expect(read(FORM).getAllInputs().map((input) => input.errorMessage)).toEqual([labels.fieldMissing, labels.fieldMissing]);
  });

  it('tells a screen reader the title and what is wrong, not the why again', () => {
    expect(read(FORM).speak).toBe('Vérifier votre identité\nCette date n’existe pas.');
    expect(read({ ...FORM, fields: [FORM.fields[0]!] }).speak).toBe('Vérifier votre identité');
  });

  it('says what is wrong with a field just before it', () => {
    const card = read(FORM);
    const order = Array.from({ length: card.getItemCount() }, (_, index) => card.getItemAt(index));
    const texts = order.map((item) => (item instanceof TextBlock ? item.text : `<${item.id ?? ''}>`));
    expect(texts).toEqual([FORM.title, FORM.why, '<nir>', 'Cette date n’existe pas.', '<birth>']);
    expect(card.getElementById('birth-error')).toMatchObject({ wrap: true });
  });

  it('submits the place, and offers each way out without the fields', () => {
    const card = read(FORM);
    const actions = Array.from({ length: card.getActionCount() }, (_, index) => card.getActionAt(index) as Reference.SubmitAction);
    expect(actions.map(({ title, style, data, associatedInputs }) => ({ title, style, data, associatedInputs }))).toEqual([
      { title: 'Continuer', style: 'positive', data: { place: FORM.place }, associatedInputs: undefined },
      {
        title: 'Parler à un conseiller',
        style: 'default',
        data: { msteams: { type: 'imBack', value: 'Parler à un conseiller' }, say: 'Parler à un conseiller' },
        associatedInputs: 'none',
      },
    ]);
  });

  it('tells our own page which keyboard to show', () => {
    const inputs = toCard(FORM, labels).body.filter((element) => element['type'] === 'Input.Text');
    expect(inputs.map((input) => [input['inputMode'], input['autocomplete']])).toEqual([['numeric', 'off'], ['text', 'bday']]);
  });
});
