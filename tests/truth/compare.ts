// How far the engine's numbers may be from the float64 reference, and the largest distance seen.

/** Of a site's largest magnitude: about 800 roundings of float32 in a row, with 4 layers of at most 12 sums each. */
export const kTolerance = 1e-4;

/**
 * The largest |actual - expected| as a share of the largest |expected|. Infinite where an infinity or NaN is not met by
 * its like, or where the lengths differ, so that nothing can hide behind a missing or broken number.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const e = expected[i]!;
    if (Object.is(a, e)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(e)) return Number.POSITIVE_INFINITY;
    error = Math.max(error, Math.abs(a - e));
  }
  for (let i = 0; i < expected.length; i++) {
    const magnitude = Math.abs(expected[i]!);
    if (Number.isFinite(magnitude)) largest = Math.max(largest, magnitude);
  }
  return error === 0 ? 0 : error / largest;
}

/** Remembers the worst of many comparisons, and where it was. */
export class Worst {
  error = 0;
  at = 'nowhere';
  comparisons = 0;

  see(actual: ArrayLike<number>, expected: ArrayLike<number>, at: string): void {
    const error = relativeError(actual, expected);
    this.comparisons++;
    if (error > this.error) {
      this.error = error;
      this.at = at;
    }
  }

  toString(): string {
    return `${this.error.toExponential(1)} of the largest magnitude (${this.at}; ${this.comparisons} comparisons)`;
  }
}
