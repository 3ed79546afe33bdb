// A WordPiece tokenizer in the manner of BERT: training it, and the ids of texts. A word is cut into the longest pieces that
// the vocabulary has, from its beginning; pieces inside a word begin with "##". The commonest words are whole pieces.

import { specialToken } from './bpe.mjs';
import { learnMerges, remembering, WordCounts } from './merges.mjs';

export const kSpecialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const kInside = '##';
const kPunctuation = '\\p{P}$+<=>^`|~';
export const kSplit = new RegExp(`[${kPunctuation}]|[^\\s${kPunctuation}]+`, 'gu');
const kChinese = /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
const kLongestWord = 100;

/** BERT's normalisation: no control characters, Chinese characters apart; in lower case also no accents. */
export function normalize(text, lowercase) {
  let result = text.replace(/[\t\n\r]/g, ' ').replace(/[\0\ufffd\p{Cc}\p{Cf}]/gu, '');
  result = result.replace(kChinese, ' $& ');
  return lowercase
    ? result
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .toLowerCase()
    : result;
}

export function splitWords(text, lowercase) {
  return normalize(text, lowercase).match(kSplit) ?? [];
}

function spell(word) {
  return Array.from(word, (character, i) => (i > 0 ? kInside + character : character));
}

/**
 * Trains on texts (any iterable of strings); gives tokenizer.json's content. `size` entries in all, `whole` of them the
 * commonest words. Ids: the special tokens, characters, the common words, the learned pieces; last all that go on inside a
 * word, so that one number tells them apart.
 */
export function trainWordPiece(texts, { size, whole, lowercase = true }) {
  const counts = new WordCounts((text) => splitWords(text, lowercase));
  for (const text of texts) counts.add(text);
  const sorted = counts.sorted();
  const common = sorted
    .map(([word]) => word)
    .filter((word) => /^\p{L}+$/u.test(word))
    .slice(0, whole);
  const characters = new Set();
  for (let code = 0x21; code < 0x7f; ++code) {
    const character = String.fromCharCode(code);
    if (lowercase && /[A-Z]/.test(character)) continue;
    characters.add(character);
    if (/[a-z0-9A-Z]/.test(character)) characters.add(kInside + character);
  }
  for (const [word, count] of sorted) if (count > 1) for (const symbol of spell(word)) characters.add(symbol);
  const known = [...kSpecialTokens, ...[...characters].sort(), ...common];
  if (known.length > size) throw new RangeError(`${known.length} tokens do not fit in ${size}.`);
  const isCommon = new Set(common);
  const words = sorted.filter(([word]) => !isCommon.has(word)).map(([word, count]) => [spell(word), count]);
  const join = (a, b) => a + b.slice(kInside.length);
  const { symbols } = learnMerges(words, { known, join, size });
  const tokens = [...new Set([...known, ...symbols])];
  const inside = (token) => token.startsWith(kInside) && token !== kInside;
  const ordered = [...tokens.filter((token) => !inside(token)), ...tokens.filter(inside)];
  const vocab = Object.fromEntries(ordered.map((token, id) => [token, id]));
  const special = (token) => ({ SpecialToken: { id: token, type_id: 0 } });
  const sequence = (id, type) => ({ Sequence: { id, type_id: type } });
  const named = (token) => ({ id: token, ids: [vocab[token]], tokens: [token] });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: kSpecialTokens.map((token, id) => specialToken(id, token)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]'), sequence('A', 0), special('[SEP]')],
      pair: [
        special('[CLS]'),
        sequence('A', 0),
        special('[SEP]'),
        sequence('B', 1),
        { SpecialToken: { id: '[SEP]', type_id: 1 } },
      ],
      special_tokens: { '[CLS]': named('[CLS]'), '[SEP]': named('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: kInside, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: kInside,
      max_input_chars_per_word: kLongestWord,
      vocab,
    },
  };
}

/** A function from a text to its ids, without those that frame it. Words are remembered. */
export function wordPieceEncoder({ model, normalizer }) {
  const ids = new Map(Object.entries(model.vocab));
  const unknown = ids.get(model.unk_token);
  const encodeWord = (word) => {
    const characters = [...word];
    if (characters.length > kLongestWord) return [unknown];
    const pieces = [];
    for (let start = 0; start < characters.length; ) {
      let end = characters.length;
      let id;
      for (; end > start; --end) {
        id = ids.get((start > 0 ? kInside : '') + characters.slice(start, end).join(''));
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      pieces.push(id);
      start = end;
    }
    return pieces;
  };
  const idsOf = remembering(encodeWord);
  return (text) => splitWords(text, normalizer.lowercase).flatMap(idsOf);
}
