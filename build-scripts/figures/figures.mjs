// npm run figures -- MODEL: everything that is measured of a shipped model, from its weights and held-out text.
//
//   npm run figures -- tiny-gpt                     writes web/models/tiny-gpt/card.json and README.md
//   npm run figures -- tiny-gpt --check             measures again and fails where the card says something else
//   npm run figures -- tiny-gpt --against FOLDER    also the difference to the same model with other weights (f32)
//
// The core measures (limelight evaluate, limelight passports); this script makes the texts, with the model's own tokenizer,
// and writes down. models/MODEL.json says what kind of texts a model is measured on and where it comes from, models/MODEL.md
// is its README with {{places}} for what is measured (card.mjs). What is fetched or made for it is kept in build/data.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { buildNative } from '../build.mjs';
import { isMain, lastLines, main, run, Sentence, say } from '../console.mjs';
import { root } from '../toolchain.mjs';
import { renderCard } from './card.mjs';
import { differences, kTolerance } from './check.mjs';
import { kKinds } from './kinds.mjs';
import { openTokenizer } from './tokens.mjs';

export const kModels = path.join(root, 'web/models');
const kOrigins = path.join(root, 'build-scripts/figures/models');
const kProgram = path.join(root, 'build/native/limelight');

const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

/** The program's JSON. */
async function limelight(...args) {
  const { code, output } = await run(kProgram, [...args, '--json'], { cwd: root, quiet: true });
  if (code !== 0) throw new Sentence(lastLines(output));
  return JSON.parse(output);
}

/** Five decimals: what a card says is right to more than it is compared with. */
function rounded(value) {
  if (typeof value === 'number') return Number(value.toFixed(5));
  if (Array.isArray(value)) return value.map(rounded);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rounded(one)]));
  return value;
}

const kNumbers = [
  'previous',
  'next',
  'itself',
  'duplicate',
  'first',
  'separator',
  'punctuation',
  'induction',
];

/**
 * What `limelight passports` prints, shorter: what a head that looks at all alike gets is the same for every head of a kind of
 * attention, so it is said once, with the number of positions.
 */
export function shortPassports({ texts, tokens, predictions, loss, heads }) {
  const uniform = {};
  const short = heads.map(({ attention, layer, head, links, evenness, loss_increase, ...scores }) => {
    uniform[attention] ??= {};
    const means = {};
    const put = (name, score) => {
      if (!score) return;
      means[name] = score.mean;
      uniform[attention][name] = { mean: score.uniform, count: score.count };
    };
    for (const name of [...kNumbers, 'entropy', 'distance']) put(name, scores[name]);
    for (const [name, link] of Object.entries(links)) {
      put(name, link);
      if (!link.compared) continue;
      means[`${name}_strongest`] = link.strongest;
      uniform[attention][`${name}_strongest`] = { mean: link.chance, count: link.compared };
    }
    return { attention, layer, head, ...means, evenness, loss_increase };
  });
  return { texts, tokens, predictions, loss, uniform, heads: short };
}

function describe(folder, config) {
  const files = Object.fromEntries(
    ['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => {
      const bytes = fs.readFileSync(path.join(folder, name));
      return [name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
    }),
  );
  return { family: config.model_type, files };
}

/** What a shipped model's texts are made with. */
export function modelContext(name) {
  const folder = path.join(kModels, name);
  const config = readJson(path.join(folder, 'config.json'));
  return {
    folder,
    config,
    origin: readJson(path.join(kOrigins, `${name}.json`)),
    tokenizer: openTokenizer(readJson(path.join(folder, 'tokenizer.json')), config),
  };
}

/** Measures a model: its card's content. */
export async function measure(name, { against } = {}) {
  const model = modelContext(name);
  const { folder, config, origin } = model;
  const made = path.join(root, 'build/figures', name);
  fs.mkdirSync(made, { recursive: true });
  const write = (file, content) => {
    fs.writeFileSync(path.join(made, file), content);
    return path.join(made, file);
  };
  const { evaluations, passports, more } = await kKinds[origin.texts]({ ...model, made, write, limelight });

  const card = { model: name, ...describe(folder, config), origin, command: `npm run figures -- ${name}` };
  card.held_out = {};
  for (const [source, args] of Object.entries(evaluations)) {
    const { model: _, weights, parameters, ...figures } = await limelight('evaluate', folder, ...args);
    Object.assign(card, { weights, parameters });
    card.held_out[source] = figures;
  }
  more?.(card);
  card.passports = {};
  for (const [source, file] of Object.entries(passports))
    card.passports[source] = shortPassports(await limelight('passports', folder, '--texts', file));
  if (against) {
    card.against = { held_out: {} };
    for (const [source, args] of Object.entries(evaluations)) {
      const { weights, loss } = await limelight('evaluate', path.resolve(against), ...args);
      card.against.weights = weights;
      card.against.held_out[source] = { loss, increase: card.held_out[source].loss - loss };
    }
  }
  return rounded(card);
}

/** Of other weights, which are not kept here, what was measured of them holds as long as these are the same. */
function keepComparison(card, file) {
  if (card.against || !fs.existsSync(file)) return;
  const known = readJson(file);
  const sum = (one) => one.files?.['model.safetensors'].sha256;
  if (known.against && sum(known) === sum(card)) card.against = known.against;
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    const names = fs
      .readdirSync(kOrigins)
      .flatMap((file) => (file.endsWith('.json') ? [path.basename(file, '.json')] : []));
    const [name] = args;
    if (!names.includes(name)) throw new Sentence(`Which model? npm run figures -- ${names.join(' | ')}`);
    const at = args.indexOf('--against');
    if (at >= 0 && !args[at + 1]) throw new Sentence('--against wants a folder.');
    await buildNative();
    const started = performance.now();
    const card = await measure(name, { against: at >= 0 ? args[at + 1] : undefined });
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const file = path.join(kModels, name, 'card.json');
    keepComparison(card, file);
    const readme = renderCard(card, fs.readFileSync(path.join(kOrigins, `${name}.md`), 'utf8'));
    const places = {
      [file]: `${JSON.stringify(card, null, 1)}\n`,
      [path.join(kModels, name, 'README.md')]: readme,
    };
    if (!args.includes('--check')) {
      for (const [place, content] of Object.entries(places)) fs.writeFileSync(place, content);
      return say(`Measured ${name} in ${seconds} s: ${path.relative(process.cwd(), path.dirname(file))}.`);
    }
    const found = differences(readJson(file), card);
    if (found.length > 0)
      throw new Sentence(
        `The card of ${name} is not what is measured:\n  ${found.slice(0, 20).join('\n  ')}`,
      );
    say(`The card of ${name} holds: everything measured again in ${seconds} s, within ${kTolerance}.`);
  });
}
