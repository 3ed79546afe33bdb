// A whole model of GPT-2's shape with random weights: forward over a text, and decoding token by token, beside the same graph
// in ONNX Runtime Web. A token is a byte. Both give the scores of the vocabulary at the last token.

import { memoryOf } from './memory.mjs';
import { constant, contrib, model, node, value } from './onnx.mjs';
import { session } from './ort.mjs';
import { noise } from './problem.mjs';
import { race } from './rounds.mjs';

export const kGpt2 = { layers: 12, heads: 12, width: 768, positions: 512, vocabulary: 256 };
/** Tokens that a sample of decoding is made of. */
const kSteps = 8;
const kEpsilon = 1e-5;

/** Name -> { shape, data }, Hugging Face's names for gpt2. */
export function randomWeights({ layers, width, positions, vocabulary }) {
  const tensors = {};
  let seed = 1;
  const add = (name, shape, size, base = 0) => {
    const data = noise(
      shape.reduce((product, length) => product * length, 1),
      seed++,
      size,
    );
    if (base !== 0) for (let i = 0; i < data.length; i++) data[i] += base;
    tensors[name] = { shape, data };
  };
  add('wte.weight', [vocabulary, width], 0.1);
  add('wpe.weight', [positions, width], 0.05);
  for (let layer = 0; layer < layers; layer++) {
    for (const norm of ['ln_1', 'ln_2']) {
      add(`h.${layer}.${norm}.weight`, [width], 0.1, 1);
      add(`h.${layer}.${norm}.bias`, [width], 0.1);
    }
    for (const [name, from, to] of [
      ['attn.c_attn', width, 3 * width],
      ['attn.c_proj', width, width],
      ['mlp.c_fc', width, 4 * width],
      ['mlp.c_proj', 4 * width, width],
    ]) {
      add(`h.${layer}.${name}.weight`, [from, to], 0.04);
      add(`h.${layer}.${name}.bias`, [to], 0.04);
    }
  }
  add('ln_f.weight', [width], 0.1, 1);
  add('ln_f.bias', [width], 0.1);
  return tensors;
}

/**
 * The matrices of the blocks as int8 with a scale for each output feature: { stored, meant }, the tensors of the
 * checkpoint and the numbers that they stand for.
 */
export function quantised(tensors) {
  const [stored, meant] = [{ ...tensors }, { ...tensors }];
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (!/\.c_\w+\.weight$/.test(name)) continue;
    const columns = shape[1];
    const scale = new Float32Array(columns);
    for (let i = 0; i < data.length; i++)
      scale[i % columns] = Math.max(scale[i % columns], Math.abs(data[i]));
    for (let o = 0; o < columns; o++) scale[o] /= 127;
    const whole = Int8Array.from(data, (x, i) => Math.round(x / scale[i % columns]));
    stored[name] = { shape, data: whole };
    stored[`${name}_scale`] = { shape: [columns], data: scale };
    meant[name] = { shape, data: Float32Array.from(whole, (x, i) => x * scale[i % columns]) };
  }
  return { stored, meant };
}

// ------------------------------------------------------------------------------------------------ as a checkpoint

