// Writes limelight-cases.json: what onnx-attention.json, a sample of ONNX's own cases, does not ask. The answers come from
// reference.mjs, which first has to reproduce that sample.
//
//   node tests/conformance/make.mjs

import fs from 'node:fs';
import { decode, encode, readCases, roundTo } from './cases.mjs';
import { complaints } from './judge.mjs';
import { evaluate } from './reference.mjs';

const kFolder = new URL('.', import.meta.url);

/** The reference's outputs in their types. */
function answers(c) {
  const outputs = evaluate(c);
  for (const tensor of Object.values(outputs))
    tensor.data = Array.from(tensor.data, (x) => roundTo(x, tensor.dtype));
  return outputs;
}

function verify() {
  for (const c of readCases(new URL('onnx-attention.json', kFolder))) {
    const lines = complaints(answers(c), c.outputs, evaluate(c));
    if (lines.length > 0) throw new Error(`The reference does not reproduce ${c.name}: ${lines.join('; ')}`);
  }
}

// ------------------------------------------------------------------------------------------------------ numbers

/** mulberry32: small, seeded, good enough to fill arrays. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

let random;
const below = (n) => Math.floor(random() * n);
const count = (shape) => shape.reduce((product, size) => product * size, 1);
const tensor = (shape, dtype, number) => ({
  dtype,
  shape,
  data: Array.from({ length: count(shape) }, number),
});

/** -1 to 1 in steps of 1/64, which every type has and few digits write. */
const numbers = (shape, dtype = 'float32', spread = 1) =>
  tensor(shape, dtype, () => (spread * (below(129) - 64)) / 64);
/** A quarter of it false. */
const booleans = (shape) => tensor(shape, 'bool', () => (below(4) > 0 ? 1 : 0));
/** Numbers of which some hide. */
const additive = (shape, dtype = 'float32') =>
  tensor(shape, dtype, () => (below(5) === 0 ? '-inf' : (below(129) - 64) / 16));
const lengths = (...data) => ({ dtype: 'int64', shape: [data.length], data });
const kNone = undefined;

const cases = [];

/** `inputs` in the order of the operator's signature; `wanted`: the outputs that the case asks for. */
function add(op, opset, name, signature, inputs, attributes, wanted) {
  const last = inputs.findLastIndex((x) => x !== kNone);
  const slots = signature.slice(0, last + 1).map((slot, i) => (inputs[i] ? slot : ''));
  const c = {
    name,
    op,
    opset: [opset],
    slots,
    attributes,
    inputs: Object.fromEntries(signature.flatMap((slot, i) => (inputs[i] ? [[slot, inputs[i]]] : []))),
    outputs: Object.fromEntries(wanted.map((output) => [output, true])),
  };
  const outputs = answers(c);
  c.outputs = Object.fromEntries(wanted.map((output) => [output, encode(outputs[output])]));
  cases.push(c);
}

// ---------------------------------------------------------------------------------------------------- Attention

const kAttention = ['Q', 'K', 'V', 'attn_mask', 'past_key', 'past_value', 'nonpad_kv_seqlen'];
const kShape = { batch: 2, heads: 4, kvHeads: 2, q: 4, kv: 6, dim: 3, value: 2, past: 0, dtype: 'float32' };

/**
 * `shape` differs from kShape where it says so; `mask`: its shape from that of the whole, or a tensor; `spoil` changes the
 * inputs; the rest are attributes.
 */
