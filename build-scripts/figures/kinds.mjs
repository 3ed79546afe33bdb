// What each kind of model is measured on: { evaluations, passports, more }, the arguments of `limelight evaluate` by the name of
// a source, and files of texts for `limelight passports`; `more` adds what is measured otherwise to the card.
//
// How much: enough for the second digit of a loss, in some minutes of one core.

import fs from 'node:fs';
import path from 'node:path';
import { run } from '../console.mjs';
import { scenes } from '../data/everyday.mjs';
import { readTokens, TokenWriter } from '../data/formats/tokens.mjs';
import { withCopies } from '../data/prepare.mjs';
import { Random } from '../data/random.mjs';
import { ensureText, kDataFolder, kTexts } from '../data/texts.mjs';
import { root } from '../toolchain.mjs';
import { countingBaselines } from './baselines.mjs';
import { framedText, hiddenWords, lineOf, linksOf, placesOf, repeatedTexts } from './texts.mjs';

const kTokens = 8192; // of each source
const kScenes = 64; // whose heads are looked at
const kRepetitions = 32;
const kPairs = 400;
const kLinkedPairs = 64;

export const kKinds = { running, masked, letters, pairs };

const readMix = (name) =>
  JSON.parse(fs.readFileSync(path.join(root, `build-scripts/data/mixes/${name}.json`), 'utf8'));

/** Held-out texts of a source of a mix, as { text, labels }. */
async function* heldOut(mix, source) {
  if (source === 'everyday') return yield* scenes(`${mix.seed}`, 'held-out');
  const { heldOut: file } = await ensureText(source);
  for (const text of fs.readFileSync(file, 'utf8').split('\n')) if (text) yield { text, labels: [] };
}

const textSources = (mix) => Object.keys(mix.sources).filter((name) => name === 'everyday' || kTexts[name]);

const longest = (config) => config.n_positions ?? config.max_position_embeddings;

/** The everyday scenes that heads are judged on: { text, framed, links }. */
export function judgedScenes({ tokenizer, config, origin }) {
  const frame = config.model_type === 'bert' ? tokenizer.frame : {};
  const list = [];
  for (const { text, labels } of scenes(`${readMix(origin.mix).seed}`, 'held-out')) {
    const framed = framedText(tokenizer, tokenizer.encode(text), { ...frame, length: longest(config) });
    list.push({ text, framed, links: linksOf(text, framed, labels) });
    if (list.length === kScenes) break;
  }
  return list;
}

/** Random tokens that heads are judged on, the second time: { framed, asked_from }. */
export function judgedRepetitions({ tokenizer, config, origin }) {
  const letters = origin.texts === 'letters';
  const frame = config.model_type === 'bert' ? tokenizer.frame : {};
  const all = Array.from({ length: tokenizer.vocabulary }, (_, id) => id);
  return repeatedTexts(tokenizer, new Random('repeated'), {
    count: kRepetitions,
    stretch: letters ? [8, 15] : [16, 32],
    ...frame,
    ids: letters ? all : all.filter(tokenizer.isWord),
  });
}

/** Both as lines of files; `more` gives a text's further members. */
const sceneLines = (context, more = () => ({})) =>
  judgedScenes(context)
    .map(({ framed, links }, number) => lineOf(framed, { links, ...more(framed, number) }))
    .join('');
const repetitionLines = (context, more) =>
  judgedRepetitions(context)
    .map(({ framed, asked_from }, number) => lineOf(framed, more ? more(framed, number) : { asked_from }))
    .join('');

/** How many of the sentences of tests/data are answered as expected, with the first and with one of the first five. */
function answered(sentences, answer) {
  const all = sentences.map((sentence) => ({ expected: sentence.expected, words: answer(sentence) }));
  const count = (size) =>
    all.filter(({ expected, words }) => words.slice(0, size).some((word) => expected.includes(word))).length;
  return { sentences: all.length, first: count(1), among_five: count(5) };
}

async function predictions({ limelight, folder, tokenizer }, ids, place) {
  const { predictions: all } = await limelight('run', folder, '--ids', ids.join(), '--top', '5');
  return all[place].map(({ id }) => tokenizer.decode([id]).trim());
}

// ----------------------------------------------------------------------------------------------------- left to right

async function running(context) {
  const { origin, tokenizer, write, made } = context;
  const mix = readMix(origin.mix);
  const evaluations = {};
  const store = (source, documents) => {
    const file = path.join(made, `${source}.tokens`);
    const writer = new TokenWriter(file, tokenizer.vocabulary);
    for (const ids of documents) writer.add([...ids, ...tokenizer.frame.after]);
    writer.close();
    evaluations[source] = ['--tokens', file, '--count', `${kTokens}`];
  };
  for (const source of textSources(mix)) {
    const documents = [];
    let count = 0;
    for await (const { text } of heldOut(mix, source)) {
      documents.push(tokenizer.encode(text).map(({ id }) => id));
      count += documents.at(-1).length;
      if (count >= kTokens) break;
    }
    store(source, documents);
    if (source !== 'everyday' || !mix.copies) continue;
    const random = new Random('copies');
    store(
      'copies',
      documents.map((ids) => withCopies(ids, mix.copies, random)),
    );
  }
  const sentences = [];
  for (const sentence of JSON.parse(fs.readFileSync(path.join(root, 'tests/data/gpt.json'), 'utf8'))) {
    const ids = tokenizer.encode(sentence.prompt).map(({ id }) => id);
    sentences.push({ ...sentence, words: await predictions(context, ids, ids.length - 1) });
  }
  return {
    evaluations,
    passports: {
      everyday: write('everyday.jsonl', sceneLines(context)),
      repeated: write('repeated.jsonl', repetitionLines(context)),
    },
    more: (card) => {
      card.test_sentences = answered(sentences, ({ words }) => words);
    },
  };
}

