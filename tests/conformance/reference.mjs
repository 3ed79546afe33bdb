// The operators in float64, written from their specification (onnx.ai/onnx/operators), and beside every number how far
// float32 arithmetic may be from it. Shares no code with what is tested.
//
//   evaluate(case)  ->  { Y: { dtype, shape, data, slack }, ... }
//
// slack, of one computation in float32 (unit roundoff eps = 2^-24; a multiply-add is rounded once or twice):
//   score    2 head_dim eps |scale| sum_d |q_d k_d| + 4 eps |score|, a soft cap 6 eps more of it, a bias 4 eps (|bias| + 1)
//   output   (head_dim + kv_len + 8) eps (1 + L) sum_j weight_j |v_j|: two chains of multiply-adds, the first of which the
//            exponential turns into a relative error; L = the row's largest |scale| sum_d |q_d k_d| + |bias| + |capped score|
//   weight   twice that, with the weight for the sum
//   linear   see there; 0 where numbers are only copied

import { answerable, Call, epsilonOf, Refused, roundTo } from './cases.mjs';

const kEpsilon = 2 ** -24;
const kHidden = Number.NEGATIVE_INFINITY;

export function evaluate(c) {
  const operator = kOperators[c.op];
  if (!operator) throw new Refused(`the operator ${c.op} is unknown`);
  const call = new Call(c);
  return operator(call);
}

const count = (shape) => shape.reduce((product, size) => product * size, 1);

/** Reads [batch, heads, seq, dim], or [batch, seq, heads * dim] where `packed`. */
function heads4(tensor, heads, packed) {
  const { shape, data } = tensor;
  if (shape.length !== (packed ? 3 : 4)) throw new Refused(`a tensor has the shape [${shape}]`);
  const [batch, second, third] = shape;
  const seq = packed ? second : third;
  const dim = packed ? third / heads : shape[3];
  if (!Number.isInteger(dim) || !(heads > 0) || (!packed && second !== heads))
    throw new Refused(`[${shape}] is not of ${heads} heads`);
  const at = packed
    ? (b, h, s, d) => ((b * seq + s) * heads + h) * dim + d
    : (b, h, s, d) => ((b * heads + h) * seq + s) * dim + d;
  return { batch, heads, seq, dim, at, read: (b, h, s, d) => data[at(b, h, s, d)] };
}

/** Past rows, then these. */
function appended(past, now) {
  if (!past) return now;
  const joined = { ...now, seq: past.seq + now.seq };
  joined.read = (b, h, s, d) => (s < past.seq ? past.read(b, h, s, d) : now.read(b, h, s - past.seq, d));
  return joined;
}

function headsFirst(view, dtype) {
  const { batch, heads, seq, dim } = view;
  const data = [];
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let s = 0; s < seq; s++) for (let d = 0; d < dim; d++) data.push(view.read(b, h, s, d));
  return { dtype, shape: [batch, heads, seq, dim], data, slack: new Float64Array(data.length) };
}

/** What a mask adds to a cell, as numpy broadcasts; what it is too short for is hidden. */
function readMask(mask, [batch, heads, qLength, kvLength]) {
  if (!mask) return () => 0;
  const { shape, data } = mask;
  const full = [...Array(Math.max(0, 4 - shape.length)).fill(1), ...shape];
  const columns = full[3];
  const fits = [batch, heads, qLength].every((size, i) => full[i] === size || full[i] === 1);
  if (shape.length < 1 || shape.length > 4 || columns > kvLength || !fits)
    throw new Refused(`attn_mask of [${shape}] for [${[batch, heads, qLength, kvLength]}]`);
  const index = (i, at) => (full[i] === 1 ? 0 : at);
  return (b, h, i, j) => {
    if (j >= columns) return kHidden;
    const x = data[((index(0, b) * full[1] + index(1, h)) * full[2] + index(2, i)) * columns + j];
    return mask.dtype === 'bool' ? (x ? 0 : kHidden) : x;
  };
}

// -------------------------------------------------------------------------------------- Attention, opsets 23 to 25

const kStageNames = ['scaled', 'capped', 'masked', 'weight'];

