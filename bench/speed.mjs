// How fast our understanding is: on our knowledge as it is, on a page pasted whole, and on a knowledge a hundred times larger.
import { words } from './french.mjs';

const questions = 2000;

/** Lines of Markdown. Everything is drawn with one seed; times depend on the machine. */
export function speedTable(inDist, content) {
  const { createUnderstanding } = inDist('understanding/decide.js');
  const { percentile } = inDist('evaluation/metrics.js');
  const { randomFrom } = inDist('evaluation/samples.js');
  const random = randomFrom(7);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const entries = [...content.entries.values()];
  const vocabulary = entries.flatMap(({ asks }) => asks).flatMap(words);
  const sentence = (from, length) => Array.from({ length }, () => (random() < 0.1 ? misspelt(pick(from), random) : pick(from))).join(' ');

  const timed = (understanding, texts) => {
    texts.slice(0, 50).forEach((text) => understanding.decide(text));
    return texts.map((text) => {
      const started = performance.now();
      understanding.decide(text);
      return performance.now() - started;
    });
  };
  const load = (options) => {
    const started = performance.now();
    const understanding = createUnderstanding(options);
    return { understanding, seconds: (performance.now() - started) / 1000 };
  };
  const row = (what, times, seconds) =>
    `| ${what} | ${percentile(times, 0.5).toFixed(2)} | ${percentile(times, 0.99).toFixed(2)} | ${Math.max(...times).toFixed(2)} | ${seconds === undefined ? '' : seconds.toFixed(1)} |`;

  const ours = load({ ...content, entries });
  const twelve = timed(ours.understanding, Array.from({ length: questions }, () => sentence(vocabulary, 12)));
  const long = timed(ours.understanding, Array.from({ length: 100 }, () => sentence(vocabulary, 2000).slice(0, 10000)));
  const noise = timed(ours.understanding, Array.from({ length: 100 }, () => Array.from({ length: 10000 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('')));
  const large = synthetic(random, entries[0]);
  const big = load({ entries: large.entries, families: [], lexicon: content.lexicon });
  const bigTimes = timed(big.understanding, Array.from({ length: questions }, () => sentence(large.vocabulary, 12)));
  return [
    '## Speed of ours', '',
    'One word in ten is misspelt. Milliseconds a question; load in seconds, without a cache.', '',
    '| | p50 | p99 | longest | load |', '| --- | ---: | ---: | ---: | ---: |',
    row(`our knowledge (${entries.length} entries), 12 words`, twelve, ours.seconds),
    row('10,000 characters of words', long),
    row('10,000 letters without a space', noise),
    row('2,000 entries of 12 phrasings, 12 words', bigTimes, big.seconds),
    '',
  ];
}

function misspelt(word, random) {
  const at = Math.floor(random() * word.length);
  return word.slice(0, at) + word.slice(at + 1);
}

const syllables = 'ba be bi bo bu ca ce ci co cu da de di do fa fe fi fo ga go la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo'.split(' ');

/** Made-up words, some shared by all entries and some of each one's own, as in a real knowledge. */
function synthetic(random, model) {
  const word = () => Array.from({ length: 2 + Math.floor(random() * 3) }, () => syllables[Math.floor(random() * syllables.length)]).join('');
  const shared = Array.from({ length: 3000 }, word);
  const pick = (list) => list[Math.floor(random() ** 2 * list.length)];
  const entries = Array.from({ length: 2000 }, (_, id) => {
    const own = [word(), pick(shared), pick(shared), pick(shared)];
    const phrase = () => Array.from({ length: 4 + Math.floor(random() * 5) }, () => (random() < 0.4 ? pick(own) : pick(shared))).join(' ');
    return { ...model, id: `e${id}`, title: phrase(), asks: Array.from({ length: 12 }, phrase), screens: [], keywords: own, answer: phrase(), mustMatch: [], mustNotMatch: [] };
  });
  return { entries, vocabulary: entries.flatMap(({ asks }) => asks).flatMap((text) => text.split(' ')) };
}
