// A byte-level BPE tokenizer in the manner of GPT-2: training it, and the ids of texts.
//
// The commonest words are whole tokens whatever the merges say ("ignore_merges" of tokenizer.json, as Llama 3 has it): in a
// vocabulary of 4,096 the merges that lead to 3,000 words would not fit. What is learned serves all the other words.

import { learnMerges, remembering, WordCounts } from './merges.mjs';

export const kEndOfText = '<|endoftext|>';
const kSplit = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The printable character that stands for each byte: its own in Latin-1, or one from U+0100. */
const kByteCharacters = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(printable ? byte : next++);
  });
})();

/** The words that are never joined with each other, in GPT-2's way: " cat", "'s", ".". */
export function splitWords(text) {
  return text.match(kSplit) ?? [];
}

function spell(word) {
  return Array.from(Buffer.from(word, 'utf8'), (byte) => kByteCharacters[byte]);
}

/** The `count` commonest words, each in its commonest form: with a space before it or not, with a capital or not. */
export function commonWords(sorted, count) {
  const forms = new Map(); // lower case -> { total, best }
  for (const [form, times] of sorted) {
    const word = form.trim().toLowerCase();
    if (!/^\p{L}+$/u.test(word)) continue;
    const known = forms.get(word);
    if (known) known.total += times;
    else forms.set(word, { total: times, best: form }); // sorted: the first form is the commonest
  }
  return [...forms.values()]
    .sort((a, b) => b.total - a.total || (a.best < b.best ? -1 : 1))
    .slice(0, count)
    .map(({ best }) => best);
}

/** The text as it is cut: `spaced` ones begin with a space, so that a first word is the token that it is elsewhere. */
const begun = (text, spaced) => (spaced && !text.startsWith(' ') ? ` ${text}` : text);

/**
 * Trains on texts (any iterable of strings); gives tokenizer.json's content. `size` entries in all, `whole` of them the
 * commonest words. Ids: the `special` tokens, the bytes, the common words, the merges. `spaced`: see begun().
 */
export function trainBpe(texts, { size, whole, special = [kEndOfText], spaced = false }) {
  const counts = new WordCounts(splitWords);
  for (const text of texts) counts.add(begun(text, spaced));
  const sorted = counts.sorted();
  const common = commonWords(sorted, whole);
  const spelled = new Set(common);
  const bytes = [...kByteCharacters].sort();
  const known = [...special, ...bytes, ...common.map((word) => spell(word).join(''))];
  if (known.length > size) throw new RangeError(`${known.length} tokens do not fit in ${size}.`);
  const words = sorted.filter(([word]) => !spelled.has(word)).map(([word, count]) => [spell(word), count]);
  const { merges, symbols } = learnMerges(words, { known, join: (a, b) => a + b, size });
  const vocab = Object.fromEntries([...new Set([...known, ...symbols])].map((token, id) => [token, id]));
  const byteLevel = { type: 'ByteLevel', trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => specialToken(id, content)),
    normalizer: null,
    pre_tokenizer: { ...byteLevel, add_prefix_space: spaced },
    post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab,
      merges: merges.map((pair) => pair.join(' ')),
    },
  };
}

export function specialToken(id, content) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** A function from a text to its ids; special tokens are not looked for in the text. Words are remembered. */
export function bpeEncoder({ model, pre_tokenizer: { add_prefix_space: spaced } }) {
  const ids = new Map(Object.entries(model.vocab));
  const ranks = new Map(model.merges.map((pair, rank) => [pair, rank]));
  const encodeWord = (word) => {
    const symbols = spell(word);
    const whole = model.ignore_merges && ids.get(symbols.join(''));
    if (whole !== undefined && whole !== false) return [whole];
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 1; i < symbols.length; ++i) {
        const rank = ranks.get(`${symbols[i - 1]} ${symbols[i]}`) ?? Number.POSITIVE_INFINITY;
        if (rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return symbols.map((symbol) => ids.get(symbol));
      symbols.splice(at - 1, 2, symbols[at - 1] + symbols[at]);
    }
  };
  const idsOf = remembering(encodeWord);
  return (text) => splitWords(begun(text, spaced)).flatMap(idsOf);
}