function attention(call) {
  const opset = call.opset(23, 28);
  const windows = opset >= 25 ? ['left_window_size', 'right_window_size'] : [];
  const [left, right] = [...windows.map((name) => call.attribute(name, -1)), -1, -1];
  const Q = call.needed(0);
  const K = call.needed(1);
  const V = call.needed(2);
  const packed = Q.shape.length === 3;
  const given = [call.attribute('q_num_heads'), call.attribute('kv_num_heads')];
  if (!packed && opset >= 25 && given.some((heads) => heads !== undefined))
    throw new Refused('heads are counted twice: q_num_heads or kv_num_heads beside inputs of rank 4');
  const [qHeads, kvHeads] = packed ? given : [Q.shape[1], K.shape[1]];
  const q = heads4(Q, qHeads, packed);
  const pastKey = call.input(4);
  const pastValue = call.input(5);
  if (!pastKey !== !pastValue) throw new Refused('past_key and past_value go together');
  const k = appended(pastKey && heads4(pastKey, kvHeads, false), heads4(K, kvHeads, packed));
  const v = appended(pastValue && heads4(pastValue, kvHeads, false), heads4(V, kvHeads, packed));
  if (qHeads % kvHeads !== 0) throw new Refused(`${qHeads} heads over ${kvHeads}`);
  const lengths = opset >= 24 ? call.input(6)?.data : undefined;
  if (lengths && pastKey) throw new Refused('nonpad_kv_seqlen beside past_key');

  const cells = [q.batch, qHeads, q.seq, k.seq];
  const mask = readMask(call.input(3), cells);
  const scale = call.attribute('scale', 1 / Math.sqrt(q.dim));
  const softcap = call.attribute('softcap', 0);
  const mode = call.attribute('qk_matmul_output_mode', 0);
  if (!(mode in kStageNames)) throw new Refused(`qk_matmul_output_mode is ${mode}`);
  if (left < -1 || right < -1) throw new Refused(`a window of ${left}, ${right}`);
  const causal = call.flag('is_causal');
  const precision = call.softmaxPrecision('float64');
  call.finish(opset >= 24 ? 7 : 6, ['Y', 'present_key', 'present_value', 'qk_matmul_output']);

  /** -Infinity where key j is hidden, else what is added to its score. */
  const bias = (b, h, i, j) => {
    const position = i + (lengths ? lengths[b] - q.seq : pastKey ? pastKey.shape[2] : 0);
    const hidden =
      (causal && j > position) ||
      (left >= 0 && j < position - left) ||
      (right >= 0 && j > position + right) ||
      (lengths && j >= lengths[b]);
    return hidden ? kHidden : mask(b, h, i, j);
  };
  const answer = softmaxAttention({ q, k, v, scale, softcap, bias, precision, roundedScores: 0 });
  const type = answerable(Q.dtype);
  const outputs = { Y: packedLike(q, v.dim, packed, answer.Y, type) };
  if (call.wants('present_key')) outputs.present_key = headsFirst(k, K.dtype);
  if (call.wants('present_value')) outputs.present_value = headsFirst(v, V.dtype);
  if (call.wants('qk_matmul_output'))
    outputs.qk_matmul_output = { dtype: type, shape: cells, ...answer[kStageNames[mode]] };
  return outputs;
}

/** [batch, heads, seq, dim] numbers in the layout of the queries. */
function packedLike(q, dim, packed, { data, slack }, dtype) {
  const { batch, heads, seq } = q;
  const shape = packed ? [batch, seq, heads * dim] : [batch, heads, seq, dim];
  const { at } = heads4({ shape, data }, heads, packed);
  const turned = { dtype, shape, data: new Float64Array(data.length), slack: new Float64Array(data.length) };
  let n = 0;
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let s = 0; s < seq; s++)
        for (let d = 0; d < dim; d++) {
          turned.data[at(b, h, s, d)] = data[n];
          turned.slack[at(b, h, s, d)] = slack[n++];
        }
  return turned;
}

/**
 * softmax(softcap(scale q k^T) + bias) v, every stage of it. `precision`: the type of the softmax, into which scores and
 * weights are rounded. `roundedScores`: relative error of the scores in the operator's own definition.
 */
