/** Answers as French people type and say them, with what each must be read as: test/answers/answers.tsv. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { birthDateReader } from '../../../src/answers/birth-date.js';
import { chosenOption, yesNoReader } from '../../../src/answers/closed.js';
import { codeReader, emailReader, errorCodeReader, numberReader, postcodeReader } from '../../../src/answers/details.js';
import { pastDateReader } from '../../../src/answers/past-date.js';
import type { Readers } from '../../../src/answers/reading.js';

const options = [
  { label: 'Débloquer mon compte', also: ['oui'] },
  { label: 'Recevoir un lien par e-mail', also: [] },
  { label: 'Rien pour l’instant', also: ['non', 'plus tard'] },
];

const readers: Readers = {
  birth: birthDateReader(() => '2026-11-23'),
  past: pastDateReader(() => '2026-11-23T10:30'),
  yesno: yesNoReader,
  number: numberReader,
  postcode: postcodeReader,
  email: emailReader,
  code: codeReader,
  error: errorCodeReader,
  choice: {
    reasons: ['none'],
    read(text) {
      const chosen = chosenOption(options, text);
      return chosen ? { ok: true, value: options.indexOf(chosen) + 1 } : { ok: false, reason: 'none' };
    },
  },
};

const rows = readFileSync(path.join(__dirname, '..', '..', 'answers', 'answers.tsv'), 'utf8')
  .split('\n')
  .slice(1)
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));

describe('the table of French answers', () => {
  it('holds enough of each kind', () => {
    const count = (...kinds: string[]) => rows.filter(([kind = '']) => kinds.includes(kind)).length;
    expect(count('birth', 'past')).toBeGreaterThanOrEqual(60);
    expect(count('yesno')).toBeGreaterThanOrEqual(50);
    expect(count('number', 'postcode', 'email', 'choice')).toBeGreaterThanOrEqual(40);
    expect(new Set(rows.map(([kind]) => kind))).toEqual(new Set(Object.keys(readers)));
  });

  it.each(rows)('reads, as %s, « %s » as %s', (kind = '', answer = '', expected = '') => {
    const reading = readers[kind]!.read(answer);
    expect(reading.ok ? String(reading.value) : `!${reading.reason}`).toBe(expected);
    if (!reading.ok) expect(readers[kind]!.reasons).toContain(reading.reason);
  });
});
