// A Marian translator in float64, written from the paper and from Hugging Face's description of its checkpoints.
//
//   encoder, of the source:  r = LN(r + attention(r));                           r = LN(r + mlp(r))
//   decoder, of the target:  r = LN(r + causal(r)); r = LN(r + cross(r, encoder)); r = LN(r + mlp(r))
//   logits = r E^T + b
//
// Vaswani et al. 2017; embeddings are scaled by sqrt(width), positions are sines and cosines, each half a row.
import { referenceAttention } from './attention.ts';
import { add, affine, layerNorm } from './math.ts';
import type { HeadScores } from './model.ts';
import type { Tensor } from './safetensors.ts';

export interface MarianConfig {
  vocab_size: number;
  d_model: number;
  encoder_layers: number;
  decoder_layers: number;
  encoder_attention_heads: number;
  decoder_attention_heads: number;
  encoder_ffn_dim: number;
  decoder_ffn_dim: number;
  max_position_embeddings: number;
  decoder_start_token_id: number;
  eos_token_id: number;
}

export interface Translated {
  sites: Map<string, { features: number; data: Float64Array }>;
  /** [layer][head] of each kind of attention. */
  scores: Record<'self' | 'cross' | 'encoder', HeadScores[][]>;
  /** [target, vocabulary] */
  logits: Float64Array;
}

/** Names and shapes of the tensors that a checkpoint has, one embedding for everything. */
export function marianTensors(config: MarianConfig): [name: string, shape: number[]][] {
  const width = config.d_model;
  const linear = (name: string, out: number, inner: number): [string, number[]][] => [
    [`${name}.weight`, [out, inner]],
    [`${name}.bias`, [out]],
  ];
  const norm = (name: string): [string, number[]][] => [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
  const attention = (name: string) =>
    ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) => linear(`${name}.${part}`, width, width));
  const stack = (name: 'encoder' | 'decoder') =>
    Array.from({ length: config[`${name}_layers`] }, (_, l) => {
      const layer = `model.${name}.layers.${l}`;
      const parts = name === 'decoder' ? ['self_attn', 'encoder_attn'] : ['self_attn'];
      return [
        ...parts.flatMap((part) => [
          ...attention(`${layer}.${part}`),
          ...norm(`${layer}.${part}_layer_norm`),
        ]),
        ...linear(`${layer}.fc1`, config[`${name}_ffn_dim`], width),
        ...linear(`${layer}.fc2`, width, config[`${name}_ffn_dim`]),
        ...norm(`${layer}.final_layer_norm`),
      ];
    }).flat();
  return [
    ['model.shared.weight', [config.vocab_size, width]],
    ...stack('encoder'),
    ...stack('decoder'),
    ['final_logits_bias', [1, config.vocab_size]],
  ];
}