function attention(name, opset, { shape = {}, mask, nonpad, packed, mode, present, spoil, ...attributes }) {
  random = uniform(cases.length + 1);
  const {
    batch,
    heads,
    kvHeads,
    q,
    kv,
    dim,
    value,
    past,
    dtype,
    valueType = dtype,
  } = { ...kShape, ...shape };
  const lay = (h, seq, d, type = dtype) =>
    numbers(packed ? [batch, seq, h * d] : [batch, h, seq, d], type, 2);
  const inputs = [
    lay(heads, q, dim),
    lay(kvHeads, kv, dim),
    lay(kvHeads, kv, value, valueType),
    typeof mask === 'function' ? mask([batch, heads, q, past + kv]) : mask,
    past ? numbers([batch, kvHeads, past, dim], dtype, 2) : kNone,
    past ? numbers([batch, kvHeads, past, value], valueType, 2) : kNone,
    nonpad && lengths(...nonpad),
  ];
  spoil?.(...inputs);
  const wanted = ['Y'];
  if (present) wanted.push('present_key', 'present_value');
  if (mode !== undefined) wanted.push('qk_matmul_output');
  add('Attention', opset, name, kAttention, inputs, {
    ...(packed ? { q_num_heads: heads, kv_num_heads: kvHeads } : {}),
    ...(mode ? { qk_matmul_output_mode: mode } : {}),
    ...attributes,
  }, wanted); // biome-ignore format: one call
}

const kWindow = { left_window_size: 2, right_window_size: 1 };
const kMasks = {
  '1d': ([, , , kv]) => [kv],
  '2d': ([, , q, kv]) => [q, kv],
  '3d': ([, heads, q, kv]) => [heads, q, kv],
  '3d_shared': ([, , q, kv]) => [1, q, kv],
  '4d': (all) => all,
  '4d_rows_shared': ([batch, , , kv]) => [batch, 1, 1, kv],
  '4d_batch_shared': ([, heads, q, kv]) => [1, heads, q, kv],
};

function windows() {
  attention('window_left', 25, { left_window_size: 2 });
  attention('window_right', 25, { right_window_size: 1 });
  attention('window_of_one', 25, { left_window_size: 0, right_window_size: 0, mode: 3 });
  attention('window_unbounded', 25, { left_window_size: -1, right_window_size: -1 });
  attention('window_beyond_everything', 25, { left_window_size: 1000, right_window_size: 1000 });
  attention('window_left_causal', 25, { left_window_size: 2, is_causal: 1, mode: 3 });
  attention('window_right_causal', 25, { right_window_size: 3, is_causal: 1, mode: 3 });
  for (const [rank, of] of Object.entries(kMasks)) {
    attention(`window_mask_${rank}`, 25, { ...kWindow, mask: (all) => additive(of(all)), mode: 2 });
    attention(`window_mask_${rank}_bool`, 25, { ...kWindow, mask: (all) => booleans(of(all)), mode: 3 });
    attention(`window_mask_${rank}_causal`, 25, { left_window_size: 3, is_causal: 1, mask: (all) => booleans(of(all)) });
    attention(`mask_${rank}_causal`, 23, { is_causal: 1, mask: (all) => additive(of(all)) });
  } // biome-ignore format: calls side by side
  const past = { past: 6, kv: 5 };
  attention('window_past', 25, { ...kWindow, shape: past, present: true });
  attention('window_past_causal', 25, { left_window_size: 3, is_causal: 1, shape: past, present: true, mode: 3 });
  attention('window_past_mask', 25, { ...kWindow, shape: past, mask: booleans, present: true });
  attention('window_packed', 25, { ...kWindow, packed: true, mode: 3 });
  attention('window_packed_past_causal', 25, { left_window_size: 4, is_causal: 1, shape: past, packed: true, present: true });
  attention('window_cache', 25, { ...kWindow, nonpad: [6, 5], mode: 2 });
  attention('window_cache_causal', 25, { left_window_size: 2, is_causal: 1, nonpad: [6, 3], mode: 3 });
  attention('window_cache_mask', 25, { ...kWindow, nonpad: [4, 2], mask: ([b, h, q]) => booleans([b, h, q, 4]) });
  attention('window_cache_packed', 25, { ...kWindow, nonpad: [0, 6], packed: true });
  attention('window_many_keys', 25, { shape: { q: 3, kv: 140, past: 0, dim: 2, value: 2, batch: 1 }, ...kWindow, nonpad: [131] });
  attention('window_softcap', 25, { ...kWindow, softcap: 1.5, mode: 1 });
} // biome-ignore format: calls side by side

