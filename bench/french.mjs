// French for engines that bring none of their own: words, function words, stems. What it gives is the same for all of them.
import { createRequire } from 'node:module';

const snowball = createRequire(import.meta.url)('snowball-stemmers');
const french = snowball.newStemmer('french');
const stems = new Map();

const stopWords = new Set(
  ('a ai ainsi alors as au aux avec c ca car ce cela ces cet cette comme d dans de des donc du elle en es est et etait etre eu eux il ils ' +
    'j je l la le les leur lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou par pour qu que qui s sa se ses si son sont ' +
    'sur t ta te tes toi ton tu un une vos votre vous y ete suis fait faire peut peux puis j ai bonjour merci svp').split(' '),
);

export function fold(text) {
  return text.normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae');
}

export function words(text) {
  return text.toLowerCase().replace(/œ/g, 'oe').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

export function stem(word) {
  let known = stems.get(word);
  if (known === undefined) stems.set(word, (known = fold(french.stem(word))));
  return known;
}

/** Stems of the words that carry meaning; of all words where none does. */
export function terms(text) {
  const all = words(text);
  const kept = all.filter((word) => !stopWords.has(fold(word)));
  return (kept.length > 0 ? kept : all).map(stem);
}

/** Best first, one row a label: that of its best phrasing. */
export function bestByLabel(hits) {
  const best = new Map();
  for (const { label, score } of hits) if (!best.has(label) || best.get(label) < score) best.set(label, score);
  return [...best].map(([label, score]) => ({ label, score })).sort((a, b) => b.score - a.score);
}
