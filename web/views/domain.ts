// What values a matrix's colours cover: linear, from zero, to a round number above the largest; scores symmetric.
import type { MatrixPart } from '../engine/types.ts';
import type { Domain } from './colour.ts';

const known = new WeakMap<MatrixPart, Domain>();

export function domainOf(matrix: MatrixPart): Domain {
  const found = known.get(matrix);
  if (found) return found;
  let largest = 0;
  const { values } = matrix;
  // By index: an array's iterator costs ten times as much where a loop runs once a keystroke.
  for (let cell = 0; cell < values.length; cell++) {
    const size = Math.abs(values[cell]!);
    if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
  }
  const high = roundUp(largest);
  const domain: Domain = matrix.stage === 'weight' ? [0, Math.min(1, high)] : [-high, high];
  known.set(matrix, domain);
  return domain;
}

/** The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten; 1 for nothing. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find(
    (factor) => factor * power >= value * (1 - 1e-9),
  );
  return Number(((step ?? 10) * power).toPrecision(3));
}

/** Both ends and about `count` round numbers well between them: multiples of 1, 2 or 5 times a power of ten. */
export function ticksOf([low, high]: Domain, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.75) ?? 10);
  const room = (high - low) * 0.15;
  const ticks = [low];
  for (let i = Math.ceil((low + room) / step); i * step <= high - room; i++) {
    ticks.push(Number((i * step).toPrecision(9)));
  }
  return [...ticks, high];
}
