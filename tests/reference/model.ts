// GPT-2 and BERT in float64, written from the papers and from Hugging Face's description of its checkpoints: an
// oracle for the engine. It reads config.json and model.safetensors itself and shares no code with what it judges.
//
//   GPT-2 (Radford et al. 2019), pre-norm:   r += attention(LN1(r));  r += mlp(LN2(r));  logits = LN_f(r) E^T
//   BERT (Devlin et al. 2018), post-norm:    r = LN1(r + attention(r)); r = LN2(r + mlp(r));
//                                            logits = LN_t(gelu(r W_t + b_t)) E^T + b
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceAttention } from './attention.ts';
import { add, affine, geluExact, geluTanh, layerNorm } from './math.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';

export interface Checkpoint {
  family: 'gpt2' | 'bert';
  layers: number;
  heads: number;
  width: number;
  headDim: number;
  mlpWidth: number;
  positions: number;
  vocabulary: number;
  epsilon: number;
  tensors: Map<string, Tensor>;
}

export interface HeadChange {
  layer: number;
  head: number;
  /** Multiplies what the head gives. */
  gate?: number;
  /** Divides the head's scores. */
  temperature?: number;
}

/** One head's matrices, [n, n] row-major, and the log-sum-exp of its rows. */
export interface HeadScores {
  dot: Float64Array;
  scaled: Float64Array;
  masked: Float64Array;
  weight: Float64Array;
  lse: Float64Array;
}

export interface Recording {
  ids: readonly number[];
  /** Numbers a token has at each site, and the site's [tokens, features] data; sites with heads are [n, heads, dim]. */
  sites: Map<string, { features: number; data: Float64Array }>;
  /** [layer][head] */
  scores: HeadScores[][];
  /** [n, vocabulary] */
  logits: Float64Array;
}

interface ConfigFile {
  model_type: string;
  vocab_size: number;
  n_positions?: number;
  n_embd?: number;
  n_layer?: number;
  n_head?: number;
  n_inner?: number | null;
  layer_norm_epsilon?: number;
  hidden_size?: number;
  num_hidden_layers?: number;
  num_attention_heads?: number;
  intermediate_size?: number;
  max_position_embeddings?: number;
  layer_norm_eps?: number;
}

export function readCheckpoint(folder: string): Checkpoint {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as ConfigFile;
  const file = readSafetensors(readFileSync(join(folder, 'model.safetensors')));
  // GPT2LMHeadModel puts this before the names of GPT2Model.
  const tensors = new Map(Array.from(file, ([name, data]) => [name.replace(/^transformer\./, ''), data]));
  const family = config.model_type;
  if (family !== 'gpt2' && family !== 'bert') throw new Error(`model_type ${family}`);
  const number = (value: number | null | undefined, name: string): number => {
    if (typeof value !== 'number') throw new Error(`config.json has no ${name}`);
    return value;
  };
  const width =
    family === 'gpt2' ? number(config.n_embd, 'n_embd') : number(config.hidden_size, 'hidden_size');
  const heads =
    family === 'gpt2'
      ? number(config.n_head, 'n_head')
      : number(config.num_attention_heads, 'num_attention_heads');
  return {
    family,
    width,
    heads,
    headDim: width / heads,
    layers:
      family === 'gpt2'
        ? number(config.n_layer, 'n_layer')
        : number(config.num_hidden_layers, 'num_hidden_layers'),
    mlpWidth:
      family === 'gpt2'
        ? (config.n_inner ?? 4 * width)
        : number(config.intermediate_size, 'intermediate_size'),
    positions:
      family === 'gpt2'
        ? number(config.n_positions, 'n_positions')
        : number(config.max_position_embeddings, 'max_position_embeddings'),
    epsilon:
      family === 'gpt2'
        ? number(config.layer_norm_epsilon, 'layer_norm_epsilon')
        : number(config.layer_norm_eps, 'layer_norm_eps'),
    vocabulary: config.vocab_size,
    tensors,
  };
}

function tensor(checkpoint: Checkpoint, name: string): Float64Array {
  const found = checkpoint.tensors.get(name);
  if (!found) throw new Error(`no tensor ${name}`);
  return found.data;
}

/** GPT-2 stores its layers as Conv1D, weight [in, out]; BERT as Linear, weight [out, in]. */
function layer(
  checkpoint: Checkpoint,
  name: string,
  x: Float64Array,
  rows: number,
  inner: number,
  outer: number,
) {
  const weight = tensor(checkpoint, `${name}.weight`);
  const get =
    checkpoint.family === 'gpt2'
      ? (i: number, o: number) => weight[i * outer + o]!
      : (i: number, o: number) => weight[o * inner + i]!;
  return affine(x, rows, inner, get, outer, tensor(checkpoint, `${name}.bias`));
}

