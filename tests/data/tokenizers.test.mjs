import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { bpeEncoder, commonWords, trainBpe } from '../../build-scripts/data/bpe.mjs';
import { scenes } from '../../build-scripts/data/everyday.mjs';
import { learnMerges } from '../../build-scripts/data/merges.mjs';
import { trainWordPiece, wordPieceEncoder } from '../../build-scripts/data/wordpiece.mjs';
import { TextTokenizer } from '../../web/engine/tokenizer.ts';

const texts = [];
for (const { text } of scenes('tokenizers')) {
  texts.push(text);
  if (texts.length === 6000) break;
}
const kSize = 2600;
const kWhole = 1500;
const bpe = trainBpe(texts, { size: kSize, whole: kWhole });
const wordPiece = trainWordPiece(texts, { size: kSize, whole: kWhole });

const kOdd = [
  "Zoë's naïve café  opened\n\n\tat 12:30 — didn't it? x² §5",
  'The quick brown fox jumps over the lazy dog.',
  ' leading, trailing ',
  'unhappinessless antidisestablishmentarianism',
  '🙂 ok 日本',
];
const samples = [...texts.slice(0, 300), ...kOdd];

/** Words that are surely among the `count` commonest of the texts, lower case: counted apart from the trainers. */
function commonest(count) {
  const counts = new Map();
  for (const word of texts
    .join('\n')
    .match(/\p{L}+/gu)
    .map((found) => found.toLowerCase()))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const least = sorted[count - 1][1]; // of words as common as the last one, any may have been taken
  return sorted.filter(([, times]) => times > least).map(([word]) => word);
}

/** The names of a vocabulary, by id. */
function namesOf({ model }) {
  return Object.entries(model.vocab)
    .sort((a, b) => a[1] - b[1])
    .map(([name]) => name);
}

/** Greedy byte pairs, as slow and simple as can be: the merge of the lowest rank anywhere in the word, first to last. */
function slowBpe({ model }, word) {
  const whole = word.join('');
  if (model.ignore_merges && whole in model.vocab) return [whole];
  let symbols = word;
  for (const merge of model.merges) {
    const [left, right] = merge.split(' ');
    const next = [];
    while (symbols.length > 0) {
      if (symbols[0] === left && symbols[1] === right) {
        next.push(left + right);
        symbols = symbols.slice(2);
      } else {
        next.push(symbols[0]);
        symbols = symbols.slice(1);
      }
    }
    symbols = next;
  }
  return symbols;
}

describe('learning merges', () => {
  it('takes the commonest pair first, and of equal ones the earlier', () => {
    const words = [
      [['a', 'b', 'c'], 3],
      [['b', 'c'], 2],
      [['x', 'y'], 4],
    ];
    const { merges, symbols } = learnMerges(words, { known: [], join: (a, b) => a + b, size: 3 });
    expect(merges).toEqual([
      ['b', 'c'],
      ['x', 'y'],
      ['a', 'bc'],
    ]);
    expect(symbols).toEqual(['bc', 'xy', 'abc']);
  });

  it('gives what counting everything anew each time gives', () => {
    const words = [
      ...new Set(
        texts
          .slice(0, 40)
          .join(' ')
          .match(/[a-z]+/g),
      ),
    ].map((word, i) => [[...word], 1 + (i % 7)]);
    const { merges } = learnMerges(words, { known: [], join: (a, b) => a + b, size: 60 });
    let spelled = words.map(([symbols]) => symbols);
    for (const [left, right] of merges) {
      const counts = new Map();
      spelled.forEach((symbols, w) => {
        for (let i = 1; i < symbols.length; ++i) {
          const pair = `${symbols[i - 1]} ${symbols[i]}`;
          counts.set(pair, (counts.get(pair) ?? 0) + words[w][1]);
        }
      });
      expect(counts.get(`${left} ${right}`)).toBe(Math.max(...counts.values()));
      spelled = spelled.map((symbols) => {
        const next = [];
        for (let i = 0; i < symbols.length; ++i) {
          if (symbols[i] === left && symbols[i + 1] === right) {
            next.push(left + right);
            ++i;
          } else next.push(symbols[i]);
        }
        return next;
      });
    }
  });
});

