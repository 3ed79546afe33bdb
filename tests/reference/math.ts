// The formulas of a transformer, one by one, in float64 and in the order in which a textbook writes them.

/** erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!: every term has the sign of x, so nothing cancels. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x); // 1 - erf(6) is 2e-17
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** BERT's GELU, Hendrycks and Gimpel 2016: x times the normal distribution's cumulative probability of x. */
export const geluExact = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));

/** GPT-2's GELU ("gelu_new"): the tanh approximation of the same paper. */
export const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** y = x W + b for row-major x [rows, inner], W [inner, outer]. */
export function affine(
  x: Float64Array,
  rows: number,
  inner: number,
  weight: (i: number, o: number) => number,
  outer: number,
  bias?: Float64Array,
): Float64Array {
  // W is read once into [outer][inner], so that both operands of the inner loop are contiguous.
  const columns = new Float64Array(outer * inner);
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) columns[o * inner + i] = weight(i, o);
  const y = new Float64Array(rows * outer);
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outer; o++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += x[r * inner + i]! * columns[o * inner + i]!;
      y[r * outer + o] = sum + (bias?.[o] ?? 0);
    }
  }
  return y;
}

/** Ba et al. 2016, per row: (x - mean) / sqrt(variance + epsilon) * gain + bias; the variance divides by the width. */
export function layerNorm(
  x: Float64Array,
  width: number,
  gain: Float64Array,
  bias: Float64Array,
  epsilon: number,
): Float64Array {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const row = x.subarray(start, start + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    for (let d = 0; d < width; d++)
      y[start + d] = ((row[d]! - mean) / Math.sqrt(variance + epsilon)) * gain[d]! + bias[d]!;
  }
  return y;
}

export function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]!);
}

/** log sum exp, -Infinity for nothing or for nothing but -Infinity. */
export function logSumExp(values: Float64Array): number {
  const maximum = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (maximum === Number.NEGATIVE_INFINITY) return maximum;
  return maximum + Math.log(values.reduce((sum, value) => sum + Math.exp(value - maximum), 0));
}

export function softmax(values: Float64Array): Float64Array {
  const lse = logSumExp(values);
  return values.map((value) => (lse === Number.NEGATIVE_INFINITY ? 0 : Math.exp(value - lse)));
}