function caches() {
  for (const mode of [0, 1, 2, 3])
    attention(`cache_causal_mode${mode}`, 24, { is_causal: 1, nonpad: [6, 5], softcap: 2, mode });
  attention('cache_causal_fewer_keys_than_queries', 24, { is_causal: 1, nonpad: [3, 0], mode: 3 });
  attention('cache_causal_fewer_keys_than_queries_bias', 24, { is_causal: 1, nonpad: [2, 1], mode: 2 });
  attention('cache_causal_packed', 24, { is_causal: 1, nonpad: [1, 6], packed: true });
  attention('cache_padded', 24, { nonpad: [6, 4] });
  attention('cache_empty', 24, { nonpad: [0, 0], mode: 3 });
  attention('cache_decode', 24, { is_causal: 1, nonpad: [6, 3], shape: { q: 1 } });
  attention('past_causal', 24, { is_causal: 1, shape: { past: 3 }, present: true, mode: 3 });
  attention('past_decode', 23, { is_causal: 1, shape: { q: 1, kv: 1, past: 9 }, present: true });
  attention('past_packed_softcap', 23, { softcap: 1, shape: { past: 2 }, packed: true, present: true, mode: 0 });
  attention('mask_shorter_than_the_keys', 24, { mask: ([, , q]) => booleans([q, 4]), mode: 2 });
  attention('mask_shorter_than_the_keys_additive', 24, { mask: ([b, h, q]) => additive([b, h, q, 5]), is_causal: 1 });
} // biome-ignore format: calls side by side

/** A mask [q, kv] of number(row, key). */
const matrix =
  (dtype, number) =>
  ([, , q, kv]) => ({
    dtype,
    shape: [q, kv],
    data: Array.from({ length: q * kv }, (_, n) => number(Math.floor(n / kv), n % kv)),
  });
/** Key 5 of every head holds what must reach nobody. */
const spoil = (what) => (_, K, V) => {
  for (const { shape: [batch, heads, seq, dim], data } of [K, V])
    for (let head = 0; head < batch * heads; head++) data.fill(what, (head * seq + 5) * dim, (head * seq + 6) * dim);
}; // biome-ignore format: side by side

function hidden() {
  // Rows 0 and 3 see nothing.
  const bool = matrix('bool', (i) => (i % 3 === 0 ? 0 : 1));
  const additive = matrix('float32', (i) => (i % 3 === 0 ? '-inf' : 0.5));
  for (const mode of [0, 1, 2, 3]) {
    attention(`row_without_keys_bool_mode${mode}`, 23, { mask: bool, mode, softcap: 3 });
    attention(`row_without_keys_additive_mode${mode}`, 23, { mask: additive, mode });
  }
  attention('row_without_keys_packed', 23, { mask: bool, packed: true });
  const late = matrix('bool', (_, j) => (j > 2 ? 1 : 0));
  attention('row_without_keys_by_mask_and_future', 23, { mask: late, is_causal: 1, mode: 3 });
  const one = matrix('bool', (_, j) => (j === 4 ? 1 : 0));
  attention('row_without_keys_by_mask_and_window', 25, { mask: one, ...kWindow, mode: 3 });

  for (const [name, what] of Object.entries({ nan: 'nan', inf: 'inf', minus_inf: '-inf' })) {
    const spoilt = { spoil: spoil(what) };
    const column = (dtype, no, yes) => matrix(dtype, (_, j) => (j === 5 ? no : yes));
    attention(`${name}_behind_a_mask`, 23, { ...spoilt, mask: column('bool', 0, 1), mode: 3 });
    attention(`${name}_behind_minus_infinity`, 23, { ...spoilt, mask: column('float32', '-inf', 0.25) });
    attention(`${name}_in_the_future`, 23, { ...spoilt, is_causal: 1, mode: 3 });
    attention(`${name}_in_the_padding`, 24, { ...spoilt, nonpad: [5, 3] });
    attention(`${name}_outside_a_window`, 25, { ...spoilt, left_window_size: 3, right_window_size: 0 });
  }
} // biome-ignore format: calls side by side

