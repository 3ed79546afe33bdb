// What the labels of a text become, which words are hidden, what counting finds of them, and when two cards differ.

import { expect, it } from 'vitest';
import { trainBpe } from '../../build-scripts/data/bpe.mjs';
import { Random } from '../../build-scripts/data/random.mjs';
import { trainWordPiece } from '../../build-scripts/data/wordpiece.mjs';
import { countingBaselines } from '../../build-scripts/figures/baselines.mjs';
import { renderCard, rolesOf } from '../../build-scripts/figures/card.mjs';
import { differences, kTolerance } from '../../build-scripts/figures/check.mjs';
import { shortPassports } from '../../build-scripts/figures/figures.mjs';
import { pairLine } from '../../build-scripts/figures/kinds.mjs';
import { framedText, hiddenWords, linksOf, repeatedTexts } from '../../build-scripts/figures/texts.mjs';
import { openTokenizer } from '../../build-scripts/figures/tokens.mjs';

const kText = 'Eric met Nancy, and she gave him a café. The dogs near Eric are his.';
const bpe = openTokenizer(trainBpe([kText], { size: 300, whole: 4 }), { model_type: 'gpt2' });
const pieces = openTokenizer(trainWordPiece([kText.replace('gave', ''), kText], { size: 140, whole: 3 }), {
  model_type: 'bert',
});

it.each([
  ['bytes', bpe],
  ['WordPiece', pieces],
])('every token knows its place in the text: %s', (_, tokenizer) => {
  const tokens = tokenizer.encode(kText);
  expect(tokens.length).toBeGreaterThan(10);
  let before = 0;
  for (const { start, end } of tokens) {
    expect(start).toBeGreaterThanOrEqual(before);
    expect(end).toBeGreaterThan(start - 1);
    expect(kText.slice(start, end)).not.toMatch(/^\s/);
    before = start;
  }
  const covered = tokens.reduce((text, { start, end }) => text.fill('x', start, end), [...kText]).join('');
  expect(covered.replace(/[x ]/g, '')).toBe('');
});

/** Words and punctuation as tokens of one word each, by their first letters. */
function words(text) {
  return [...text.matchAll(/\p{L}+|[^\s\p{L}]/gu)].map(({ 0: found, index }, word) => ({
    id: found.codePointAt(0),
    start: index,
    end: index + found.length,
    word,
  }));
}
const plain = { special: new Set(), isPunctuation: (id) => id > 1 && id < 65 };
const span = (text, word, from = 0) => {
  const start = text.indexOf(word, from);
  return [start, start + word.length];
};

it('a pronoun links to every mention of whom it means; other names before it are the others', () => {
  const text = 'Eric met Nancy. Eric saw the dog and he ran to Tom.';
  const framed = framedText(plain, words(text), { before: [1], after: [2], length: 99 });
  expect(framed.ids).toHaveLength(words(text).length + 2);
  expect(framed.punctuation).toContain(4);
  const second = span(text, 'Eric', 5);
  const labels = [
    { kind: 'name', at: second, of: span(text, 'Eric') },
    { kind: 'agreement', at: span(text, 'saw'), of: second },
    { kind: 'pronoun', at: span(text, 'he', 33), of: second },
    { kind: 'agreement', at: span(text, 'met'), of: span(text, 'Nancy') },
    { kind: 'name', at: span(text, 'Tom'), of: span(text, 'Tom') },
  ];
  const [link, ...rest] = linksOf(text, framed, labels).filter(({ kind }) => kind === 'pronoun');
  expect(rest).toEqual([]);
  // [CLS] Eric met Nancy . Eric saw the dog and he: from 10 to 5 and 1, not to 3; Tom comes later.
  expect(link).toEqual({ kind: 'pronoun', at: 10, of: [[5], [1]], others: [[3]] });
});

it('a verb right behind its subject says nothing; one that stands apart links to it', () => {
  const text = 'The dogs near Eric are big. They are here.';
  const framed = framedText(plain, words(text), { length: 99 });
  const labels = [
    { kind: 'agreement', at: span(text, 'are'), of: span(text, 'dogs') },
    { kind: 'agreement', at: span(text, 'are', 25), of: span(text, 'They') },
    { kind: 'name', at: span(text, 'Eric'), of: span(text, 'Eric') },
  ];
  expect(linksOf(text, framed, labels)).toEqual([{ kind: 'agreement', at: 4, of: [[1]], others: [[3]] }]);
});

it('a label that a text cut short no longer holds is left out', () => {
  const text = 'Eric sat down and he ate.';
  const labels = [{ kind: 'pronoun', at: span(text, 'he'), of: span(text, 'Eric') }];
  expect(linksOf(text, framedText(plain, words(text), { length: 5 }), labels)).toHaveLength(1);
  expect(linksOf(text, framedText(plain, words(text), { length: 4 }), labels)).toHaveLength(0);
});

it('a French word links to its English one from the row before it', () => {
  const tokenizer = { ...plain, special: new Set([0, 1]), encode: words, frame: { before: [], after: [1] } };
  const config = { max_position_embeddings: 20, decoder_start_token_id: 0 };
  const pair = {
    en: 'The white cat.',
    fr: 'Le chat blanc.',
    links: [
      [4, 9, 8, 13],
      [10, 13, 3, 7],
    ],
  };
  const line = JSON.parse(pairLine({ tokenizer, config }, pair));
  expect(line.ids).toEqual([0, ...words(pair.fr).map(({ id }) => id), 1]);
  expect(line.source).toEqual([...words(pair.en).map(({ id }) => id), 1]);
  expect([line.special, line.source_special, line.source_punctuation]).toEqual([[0, 5], [4], [3]]);
  // <pad> Le chat blanc . </s>: "blanc" is predicted at "chat", row 2, and "chat" at "Le", row 1.
  expect(line.links).toEqual([
    { kind: 'alignment', attention: 'cross', at: 2, of: [[1]], others: [[2]] },
    { kind: 'alignment', attention: 'cross', at: 1, of: [[2]], others: [[1]] },
  ]);
});