function softmaxAttention({ q, k, v, scale, softcap, bias, precision, roundedScores }) {
  const rows = q.batch * q.heads * q.seq;
  const stage = (size) => ({ data: new Float64Array(size), slack: new Float64Array(size) });
  const scaled = stage(rows * k.seq);
  const capped = stage(rows * k.seq);
  const masked = stage(rows * k.seq);
  const weight = stage(rows * k.seq);
  const Y = stage(rows * v.dim);
  const coarse = ['float16', 'bfloat16'].includes(precision) ? epsilonOf(precision) : 0;
  for (let row = 0; row < rows; row++) {
    const i = row % q.seq;
    const h = Math.floor(row / q.seq) % q.heads;
    const b = Math.floor(row / q.seq / q.heads);
    const g = Math.floor(h / (q.heads / k.heads));
    let largest = 0; // of what the row's scores are made of
    let maximum = kHidden;
    for (let j = 0; j < k.seq; j++) {
      let dot = 0;
      let absolute = 0;
      for (let d = 0; d < q.dim; d++) {
        const product = q.read(b, h, i, d) * k.read(b, g, j, d);
        dot += product;
        absolute += Math.abs(product);
      }
      absolute *= Math.abs(scale);
      const cell = row * k.seq + j;
      const added = bias(b, h, i, j);
      const score = dot * scale;
      const cap = softcap ? softcap * Math.tanh(score / softcap) : score;
      scaled.data[cell] = score;
      scaled.slack[cell] = (2 * q.dim * kEpsilon + roundedScores) * absolute + 4 * kEpsilon * Math.abs(score);
      capped.data[cell] = cap;
      capped.slack[cell] = scaled.slack[cell] + (softcap ? 6 * kEpsilon * Math.abs(cap) : 0);
      masked.data[cell] = added === kHidden ? kHidden : cap + added;
      masked.slack[cell] = capped.slack[cell] + (added === 0 ? 0 : 4 * kEpsilon * (Math.abs(added) + 1));
      if (added === kHidden) {
        masked.slack[cell] = 0;
        continue;
      }
      largest = Math.max(largest, absolute + Math.abs(added) + (softcap ? Math.abs(cap) : 0));
      maximum = Math.max(maximum, roundTo(masked.data[cell], precision));
    }
    const exponent = (j) => {
      const score = masked.data[row * k.seq + j];
      return score === kHidden ? 0 : Math.exp(roundTo(score, precision) - maximum);
    };
    let total = 0;
    for (let j = 0; j < k.seq; j++) total += exponent(j);
    // A score that is rounded by a share of it changes its weight, and the total, by that share of the score.
    const unit =
      (q.dim + k.seq + 8) * kEpsilon * (1 + largest) +
      2 * roundedScores * largest +
      coarse * (2 * largest + k.seq + 4);
    for (let j = 0; j < k.seq; j++) {
      const cell = row * k.seq + j;
      if (masked.data[cell] === kHidden) continue;
      const w = roundTo(exponent(j) / total, precision);
      weight.data[cell] = w;
      weight.slack[cell] = 2 * unit * w + 2 ** -126;
      for (let d = 0; d < v.dim; d++) {
        const value = v.read(b, g, j, d);
        Y.data[row * v.dim + d] += w * value;
        Y.slack[row * v.dim + d] += unit * Math.abs(w * value) + 2 ** -126 * Math.abs(value);
      }
    }
  }
  return { scaled, capped, masked, weight, Y };
}

// ------------------------------------------------------------------------------------- FlexAttention of the preview

/** Without graphs in between, which are programs of their own and not computed here. */
function flexAttention(call) {
  call.opset(1, 28);
  const Q = call.needed(0);
  const K = call.needed(1);
  const V = call.needed(2);
  const q = heads4(Q, Q.shape[1], false);
  const k = heads4(K, K.shape[1], false);
  const v = heads4(V, K.shape[1], false);
  const scale = call.attribute('scale', 1 / Math.sqrt(q.dim));
  // Half-precision inputs are scaled, and their products kept, in their own type: five roundings of a score.
  const roundedScores = ['float16', 'bfloat16'].includes(Q.dtype) ? 5 * epsilonOf(Q.dtype) : 0;
  const precision = call.softmaxPrecision('float64');
  call.finish(3, ['Y']);
  const answer = softmaxAttention({ q, k, v, scale, softcap: 0, bias: () => 0, precision, roundedScores });
  return { Y: packedLike(q, v.dim, false, answer.Y, answerable(V.dtype)) };
}

