// Multi-head attention straight from its formula, in float64: softmax(mask(scale q k^T / temperature)) v, gated.
import { logSumExp } from './math.ts';

export interface AttentionCase {
  /** [batch, seq, heads * dim] or, heads first, [batch, heads, seq, dim]. */
  q: ArrayLike<number>;
  k: ArrayLike<number>;
  v: ArrayLike<number>;
  batch: number;
  heads: number;
  kvHeads: number;
  qLength: number;
  kvLength: number;
  headDim: number;
  valueDim: number;
  headsFirst?: boolean;
  scale?: number;
  causal?: boolean;
  pastLength?: number;
  keyLengths?: ArrayLike<number>;
  temperature?: ArrayLike<number>;
  gate?: ArrayLike<number>;
}

export interface AttentionAnswer {
  out: Float64Array;
  lse: Float64Array;
  /** Each [batch, heads, qLength, kvLength]. */
  dot: Float64Array;
  scaled: Float64Array;
  masked: Float64Array;
  weight: Float64Array;
  /** What rounding errors are measured against: sum_d |q_d k_d| of every cell ... */
  absoluteDot: Float64Array;
  /** ... and |gate| sum_j weight_j |v_j| of every output number, in the layout of `out`. */
  absoluteOut: Float64Array;
}

export function referenceAttention(request: AttentionCase): AttentionAnswer {
  const { batch, heads, kvHeads, qLength, kvLength, headDim, valueDim } = request;
  const at = (b: number, h: number, s: number, d: number, hs: number, seq: number, dim: number) =>
    request.headsFirst ? ((b * hs + h) * seq + s) * dim + d : ((b * seq + s) * hs + h) * dim + d;
  const cells = batch * heads * qLength * kvLength;
  const answer: AttentionAnswer = {
    out: new Float64Array(batch * heads * qLength * valueDim),
    lse: new Float64Array(batch * heads * qLength),
    dot: new Float64Array(cells),
    scaled: new Float64Array(cells),
    masked: new Float64Array(cells),
    weight: new Float64Array(cells),
    absoluteDot: new Float64Array(cells),
    absoluteOut: new Float64Array(batch * heads * qLength * valueDim),
  };
  const scale = request.scale ?? 1 / Math.sqrt(headDim);
  const past = request.pastLength ?? Math.max(0, kvLength - qLength);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kvHead = Math.floor(h / (heads / kvHeads));
      for (let i = 0; i < qLength; i++) {
        const row = (b * heads + h) * qLength + i;
        for (let j = 0; j < kvLength; j++) {
          let dot = 0;
          let absolute = 0;
          for (let d = 0; d < headDim; d++) {
            const product =
              request.q[at(b, h, i, d, heads, qLength, headDim)]! *
              request.k[at(b, kvHead, j, d, kvHeads, kvLength, headDim)]!;
            dot += product;
            absolute += Math.abs(product);
          }
          const scaled = (dot * scale) / (request.temperature?.[h] ?? 1);
          const hidden = (request.causal && j > i + past) || j >= (request.keyLengths?.[b] ?? kvLength);
          answer.dot[row * kvLength + j] = dot;
          answer.absoluteDot[row * kvLength + j] = absolute;
          answer.scaled[row * kvLength + j] = scaled;
          answer.masked[row * kvLength + j] = hidden ? Number.NEGATIVE_INFINITY : scaled;
        }
        const lse = logSumExp(answer.masked.subarray(row * kvLength, (row + 1) * kvLength));
        answer.lse[row] = lse;
        for (let j = 0; j < kvLength; j++) {
          const masked = answer.masked[row * kvLength + j]!;
          if (masked === Number.NEGATIVE_INFINITY) continue;
          const weight = Math.exp(masked - lse);
          answer.weight[row * kvLength + j] = weight;
          for (let d = 0; d < valueDim; d++) {
            const o = at(b, h, i, d, heads, qLength, valueDim);
            const value = request.v[at(b, kvHead, j, d, kvHeads, kvLength, valueDim)]!;
            answer.out[o] = answer.out[o]! + weight * value;
            answer.absoluteOut[o] = answer.absoluteOut[o]! + weight * Math.abs(value);
          }
        }
        for (let d = 0; d < valueDim; d++) {
          const o = at(b, h, i, d, heads, qLength, valueDim);
          const gate = request.gate?.[h] ?? 1;
          answer.out[o] = answer.out[o]! * gate;
          answer.absoluteOut[o] = answer.absoluteOut[o]! * Math.abs(gate);
        }
      }
    }
  }
  return answer;
}
