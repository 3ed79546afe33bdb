// Linear attention straight from its formulas, in float64: a state that every token changes and that is read after it.

export interface LinearAttentionCase {
  /** [batch, length, heads * dim] or, heads first, [batch, heads, length, dim]. */
  q: ArrayLike<number>;
  k: ArrayLike<number>;
  v: ArrayLike<number>;
  batch: number;
  heads: number;
  kvHeads: number;
  length: number;
  headDim: number;
  valueDim: number;
  headsFirst?: boolean;
  scale?: number;
  /** Logarithms of what is kept, one per key-value head (decayDim 1) or headDim; without them nothing fades. */
  decay?: ArrayLike<number>;
  decayDim?: number;
  /** The share that is replaced, for betaHeads of kvHeads or 1; without it values are added as they are. */
  beta?: ArrayLike<number>;
  betaHeads?: number;
  /** [batch, kvHeads, headDim, valueDim]; zeros where it is not given. */
  state?: ArrayLike<number>;
}

export interface LinearAttentionAnswer {
  out: Float64Array;
  state: Float64Array;
}

export function referenceLinearAttention(given: LinearAttentionCase): LinearAttentionAnswer {
  const { batch, heads, kvHeads, length, headDim, valueDim } = given;
  const { decay, decayDim = 1, beta, betaHeads = kvHeads } = given;
  const at = (b: number, h: number, t: number, d: number, hs: number, dim: number) =>
    given.headsFirst ? ((b * hs + h) * length + t) * dim + d : ((b * length + t) * hs + h) * dim + d;
  const scale = given.scale ?? 1 / Math.sqrt(headDim);
  const out = new Float64Array(batch * heads * length * valueDim);
  const state = Float64Array.from(given.state ?? new Float64Array(batch * kvHeads * headDim * valueDim));
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < kvHeads; h++) {
      const first = (b * kvHeads + h) * headDim * valueDim;
      for (let t = 0; t < length; t++) {
        for (let m = 0; m < valueDim; m++) {
          const cell = (d: number) => first + d * valueDim + m;
          const key = (d: number) => given.k[at(b, h, t, d, kvHeads, headDim)]!;
          let found = 0;
          for (let d = 0; d < headDim; d++) {
            if (decay) {
              const g = decay[at(b, h, t, decayDim === 1 ? 0 : d, kvHeads, decayDim)]!;
              state[cell(d)] = state[cell(d)]! * Math.exp(g);
            }
            found += key(d) * state[cell(d)]!;
          }
          const value = given.v[at(b, h, t, m, kvHeads, valueDim)]!;
          const share = beta?.[at(b, betaHeads === 1 ? 0 : h, t, 0, betaHeads, 1)];
          const written = share === undefined ? value : share * (value - found);
          for (let d = 0; d < headDim; d++) state[cell(d)] = state[cell(d)]! + key(d) * written;
          for (let query = h * (heads / kvHeads); query < (h + 1) * (heads / kvHeads); query++) {
            let sum = 0;
            for (let d = 0; d < headDim; d++)
              sum += given.q[at(b, query, t, d, heads, headDim)]! * state[cell(d)]!;
            out[at(b, query, t, m, heads, valueDim)] = scale * sum;
          }
        }
      }
    }
  }
  return { out, state };
}