export function forwardMarian(
  config: MarianConfig,
  tensors: ReadonlyMap<string, Tensor>,
  source: readonly number[],
  target: readonly number[],
): Translated {
  const width = config.d_model;
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new Error(`no tensor ${name}`);
    return found;
  };
  const linear = (name: string, x: Float64Array) => {
    const { shape, data } = tensor(`${name}.weight`);
    const [outer, inner] = shape as [number, number];
    return affine(
      x,
      x.length / inner,
      inner,
      (i, o) => data[o * inner + i]!,
      outer,
      tensor(`${name}.bias`).data,
    );
  };
  const norm = (name: string, x: Float64Array) =>
    layerNorm(x, width, tensor(`${name}.weight`).data, tensor(`${name}.bias`).data, 1e-5);
  const table = tensor('model.shared.weight').data;

  const sites: Translated['sites'] = new Map();
  const scores: Translated['scores'] = { self: [], cross: [], encoder: [] };
  const keep = (name: string, rows: number, data: Float64Array): Float64Array => {
    sites.set(name, { features: data.length / rows, data });
    return data;
  };

  function attend(
    kind: keyof typeof scores,
    heads: number,
    [q, k, v]: [Float64Array, Float64Array, Float64Array],
    site: (name: string, data: Float64Array) => Float64Array,
  ): Float64Array {
    const [rows, keys] = [q.length / width, k.length / width];
    const headDim = width / heads;
    const { out, lse, dot, scaled, masked, weight } = referenceAttention({
      ...{ q, k, v, batch: 1, heads, kvHeads: heads, qLength: rows, kvLength: keys },
      ...{ headDim, valueDim: headDim, causal: kind === 'self' },
    });
    const part = (all: Float64Array, h: number) => all.subarray(h * rows * keys, (h + 1) * rows * keys);
    scores[kind].push(
      Array.from({ length: heads }, (_, h) => ({
        ...{ dot: part(dot, h), scaled: part(scaled, h), masked: part(masked, h), weight: part(weight, h) },
        lse: lse.subarray(h * rows, (h + 1) * rows),
      })),
    );
    const byToken = (i: number) => lse[(i % heads) * rows + Math.floor(i / heads)]!;
    site(
      'lse',
      Float64Array.from({ length: rows * heads }, (_, i) => byToken(i)),
    );
    return site('z', out);
  }

  function run(name: 'encoder' | 'decoder', ids: readonly number[], memory?: Float64Array): Float64Array {
    const n = ids.length;
    const cells = (value: (token: number, d: number) => number) =>
      Float64Array.from({ length: n * width }, (_, i) => value(Math.floor(i / width), i % width));
    const half = width / 2;
    const embed = cells((t, d) => table[ids[t]! * width + d]! * Math.sqrt(width));
    const position = cells((t, d) => {
      const angle = t / 10000 ** ((2 * (d % half)) / width);
      return d < half ? Math.sin(angle) : Math.cos(angle);
    });
    let residual = add(keep(`${name}.embed`, n, embed), keep(`${name}.pos_embed`, n, position));
    const heads = config[`${name}_attention_heads`];
    for (let l = 0; l < config[`${name}_layers`]; l++) {
      const layer = `model.${name}.layers.${l}`;
      const site = (part: string, data: Float64Array, rows = n) =>
        keep(`${name}.blocks.${l}.${part}`, rows, data);
      site('resid_pre', residual);
      site('ln1', residual);
      const project = (part: string, asked: Float64Array, answers: Float64Array, sites: string) => {
        const rows = answers.length / width;
        return [
          site(`${sites}.q`, linear(`${layer}.${part}.q_proj`, asked)),
          site(`${sites}.k`, linear(`${layer}.${part}.k_proj`, answers), rows),
          site(`${sites}.v`, linear(`${layer}.${part}.v_proj`, answers), rows),
        ] as [Float64Array, Float64Array, Float64Array];
      };
      const kind = name === 'encoder' ? 'encoder' : 'self';
      const own = project('self_attn', residual, residual, 'attn');
      const z = attend(kind, heads, own, (part, data) => site(`attn.${part}`, data));
      const middle = site(
        'resid_mid',
        add(residual, site('attn.out', linear(`${layer}.self_attn.out_proj`, z))),
      );
      let input = norm(`${layer}.self_attn_layer_norm`, middle);
      if (memory) {
        site('cross.ln', input);
        const both = project('encoder_attn', input, memory, 'cross');
        const crossZ = attend('cross', heads, both, (part, data) => site(`cross.${part}`, data));
        const out = site('cross.out', linear(`${layer}.encoder_attn.out_proj`, crossZ));
        input = norm(`${layer}.encoder_attn_layer_norm`, site('resid_cross', add(input, out)));
      }
      site('ln2', input);
      const pre = site('mlp.pre', linear(`${layer}.fc1`, input));
      const post = site(
        'mlp.post',
        pre.map((value) => value / (1 + Math.exp(-value))),
      );
      const out = site('mlp.out', linear(`${layer}.fc2`, post));
      residual = site('resid_post', norm(`${layer}.final_layer_norm`, add(input, out)));
    }
    return residual;
  }

  const last = run('decoder', target, run('encoder', source));
  const bias = tensor('final_logits_bias').data;
  const logits = affine(last, target.length, width, (i, o) => table[o * width + i]!, config.vocab_size, bias);
  return { sites, scores, logits };
}