function stages() {
  for (const mode of [0, 1, 2, 3]) {
    attention(`mode${mode}_softcap_mask_causal`, 23, { mask: additive, is_causal: 1, softcap: 1.25, mode });
    attention(`mode${mode}_packed_scale`, 23, { mask: booleans, scale: 0.3, packed: true, mode });
  }
  attention('scale_zero', 23, { scale: 0, mode: 3 });
  attention('softcap_large', 23, { softcap: 50, mode: 1 });
  attention('one_of_each', 23, { shape: { batch: 1, heads: 1, kvHeads: 1, q: 1, kv: 1, dim: 1, value: 1 } });
  attention('multi_query', 23, { shape: { kvHeads: 1, heads: 3 }, is_causal: 1 });
  attention('more_queries_than_keys', 23, { shape: { q: 9, kv: 2 }, is_causal: 1, mode: 3 });
  attention('many_keys', 23, {
    shape: { batch: 1, heads: 2, kvHeads: 1, q: 3, kv: 130, dim: 3, value: 2 },
    mask: booleans,
  });
  attention('large_scores', 23, { scale: 60, mode: 3 });
}

function types() {
  for (const dtype of ['float16', 'bfloat16']) {
    attention(`${dtype}`, 23, { shape: { dtype } });
    attention(`${dtype}_mask_softcap`, 23, { shape: { dtype }, mask: (all) => additive(all, dtype), softcap: 2, mode: 2 });
    attention(`${dtype}_mask_bool_weights`, 24, { shape: { dtype }, mask: booleans, is_causal: 1, mode: 3 });
    attention(`${dtype}_past`, 24, { shape: { dtype, past: 4 }, is_causal: 1, packed: true, present: true, mode: 0 });
    attention(`${dtype}_window`, 25, { shape: { dtype }, ...kWindow, nonpad: [6, 2], mode: 3 });
    attention(`${dtype}_softmax_in_float32`, 23, { shape: { dtype }, softmax_precision: 1 });
    attention(`${dtype}_softmax_in_double`, 23, { shape: { dtype }, softmax_precision: 11 });
    attention(`${dtype}_values_beside_float32`, 23, { shape: { valueType: dtype } });
  }
  for (const [precision, name] of Object.entries({ 1: 'float32', 10: 'float16', 11: 'double', 16: 'bfloat16' }))
    attention(`softmax_in_${name}`, 23, { softmax_precision: Number(precision), mode: 3 });
} // biome-ignore format: calls side by side

// -------------------------------------------------------------------------------------------- the other operators

const kLinear = ['query', 'key', 'value', 'past_state', 'decay', 'beta'];
const kRules = ['linear', 'gated', 'delta', 'gated_delta'];

function linear(name, { heads = 4, kvHeads = 2, length = 5, dim = 3, value = 4, rule, perHead, sharedBeta, past, dtype = 'float32', stateType = dtype, ...attributes }) {
  random = uniform(cases.length + 1);
  const batch = 2;
  const gated = rule.startsWith('gated');
  const delta = rule.endsWith('delta');
  const share = (shape, sign) => tensor(shape, dtype, () => (sign * (1 + below(63))) / 64);
  add('LinearAttention', 27, `linear_attention_${name}`, kLinear, [
    numbers([batch, length, heads * dim], dtype),
    numbers([batch, length, kvHeads * dim], dtype, 0.5),
    numbers([batch, length, kvHeads * value], dtype),
    past ? numbers([batch, kvHeads, dim, value], stateType) : kNone,
    gated ? share([batch, length, kvHeads * (perHead ? 1 : dim)], -1) : kNone,
    delta ? share([batch, length, sharedBeta ? 1 : kvHeads], 1) : kNone,
  ], { q_num_heads: heads, kv_num_heads: kvHeads, update_rule: rule, ...attributes }, ['output', 'present_state']);
} // biome-ignore format: calls side by side

