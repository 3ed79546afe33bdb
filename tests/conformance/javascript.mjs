// How the operators of ONNX are calls of the npm package: the one place in JavaScript where that is said.
//
//   await compute(engine, case)  ->  { Y: { dtype, shape, data }, ... }; throws Refused or the engine's error

import { answerable, Call, Refused, roundTo } from './cases.mjs';

export async function compute(engine, c) {
  const operator = kOperators[c.op];
  if (!operator) throw new Refused(`the operator ${c.op} is unknown`);
  return operator(engine, new Call(c));
}

const floats = (tensor) => tensor && Float32Array.from(tensor.data);

/** What a request takes of f32, bf16 and f16: f16 by its bits, widened by the engine. */
function numbers(tensor) {
  if (tensor.dtype !== 'float16') return floats(tensor);
  return Uint16Array.from(tensor.data, (x) => {
    if (Number.isNaN(x)) return 0x7e00;
    const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
    const size = Math.abs(x);
    if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
    const exponent = Math.max(Math.floor(Math.log2(size)), -14);
    if (size < 2 ** -14) return sign | (size * 2 ** 24);
    return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
  });
}

/** Rounded to its type. */
function output(dtype, shape, data) {
  answerable(dtype);
  return { dtype, shape, data: Array.from(data, (x) => roundTo(x, dtype)) };
}

/** [batch, heads, seq, dim] as [batch, seq, heads, dim], or back with `heads` and `seq` exchanged. */
function turned(data, [batch, heads, seq, dim]) {
  const to = new data.constructor(data.length);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let s = 0; s < seq; s++) {
        const from = ((b * heads + h) * seq + s) * dim;
        to.set(data.subarray(from, from + dim), ((b * seq + s) * heads + h) * dim);
      }
  return to;
}

const kStages = ['scaled', 'capped', 'masked', 'weight'];

async function attention(engine, call) {
  const opset = call.opset(23, 28);
  const [Q, K, V] = [call.needed(0), call.needed(1), call.needed(2)];
  const packed = Q.shape.length === 3;
  const counted = [call.attribute('q_num_heads'), call.attribute('kv_num_heads')];
  if (!packed && opset >= 25 && counted.some((heads) => heads !== undefined))
    throw new Refused('head counts beside inputs of rank 4');
  const [heads, kvHeads] = packed ? counted : [Q.shape[1], K.shape[1]];
  const [mask, pastKey, pastValue] = [call.input(3), call.input(4), call.input(5)];
  const lengths = opset >= 24 ? call.input(6) : undefined;
  if (!pastKey !== !pastValue) throw new Refused('past_key and past_value go together');
  if (lengths && pastKey) throw new Refused('nonpad_kv_seqlen beside past_key');

  const qLength = Q.shape.at(-2);
  const window = opset >= 25 ? windowOf(call) : undefined;
  const causal = call.flag('is_causal');
  const scale = call.attribute('scale');
  const softcap = call.attribute('softcap', 0);
  const mode = call.attribute('qk_matmul_output_mode', 0);
  if (!(mode in kStages)) throw new Refused(`qk_matmul_output_mode is ${mode}`);
  call.softmaxPrecision(); // float32 serves all four as far as the outputs go
  call.finish(opset >= 24 ? 7 : 6, ['Y', 'present_key', 'present_value', 'qk_matmul_output']);

  const [batch] = Q.shape;
  const past = (tensor) => (packed ? turned(numbers(tensor), tensor.shape) : numbers(tensor));
  const request = {
    ...{ q: numbers(Q), k: numbers(K), v: numbers(V), batch, heads, kvHeads, qLength },
    layout: packed ? 'seq-first' : 'heads-first',
    ...(pastKey ? { past: { k: past(pastKey), v: past(pastValue) } } : {}),
    ...(scale === undefined ? {} : { scale }),
    ...(softcap === 0 ? {} : { softcap }),
    ...(causal ? { causal } : {}),
    ...(window ? { window } : {}),
    ...(mask?.dtype === 'bool' ? { mask: { data: Uint8Array.from(mask.data), shape: mask.shape } } : {}),
    ...(mask && mask.dtype !== 'bool' ? { bias: { data: floats(mask), shape: mask.shape } } : {}),
    ...(lengths ? { keyLengths: Int32Array.from(lengths.data) } : {}),
  };
  if (causal || window) {
    if (lengths) request.pastLengths = Int32Array.from(lengths.data, (length) => length - qLength);
    else request.pastLength = pastKey ? pastKey.shape[2] : 0;
  }
  const { out, present } = await engine.attention({ ...request, present: true });
  const kvLength = K.shape.at(-2) + (pastKey ? pastKey.shape[2] : 0);
  const valueDim = packed ? V.shape[2] / kvHeads : V.shape[3];
  const headDim = packed ? K.shape[2] / kvHeads : K.shape[3];
  const outputs = {
    Y: output(Q.dtype, [...Q.shape.slice(0, -1), packed ? heads * valueDim : valueDim], out),
  };
  const joined = (data, dim, { dtype }) => {
    const shape = [batch, kvHeads, kvLength, dim];
    return output(dtype, shape, packed ? turned(data, [batch, kvLength, kvHeads, dim]) : data);
  };
  if (call.wants('present_key')) outputs.present_key = joined(present.k, headDim, K);
  if (call.wants('present_value')) outputs.present_value = joined(present.v, valueDim, V);
  if (call.wants('qk_matmul_output')) {
    const cells = [];
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < heads; head++)
        cells.push(...(await engine.explain({ ...request, stage: kStages[mode], at: { batch: b, head } })));
    outputs.qk_matmul_output = output(Q.dtype, [batch, heads, qLength, kvLength], cells);
  }
  return outputs;
}

