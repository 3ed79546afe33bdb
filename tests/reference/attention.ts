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
  pastLengths?: ArrayLike<number>;
  softcap?: number;
  window?: { left?: number; right?: number };
  /** Broadcast to [batch, heads, qLength, columns] from the right; columns beyond the last are hidden. */
  bias?: { data: ArrayLike<number>; shape: readonly number[] };
  mask?: { data: ArrayLike<number>; shape: readonly number[] };
  alibi?: ArrayLike<number>;
  relativeBias?: ArrayLike<number>;
  sinks?: ArrayLike<number>;
  edges?: readonly { row: number; key: number; batch?: number; head?: number; weight?: number }[];
}

/** The number of `cells` for a cell; undefined beyond its last column. */
function cellOf(
  { data, shape }: { data: ArrayLike<number>; shape: readonly number[] },
  place: readonly [number, number, number, number],
): number | undefined {
  if (place[3] >= shape.at(-1)!) return undefined;
  let at = 0;
  for (const [axis, size] of shape.entries())
    at = at * size + (size === 1 && axis < shape.length - 1 ? 0 : place[axis + 4 - shape.length]!);
  return data[at];
}

/** What is added to the score of a cell; -Infinity where the key is hidden. */
function biasOf(request: AttentionCase, b: number, h: number, i: number, j: number): number {
  const { heads, qLength, kvLength, causal, window, relativeBias } = request;
  const past = request.pastLengths?.[b] ?? request.pastLength ?? Math.max(0, kvLength - qLength);
  const distance = j - (i + past);
  let hidden = (causal && distance > 0) || j >= (request.keyLengths?.[b] ?? kvLength);
  hidden ||= distance < -(window?.left ?? Number.POSITIVE_INFINITY);
  hidden ||= distance > (window?.right ?? Number.POSITIVE_INFINITY);
  let bias = 0;
  if (request.bias) bias += cellOf(request.bias, [b, h, i, j]) ?? Number.NEGATIVE_INFINITY;
  if (request.mask) hidden ||= !cellOf(request.mask, [b, h, i, j]);
  if (request.alibi) bias -= request.alibi[h]! * Math.abs(distance);
  if (relativeBias) {
    const far = (relativeBias.length / heads - 1) / 2;
    bias += relativeBias[h * (2 * far + 1) + far + Math.max(-far, Math.min(far, distance))]!;
  }
  hidden ||= edgeOf(request, b, h, i, j) !== undefined;
  return hidden ? Number.NEGATIVE_INFINITY : bias;
}

function edgeOf(request: AttentionCase, b: number, h: number, i: number, j: number) {
  return request.edges?.find(
    (edge) => edge.row === i && edge.key === j && (edge.batch ?? b) === b && (edge.head ?? h) === h,
  );
}

export interface AttentionAnswer {
  out: Float64Array;
  lse: Float64Array;
  /** Each [batch, heads, qLength, kvLength]. */
  dot: Float64Array;
  scaled: Float64Array;
  capped: Float64Array;
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
    capped: new Float64Array(cells),
    masked: new Float64Array(cells),
    weight: new Float64Array(cells),
    absoluteDot: new Float64Array(cells),
    absoluteOut: new Float64Array(batch * heads * qLength * valueDim),
  };
  const scale = request.scale ?? 1 / Math.sqrt(headDim);
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
          const capped = request.softcap ? request.softcap * Math.tanh(scaled / request.softcap) : scaled;
          const bias = biasOf(request, b, h, i, j);
          answer.dot[row * kvLength + j] = dot;
          answer.absoluteDot[row * kvLength + j] = absolute;
          answer.scaled[row * kvLength + j] = scaled;
          answer.capped[row * kvLength + j] = capped;
          answer.masked[row * kvLength + j] = bias === Number.NEGATIVE_INFINITY ? bias : capped + bias;
        }
        const scores = [...answer.masked.subarray(row * kvLength, (row + 1) * kvLength)];
        if (request.sinks) scores.push(request.sinks[h]!);
        const lse = logSumExp(Float64Array.from(scores));
        answer.lse[row] = lse;
        let rest = 1;
        for (let j = 0; request.edges && j < kvLength; j++) rest -= edgeOf(request, b, h, i, j)?.weight ?? 0;
        for (let j = 0; j < kvLength; j++) {
          const masked = answer.masked[row * kvLength + j]!;
          const pinned = edgeOf(request, b, h, i, j)?.weight;
          if (masked === Number.NEGATIVE_INFINITY && pinned === undefined) continue;
          const weight = pinned ?? rest * Math.exp(masked - lse);
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