function linearCases() {
  for (const rule of kRules) {
    linear(`${rule}_shared_heads`, { rule });
    linear(`${rule}_one_key_value_head`, { rule, kvHeads: 1, heads: 3 });
    linear(`${rule}_with_past`, { rule, past: true, perHead: true });
    linear(`${rule}_one_token`, { rule, length: 1 });
    linear(`${rule}_one_token_with_past`, { rule, length: 1, past: true });
    linear(`${rule}_half`, { rule, past: true, dtype: 'float16' });
    linear(`${rule}_half_state_in_float32`, { rule, past: true, dtype: 'float16', stateType: 'float32' });
  }
  for (const rule of ['delta', 'gated_delta']) linear(`${rule}_beta_of_one_head`, { rule, sharedBeta: true });
  linear('many_tokens', { rule: 'gated_delta', length: 70, heads: 2, kvHeads: 1, dim: 4, value: 2 });
  linear('many_tokens_in_chunks', { rule: 'gated_delta', length: 40, heads: 1, kvHeads: 1, chunk_size: 16 });
  linear('scaled', { rule: 'linear', scale: 0.3 });
  linear('bfloat16', { rule: 'gated_delta', dtype: 'bfloat16', past: true });
}

function flex(name, { heads = 4, kvHeads = 4, dtype = 'float32', value = 3, ...attributes }) {
  random = uniform(cases.length + 1);
  const lay = (h, seq, d) => numbers([2, h, seq, d], dtype, 2);
  const inputs = [lay(heads, 5, 4), lay(kvHeads, 7, 4), lay(kvHeads, 7, value)];
  add('FlexAttention', 1, `flex_attention_${name}`, ['Q', 'K', 'V'], inputs, attributes, ['Y']);
}

function flexCases() {
  flex('plain', {});
  flex('shared_heads', { kvHeads: 2 });
  flex('one_key_value_head', { kvHeads: 1, scale: 0.2 });
  for (const dtype of ['float16', 'bfloat16']) flex(dtype, { dtype });
  for (const precision of [1, 10, 11, 16]) flex(`softmax_precision_${precision}`, { softmax_precision: precision });
} // biome-ignore format: calls side by side

function rotary(name, { packed, ids = true, partial, dtype = 'float32', ...attributes }) {
  random = uniform(cases.length + 1);
  const [batch, heads, seq, dim] = [2, 3, 4, 8];
  const half = (partial ?? dim) / 2;
  // Any numbers: the operator does not ask for cosines.
  const table = () => numbers(ids ? [10, half] : [batch, seq, half], dtype);
  const X = numbers(packed ? [batch, seq, heads * dim] : [batch, heads, seq, dim], dtype);
  const positions = ids ? tensor([batch, seq], 'int64', () => below(10)) : kNone;
  add('RotaryEmbedding', 23, `rotary_embedding_${name}`, ['X', 'cos_cache', 'sin_cache', 'position_ids'],
    [X, table(), table(), positions],
    { ...(packed ? { num_heads: heads } : {}), ...(partial ? { rotary_embedding_dim: partial } : {}), ...attributes }, ['Y']);
} // biome-ignore format: calls side by side

function rotaryCases() {
  for (const interleaved of [0, 1]) {
    const pairs = interleaved ? 'interleaved' : 'halves';
    rotary(pairs, { interleaved });
    rotary(`${pairs}_packed`, { interleaved, packed: true });
    rotary(`${pairs}_partial`, { interleaved, partial: 4 });
    rotary(`${pairs}_without_positions`, { interleaved, ids: false });
    rotary(`${pairs}_half`, { interleaved, packed: true, partial: 6, dtype: 'float16' });
  }
}

verify();
for (const make of [windows, caches, hidden, stages, types, linearCases, flexCases, rotaryCases]) make();
for (const c of cases) for (const input of Object.values(c.inputs)) decode(input); // sizes agree
fs.writeFileSync(
  new URL('limelight-cases.json', kFolder),
  `[\n${cases.map((c) => JSON.stringify(c)).join(',\n')}\n]\n`,
);
console.log(`${cases.length} cases`);