it('every seventh word is hidden, all of its pieces, and no punctuation', () => {
  const tokens = Array.from({ length: 20 }, (_, i) => ({ id: i === 4 ? 40 : 100 + i, word: i < 2 ? 0 : i }));
  const framed = { ids: [1, ...tokens.map(({ id }) => id), 2], tokens, first: 1 };
  const version = hiddenWords(framed, (id) => id >= 100, 9, 0);
  const hidden = version.flatMap((id, i) => (id === framed.ids[i] ? [] : [i]));
  // Words 0 (two pieces), 2, 3, 5 (4 is punctuation), ...: the first, the eighth, the fifteenth.
  expect(hidden).toEqual([1, 2, 10, 17]);
  expect(hidden.every((i) => version[i] === 9)).toBe(true);
  expect(hiddenWords({ ...framed, tokens: [] }, () => true, 9, 0)).toBeUndefined();
});

it('what repeats is random once, and asked for the second time', () => {
  const texts = repeatedTexts(plain, new Random('x'), {
    count: 3,
    stretch: [4, 6],
    before: [1],
    ids: [70, 71, 72, 73, 74, 75],
  });
  for (const { framed, asked_from } of texts) {
    const { ids } = framed;
    const size = (ids.length - 1) / 2;
    expect(ids.slice(1, 1 + size)).toEqual(ids.slice(1 + size));
    expect(new Set(ids.slice(1, 1 + size)).size).toBe(size);
    expect(asked_from).toBe(size + 2);
  }
});

it('counting finds what it has seen between the same tokens, then the commonest', () => {
  // 5 stands four times between 1 2 and 3 4; 6 is the commonest.
  const training = Uint16Array.from([...Array(4).fill([1, 2, 5, 3, 4]), ...Array(9).fill([6])].flat());
  const text = (version) => ({ ids: [1, 2, 5, 3, 4, 6], masked: [version] });
  const seen = text([1, 2, 9, 3, 4, 6]);
  const unknown = text([1, 2, 5, 3, 4, 9]);
  const found = countingBaselines(
    { seen: [seen], unknown: [unknown] },
    training,
    10,
    (id) => id === 5 || id === 6,
  );
  expect(found.seen.five_gram).toEqual({ words_first: 1, words_among_five: 1 });
  expect(found.seen.unigram).toEqual({ words_first: 0, words_among_five: 1 });
  expect(found.unknown.five_gram.words_first).toBe(1);
});

it('cards differ where a number is off by more than is said, a count by one, or something is missing', () => {
  const card = { loss: 1.5, texts: 3, heads: [{ previous: 0.25 }] };
  expect(differences(card, structuredClone(card))).toEqual([]);
  expect(differences(card, { ...card, loss: 1.5 + 0.9 * kTolerance })).toEqual([]);
  expect(differences(card, { ...card, loss: 1.5 + 1.1 * kTolerance })).toHaveLength(1);
  expect(differences(card, { ...card, texts: 4 })).toEqual(['texts: 3 in the card, 4 measured']);
  expect(differences(card, { ...card, heads: [{}] })[0]).toMatch(/^heads\.0\.previous: 0\.25/);
});

it('a card says once what a head that looks at all alike gets, and names what a head does most', () => {
  const score = (mean, uniform) => ({ mean, uniform, count: 7 });
  const none = Object.fromEntries(
    ['next', 'itself', 'duplicate', 'separator', 'punctuation', 'distance'].map((name) => [name, null]),
  );
  const head = (index, previous, pronoun) => ({
    ...none,
    attention: 'self',
    layer: 0,
    head: index,
    previous: score(previous, 0.2),
    first: score(0.3, 0.2),
    induction: null,
    entropy: score(1, 2),
    evenness: 0.5,
    links: { pronoun: { ...score(pronoun, 0.1), strongest: 0.8, chance: 0.4, compared: 5 } },
    loss_increase: 0.5,
  });
  const short = shortPassports({
    texts: 2,
    tokens: 20,
    predictions: 18,
    loss: 2,
    heads: [head(0, 0.9, 0.1), head(1, 0.2, 0.7)],
  });
  expect(short.uniform.self.previous).toEqual({ mean: 0.2, count: 7 });
  expect(short.uniform.self.pronoun_strongest).toEqual({ mean: 0.4, count: 5 });
  expect(short.heads[1]).toMatchObject({
    previous: 0.2,
    pronoun: 0.7,
    pronoun_strongest: 0.8,
    loss_increase: 0.5,
  });
  expect(rolesOf({ everyday: short }, 0)[0].name).toBe('previous');
  expect(rolesOf({ everyday: short }, 1)[0]).toMatchObject({ name: 'pronoun', mean: 0.7, uniform: 0.1 });
  const card = {
    command: 'npm run figures -- x',
    origin: {},
    files: {},
    passports: { everyday: short },
    held_out: { everyday: { predictions: 18, loss: 2, first: 0.5, among_five: 0.75 } },
  };
  const text = renderCard(card, '# x\n\n{{figures}}\n\n{{heads}}\n');
  expect(text).toContain('| everyday English | 18 | 2.00 | 50.0 % | 75.0 % |');
  expect(text).toContain('| whom a pronoun means | layer 0, head 1 | 0.700 | 0.100 |');
  expect(() => renderCard(card, '{{nothing}}')).toThrow(/no {{nothing}}/);
});
