// tokenizer.json for what was trained on letters: byte-level BPE that knows the letters and merges none of them.

import type { TrainingInfo } from './types.ts';

/** Undefined where tokens are more than letters, or the encoder reads others. */
export function tokenizerFile({ tokens, sourceTokens, joint }: TrainingInfo): string | undefined {
  const isLetter = (token: string): boolean => /^[!-~]$/.test(token);
  if (sourceTokens.length > 0 || joint !== '' || !tokens.every(isLetter)) return undefined;
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: bytes,
    post_processor: null,
    decoder: bytes,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  });
}
