// npm run gallery: what every shipped model says to its test sentences, on one page that needs nothing else:
// build/gallery/index.html. Sentences and answers that are expected are those of tests/data.
//
// The core computes everything: predictions, weights, and the run without a head. A sentence's most telling head is the one
// without which the first guess loses most of its probability, of those that look away from the asking word (of a translator,
// the head of cross-attention that its card finds best at alignment); words are lit by the weight that the asking token gives
// them there.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPackage } from '../build.mjs';
import { isMain, main, say } from '../console.mjs';
import { root } from '../toolchain.mjs';
import { rolesOf } from './card.mjs';
import { kModels } from './figures.mjs';
import { galleryPage } from './gallery-page.mjs';

const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
const sentences = (name) => readJson(path.join(root, `tests/data/${name}.json`));

const kStretches = ['hgfedcbaFE', 'qwertzuiopAB', 'xyCabwDsmnEtklFr', 'mnopqrstuvwx', 'ACEbdfacegik'];

/** What a model is asked, by the kind of texts that its origin names: { text, expected }. */
const kAsked = {
  running: () => sentences('gpt').map(({ prompt, expected }) => ({ text: prompt, expected })),
  masked: () => sentences('bert'),
  pairs: () => sentences('translation').map(({ en, fr }) => ({ text: en, expected: [fr] })),
  letters: () =>
    kStretches.map((stretch) => ({ text: stretch + stretch.slice(0, 5), expected: [stretch[5]] })),
};

const roleOf = (card, { attention = 'self', layer, head }) => {
  const [[, texts]] = Object.entries(card.passports);
  const index = texts.heads.findIndex(
    (one) => one.attention === attention && one.layer === layer && one.head === head,
  );
  const [best] = rolesOf(card.passports, index);
  return best && best.gain >= 0.1 ? best.name : undefined;
};

/** The token that is asked about: the blank, or the last one. */
function askingToken(model, run) {
  const blank = run.tokens.findIndex(({ text }) => text === model.info.mask);
  return blank >= 0 ? blank : run.tokens.length - 1;
}

async function probabilityOf(id, run, token, vocabulary) {
  const { candidates } = await run.predict({ token, count: vocabulary });
  return candidates.find((candidate) => candidate.id === id).probability;
}

/**
 * The head without which `id` is least probable at a token; those that mostly look at that token itself come last.
 */
async function tellingHead(model, run, token, id) {
  const { layers, heads, vocabulary } = model.info;
  let telling;
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const weights = await run.weights({ layer, head, rows: [token, token + 1] });
      const without = await model.run(run.text, { interventions: [{ silence: { layer, head } }] });
      const probability = await probabilityOf(id, without, token, vocabulary);
      without.dispose();
      const found = { layer, head, weights, probability, away: weights[token] <= 0.5 };
      if (!telling || (found.away === telling.away ? probability < telling.probability : found.away))
        telling = found;
    }
  }
  return telling;
}

async function showPrediction(model, card, { text, expected }) {
  const run = await model.run(text);
  const token = askingToken(model, run);
  const { candidates } = await run.predict({ token, count: 5 });
  const { layer, head, weights, probability } = await tellingHead(model, run, token, candidates[0].id);
  const shown = {
    tokens: run.tokens.map(({ text: word, special, start }, i) => ({
      word: word.trimStart(),
      spaced: /^\s/.test(word) || start > (run.tokens[i - 1]?.end ?? start) || (special && i > 0),
      special,
      weight: weights[i],
      asks: i === token,
    })),
    candidates: candidates.map(({ text: word, probability: its }) => ({
      word,
      probability: its,
      expected: expected.includes(word.trim()),
    })),
    expected,
    head: { layer, head, probability, role: roleOf(card, { layer, head }) },
  };
  run.dispose();
  return shown;
}

async function showTranslation(model, card, { text, expected }) {
  const [[, { heads }]] = Object.entries(card.passports);
  const [{ layer, head }] = heads
    .filter(({ attention }) => attention === 'cross')
    .sort((a, b) => b.alignment - a.alignment);
  const run = await model.run(text);
  const weights = await run.weights({ layer, head, attention: 'cross' });
  const { source, target } = run.translation;
  const shown = {
    source: source.map(({ text: word }) => word),
    rows: run.tokens.map((_, i) => ({
      word: run.tokens[i + 1]?.text ?? '',
      weights: Array.from(weights.subarray(i * source.length, (i + 1) * source.length)),
    })),
    target,
    expected,
    head: { layer, head, attention: 'cross', role: roleOf(card, { attention: 'cross', layer, head }) },
  };
  run.dispose();
  return shown;
}

export async function gallery() {
  const { loadEngine } = await import(pathToFileURL(path.join(root, 'dist/index.js')));
  const engine = await loadEngine({ worker: false, build: 'simd', modelsUrl: `${kModels}/` });
  const models = [];
  for (const name of fs.readdirSync(kModels)) {
    const file = path.join(kModels, name, 'card.json');
    if (!fs.existsSync(file)) continue;
    const card = readJson(file);
    const model = await engine.loadModel(name);
    const show = model.info.family === 'marian' ? showTranslation : showPrediction;
    const shown = [];
    for (const asked of kAsked[card.origin.texts]()) shown.push(await show(model, card, asked));
    models.push({ name, info: model.info, shown });
    model.dispose();
  }
  engine.dispose();
  return models;
}

if (isMain(import.meta.url)) {
  main(async () => {
    await buildPackage();
    const file = path.join(root, 'build/gallery/index.html');
    const page = galleryPage(await gallery(), fs.readFileSync(path.join(root, 'web/page/theme.css'), 'utf8'));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, page);
    say(`${path.relative(process.cwd(), file)} is written: ${(page.length / 1e3).toFixed(0)} KB.`);
  });
}