/** The visible character of each byte in GPT-2's byte-level vocabulary. */
function byteCharacters() {
  const printable = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

/** config.json, tokenizer.json and model.safetensors as File[], which loadModel() takes. */
export function checkpoint(shape, tensors) {
  const config = {
    model_type: 'gpt2',
    vocab_size: shape.vocabulary,
    n_positions: shape.positions,
    n_embd: shape.width,
    n_layer: shape.layers,
    n_head: shape.heads,
    activation_function: 'gelu_new',
    layer_norm_epsilon: kEpsilon,
    tie_word_embeddings: true,
  };
  const isInt8 = ({ data }) => data instanceof Int8Array;
  if (Object.values(tensors).some(isInt8)) config.quantization_config = { quant_method: 'limelight-int8' };
  const level = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const vocab = Object.fromEntries(byteCharacters().map((character, byte) => [character, byte]));
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: level,
    post_processor: null,
    decoder: level,
    model: {
      type: 'BPE',
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      vocab,
      merges: [],
    },
  };
  const header = {};
  let at = 0;
  for (const [name, { shape: dims, data }] of Object.entries(tensors)) {
    header[name] = {
      dtype: data instanceof Int8Array ? 'I8' : 'F32',
      shape: dims,
      data_offsets: [at, at + data.byteLength],
    };
    at += data.byteLength;
  }
  const text = JSON.stringify(header);
  const head = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = new Uint8Array(new BigUint64Array([BigInt(head.length)]).buffer);
  const pieces = Object.values(tensors).map(({ data }) => data);
  return [
    new File([JSON.stringify(config)], 'config.json'),
    new File([JSON.stringify(tokenizer)], 'tokenizer.json'),
    new File([size, head, ...pieces], 'model.safetensors'),
  ];
}

// ------------------------------------------------------------------------------------------------ as an ONNX graph

/**
 * The graph as ONNX Runtime's optimiser for transformers writes it: fused attention with past keys and values, fused GELU,
 * normalisation with the residual sum inside. `past_*` may be empty.
 */
export function onnxGpt2({ layers, heads, width }, tensors) {
  const dim = width / heads;
  const nodes = [];
  const constants = Object.entries(tensors)
    .filter(([name]) => name !== 'wte.weight')
    .map(([name, { shape, data }]) => constant(name, shape, data));
  const wte = tensors['wte.weight'];
  constants.push(constant('wte.weight', wte.shape, wte.data));
  const cache = [1, heads, 'past', dim];
  const grown = [1, heads, 'total', dim];
  const inputs = [value('ids', [1, 'n'], 'int64'), value('positions', [1, 'n'], 'int64')];
  const outputs = [value('logits', [1, 1, wte.shape[0]])];
  nodes.push(
    node('Gather', ['wte.weight', 'ids'], ['tokens']),
    node('Gather', ['wpe.weight', 'positions'], ['places']),
    node('Add', ['tokens', 'places'], ['x0']),
    node('LayerNormalization', ['x0', 'h.0.ln_1.weight', 'h.0.ln_1.bias'], ['n0'], {
      epsilon: { float: kEpsilon },
    }),
  );
  const linear = (from, name, to) =>
    nodes.push(
      node('MatMul', [from, `${name}.weight`], [`${to}.m`]),
      node('Add', [`${to}.m`, `${name}.bias`], [to]),
    );
  const normalised = (x, y, norm, out, sum) =>
    nodes.push(
      contrib('SkipLayerNormalization', [x, y, `${norm}.weight`, `${norm}.bias`], [out, '', '', sum], {
        epsilon: { float: kEpsilon },
      }),
    );
  for (let layer = 0; layer < layers; layer++) {
    const name = (part) => `l${layer}.${part}`;
    const [pastKey, pastValue, key, values] = ['past_k', 'past_v', 'k', 'v'].map((part) => `${part}${layer}`);
    inputs.push(value(pastKey, cache), value(pastValue, cache));
    outputs.push(value(key, grown), value(values, grown));
    linear(`n${layer}`, `h.${layer}.attn.c_attn`, name('qkv'));
    nodes.push(
      node('Split', [name('qkv')], [name('q'), name('key'), name('value')], { axis: 2, num_outputs: 3 }),
      contrib(
        'MultiHeadAttention',
        [name('q'), name('key'), name('value'), '', '', '', pastKey, pastValue],
        [name('z'), key, values],
        { num_heads: heads, unidirectional: 1 },
      ),
    );
    linear(name('z'), `h.${layer}.attn.c_proj`, name('out'));
    normalised(`x${layer}`, name('out'), `h.${layer}.ln_2`, name('normed'), name('mid'));
    linear(name('normed'), `h.${layer}.mlp.c_fc`, name('wide'));
    nodes.push(contrib('FastGelu', [name('wide')], [name('bent')]));
    linear(name('bent'), `h.${layer}.mlp.c_proj`, name('back'));
    const next = layer + 1 < layers ? `h.${layer + 1}.ln_1` : 'ln_f';
    normalised(name('mid'), name('back'), next, `n${layer + 1}`, `x${layer + 1}`);
  }
  constants.push(
    constant('last.start', [1], BigInt64Array.of(-1n)),
    constant('last.end', [1], BigInt64Array.of(2n ** 62n)),
    constant('last.axis', [1], BigInt64Array.of(1n)),
  );
  nodes.push(
    node('Slice', [`n${layers}`, 'last.start', 'last.end', 'last.axis'], ['last']),
    node('Transpose', ['wte.weight'], ['head'], { perm: [1, 0] }),
    node('MatMul', ['last', 'head'], ['logits']),
  );
  return model({ nodes, constants, inputs, outputs });
}