// -------------------------------------------------------------------------------------- LinearAttention, opset 27

const kRules = ['linear', 'gated', 'delta', 'gated_delta'];

/**
 * S' = exp(g) S, u = beta (v - S'^T k), S = S' + k u^T, o = scale S^T q, without g or beta where the rule has none. The
 * slack of a column of the state, as a vector, grows by what each step rounds:
 *   fading   off = max_d exp(g_d) off + 4 eps |S'|                the exponential is within 3 eps
 *   finding  of u: beta ((dim + 1) eps sum_d |k_d S'_d| + 3 eps (|v| + |found|))
 *   writing  off = max(1, |1 - beta |k|^2|) off + |k| (that of u) + eps (2 |k| |u| + |S|)
 *   reading  of o: |scale| (|q| off + (dim + 2) eps sum_d |q_d S_d|)
 */
function linearAttention(call) {
  call.opset(27, 28);
  const qHeads = call.attribute('q_num_heads');
  const kvHeads = call.attribute('kv_num_heads');
  if (!(kvHeads > 0) || !(qHeads > 0) || qHeads % kvHeads !== 0)
    throw new Refused(`${qHeads} heads over ${kvHeads}`);
  const rule = call.attribute('update_rule', 'gated_delta');
  if (!kRules.includes(rule)) throw new Refused(`update_rule is ${rule}`);
  call.attribute('chunk_size'); // a hint
  const query = call.needed(0);
  const q = heads4(query, qHeads, true);
  const k = heads4(call.needed(1), kvHeads, true);
  const v = heads4(call.needed(2), kvHeads, true);
  const past = call.input(3);
  const decay = call.input(4);
  const beta = call.input(5);
  if (!decay === rule.startsWith('gated')) throw new Refused(`${rule}: decay is its own`);
  if (!beta === rule.endsWith('delta')) throw new Refused(`${rule}: beta is its own`);
  const g = decay && heads4(decay, kvHeads, true);
  const share = beta && heads4(beta, beta.shape[2] === 1 ? 1 : kvHeads, true);
  if ((g && g.dim !== 1 && g.dim !== q.dim) || (share && share.dim !== 1))
    throw new Refused('decay or beta has a strange shape');
  const scale = call.attribute('scale', 0) || 1 / Math.sqrt(q.dim);
  call.finish(6, ['output', 'present_state']);

  const state = {
    dtype: answerable(past?.dtype ?? query.dtype),
    shape: [q.batch, kvHeads, q.dim, v.dim],
    data: Float64Array.from(past?.data ?? { length: q.batch * kvHeads * q.dim * v.dim }, (x) => x ?? 0),
    slack: new Float64Array(q.batch * kvHeads * q.dim * v.dim),
  };
  if (past && past.shape.join() !== state.shape.join()) throw new Refused(`past_state of [${past.shape}]`);
  const size = q.batch * qHeads * q.seq * v.dim;
  const out = { data: new Float64Array(size), slack: new Float64Array(size) };
  const norm = (numbers) => Math.hypot(...numbers);
  for (let b = 0; b < q.batch; b++) {
    for (let h = 0; h < kvHeads; h++) {
      const head = (b * kvHeads + h) * q.dim * v.dim;
      for (let m = 0; m < v.dim; m++) {
        const column = Array.from({ length: q.dim }, (_, d) => state.data[head + d * v.dim + m]);
        let off = 0;
        for (let t = 0; t < q.seq; t++) {
          const key = column.map((_, d) => k.read(b, h, t, d));
          if (g) {
            const kept = column.map((_, d) => Math.exp(g.read(b, h, t, g.dim === 1 ? 0 : d)));
            for (let d = 0; d < q.dim; d++) column[d] *= kept[d];
            off = Math.max(...kept) * off + 4 * kEpsilon * norm(column);
          }
          const value = v.read(b, h, t, m);
          const part = share ? share.read(b, share.heads === 1 ? 0 : h, t, 0) : 1;
          const products = column.map((x, d) => key[d] * x);
          const found = share ? products.reduce((sum, x) => sum + x, 0) : 0;
          const written = part * (value - found);
          const absolute = products.reduce((sum, x) => sum + Math.abs(x), 0);
          const writtenOff = share
            ? Math.abs(part) *
              ((q.dim + 1) * kEpsilon * absolute + 3 * kEpsilon * (Math.abs(value) + Math.abs(found)))
            : 0;
          for (let d = 0; d < q.dim; d++) column[d] += key[d] * written;
          const spread = share ? Math.max(1, Math.abs(1 - part * norm(key) ** 2)) : 1;
          off =
            spread * off +
            norm(key) * writtenOff +
            kEpsilon * (2 * norm(key) * Math.abs(written) + norm(column));
          const group = qHeads / kvHeads;
          for (let member = h * group; member < (h + 1) * group; member++) {
            const asked = column.map((_, d) => q.read(b, member, t, d));
            const o = ((b * qHeads + member) * q.seq + t) * v.dim + m;
            const reads = column.map((x, d) => asked[d] * x);
            out.data[o] = scale * reads.reduce((sum, x) => sum + x, 0);
            out.slack[o] =
              Math.abs(scale) *
              (norm(asked) * off + (q.dim + 2) * kEpsilon * reads.reduce((sum, x) => sum + Math.abs(x), 0));
          }
        }
        for (let d = 0; d < q.dim; d++) {
          state.data[head + d * v.dim + m] = column[d];
          state.slack[head + d * v.dim + m] = q.seq === 0 ? 0 : off;
        }
      }
    }
  }
  return { output: packedLike(q, v.dim, true, out, answerable(query.dtype)), present_state: state };
}

