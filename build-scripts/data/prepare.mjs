// npm run data -- NAME: makes a model's training data by the description mixes/NAME.json.
//
//   npm run data -- gpt
//   npm run data -- bert --tokens 1000000       fewer tokens than the description says
//   npm run data -- translation                 pairs: see pairs.mjs
//
// In build/data/mixes/NAME: tokenizer.json, training.tokens, held-out/SOURCE.tokens (the format: formats/tokens.mjs) and
// held-out/everyday.jsonl, the held-out scenes as { text, labels }.
//
// A description has the shares of its sources, by tokens: "everyday" (generated without end), the names of texts (read
// again when they end), "copies" (a document of any of these, then stretches of it again) and "noise" (random tokens, over
// and over, with a random period). "copies" and "noise" make copying pay. At every moment the source that lacks most of its
// share is next, so any stretch of the file has all of them.

import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { isMain, main, progress, Sentence, say } from '../console.mjs';
import { root } from '../toolchain.mjs';
import { bpeEncoder, trainBpe } from './bpe.mjs';
import { scenes } from './everyday.mjs';
import { TokenWriter } from './formats/tokens.mjs';
import { preparePairs } from './pairs.mjs';
import { Random } from './random.mjs';
import { ensureText, kDataFolder, kTexts } from './texts.mjs';
import { trainWordPiece, wordPieceEncoder } from './wordpiece.mjs';

const kMixes = path.join(root, 'build-scripts/data/mixes');
const kMade = ['everyday', 'copies', 'noise', 'translation'];

const kTokenizers = {
  bpe: { train: trainBpe, encoder: bpeEncoder, before: [], after: ['<|endoftext|>'] },
  wordpiece: { train: trainWordPiece, encoder: wordPieceEncoder, before: ['[CLS]'], after: ['[SEP]'] },
};

/** A description, checked: every source is known, the shares sum up to one. */
export function checkMix(mix, known) {
  const { sources = {}, tokenizer = {} } = mix;
  for (const name of Object.keys(sources))
    if (!kMade.includes(name) && !known.includes(name))
      throw new Sentence(`The mix has a source "${name}" that does not exist.`);
  const sum = Object.values(sources).reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) throw new Sentence(`The shares of the mix sum up to ${sum}, not to 1.`);
  if (sources.translation && sources.translation !== 1)
    throw new Sentence('Pairs of the two languages are mixed with nothing.');
  if (!kTokenizers[tokenizer.kind]) throw new Sentence(`The mix asks for a tokenizer "${tokenizer.kind}".`);
  for (const name of ['copies', 'noise'])
    if (sources[name] && !mix[name]) throw new Sentence(`The mix does not say how "${name}" are made.`);
  return mix;
}

// -------------------------------------------------------------------------------------------------------- sources

/** The lines of a file, again and again if wanted. */
async function* linesOf(file, again) {
  do {
    let any = false;
    for await (const line of readline.createInterface({
      input: fs.createReadStream(file),
      crlfDelay: Infinity,
    })) {
      any = true;
      yield line;
    }
    if (!any) throw new Sentence(`The text ${file} is empty.`);
  } while (again);
}

/** What gives the next { text } of every source of a mix that is text; undefined after its end, unless read `again`. */
function openTexts(mix, files, split, again) {
  const streams = {};
  for (const name of Object.keys(mix.sources)) {
    if (name === 'everyday') streams[name] = scenes(`${mix.seed}`, split);
    else if (!kMade.includes(name))
      streams[name] = linesOf(split === 'training' ? files[name].training : files[name].heldOut, again);
  }
  return {
    names: Object.keys(streams),
    async next(name) {
      const { value } = await streams[name].next();
      return typeof value === 'string' ? { text: value } : value;
    },
  };
}

/** A document's ids, then stretches of them again, up to a length. */
export function withCopies(ids, { stretch, times, length }, random) {
  const result = ids.slice(0, length);
  for (let left = random.between(...times); left > 0; --left) {
    const size = Math.min(random.between(...stretch), ids.length);
    const start = random.below(Math.min(result.length, ids.length) - size + 1);
    result.push(...ids.slice(Math.max(0, start), Math.max(0, start) + size));
  }
  return result;
}

/** Random ids that come again after a random period. */
export function noise({ period, length }, { first, vocabulary }, random) {
  const cycle = Array.from(
    { length: random.between(...period) },
    () => first + random.below(vocabulary - first),
  );
  const size = Math.max(random.between(...length), cycle.length + 2);
  return Array.from({ length: size }, (_, i) => cycle[i % cycle.length]);
}

/** Draws sources so that each has its share of what was drawn before. */
export class Shares {
  #shares;
  #had = new Map();
  #total = 0;

  constructor(shares) {
    this.#shares = Object.entries(shares);
  }