// ------------------------------------------------------------------------------------------------ the reference

/** Scores of the vocabulary at the last of `ids`, in float64. */
export function referenceLogits({ layers, heads, width, vocabulary }, tensors, ids) {
  const n = ids.length;
  const dim = width / heads;
  const get = (name) => tensors[name].data;
  const x = new Float64Array(n * width);
  for (let t = 0; t < n; t++)
    for (let i = 0; i < width; i++)
      x[t * width + i] = get('wte.weight')[ids[t] * width + i] + get('wpe.weight')[t * width + i];
  const norm = (name) => {
    const [gain, shift] = [get(`${name}.weight`), get(`${name}.bias`)];
    const out = new Float64Array(n * width);
    for (let t = 0; t < n; t++) {
      const row = x.subarray(t * width, (t + 1) * width);
      const mean = row.reduce((sum, a) => sum + a, 0) / width;
      const variance = row.reduce((sum, a) => sum + (a - mean) ** 2, 0) / width;
      for (let i = 0; i < width; i++)
        out[t * width + i] = ((row[i] - mean) / Math.sqrt(variance + kEpsilon)) * gain[i] + shift[i];
    }
    return out;
  };
  const linear = (from, name) => {
    const [{ shape, data }, bias] = [tensors[`${name}.weight`], get(`${name}.bias`)];
    const [depth, columns] = shape;
    const out = new Float64Array(n * columns);
    for (let t = 0; t < n; t++) out.set(bias, t * columns);
    for (let i = 0; i < depth; i++) {
      const row = data.subarray(i * columns, (i + 1) * columns);
      for (let t = 0; t < n; t++) {
        const a = from[t * depth + i];
        const at = t * columns;
        for (let o = 0; o < columns; o++) out[at + o] += a * row[o];
      }
    }
    return out;
  };
  const add = (y) => {
    for (let i = 0; i < x.length; i++) x[i] += y[i];
  };
  for (let layer = 0; layer < layers; layer++) {
    const qkv = linear(norm(`h.${layer}.ln_1`), `h.${layer}.attn.c_attn`);
    add(linear(causalHeads(qkv, n, heads, dim), `h.${layer}.attn.c_proj`));
    const wide = linear(norm(`h.${layer}.ln_2`), `h.${layer}.mlp.c_fc`);
    for (let i = 0; i < wide.length; i++) {
      const a = wide[i];
      wide[i] = 0.5 * a * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (a + 0.044715 * a ** 3)));
    }
    add(linear(wide, `h.${layer}.mlp.c_proj`));
  }
  const last = norm('ln_f').subarray((n - 1) * width);
  const wte = get('wte.weight');
  return Float64Array.from({ length: vocabulary }, (_, id) =>
    last.reduce((sum, a, i) => sum + a * wte[id * width + i], 0),
  );
}