describe('byte-level BPE', () => {
  const theirs = new Tokenizer(bpe, {});
  const encode = bpeEncoder(bpe);

  it('has as many entries as were asked for, ids without a gap', () => {
    const ids = Object.values(bpe.model.vocab).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: kSize }, (_, id) => id));
  });

  it('has the commonest words as whole tokens', () => {
    for (const word of commonest(kWhole - 20)) {
      // In its commonest form, which is one of these.
      const capital = word[0].toUpperCase() + word.slice(1);
      const forms = [` ${word}`, ` ${capital}`, capital, word].map((form) => encode(form).length);
      expect(Math.min(...forms), word).toBe(1);
    }
  });

  it('gives the ids of the library and of the engine, and the same bytes back', async () => {
    const engine = await TextTokenizer.create(JSON.stringify(bpe), 'bpe');
    for (const text of samples) {
      const ids = encode(text);
      expect([...theirs.encode(text, { add_special_tokens: false }).ids]).toEqual(ids);
      expect(engine.encode(text).map(({ id }) => id)).toEqual(ids);
      expect(theirs.decode(ids, { clean_up_tokenization_spaces: false })).toBe(text);
    }
  });

  it('gives what merging by hand gives', () => {
    const names = namesOf(bpe);
    for (const text of [...texts.slice(0, 40), 'unhappinessless antidisestablishmentarianism xylophones']) {
      const words = text.match(/ ?[a-zA-Z]+/g).map((word) => [...word.replace(' ', 'Ġ')]);
      for (const word of words) {
        const ids = encode(word.join('').replace('Ġ', ' '));
        expect(ids.map((id) => names[id])).toEqual(slowBpe(bpe, word));
      }
    }
  });

  it('refuses more whole words than fit', () => {
    expect(() => trainBpe(texts.slice(0, 500), { size: 300, whole: 200 })).toThrow(
      '457 tokens do not fit in 300.',
    );
  });

  it('takes a word in its commonest form', () => {
    expect(
      commonWords(
        [
          [' the', 9],
          ['Tom', 5],
          ['The', 4],
          [',', 4],
          [' Tom', 3],
        ],
        2,
      ),
    ).toEqual([' the', 'Tom']);
  });
});

describe('WordPiece', () => {
  const theirs = new Tokenizer(wordPiece, {});
  const encode = wordPieceEncoder(wordPiece);

  it('begins with the special tokens and has as many entries as were asked for', () => {
    const names = namesOf(wordPiece);
    expect(names.slice(0, 5)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
    expect(Object.values(wordPiece.model.vocab).sort((a, b) => a - b)).toEqual(
      Array.from({ length: kSize }, (_, id) => id),
    );
  });

  it('has the commonest words as whole tokens', () => {
    for (const word of commonest(kWhole - 20)) expect(encode(word), word).toHaveLength(1);
  });

  it('gives the ids of the library and of the engine', async () => {
    const engine = await TextTokenizer.create(JSON.stringify(wordPiece), 'wordpiece');
    for (const text of samples) {
      const ids = encode(text);
      expect([...theirs.encode(text, { add_special_tokens: false }).ids]).toEqual(ids);
      expect(engine.encode(text).map(({ id }) => id)).toEqual(ids);
    }
    const { CLS, SEP } = { CLS: wordPiece.model.vocab['[CLS]'], SEP: wordPiece.model.vocab['[SEP]'] };
    expect([...theirs.encode('a dog').ids]).toEqual([CLS, ...encode('a dog'), SEP]);
  });

  it('cuts a word into the longest pieces from its beginning', () => {
    const names = namesOf(wordPiece);
    const has = (piece) => piece in wordPiece.model.vocab;
    for (const word of ['unbelievable', 'gardenersly', 'watermelonish']) {
      const pieces = encode(word).map((id) => names[id]);
      expect(pieces.map((piece) => piece.replace('##', '')).join('')).toBe(word);
      let rest = word;
      for (const piece of pieces) {
        const inside = piece.startsWith('##') ? '##' : '';
        const size = piece.length - inside.length;
        for (let longer = size + 1; longer <= rest.length; ++longer)
          expect(has(inside + rest.slice(0, longer))).toBe(false);
        rest = rest.slice(size);
      }
    }
  });

  it('keeps capitals when it is told to', () => {
    const cased = trainWordPiece(texts.slice(0, 500), { size: 800, whole: 100, lowercase: false });
    expect(wordPieceEncoder(cased)('The')).not.toEqual(wordPieceEncoder(cased)('the'));
    expect([...new Tokenizer(cased, {}).encode('The Dog', { add_special_tokens: false }).ids]).toEqual(
      wordPieceEncoder(cased)('The Dog'),
    );
  });
});