// ------------------------------------------------------------------------------------------------------ both ways

async function masked(context) {
  const { origin, tokenizer, config, write, folder } = context;
  const mix = readMix(origin.mix);
  const { frame } = tokenizer;
  const hide = (framed, number) => {
    const version = hiddenWords(framed, tokenizer.isWord, tokenizer.mask, number);
    return version ? { masked: [version] } : {};
  };
  const evaluations = {};
  const texts = {};
  for (const source of textSources(mix)) {
    texts[source] = [];
    let count = 0;
    for await (const { text } of heldOut(mix, source)) {
      const framed = framedText(tokenizer, tokenizer.encode(text), { ...frame, length: longest(config) });
      texts[source].push({ ...framed, ...hide(framed, texts[source].length) });
      count += framed.ids.length;
      if (count >= kTokens) break;
    }
    const lines = texts[source].map((text) => lineOf(text, text.masked ? { masked: text.masked } : {}));
    evaluations[source] = ['--texts', write(`${source}.masked.jsonl`, lines.join(''))];
  }
  const sentences = [];
  for (const sentence of JSON.parse(fs.readFileSync(path.join(root, 'tests/data/bert.json'), 'utf8'))) {
    const ids = tokenizer.encodeAll(sentence.text);
    sentences.push({ ...sentence, words: await predictions(context, ids, ids.indexOf(tokenizer.mask)) });
  }
  const baselines = await counted(texts, origin, tokenizer, folder);
  return {
    evaluations,
    passports: {
      everyday: write('everyday.jsonl', sceneLines(context, hide)),
      repeated: write('repeated.jsonl', repetitionLines(context, hide)),
    },
    more: (card) => {
      for (const [source, found] of Object.entries(baselines)) Object.assign(card.held_out[source], found);
      card.test_sentences = answered(sentences, ({ words }) => words);
    },
  };
}

/** Counting is done on the model's training tokens, which the mix has if its tokenizer is the model's. */
async function counted(texts, { mix }, tokenizer, folder) {
  const made = path.join(kDataFolder, 'mixes', mix);
  if (!fs.existsSync(path.join(made, 'training.tokens'))) await prepareMix(mix);
  const vocabularyOf = (file) =>
    JSON.stringify(JSON.parse(fs.readFileSync(path.join(file, 'tokenizer.json'), 'utf8')).model.vocab);
  if (vocabularyOf(made) !== vocabularyOf(folder)) return {};
  const { ids } = readTokens(fs.readFileSync(path.join(made, 'training.tokens')));
  return countingBaselines(texts, ids, tokenizer.vocabulary, tokenizer.isWord);
}

async function prepareMix(name) {
  await run(process.execPath, [path.join(root, 'build-scripts/data/prepare.mjs'), name], { cwd: root });
}

// --------------------------------------------------------------------------------------------------- random letters

async function letters(context) {
  const file = context.write('repeated.jsonl', repetitionLines(context));
  return { evaluations: { repeated: ['--texts', file] }, passports: { repeated: file } };
}

// ------------------------------------------------------------------------------------------------------ translation

async function pairs(context) {
  const { origin, tokenizer, config, write, limelight, folder } = context;
  const file = path.join(kDataFolder, 'mixes', origin.mix, 'held-out/pairs.jsonl');
  if (!fs.existsSync(file)) await prepareMix(origin.mix);
  const lineOfPair = (pair) => pairLine({ tokenizer, config }, pair);
  const all = fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(0, kPairs)
    .map((line) => JSON.parse(line));
  const tests = JSON.parse(fs.readFileSync(path.join(root, 'tests/data/translation.json'), 'utf8'));
  const written = await limelight(
    'evaluate',
    folder,
    '--texts',
    write('tests.jsonl', tests.map(lineOfPair).join('')),
    '--each',
  );
  const plain = (text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return {
    evaluations: { translation: ['--texts', write('pairs.jsonl', all.map(lineOfPair).join(''))] },
    passports: { translation: write('linked.jsonl', all.slice(0, kLinkedPairs).map(lineOfPair).join('')) },
    more: (card) => {
      const right = tests.filter(({ fr }, i) => plain(tokenizer.decode(written.written[i])) === plain(fr));
      card.test_sentences = { sentences: tests.length, first: right.length };
    },
  };
}

/**
 * A pair as a line. A French word links to its English one from the row that predicts its first token; the other linked words
 * are the others.
 */
export function pairLine({ tokenizer, config }, { en, fr, links = [] }) {
  const { after } = tokenizer.frame;
  const length = longest(config);
  const source = framedText(tokenizer, tokenizer.encode(en), { after, length });
  const before = [config.decoder_start_token_id];
  const target = framedText(tokenizer, tokenizer.encode(fr), { before, after, length });
  const placed = links
    .map(([a, b, c, d]) => ({ of: placesOf(source, [a, b]), at: placesOf(target, [c, d])?.[0] }))
    .filter(({ of, at }) => of && at !== undefined);
  const apart = (one, other) => !one.of.some((place) => other.of.includes(place));
  return lineOf(target, {
    source: source.ids,
    source_special: source.special,
    source_punctuation: source.punctuation,
    links: placed.map((link) => ({
      kind: 'alignment',
      attention: 'cross',
      at: link.at - 1,
      of: [link.of],
      others: placed.filter((other) => apart(link, other)).map(({ of }) => of),
    })),
  });
}
