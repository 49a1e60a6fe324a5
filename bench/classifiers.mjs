// Engines that learn labels, each behind { name, train(rows) -> rank(text) -> [{ label, score }] }, best first.
import { createRequire } from 'node:module';
import { bestByLabel, fold, stem, terms, words } from './french.mjs';

const require = createRequire(import.meta.url);

/** A linear SVM (squared hinge, dual coordinate descent) on word 1-2-grams and in-word character 2-4-grams, idf over labels. */
export const svm = {
  name: 'linear SVM, same features',
  train(rows) {
    const labels = [...new Set(rows.map(({ label }) => label))];
    const space = learnSpace(rows);
    const vectors = rows.map(({ text }) => space.vector(text));
    const weights = labels.map((label) => trainOne(vectors, rows.map((row) => row.label === label), space.size));
    return (text) => {
      const vector = space.vector(text);
      return labels.map((label, at) => ({ label, score: dot(weights[at], vector) })).sort((a, b) => b.score - a.score);
    };
  },
};

function blocksOf(text) {
  const all = words(text).map((word) => ({ stem: stem(word), folded: fold(word) }));
  const block = [new Map(), new Map()];
  const add = (at, key, by) => block[at].set(key, (block[at].get(key) ?? 0) + by);
  all.forEach((word, at) => {
    add(0, word.stem, 1);
    if (at > 0) add(0, `${all[at - 1].stem} ${word.stem}`, 0.3);
    const padded = `<${word.folded}>`;
    for (let size = 2; size <= 4; size += 1) for (let from = 0; from + size <= padded.length; from += 1) add(1, `#${padded.slice(from, from + size)}`, 1);
  });
  return block;
}

function learnSpace(rows) {
  const holders = new Map();
  for (const { label, text } of rows) {
    for (const block of blocksOf(text)) for (const key of block.keys()) holders.set(key, (holders.get(key) ?? new Set()).add(label));
  }
  const count = new Set(rows.map(({ label }) => label)).size;
  const ids = new Map([...holders.keys()].map((key, at) => [key, at]));
  const idf = new Map([...holders].map(([key, labels]) => [key, 1 + Math.log((1 + count) / (1 + labels.size))]));
  const vector = (text) =>
    blocksOf(text).flatMap((block) => {
      const cells = [...block].filter(([key]) => ids.has(key)).map(([key, by]) => [ids.get(key), (1 + Math.log1p(by - 1)) * idf.get(key)]);
      const norm = Math.sqrt(2 * cells.reduce((sum, [, value]) => sum + value * value, 0)) || 1;
      return cells.map(([id, value]) => [id, value / norm]);
    });
  return { vector, size: ids.size };
}

function dot(weights, vector) {
  let sum = weights[weights.length - 1];
  for (const [id, value] of vector) sum += weights[id] * value;
  return sum;
}

function trainOne(vectors, sides, size) {
  const weights = new Float64Array(size + 1);
  const duals = new Float64Array(vectors.length);
  const positives = sides.filter(Boolean).length;
  const cost = Math.sqrt((sides.length - positives) / positives);
  const squares = vectors.map((vector) => 1 + vector.reduce((sum, [, value]) => sum + value * value, 0));
  for (let pass = 0; pass < 25; pass += 1) {
    for (let step = 0; step < vectors.length; step += 1) {
      // A fixed stride visits rows of different labels one after the other, without a draw.
      const at = (step * 7919 + pass * 104729) % vectors.length;
      const [side, slack] = sides[at] ? [1, 1 / (2 * cost)] : [-1, 0.5];
      const next = Math.max(0, duals[at] - (side * dot(weights, vectors[at]) - 1 + slack * duals[at]) / (squares[at] + slack));
      const move = (next - duals[at]) * side;
      if (move === 0) continue;
      duals[at] = next;
      weights[size] += move;
      for (const [id, value] of vectors[at]) weights[id] += move * value;
    }
  }
  return weights;
}

export const nlpjs = {
  name: 'nlp.js',
  async train(rows) {
    const { containerBootstrap } = require('@nlpjs/core');
    const { Nlp } = require('@nlpjs/nlp');
    const { LangFr } = require('@nlpjs/lang-fr');
    const container = await containerBootstrap();
    container.use(Nlp);
    container.use(LangFr);
    const nlp = container.get('nlp');
    nlp.settings.autoSave = false;
    nlp.addLanguage('fr');
    rows.forEach(({ label, text }) => nlp.addDocument('fr', text, label));
    // It tells each pass of its training on the console, whatever its settings.
    const { log } = console;
    console.log = () => undefined;
    try {
      await nlp.train();
    } finally {
      console.log = log;
    }
    return async (text) => {
      const { classifications = [] } = await nlp.process('fr', text);
      return classifications.filter(({ intent }) => intent !== 'None').map(({ intent, score }) => ({ label: intent, score }));
    };
  },
};

/** Log-scores of a Bayes engine as chances that add up to one: what they are worth across questions. */
function chances(scores) {
  const highest = Math.max(...scores.map(({ score }) => score));
  const total = scores.reduce((sum, { score }) => sum + Math.exp(score - highest), 0);
  return scores.map(({ label, score }) => ({ label, score: Math.exp(score - highest) / total })).sort((a, b) => b.score - a.score);
}

export const naturalBayes = {
  name: 'natural (bayes)',
  train(rows) {
    // One of its dependencies greets on standard output.
    process.env.DOTENV_CONFIG_QUIET = 'true';
    const natural = require('natural');
    // It is given words, already stemmed, since its French stemmer takes one word and drops accents after the fact.
    const classifier = new natural.BayesClassifier();
    rows.forEach(({ label, text }) => classifier.addDocument(terms(text), label));
    classifier.train();
    return (text) => chances(classifier.getClassifications(terms(text)).map(({ label, value }) => ({ label, score: Math.log(value || Number.MIN_VALUE) })));
  },
};

export const wink = {
  name: 'wink naive Bayes',
  train(rows) {
    const classifier = require('wink-naive-bayes-text-classifier')();
    classifier.definePrepTasks([terms]);
    classifier.defineConfig({ considerOnlyPresence: true, smoothingFactor: 0.5 });
    rows.forEach(({ label, text }) => classifier.learn(text, label));
    classifier.consolidate();
    return (text) => {
      const odds = classifier.computeOdds(text);
      // With no known word it answers « unknown », which is no label of ours.
      return bestByLabel(odds.filter(([label]) => label !== 'unknown').map(([label, score]) => ({ label, score })));
    };
  },
};

export const bayes = {
  name: 'bayes',
  async train(rows) {
    const classifier = require('bayes')({ tokenizer: terms });
    for (const { label, text } of rows) await classifier.learn(text, label);
    // `categorize` gives one label; the same sum, over what it has learnt, gives them all.
    return (text) => {
      const counts = Object.entries(classifier.frequencyTable(terms(text)));
      const logOf = (label) => counts.reduce((sum, [term, count]) => sum + count * Math.log(classifier.tokenProbability(term, label)), Math.log(classifier.docCount[label] / classifier.totalDocuments));
      return chances(Object.keys(classifier.categories).map((label) => ({ label, score: logOf(label) })));
    };
  },
};
