// A Llama in float64, written from the papers and from Hugging Face's description of its checkpoints, as model.ts is of
// the other families.
//
//   r += attention(rms(r));  r += (silu(rms(r) W_gate) * (rms(r) W_up)) W_down;  logits = rms(r) E^T
//
// Zhang and Sennrich 2019 (RMS norm), Su et al. 2021 (rotary positions), Shazeer 2020 (SwiGLU), Ainslie et al. 2023
// (query heads that share keys and values).
import { referenceAttention } from './attention.ts';
import { add, affine } from './math.ts';
import type { Recording } from './model.ts';
import type { Tensor } from './safetensors.ts';

export interface LlamaConfig {
  vocab_size: number;
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  rms_norm_eps: number;
  rope_theta: number;
  tie_word_embeddings: boolean;
  max_position_embeddings: number;
}

/** Names and shapes of the tensors that a checkpoint has. */
export function llamaTensors(config: LlamaConfig): [name: string, shape: number[]][] {
  const { hidden_size: width, intermediate_size: wide, head_dim } = config;
  const [queries, keys] = [config.num_attention_heads * head_dim, config.num_key_value_heads * head_dim];
  const layers = Array.from({ length: config.num_hidden_layers }, (_, l): [string, number[]][] =>
    Object.entries({
      input_layernorm: [width],
      'self_attn.q_proj': [queries, width],
      'self_attn.k_proj': [keys, width],
      'self_attn.v_proj': [keys, width],
      'self_attn.o_proj': [width, queries],
      post_attention_layernorm: [width],
      'mlp.gate_proj': [wide, width],
      'mlp.up_proj': [wide, width],
      'mlp.down_proj': [width, wide],
    }).map(([name, shape]) => [`model.layers.${l}.${name}.weight`, shape]),
  );
  return [
    ['model.embed_tokens.weight', [config.vocab_size, width]],
    ...layers.flat(),
    ['model.norm.weight', [width]],
    ...(config.tie_word_embeddings
      ? []
      : [['lm_head.weight', [config.vocab_size, width]] satisfies [string, number[]]]),
  ];
}

export function forwardLlama(
  config: LlamaConfig,
  tensors: ReadonlyMap<string, Tensor>,
  ids: readonly number[],
): Recording {
  const n = ids.length;
  const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: kvHeads } = config;
  const headDim = config.head_dim;
  const tensor = (name: string) => {
    const found = tensors.get(`${name}.weight`);
    if (!found) throw new Error(`no tensor ${name}.weight`);
    return found;
  };
  /** x W^T, W [outer, inner]. */
  const linear = (name: string, x: Float64Array) => {
    const { shape, data } = tensor(name);
    const [outer, inner] = shape as [number, number];
    return affine(x, n, inner, (i, o) => data[o * inner + i]!, outer);
  };
  const rms = (name: string, x: Float64Array) => {
    const gain = tensor(name).data;
    return x.map((value, i) => {
      const row = x.subarray(i - (i % width), i - (i % width) + width);
      const square = row.reduce((sum, v) => sum + v * v, 0) / width;
      return (value / Math.sqrt(square + config.rms_norm_eps)) * gain[i % width]!;
    });
  };
  /** Of every head, the numbers d and d + headDim / 2 turn together by position * theta^(-2d / headDim). */
  const turn = (x: Float64Array) =>
    x.map((value, i) => {
      const d = i % headDim;
      const half = headDim / 2;
      const position = Math.floor(i / (x.length / n));
      const angle = position * config.rope_theta ** (-(d % half) / half);
      const other = d < half ? -x[i + half]! : x[i - half]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });

  const sites: Recording['sites'] = new Map();
  const keep = (name: string, data: Float64Array): Float64Array => {
    sites.set(name, { features: data.length / n, data });
    return data;
  };
  const table = tensor('model.embed_tokens').data;
  const embedded = new Float64Array(n * width);
  ids.forEach((id, i) => {
    embedded.set(table.subarray(id * width, (id + 1) * width), i * width);
  });
  let residual = keep('embed', embedded);
  const scores: Recording['scores'] = [];
  for (let l = 0; l < config.num_hidden_layers; l++) {
    const layer = `model.layers.${l}`;
    const site = (name: string, data: Float64Array) => keep(`blocks.${l}.${name}`, data);
    site('resid_pre', residual);
    const input = site('ln1', rms(`${layer}.input_layernorm`, residual));
    const q = site('attn.rot_q', turn(site('attn.q', linear(`${layer}.self_attn.q_proj`, input))));
    const k = site('attn.rot_k', turn(site('attn.k', linear(`${layer}.self_attn.k_proj`, input))));
    const v = site('attn.v', linear(`${layer}.self_attn.v_proj`, input));
    const attention = referenceAttention({
      ...{ q, k, v, batch: 1, heads, kvHeads, qLength: n, kvLength: n },
      ...{ headDim, valueDim: headDim, causal: true },
    });
    site('attn.z', attention.out);
    const lse = (i: number) => attention.lse[(i % heads) * n + Math.floor(i / heads)]!;
    site(
      'attn.lse',
      Float64Array.from({ length: n * heads }, (_, i) => lse(i)),
    );
    scores.push(
      Array.from({ length: heads }, (_, h) => {
        const of = (all: Float64Array) => all.subarray(h * n * n, (h + 1) * n * n);
        const { dot, scaled, masked, weight } = attention;
        return {
          ...{ dot: of(dot), scaled: of(scaled), masked: of(masked), weight: of(weight) },
          lse: attention.lse.subarray(h * n, (h + 1) * n),
        };
      }),
    );
    const middle = site(
      'resid_mid',
      add(residual, site('attn.out', linear(`${layer}.self_attn.o_proj`, attention.out))),
    );
    const normed = site('ln2', rms(`${layer}.post_attention_layernorm`, middle));
    const gate = site('mlp.pre', linear(`${layer}.mlp.gate_proj`, normed));
    const up = site('mlp.pre_linear', linear(`${layer}.mlp.up_proj`, normed));
    const post = site(
      'mlp.post',
      gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]!),
    );
    residual = site('resid_post', add(middle, site('mlp.out', linear(`${layer}.mlp.down_proj`, post))));
  }
  const final = keep('ln_final', rms('model.norm', residual));
  const head = config.tie_word_embeddings ? 'model.embed_tokens' : 'lm_head';
  return { ids, sites, scores, logits: linear(head, final) };
}
