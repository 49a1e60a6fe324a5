// Engines that search texts, each behind { name, train(rows) -> rank(text) -> [{ label, score }] }: a label has the score
// of its best phrasing.
import { createRequire } from 'node:module';
import { bestByLabel, fold, terms } from './french.mjs';

const require = createRequire(import.meta.url);
const found = 50;

export const minisearchPlain = {
  name: 'minisearch',
  train: (rows) => mini(rows, { processTerm: fold }, {}),
};

export const minisearchStop = {
  name: 'minisearch, stop words and stems',
  train: (rows) => mini(rows, { tokenize: terms, processTerm: (term) => term }, { fuzzy: 0.2 }),
};

function mini(rows, options, searchOptions) {
  const MiniSearch = require('minisearch');
  const index = new MiniSearch({ fields: ['text'], storeFields: ['label'], ...options });
  index.addAll(rows.map((row, id) => ({ id, ...row })));
  return (text) => bestByLabel(index.search(text, searchOptions));
}

export const fuseWhole = {
  name: 'fuse.js, whole query',
  train: (rows) => fuse(rows, { ignoreLocation: true, ignoreDiacritics: true, threshold: 0.6 }),
};

export const fuseToken = {
  name: 'fuse.js, token search',
  train: (rows) => fuse(rows, { ignoreLocation: true, ignoreDiacritics: true, useTokenSearch: true, tokenize: terms, threshold: 0.3 }),
};

function fuse(rows, options) {
  const Fuse = require('fuse.js').default ?? require('fuse.js');
  const index = new Fuse(rows, { keys: ['text'], includeScore: true, ...options });
  return (text) => bestByLabel(index.search(text.slice(0, 300), { limit: found }).map(({ item, score }) => ({ label: item.label, score: 1 - score })));
}

export const lunrStems = {
  name: 'lunr',
  train(rows) {
    const lunr = require('lunr');
    const builder = new lunr.Builder();
    builder.ref('id');
    builder.field('text');
    // Terms are French stems already: lunr's own pipeline is for English.
    builder.tokenizer = (value) => terms(String(value)).map((term) => new lunr.Token(term, {}));
    rows.forEach(({ text }, id) => builder.add({ id, text }));
    const index = builder.build();
    return (text) => {
      const hits = index.query((query) => {
        for (const term of new Set(terms(text))) {
          query.term(term, { usePipeline: false });
          if (term.length >= 5) query.term(term, { usePipeline: false, editDistance: 1, boost: 0.3 });
        }
      });
      return bestByLabel(hits.map(({ ref, score }) => ({ label: rows[Number(ref)].label, score })));
    };
  },
};

export const flexsearch = {
  name: 'flexsearch',
  train(rows) {
    const { Index } = require('flexsearch');
    const index = new Index({ tokenize: 'forward', resolution: 9, encode: terms });
    rows.forEach(({ text }, id) => index.add(id, text));
    // It gives an order and no score: only the first place can be compared.
    return (text) => bestByLabel(index.search(text, { limit: found, suggest: true }).map((id, at) => ({ label: rows[id].label, score: 1 - at / found })));
  },
};

export const orama = {
  name: 'orama',
  train(rows) {
    const { create, insertMultiple, search } = require('@orama/orama');
    const tokenizer = { language: 'french', normalizationCache: new Map(), tokenize: (text) => [...new Set(terms(text))] };
    const index = create({ schema: { text: 'string', label: 'string' }, components: { tokenizer } });
    insertMultiple(index, rows.map(({ text, label }) => ({ text, label })));
    return (text) => {
      const { hits } = search(index, { term: text, properties: ['text'], limit: found });
      return bestByLabel(hits.map(({ document, score }) => ({ label: document.label, score })));
    };
  },
};