function norm(checkpoint: Checkpoint, name: string, x: Float64Array): Float64Array {
  const gain = tensor(checkpoint, `${name}.weight`);
  return layerNorm(x, checkpoint.width, gain, tensor(checkpoint, `${name}.bias`), checkpoint.epsilon);
}

/** Rows `ids` of an embedding table [entries, width]. */
function lookUp(table: Float64Array, width: number, ids: readonly number[]): Float64Array {
  const rows = new Float64Array(ids.length * width);
  ids.forEach((id, i) => {
    rows.set(table.subarray(id * width, (id + 1) * width), i * width);
  });
  return rows;
}

/** Queries, keys and values of a layer, each [n, heads * headDim]. */
function projections(checkpoint: Checkpoint, l: number, x: Float64Array, n: number) {
  const { width } = checkpoint;
  if (checkpoint.family === 'bert') {
    const prefix = `bert.encoder.layer.${l}.attention.self`;
    const [q, k, v] = ['query', 'key', 'value'].map((name) =>
      layer(checkpoint, `${prefix}.${name}`, x, n, width, width),
    ) as [Float64Array, Float64Array, Float64Array];
    return { q, k, v };
  }
  const all = layer(checkpoint, `h.${l}.attn.c_attn`, x, n, width, 3 * width);
  const third = (part: number) =>
    Float64Array.from({ length: n * width }, (_, i) => {
      const row = Math.floor(i / width);
      return all[row * 3 * width + part * width + (i % width)]!;
    });
  return { q: third(0), k: third(1), v: third(2) };
}

export function forward(
  checkpoint: Checkpoint,
  ids: readonly number[],
  changes: readonly HeadChange[] = [],
): Recording {
  const { family, width, heads, headDim, mlpWidth, layers } = checkpoint;
  const n = ids.length;
  const gpt = family === 'gpt2';
  const sites: Recording['sites'] = new Map();
  const keep = (name: string, data: Float64Array): Float64Array => {
    sites.set(name, { features: data.length / n, data });
    return data;
  };
  const positionIds = ids.map((_, i) => i);

  let residual: Float64Array;
  if (gpt) {
    const embed = keep('embed', lookUp(tensor(checkpoint, 'wte.weight'), width, ids));
    residual = add(embed, keep('pos_embed', lookUp(tensor(checkpoint, 'wpe.weight'), width, positionIds)));
  } else {
    const table = (name: string) => tensor(checkpoint, `bert.embeddings.${name}.weight`);
    const embed = keep('embed', lookUp(table('word_embeddings'), width, ids));
    const position = keep('pos_embed', lookUp(table('position_embeddings'), width, positionIds));
    const types = ids.map(() => 0);
    const type = keep('type_embed', lookUp(table('token_type_embeddings'), width, types));
    residual = keep(
      'embed_ln',
      norm(checkpoint, 'bert.embeddings.LayerNorm', add(add(embed, position), type)),
    );
  }

  const scores: HeadScores[][] = [];
  for (let l = 0; l < layers; l++) {
    const site = (name: string, data: Float64Array) => keep(`blocks.${l}.${name}`, data);
    const prefix = gpt ? `h.${l}` : `bert.encoder.layer.${l}`;
    site('resid_pre', residual);
    const input = site('ln1', gpt ? norm(checkpoint, `${prefix}.ln_1`, residual) : residual);

    const { q, k, v } = projections(checkpoint, l, input, n);
    site('attn.q', q);
    site('attn.k', k);
    site('attn.v', v);
    const perHead = (pick: (change: HeadChange) => number | undefined) =>
      Array.from({ length: heads }, (_, h) =>
        changes
          .filter((c) => c.layer === l && c.head === h)
          .reduce((product, c) => product * (pick(c) ?? 1), 1),
      );
    const attention = referenceAttention({
      q,
      k,
      v,
      batch: 1,
      heads,
      kvHeads: heads,
      qLength: n,
      kvLength: n,
      headDim,
      valueDim: headDim,
      causal: gpt,
      gate: perHead((change) => change.gate),
      temperature: perHead((change) => change.temperature),
    });
    site('attn.z', attention.out);
    site(
      'attn.lse',
      Float64Array.from(
        { length: n * heads },
        (_, i) => attention.lse[(i % heads) * n + Math.floor(i / heads)]!,
      ),
    );
    const head = (all: Float64Array, h: number) => all.subarray(h * n * n, (h + 1) * n * n);
    scores.push(
      Array.from({ length: heads }, (_, h) => ({
        dot: head(attention.dot, h),
        scaled: head(attention.scaled, h),
        masked: head(attention.masked, h),
        weight: head(attention.weight, h),
        lse: attention.lse.subarray(h * n, (h + 1) * n),
      })),
    );
    const output = gpt ? `${prefix}.attn.c_proj` : `${prefix}.attention.output.dense`;
    const attentionOut = site('attn.out', layer(checkpoint, output, attention.out, n, width, width));

    const sum = site('resid_mid', add(residual, attentionOut));
    const mlpInput = site(
      'ln2',
      norm(checkpoint, gpt ? `${prefix}.ln_2` : `${prefix}.attention.output.LayerNorm`, sum),
    );
    const pre = layer(
      checkpoint,
      gpt ? `${prefix}.mlp.c_fc` : `${prefix}.intermediate.dense`,
      mlpInput,
      n,
      width,
      mlpWidth,
    );
    site('mlp.pre', pre);
    const post = site('mlp.post', pre.map(gpt ? geluTanh : geluExact));
    const mlpOut = layer(
      checkpoint,
      gpt ? `${prefix}.mlp.c_proj` : `${prefix}.output.dense`,
      post,
      n,
      mlpWidth,
      width,
    );
    site('mlp.out', mlpOut);
    residual = gpt ? add(sum, mlpOut) : norm(checkpoint, `${prefix}.output.LayerNorm`, add(mlpInput, mlpOut));
    site('resid_post', residual);
  }
  return { ids, sites, scores, logits: predict(checkpoint, residual, n, keep) };
}

