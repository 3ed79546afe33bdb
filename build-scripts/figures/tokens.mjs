// A model's tokenizer, for texts whose words carry labels: ids, and where in the text each came from.

import { Tokenizer } from '@huggingface/tokenizers';
import { kSplit } from '../data/wordpiece.mjs';

const kPunctuation = /^[^\p{L}\p{N}]+$/u;
const kLetter = /\p{L}/u;

/** The UTF-16 unit at which each byte's character begins, and the length of the text behind the last. */
function unitsOfBytes(text) {
  const units = [];
  let unit = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(character);
    for (let i = 0; i < bytes; ++i) units.push(unit);
    unit += character.length;
  }
  units.push(unit);
  return units;
}

/**
 * `encode` gives tokens as { id, start, end, word }: places in UTF-16 units, without a space before the word; of WordPiece the
 * word's place, and its number. `frame` has the ids around a text, `encodeAll` sees to added tokens in it, too.
 * @param json tokenizer.json's content
 * @param config config.json's content
 */
export function openTokenizer(json, config) {
  const library = new Tokenizer(json, {});
  const names = new Map(Object.entries(json.model.vocab).map(([name, id]) => [id, name]));
  for (const { id, content } of json.added_tokens ?? []) names.set(id, content);
  const special = new Set((json.added_tokens ?? []).map(({ id }) => id));
  const idsOf = (text) => Array.from(library.encode(text, { add_special_tokens: false }).ids);

  const encodeBytes = (text) => {
    const units = unitsOfBytes(text);
    let at = json.pre_tokenizer?.add_prefix_space && !text.startsWith(' ') ? -1 : 0;
    return idsOf(text).map((id) => {
      const first = units[Math.max(0, at)];
      at += [...names.get(id)].length;
      const blanks = /^\s*/.exec(text.slice(first, units[at]))[0].length;
      return { id, start: first + blanks, end: units[at] };
    });
  };
  const encodeWords = (text) =>
    [...text.matchAll(kSplit)].flatMap(({ 0: found, index }, word) =>
      idsOf(found).map((id) => ({ id, start: index, end: index + found.length, word })),
    );

  const bytes = json.decoder?.type === 'ByteLevel';
  const textOf = (id) => (bytes ? library.decode([id]) : names.get(id).replace(/^##/, ''));
  const framed = config.model_type === 'bert' ? Array.from(library.encode('').ids) : [];
  const end =
    config.eos_token_id ?? json.added_tokens?.find(({ content }) => content === '<|endoftext|>')?.id;
  return {
    encode: bytes ? encodeBytes : encodeWords,
    frame: bytes
      ? { before: [], after: end === undefined ? [] : [end] }
      : { before: framed.slice(0, 1), after: framed.slice(1) },
    special,
    mask: json.model.vocab['[MASK]'],
    vocabulary: names.size,
    isWord: (id) => !special.has(id) && kLetter.test(textOf(id)),
    isPunctuation: (id) => !special.has(id) && kPunctuation.test(textOf(id)),
    decode: (ids) => {
      const plain = ids.filter((id) => !special.has(id));
      return plain.length > 0 ? library.decode(plain) : '';
    },
    encodeAll: (text) => Array.from(library.encode(text).ids),
  };
}
