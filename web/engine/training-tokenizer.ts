// Tokenizers for what was trained: byte-level BPE that has a task's tokens, letters or whole words, and merges nothing.

import type { TrainingInfo } from './types.ts';

/** The files that loadModel() reads beside the model: of its tokens, and of those that its encoder reads. */
export function tokenizerFiles({ tokens, sourceTokens, joint }: TrainingInfo): Map<string, string> {
  const own = tokenizer(tokens, joint);
  if (sourceTokens.length === 0) return new Map([['tokenizer.json', own]]);
  return new Map([
    ['tokenizer.json', tokenizer(sourceTokens, joint)],
    ['target_tokenizer.json', own],
  ]);
}

/** `joint`: '' of single letters, ' ' of words, each of which then has the space before it. */
function tokenizer(tokens: readonly string[], joint: string): string {
  const isSpecial = (token: string): boolean => /^<.+>$/.test(token);
  const bytes = { type: 'ByteLevel', add_prefix_space: joint !== '', trim_offsets: true, use_regex: false };
  const words = { type: 'Split', pattern: { Regex: ' ?[^ ]+' }, behavior: 'Isolated', invert: false };
  const added = tokens.flatMap((content, id) => (isSpecial(content) ? [{ id, content }] : []));
  const strict = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((token) => ({ ...token, ...strict })),
    normalizer: null,
    pre_tokenizer: joint === '' ? bytes : { type: 'Sequence', pretokenizers: [words, bytes] },
    post_processor: null,
    decoder: { ...bytes, add_prefix_space: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true, // a word that is there is one token, although nothing was merged
      vocab: Object.fromEntries(
        tokens.map((token, id) => [isSpecial(token) ? token : byteNames(joint + token), id]),
      ),
      merges: [],
    },
  });
}

/** A text as byte-level vocabularies write it: see kBytes in tokenizer.ts. */
function byteNames(text: string): string {
  let names = '';
  for (const byte of new TextEncoder().encode(text)) {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    names += printable ? String.fromCharCode(byte) : kOthers[byte];
  }
  return names;
}

/** The bytes that are not printable in Latin-1, by U+0100 and following in their order. */
const kOthers: Record<number, string> = {};
for (let byte = 0, next = 0x100; byte < 256; byte++)
  if (byte <= 0x20 || (byte >= 0x7f && byte <= 0xa0) || byte === 0xad)
    kOthers[byte] = String.fromCharCode(next++);
