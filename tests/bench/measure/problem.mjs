// What is computed: attention problems with fixed random numbers, and what their results have to be, from the formula
// in float64. Nothing here knows who computes.

const kEpsilon = 2 ** -24;
/** Numbers of the reference: beyond it some rows are checked instead of all. */
const kReferenceWork = 2e8;

/** Numbers between -1 and 1, always the same for the same seed (xorshift32). */
export function noise(length, seed, size = 1) {
  const values = new Float32Array(length);
  let state = (seed * 2654435761) | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = (size * state) / 2 ** 31;
  }
  return values;
}

/** q, k and v as [seq, heads * dim]; `queries` 1 is decoding: one query that sees every key. */
export function attentionProblem({ heads, dim, queries, keys, causal, window }) {
  const width = heads * dim;
  return {
    ...{ heads, dim, queries, keys, causal, window },
    q: noise(queries * width, 1, 2),
    k: noise(keys * width, 2, 2),
    v: noise(keys * width, 3),
  };
}

/** [seq, heads * dim] as [heads, seq, dim]. */
export function headsFirst(values, heads, dim) {
  const seq = values.length / (heads * dim);
  const result = new Float32Array(values.length);
  for (let s = 0; s < seq; s++)
    for (let h = 0; h < heads; h++)
      result.set(values.subarray((s * heads + h) * dim, (s * heads + h + 1) * dim), (h * seq + s) * dim);
  return result;
}

/** FLOPs by the usual count: two products of n x n x dim for every head; causal: half of it; window: of n x window. */
export function attentionFlops({ heads, dim, queries, keys, causal, window }) {
  if (window) return 4 * heads * queries * Math.min(window, keys) * dim;
  return (4 * heads * queries * keys * dim) / (causal ? 2 : 1);
}

/**
 * The rows that are checked, each with what it has to be and how far it may be off: rounding of the dot products, which
 * the exponential turns into a relative error of the weights, and of the sum over the keys.
 */
export function attentionReference(problem) {
  const { heads, dim, queries, keys, causal, window, q, k, v } = problem;
  const width = heads * dim;
  const count = Math.max(1, Math.min(queries, Math.floor(kReferenceWork / (2 * keys * width))));
  const rows = Array.from({ length: count }, (_, i) =>
    count === 1 ? queries - 1 : Math.round((i * (queries - 1)) / (count - 1)),
  );
  const scores = new Float64Array(keys);
  return rows.map((row) => {
    const out = new Float64Array(width);
    const bound = new Float64Array(width);
    const seen = causal ? row + 1 + keys - queries : keys;
    const first = window ? Math.max(0, seen - window) : 0;
    for (let h = 0; h < heads; h++) {
      let maximum = Number.NEGATIVE_INFINITY;
      let largest = 0;
      for (let j = first; j < seen; j++) {
        let dot = 0;
        let absolute = 0;
        for (let d = 0; d < dim; d++) {
          const product = q[row * width + h * dim + d] * k[j * width + h * dim + d];
          dot += product;
          absolute += Math.abs(product);
        }
        scores[j] = dot / Math.sqrt(dim);
        maximum = Math.max(maximum, scores[j]);
        largest = Math.max(largest, absolute / Math.sqrt(dim));
      }
      let total = 0;
      for (let j = first; j < seen; j++) {
        scores[j] = Math.exp(scores[j] - maximum);
        total += scores[j];
      }
      for (let j = first; j < seen; j++) {
        const weight = scores[j] / total;
        for (let d = 0; d < dim; d++) {
          const value = v[j * width + h * dim + d];
          out[h * dim + d] += weight * value;
          bound[h * dim + d] += weight * Math.abs(value);
        }
      }
      const relative = 2 * kEpsilon * (2 * dim * largest + seen + 16);
      for (let d = 0; d < dim; d++) bound[h * dim + d] = bound[h * dim + d] * relative + 1e-12;
    }
    return { row, out, bound };
  });
}

/**
 * The largest error of `result` in units of what is allowed (more than 1: wrong; NaN counts as wrong). `at(row, i)` says
 * where number i of a row of [heads * dim] lies in the result.
 */
export function worstError(reference, result, at) {
  let worst = 0;
  for (const { row, out, bound } of reference) {
    for (let i = 0; i < out.length; i++) {
      const error = Math.abs(result[at(row, i)] - out[i]) / bound[i];
      if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    }
  }
  return worst;
}

/** Where a row's numbers lie in [seq, heads * dim] and in [heads, seq, dim]. */
export const kPlaces = {
  'seq-first':
    ({ heads, dim }) =>
    (row, i) =>
      row * heads * dim + i,
  'heads-first':
    ({ dim, queries }) =>
    (row, i) =>
      (Math.floor(i / dim) * queries + row) * dim + (i % dim),
};

/** a [rows, depth] times b [depth, columns], rows 0, 7, 14, ... in float64. */
export function productReference({ size, a, b }) {
  const reference = [];
  for (let row = 0; row < size; row += 7) {
    const out = new Float64Array(size);
    const bound = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const x = a[row * size + i];
      for (let o = 0; o < size; o++) {
        out[o] += x * b[i * size + o];
        bound[o] += Math.abs(x * b[i * size + o]);
      }
    }
    reference.push({ row, out, bound: bound.map((value) => 2 * size * kEpsilon * value) });
  }
  return reference;
}