  next() {
    const lack = ([name, share]) => share * (this.#total + 1) - (this.#had.get(name) ?? 0);
    return this.#shares.reduce((best, one) => (lack(one) > lack(best) ? one : best))[0];
  }

  add(name, amount) {
    this.#had.set(name, (this.#had.get(name) ?? 0) + amount);
    this.#total += amount;
  }
}

// ---------------------------------------------------------------------------------------------------------- making

/** Texts in the proportions of the mix, for a tokenizer to be trained on. */
async function sample(mix, files) {
  const texts = openTexts(mix, files, 'training', true);
  const only = Object.fromEntries(texts.names.map((name) => [name, mix.sources[name]]));
  const sum = Object.values(only).reduce((total, share) => total + share, 0);
  const shares = new Shares(
    Object.fromEntries(Object.entries(only).map(([name, share]) => [name, share / sum])),
  );
  const result = [];
  for (let characters = 0; characters < mix.tokenizer.characters; ) {
    const name = shares.next();
    const { text } = await texts.next(name);
    shares.add(name, text.length);
    characters += text.length;
    result.push(text);
  }
  return result;
}

/**
 * Documents of a split as { name, ids, scene }, in the shares of `sources`: without end, but of a held-out text only those
 * that there are.
 */
async function* documents(mix, files, split, { encode, frame, vocabulary, first }, sources) {
  const texts = openTexts(mix, files, split, split === 'training' || sources.copies > 0);
  const random = new Random(`${mix.seed} ${split}`);
  const shares = new Shares(sources);
  const fromTexts = new Shares(Object.fromEntries(texts.names.map((name) => [name, mix.sources[name]])));
  for (;;) {
    const name = shares.next();
    let ids;
    let scene;
    if (name === 'noise') ids = noise(mix.noise, { first, vocabulary }, random);
    else {
      const from = name === 'copies' ? fromTexts.next() : name;
      scene = await texts.next(from);
      if (!scene) return;
      ids = encode(scene.text);
      if (name === 'copies') {
        fromTexts.add(from, ids.length);
        ids = withCopies(ids, mix.copies, random);
      }
    }
    const framed = [...frame.before, ...ids, ...frame.after];
    shares.add(name, framed.length);
    yield { name, ids: framed, scene };
  }
}

/** The first id that goes on inside a word, by the tokenizer's prefix for such; the vocabulary where it has none. */
function firstInside({ vocab, continuing_subword_prefix: prefix }) {
  const inside = Object.keys(vocab).filter((token) => prefix && token.startsWith(prefix) && token !== prefix);
  return Math.min(Object.keys(vocab).length, ...inside.map((token) => vocab[token]));
}

/** Makes all files of a mix in `folder`; gives counts per source. `files` are those of the texts, by name. */
export async function prepare(mix, files, folder, tokens = mix.tokens) {
  fs.mkdirSync(path.join(folder, 'held-out'), { recursive: true });
  const { kind, characters, ...options } = mix.tokenizer;
  const { train, encoder, before, after } = kTokenizers[kind];
  say(`Training the tokenizer on ${(characters / 1e6).toFixed(0)} million characters.`);
  const json = train(await sample(mix, files), options);
  fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(json));
  const { vocab } = json.model;
  const vocabulary = Object.keys(vocab).length;
  const idsOf = (names) => names.map((name) => vocab[name]);
  const coder = {
    encode: encoder(json),
    frame: { before: idsOf(before), after: idsOf(after) },
    vocabulary,
    inside: firstInside(json.model),
    first: json.added_tokens.length, // special tokens have the first ids
  };

  const counts = {};
  const count = (name, part, ids) => {
    counts[name] ??= { training: 0, heldOut: 0 };
    counts[name][part] += ids;
  };
  const shown = progress('Writing tokens (in millions)');
  const writer = new TokenWriter(path.join(folder, 'training.tokens'), vocabulary, coder.inside);
  for await (const { name, ids } of documents(mix, files, 'training', coder, mix.sources)) {
    if (writer.count >= tokens) break;
    writer.add(ids);
    count(name, 'training', ids.length);
    shown.count(Math.round(writer.count / 1e6), Math.round(tokens / 1e6));
  }
  writer.close();
  shown.end();

  for (const source of Object.keys(mix.sources)) {
    const held = new TokenWriter(path.join(folder, 'held-out', `${source}.tokens`), vocabulary, coder.inside);
    const labelled = [];
    for await (const { ids, scene } of documents(mix, files, 'held-out', coder, { [source]: 1 })) {
      if (held.count >= mix.heldOutTokens) break;
      held.add(ids);
      if (source === 'everyday') labelled.push(`${JSON.stringify(scene)}\n`);
    }
    held.close();
    count(source, 'heldOut', held.count);
    if (source === 'everyday')
      fs.writeFileSync(path.join(folder, 'held-out/everyday.jsonl'), labelled.join(''));
  }
  return { counts, vocabulary, documents: writer.documents };
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    const names = fs.readdirSync(kMixes).map((file) => path.basename(file, '.json'));
    const [name] = args;
    if (!names.includes(name)) throw new Sentence(`Which mix? npm run data -- ${names.join(' | ')}`);
    const mix = checkMix(
      JSON.parse(fs.readFileSync(path.join(kMixes, `${name}.json`), 'utf8')),
      Object.keys(kTexts),
    );
    const at = args.indexOf('--tokens');
    const tokens = at >= 0 ? Number(args[at + 1]) : mix.tokens;
    if (!(tokens > 0)) throw new Sentence(`--tokens wants a number, not "${args[at + 1]}".`);
    const folder = path.join(kDataFolder, 'mixes', name);
    if (mix.sources.translation) {
      const { counts, heldOut } = preparePairs(mix, folder, tokens);
      say(
        `${counts.pairs} pairs: ${counts.source} tokens of English, ${counts.target} of French; ${heldOut} held out.`,
      );
      return;
    }
    const files = {};
    for (const source of Object.keys(mix.sources))
      if (!kMade.includes(source)) files[source] = await ensureText(source);
    const { counts, documents: made } = await prepare(mix, files, folder, tokens);
    for (const [source, { training, heldOut }] of Object.entries(counts))
      say(`${source.padEnd(10)} ${training} tokens, ${heldOut} held out`);
    say(`${made} documents for training in ${path.relative(process.cwd(), folder)}.`);
  });
}
