/** The exported conversation as text: what was said, by whom and when, without the marks of the drawing. */
import { writeText } from '../../../src/messages/message.js';
import { writeRecord } from '../../../src/widget/record.js';

const at = new Date(2026, 10, 23, 9, 5);

describe('a record of the conversation', () => {
  it('has a title and one paragraph a message, in order, with who said it and when', () => {
    const lines = [{ name: 'Vous', at, text: 'bonjour' }, { name: 'Sésame', at, text: 'Bonjour.\nQue puis-je faire ?' }];
    const [title, ...said] = writeRecord(lines).split('\n\n');
    expect(title).toBe('Discussion avec Sésame');
    expect(said.map((one) => one.split('\n'))).toEqual([
      [expect.stringMatching(/^Vous, 23\/11\/2026.09:05$/), 'bonjour'],
      [expect.stringMatching(/^Sésame, 23\/11\/2026.09:05$/), 'Bonjour.', 'Que puis-je faire ?', ''],
    ]);
  });

  it('is a title alone where nothing was said', () => {
    expect(writeRecord([])).toBe('Discussion avec Sésame\n');
  });
});

describe('the words of a message in it', () => {
  it.each([
    ['**Important**', 'Important'],
    ['Voir [votre compte](https://site.example/a) ici', 'Voir votre compte (https://site.example/a) ici'],
    ['2 * 3 * 4, [entre crochets]', '2 * 3 * 4, [entre crochets]'],
    ['à l\u202Eenvers', 'à lenvers'],
  ])('%j become %j', (text, written) => {
    expect(writeText(text)).toBe(written);
  });
});