// -------------------------------------------------------------------------------------- RotaryEmbedding, opset 23

/** Pairs (x1, x2) become (cos x1 - sin x2, sin x1 + cos x2), each number of two products: 3 eps of their absolute sum. */
function rotaryEmbedding(call) {
  call.opset(23, 28);
  const X = call.needed(0);
  const packed = X.shape.length === 3;
  const counted = call.attribute('num_heads');
  const x = heads4(X, packed ? counted : X.shape[1], packed);
  const [cos, sin] = [call.needed(1), call.needed(2)];
  const positions = call.input(3);
  const interleaved = call.flag('interleaved');
  const rotated = call.attribute('rotary_embedding_dim', 0) || x.dim;
  call.finish(4, ['Y']);
  const half = cos.shape.at(-1);
  if (
    cos.shape.join() !== sin.shape.join() ||
    cos.shape.length !== (positions ? 2 : 3) ||
    2 * half !== rotated
  )
    throw new Refused(`tables of [${cos.shape}] and [${sin.shape}] for ${rotated} dimensions`);
  const size = count(X.shape);
  const Y = {
    dtype: answerable(X.dtype),
    shape: X.shape,
    data: X.data.slice(),
    slack: new Float64Array(size),
  };
  const coarse = 3 * (X.dtype === 'float32' ? kEpsilon : epsilonOf(X.dtype));
  for (let b = 0; b < x.batch; b++)
    for (let h = 0; h < x.heads; h++)
      for (let s = 0; s < x.seq; s++)
        for (let i = 0; i < half; i++) {
          const row = positions ? positions.data[b * x.seq + s] : b * x.seq + s;
          const [c, n] = [cos.data[row * half + i], sin.data[row * half + i]];
          const [one, two] = interleaved ? [2 * i, 2 * i + 1] : [i, i + half];
          const [x1, x2] = [x.read(b, h, s, one), x.read(b, h, s, two)];
          const put = (d, first, second) => {
            Y.data[x.at(b, h, s, d)] = first + second;
            Y.slack[x.at(b, h, s, d)] = coarse * (Math.abs(first) + Math.abs(second));
          };
          put(one, c * x1, -n * x2);
          put(two, n * x1, c * x2);
        }
  return { Y };
}

const kOperators = {
  Attention: attention,
  FlexAttention: flexAttention,
  LinearAttention: linearAttention,
  RotaryEmbedding: rotaryEmbedding,
};