/** Causal attention of packed [n, 3 * heads * dim] q, k, v. */
function causalHeads(qkv, n, heads, dim) {
  const width = heads * dim;
  const out = new Float64Array(n * width);
  for (let h = 0; h < heads; h++) {
    for (let t = 0; t < n; t++) {
      const weights = new Float64Array(t + 1);
      for (let j = 0; j <= t; j++) {
        let dot = 0;
        for (let d = 0; d < dim; d++)
          dot += qkv[t * 3 * width + h * dim + d] * qkv[j * 3 * width + width + h * dim + d];
        weights[j] = dot / Math.sqrt(dim);
      }
      const maximum = Math.max(...weights);
      let total = 0;
      for (let j = 0; j <= t; j++) total += weights[j] = Math.exp(weights[j] - maximum);
      for (let j = 0; j <= t; j++)
        for (let d = 0; d < dim; d++)
          out[t * width + h * dim + d] += (weights[j] / total) * qkv[j * 3 * width + 2 * width + h * dim + d];
    }
  }
  return out;
}

/**
 * Largest difference in units of what is allowed: 1e-3 of the scores' range, which is far above what rounding makes of 12
 * layers and far below what a wrong layer does.
 */
export function logitsError(reference, logits) {
  const allowed = 1e-3 * (Math.max(...reference) - Math.min(...reference));
  let worst = 0;
  for (let i = 0; i < reference.length; i++) {
    const error = Math.abs(logits[i] - reference[i]) / allowed;
    if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return worst;
}

// ------------------------------------------------------------------------------------------------ the contestants

/** `length` bytes; `turn` changes the first, so that no prefix of an earlier run can be taken over. */
function textOf(length, turn) {
  const letters = 'the quick brown fox jumps over the lazy dog and runs ';
  const first = String.fromCharCode(97 + (turn % 26));
  return first + letters.repeat(Math.ceil(length / letters.length)).slice(1, length);
}
const idsOf = (text) => Array.from(new TextEncoder().encode(text));

function ourForward(loaded, tokens) {
  let turn = 0;
  const run = async () => {
    const done = await loaded.run(textOf(tokens, turn++), { record: [] });
    if (done.reused > 0 || done.tokens.length !== tokens) throw new Error('the run was not a whole one');
    const logits = await done.logits();
    done.dispose();
    return logits;
  };
  return { entry: { run, ids: () => idsOf(textOf(tokens, turn - 1)) } };
}

function ourDecoding(loaded, tokens) {
  let steps;
  let last;
  const before = async () => {
    await steps?.return();
    steps = loaded.generate(textOf(tokens, 0), { maxTokens: kSteps + 1 });
    last = (await steps.next()).value;
  };
  const run = async () => {
    for (let i = 0; i < kSteps; i++) {
      const { value: step, done } = await steps.next();
      if (done) throw new Error('the text ended early');
      last = step;
    }
  };
  const outcome = async () => ({ logits: await last.run.logits(), ids: last.run.tokens.map(({ id }) => id) });
  const release = () => steps?.return();
  return {
    entry: { before, run, outcome, release, units: kSteps, once: true },
  };
}

class OrtModel {
  constructor(ort, made, { layers, heads, width }) {
    Object.assign(this, { ort, made, layers, heads, dim: width / heads });
    this.forget();
  }
  forget() {
    this.past = Array.from(
      { length: 2 * this.layers },
      () => new this.ort.Tensor('float32', new Float32Array(0), [1, this.heads, 0, this.dim]),
    );
    this.length = 0;
  }
  async feed(ids) {
    const feeds = {};
    const integers = (list) =>
      new this.ort.Tensor('int64', BigInt64Array.from(list, BigInt), [1, list.length]);
    feeds.ids = integers(ids);
    feeds.positions = integers(ids.map((_, i) => this.length + i));
    for (let layer = 0; layer < this.layers; layer++) {
      feeds[`past_k${layer}`] = this.past[2 * layer];
      feeds[`past_v${layer}`] = this.past[2 * layer + 1];
    }
    const results = await this.made.run(feeds);
    this.past = this.past.map((_, i) => results[`${i % 2 ? 'v' : 'k'}${i >> 1}`]);
    this.length += ids.length;
    return results.logits.data;
  }
}

const largest = (logits) => logits.reduce((best, x, i) => (x > logits[best] ? i : best), 0);

function ortForward(ortModel, tokens) {
  let turn = 0;
  const run = async () => {
    ortModel.forget();
    return ortModel.feed(idsOf(textOf(tokens, turn++)));
  };
  return { name: 'ORT same graph', entry: { run, ids: () => idsOf(textOf(tokens, turn - 1)) } };
}

function ortDecoding(ortModel, tokens) {
  let [ids, logits] = [[], []];
  const before = async () => {
    ortModel.forget();
    ids = idsOf(textOf(tokens, 0));
    logits = await ortModel.feed(ids);
    ids.push(largest(logits));
    logits = await ortModel.feed(ids.slice(-1));
  };
  const run = async () => {
    for (let i = 0; i < kSteps; i++) {
      ids.push(largest(logits));
      logits = await ortModel.feed(ids.slice(-1));
    }
  };
  const outcome = async () => ({ logits, ids });
  return { name: 'ORT same graph', entry: { before, run, outcome, units: kSteps, once: true } };
}

let prepared;
/** The model in every engine and in ORT, loaded once for all model cases; int8 beside it, in an engine of its own. */
async function prepare(host, { engines, ort }) {
  if (prepared) return prepared;
  const tensors = randomWeights(kGpt2);
  const load = async (engine, name, checked, files) => {
    const loaded = await engine.loadModel(files);
    return { engine, name, loaded, tensors: checked, references: new Map() };
  };
  prepared = { ours: [] };
  const files = checkpoint(kGpt2, tensors); // once: a browser keeps its files' 340 MB outside the page
  for (const engine of engines)
    prepared.ours.push(await load(engine, `Limelight ${engine.build}`, tensors, files));
  const { build } = engines.at(-1);
  const { loadEngine } = await host.importPackage();
  const { stored, meant } = quantised(tensors);
  const small = await loadEngine({ worker: false, build });
  prepared.ours.push(await load(small, `Limelight ${build}, int8`, meant, checkpoint(kGpt2, stored)));
  try {
    if (ort) prepared.ort = new OrtModel(ort, await session(ort, onnxGpt2(kGpt2, tensors)), kGpt2);
  } catch (error) {
    host.note(`ORT does not load the model: ${error.message}`);
  }
  return prepared;
}

/** Whether the outcome is what these weights give. */
function checking({ tensors, references }) {
  return async (result, entry) => {
    const { logits, ids } = entry.outcome ? await entry.outcome() : { logits: result, ids: entry.ids() };
    const key = ids.join();
    if (!references.has(key)) references.set(key, referenceLogits(kGpt2, tensors, ids));
    return logitsError(references.get(key), logits);
  };
}

export async function measureModel(host, everybody, { shape: { tokens, decode }, seconds, least }) {
  const { ours, ort } = await prepare(host, everybody);
  const contestants = ours.map(({ engine, name, loaded, ...weights }) => ({
    ...(decode ? ourDecoding : ourForward)(loaded, tokens),
    ...{ name, ours: true, build: engine.build, check: checking(weights) },
    memory: async () => (await engine.memory()).wasm,
  }));
  if (ort)
    contestants.push({
      ...(decode ? ortDecoding : ortForward)(ort, tokens),
      ...{ peer: true, check: checking(ours[0]), memory: () => memoryOf('ort') },
    });
  const ready = contestants.map(({ entry, ...rest }) => ({ ...rest, make: async () => entry }));
  const { layers, width } = kGpt2;
  // Matrices of the blocks, 2 FLOPs a weight and token; attention's own products are a few per cent of it here.
  const flops = 2 * layers * 12 * width ** 2 * (decode ? 1 : tokens);
  return { flops, results: await race(host, ready, { seconds, least, most: 9 }) };
}
