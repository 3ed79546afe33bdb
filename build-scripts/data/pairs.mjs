// A mix of one source, "translation": sentences of two languages. In its folder:
//
//   tokenizer.json                                    one vocabulary for both languages: <pad> is 0, </s> is 1
//   training.source.tokens, training.target.tokens    the English and the French (the format: formats/tokens.mjs)
//   held-out/source.tokens, held-out/target.tokens    of sentences that are not in training
//   held-out/pairs.jsonl                              the same pairs as { en, fr, links }: see translation.mjs
//
// Document i of a source file is translated by document i of the target file. A document is a text's ids and </s>; what starts
// the decoder, id 0, is not in it.
//
// One vocabulary, because names are copied: what is spelled the same is the same ids, and with shared embeddings copying
// them is finding the same row again. It also needs one table of embeddings where two vocabularies need two.

import fs from 'node:fs';
import path from 'node:path';
import { progress, Sentence, say } from '../console.mjs';
import { root } from '../toolchain.mjs';
import { bpeEncoder, trainBpe } from './bpe.mjs';
import { TokenWriter } from './formats/tokens.mjs';
import { pairs, plainText } from './translation.mjs';

export const kPadding = '<pad>';
export const kEnd = '</s>';

/** What the model is tested with: never written. */
export const untouched = () =>
  JSON.parse(fs.readFileSync(path.join(root, 'tests/data/translation.json'), 'utf8'));

function trainTokenizer({ seed, tokenizer }, never) {
  const { characters, size, whole } = tokenizer;
  const texts = [];
  let count = 0;
  for (const { en, fr } of pairs(seed, never)) {
    if (count >= characters) break;
    texts.push(en, fr);
    count += en.length + fr.length;
  }
  return trainBpe(texts, { size, whole, special: [kPadding, kEnd], spaced: true });
}

/** Two token files, whose documents belong together. */
class PairWriter {
  #source;
  #target;
  #encode;

  constructor(source, target, { encode, vocabulary }) {
    this.#source = new TokenWriter(source, vocabulary);
    this.#target = new TokenWriter(target, vocabulary);
    this.#encode = encode;
  }

  get counts() {
    return { pairs: this.#source.documents, source: this.#source.count, target: this.#target.count };
  }

  add({ en, fr }) {
    this.#source.add(this.#encode(en));
    this.#target.add(this.#encode(fr));
  }

  close() {
    this.#source.close();
    this.#target.close();
  }
}

/** Makes all files in `folder`, with at least `tokens` of both languages together for training. */
export function preparePairs(mix, folder, tokens = mix.tokens) {
  fs.mkdirSync(path.join(folder, 'held-out'), { recursive: true });
  const never = untouched();
  say(`Training the tokenizer on ${(mix.tokenizer.characters / 1e6).toFixed(0)} million characters.`);
  const json = trainTokenizer(mix, never);
  fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(json));
  const { vocab } = json.model;
  const encodeText = bpeEncoder(json);
  const coder = {
    vocabulary: Object.keys(vocab).length,
    encode: (text) => [...encodeText(text), vocab[kEnd]],
  };
  const open = (source, target) =>
    new PairWriter(path.join(folder, source), path.join(folder, target), coder);

  const training = open('training.source.tokens', 'training.target.tokens');
  const seen = new Set();
  const heldOut = new Map();
  const shown = progress('Writing tokens (in millions)');
  for (const pair of pairs(mix.seed, never)) {
    const { source, target } = training.counts;
    if (source + target >= tokens) break;
    if (pair.heldOut) {
      const { en, fr, links } = pair;
      if (heldOut.size < mix.heldOutPairs) heldOut.set(plainText(en), { en, fr, links });
      continue;
    }
    training.add(pair);
    seen.add(plainText(pair.en));
    shown.count(Math.round((source + target) / 1e6), Math.round(tokens / 1e6));
  }
  training.close();
  shown.end();

  const held = open('held-out/source.tokens', 'held-out/target.tokens');
  for (const [plain, pair] of heldOut) {
    if (seen.has(plain))
      throw new Sentence(`The held-out sentence "${pair.en}" is among those for training.`);
    held.add(pair);
  }
  held.close();
  const lines = [...heldOut.values()].map((pair) => `${JSON.stringify(pair)}\n`);
  fs.writeFileSync(path.join(folder, 'held-out/pairs.jsonl'), lines.join(''));
  return { counts: training.counts, heldOut: heldOut.size, vocabulary: coder.vocabulary };
}
