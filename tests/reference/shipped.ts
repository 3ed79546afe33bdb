// The models that the project ships, for tests: their folder, the reference's reading of them, and token ids of a text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tokenizer } from '@huggingface/tokenizers';
import { type Checkpoint, readCheckpoint } from './model.ts';

export const kShippedModels = ['tiny-gpt', 'tiny-bert'] as const;
export type ShippedModel = (typeof kShippedModels)[number];

export function modelFolder(name: ShippedModel): string {
  return fileURLToPath(new URL(`../../web/models/${name}`, import.meta.url));
}

const checkpoints = new Map<ShippedModel, Checkpoint>();
export function shippedCheckpoint(name: ShippedModel): Checkpoint {
  const known = checkpoints.get(name) ?? readCheckpoint(modelFolder(name));
  checkpoints.set(name, known);
  return known;
}

const tokenizers = new Map<ShippedModel, Tokenizer>();
function tokenizer(name: ShippedModel): Tokenizer {
  const known =
    tokenizers.get(name) ??
    new Tokenizer(JSON.parse(readFileSync(join(modelFolder(name), 'tokenizer.json'), 'utf8')), {});
  tokenizers.set(name, known);
  return known;
}

/** Ids as the model takes them, with the tokens that it adds ([CLS] and [SEP] for BERT). */
export function encode(name: ShippedModel, text: string): number[] {
  return Array.from(tokenizer(name).encode(text).ids);
}

export function tokenText(name: ShippedModel, id: number): string {
  return tokenizer(name).decode([id]);
}

/** Plain English about nothing in particular, more than any shipped model's context. */
export const kProse = Array(4)
  .fill(
    `The old man walked slowly down to the sea, and the boy carried the nets behind him. It had rained in the night, and
the road was full of water. When they came to the boat, the wind was still, and nobody else was on the shore. "We shall
have a good day," said the man, and he looked at the sky for a long time. The boy did not answer, because he was tired
and thought of his mother and of the house. Then they put the boat into the water, and the old man took the oars.`.replace(
      /\n/g,
      ' ',
    ),
  )
  .join(' ');

/** A text of exactly `length` tokens. */
export function textOfLength(name: ShippedModel, length: number): string {
  if (length === encode(name, '').length) return '';
  const words = kProse.split(' ');
  for (let count = 1; count <= words.length; count++) {
    const text = words.slice(0, count).join(' ');
    const size = encode(name, text).length;
    if (size === length) return text;
    if (size > length) return textByCharacters(name, length, text);
  }
  throw new Error(`the prose has fewer than ${length} tokens`);
}

function textByCharacters(name: ShippedModel, length: number, tooLong: string): string {
  for (let end = tooLong.length; end > 0; end--) {
    const text = tooLong.slice(0, end);
    if (encode(name, text).length === length) return text;
  }
  throw new Error(`no text of ${length} tokens`);
}
