// Whether the outputs of a case are what its file says.

import { decode, epsilonOf, leastStepOf } from './cases.mjs';

/**
 * The outputs that are not as expected, one line each. What is allowed is twice the slack of float32 arithmetic
 * (reference.mjs), once for the outputs and once for those expected, which were as a rule computed in it as well; in a
 * smaller type a rounding of each is added. Numbers that are only copied have no slack and must be equal, and infinities
 * and NaN must meet their like.
 *
 * @param {Record<string, { dtype: string, shape: number[], data: ArrayLike<number> }>} outputs
 * @param {Record<string, object>} expected as a file has them
 * @param {Record<string, { slack: Float64Array }>} reference
 */
export function complaints(outputs, expected, reference) {
  return Object.entries(expected)
    .map(([name, tensor]) => complaint(name, outputs[name], decode(tensor), reference[name].slack))
    .filter((line) => line !== undefined);
}

function complaint(name, actual, expected, slack) {
  if (!actual) return `${name} is missing`;
  if (actual.shape.join() !== expected.shape.join())
    return `${name} has the shape [${actual.shape}], expected is [${expected.shape}]`;
  if (actual.dtype !== expected.dtype) return `${name} is ${actual.dtype}, expected is ${expected.dtype}`;
  if (actual.data.length !== expected.data.length) return `${name} has ${actual.data.length} numbers`;
  let worst = { ratio: 0 };
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i], expected.data[i]];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const error = Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) : Number.POSITIVE_INFINITY;
    const bound = allowed(e, slack[i], expected.dtype);
    const ratio = bound > 0 ? error / bound : Number.POSITIVE_INFINITY;
    // A bound that is NaN allows nothing.
    if (!(ratio <= worst.ratio)) worst = { ratio, error, bound, i, a, e };
  }
  if (worst.ratio <= 1) return undefined;
  return (
    `${name}: largest error ${worst.error.toPrecision(3)}, allowed ${worst.bound.toPrecision(3)} ` +
    `(number ${worst.i}: ${worst.a}, expected ${worst.e})`
  );
}

function allowed(value, slack, dtype) {
  if (slack === 0) return 0;
  if (dtype === 'float32') return 2 * slack;
  return 2 * slack + 2 * epsilonOf(dtype) * Math.abs(value) + 2 * leastStepOf(dtype);
}