/** Undefined where both sides are unbounded. */
function windowOf(call) {
  const sides = {
    left: call.attribute('left_window_size', -1),
    right: call.attribute('right_window_size', -1),
  };
  const bounded = Object.entries(sides).filter(([, size]) => size !== -1);
  return bounded.length > 0 ? Object.fromEntries(bounded) : undefined;
}

/** Of the preview domain, without the graphs that may stand in between: finish() refuses those. */
async function flexAttention(engine, call) {
  call.opset(1, 28);
  const [Q, K, V] = [call.needed(0), call.needed(1), call.needed(2)];
  const scale = call.attribute('scale');
  call.softmaxPrecision();
  call.finish(3, ['Y']);
  answerable(V.dtype);
  const [batch, heads, qLength] = Q.shape;
  const { out } = await engine.attention({
    ...{ q: numbers(Q), k: numbers(K), v: numbers(V), batch, heads, kvHeads: K.shape[1], qLength },
    layout: 'heads-first',
    ...(scale === undefined ? {} : { scale }),
  });
  return { Y: output(V.dtype, [batch, heads, qLength, V.shape[3]], out) };
}

async function linearAttention(engine, call) {
  call.opset(27, 28);
  const [query, key, value] = [call.needed(0), call.needed(1), call.needed(2)];
  const [state, decay, beta] = [call.input(3), call.input(4), call.input(5)];
  const heads = call.attribute('q_num_heads');
  const kvHeads = call.attribute('kv_num_heads');
  const rule = call.attribute('update_rule', 'gated_delta').replace('_', '-');
  const scale = call.attribute('scale', 0);
  call.attribute('chunk_size'); // a hint
  call.finish(6, ['output', 'present_state']);
  const [batch, length] = query.shape;
  const result = await engine.linearAttention({
    ...{ q: floats(query), k: floats(key), v: floats(value), batch, heads, kvHeads, length, rule },
    ...(scale === 0 ? {} : { scale }),
    ...(state ? { state: floats(state) } : {}),
    ...(decay ? { decay: floats(decay) } : {}),
    ...(beta ? { beta: floats(beta) } : {}),
  });
  const valueDim = value.shape[2] / kvHeads;
  const headDim = query.shape[2] / heads;
  return {
    output: output(query.dtype, [batch, length, heads * valueDim], result.out),
    present_state: output((state ?? query).dtype, [batch, kvHeads, headDim, valueDim], result.state),
  };
}

async function rotaryEmbedding(engine, call) {
  call.opset(23, 28);
  const [X, cos, sin] = [call.needed(0), call.needed(1), call.needed(2)];
  const given = call.input(3);
  const packed = X.shape.length === 3;
  const counted = call.attribute('num_heads');
  const pairs = call.flag('interleaved') ? 'interleaved' : 'halves';
  const rotaryDim = call.attribute('rotary_embedding_dim', 0);
  call.finish(4, ['Y']);
  const [batch, heads, length] = packed ? [X.shape[0], counted, X.shape[1]] : X.shape;
  // Without positions the tables have a row for every token of every sequence.
  const positions = Int32Array.from(given ? given.data : { length: batch * length }, (x, i) =>
    given ? x : i,
  );
  const y = await engine.rotate({
    ...{ x: floats(X), batch, heads, length, layout: packed ? 'seq-first' : 'heads-first', pairs, positions },
    table: { cos: floats(cos), sin: floats(sin) },
    ...(rotaryDim === 0 ? {} : { rotaryDim }),
  });
  return { Y: output(X.dtype, X.shape, y) };
}

const kOperators = {
  Attention: attention,
  FlexAttention: flexAttention,
  LinearAttention: linearAttention,
  RotaryEmbedding: rotaryEmbedding,
};