function predict(
  checkpoint: Checkpoint,
  residual: Float64Array,
  n: number,
  keep: (name: string, data: Float64Array) => Float64Array,
): Float64Array {
  const { width, vocabulary } = checkpoint;
  const tied = (table: Float64Array) => (i: number, o: number) => table[o * width + i]!;
  if (checkpoint.family === 'gpt2') {
    const final = keep('ln_final', norm(checkpoint, 'ln_f', residual));
    const output = checkpoint.tensors.has('lm_head.weight') ? 'lm_head.weight' : 'wte.weight';
    return affine(final, n, width, tied(tensor(checkpoint, output)), vocabulary);
  }
  const head = 'cls.predictions';
  const dense = layer(checkpoint, `${head}.transform.dense`, residual, n, width, width).map(geluExact);
  const final = keep('ln_final', norm(checkpoint, `${head}.transform.LayerNorm`, dense));
  const embedding = tensor(checkpoint, 'bert.embeddings.word_embeddings.weight');
  return affine(final, n, width, tied(embedding), vocabulary, tensor(checkpoint, `${head}.bias`));
}

/** One token's numbers at a site; with `head`, that head's part of them. */
export function siteRow(
  recording: Recording,
  name: string,
  token: number,
  head?: number,
  heads = 1,
): Float64Array {
  const site = recording.sites.get(name);
  if (!site) throw new Error(`no site ${name}`);
  const row = site.data.subarray(token * site.features, (token + 1) * site.features);
  if (head === undefined) return row;
  const dim = site.features / heads;
  return row.subarray(head * dim, (head + 1) * dim);
}

/** Every number behind one row of one head, as a reader would follow it by hand. */
export function rowArithmetic(
  checkpoint: Checkpoint,
  recording: Recording,
  at: { layer: number; head: number; token: number; gate?: number },
) {
  const { heads, headDim } = checkpoint;
  const n = recording.ids.length;
  const rows = (name: string) =>
    recording.ids.map((_, j) => siteRow(recording, `blocks.${at.layer}.attn.${name}`, j, at.head, heads));
  const q = rows('q')[at.token]!;
  const k = rows('k');
  const v = rows('v');
  const matrices = recording.scores[at.layer]?.[at.head];
  if (!matrices) throw new Error(`no head ${at.layer}.${at.head}`);
  const cells = (stage: Float64Array) => stage.subarray(at.token * n, (at.token + 1) * n);
  const masked = cells(matrices.masked);
  const maximum = masked.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const exponent = masked.map((value) => Math.exp(value - maximum));
  const weight = cells(matrices.weight);
  const flat = (pick: (j: number, d: number) => number) =>
    Float64Array.from({ length: n * headDim }, (_, i) => pick(Math.floor(i / headDim), i % headDim));
  const weighted = flat((j, d) => weight[j]! * v[j]![d]!);
  const out = Float64Array.from({ length: headDim }, (_, d) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weighted[j * headDim + d]!;
    return sum * (at.gate ?? 1);
  });
  return {
    q,
    k: flat((j, d) => k[j]![d]!),
    v: flat((j, d) => v[j]![d]!),
    products: flat((j, d) => q[d]! * k[j]![d]!),
    dot: cells(matrices.dot),
    scaled: cells(matrices.scaled),
    masked,
    exponent,
    maximum,
    total: exponent.reduce((sum, value) => sum + value, 0),
    weight,
    weighted,
    out,
  };
}
