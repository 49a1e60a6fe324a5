/** How much of what must be masked is masked, and how much of what must not be: with figures, on sets that do not change. */
import { createMask, MASK } from '../../../src/redaction/mask.js';
import { ordinarySentences } from '../../support/ordinary.js';
import { drawFrom, drawSentence } from '../../support/secrets.js';

const mask = createMask(() => Date.UTC(2026, 10, 23));
const SENTENCES = 300;
const bare = (text: string): string => text.replace(/[^\p{L}\p{N}@]/gu, '').toLowerCase();

it('masks at least 99 secrets of 100 in figures, in 300 sentences, and leaves no six characters of them in a row', () => {
  const draw = drawFrom(7);
  const missed: string[] = [];
  const misnamed: string[] = [];
  for (let turn = 0; turn < SENTENCES; turn += 1) {
    const { sentence, kind, bare: secret } = drawSentence(draw, turn);
    const { text, found } = mask(sentence);
    const left = bare(text);
    const pieces = Array.from({ length: bare(secret).length - 5 }, (_, at) => bare(secret).slice(at, at + 6));
    if (!text.includes(MASK) || pieces.some((piece) => left.includes(piece))) missed.push(`${sentence} -> ${text}`);
    else if (!found.includes(kind)) misnamed.push(`${sentence} -> ${found.join(', ')}, not ${kind}`);
  }
  process.stdout.write(`${JSON.stringify({ sentences: SENTENCES, masked: SENTENCES - missed.length, recall: 1 - missed.length / SENTENCES, misnamed: misnamed.length })}\n`);
  expect(missed.slice(0, SENTENCES / 100)).toEqual(missed);
  // A secret masked under another name is kept no more than under its own, but the person is told something else.
  expect(misnamed.slice(0, SENTENCES / 20)).toEqual(misnamed);
});

it('masks at most 1 of 100 ordinary sentences', () => {
  const sentences = ordinarySentences();
  expect(sentences.length).toBeGreaterThanOrEqual(1_000);
  const wrongly = sentences.filter((text) => mask(text).found.length > 0).map((text) => `${text} -> ${mask(text).text}`);
  process.stdout.write(`${JSON.stringify({ ordinary: sentences.length, wrongly: wrongly.length, rate: wrongly.length / sentences.length })}\n`);
  expect(wrongly.slice(0, sentences.length / 100)).toEqual(wrongly);
});
