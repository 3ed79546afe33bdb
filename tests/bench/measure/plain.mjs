// Attention as one writes it in JavaScript without a library: typed arrays, three loops, a row of scores at a time.

export function plainAttention(problem) {
  const { heads, dim, queries, keys, causal, q, k, v } = problem;
  const width = heads * dim;
  const scale = 1 / Math.sqrt(dim);
  const run = () => {
    const out = new Float32Array(queries * width);
    const scores = new Float32Array(keys);
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < queries; i++) {
        const qAt = i * width + h * dim;
        const seen = causal ? i + 1 + keys - queries : keys;
        let maximum = Number.NEGATIVE_INFINITY;
        for (let j = 0; j < seen; j++) {
          const kAt = j * width + h * dim;
          let dot = 0;
          for (let d = 0; d < dim; d++) dot += q[qAt + d] * k[kAt + d];
          scores[j] = dot * scale;
          if (scores[j] > maximum) maximum = scores[j];
        }
        let total = 0;
        for (let j = 0; j < seen; j++) {
          scores[j] = Math.exp(scores[j] - maximum);
          total += scores[j];
        }
        for (let j = 0; j < seen; j++) {
          const weight = scores[j] / total;
          const vAt = j * width + h * dim;
          for (let d = 0; d < dim; d++) out[qAt + d] += weight * v[vAt + d];
        }
      }
    }
    return out;
  };
  const make = async () => ({ layout: 'seq-first', run, release() {} });
  return { name: 'plain JavaScript', make };
}
