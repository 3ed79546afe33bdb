// engine.measure: what attention costs here, by how it is computed. Timed inside the module, made in slices.

import { type ArraysCore, kVariants } from './arrays-module.ts';
import * as check from './checks.ts';
import { kSliceMilliseconds, type Pace } from './schedule.ts';
import type { Measurement, MeasureShape, MeasureVariant, Progress } from './types.ts';

const kNumbers = 8; // that measureResult() writes

export async function measure(
  core: ArraysCore,
  variant: MeasureVariant,
  shape: MeasureShape,
  pace: Pace,
  onProgress?: (progress: Progress) => void,
): Promise<Measurement> {
  const { calls } = core;
  const order = kVariants.indexOf(check.choice(variant, kVariants, 'variant'));
  check.members(shape, ['tokens', 'heads', 'headDim'], 'the shape');
  const tokens = check.size(shape.tokens, 'tokens');
  const heads = check.size(shape.heads, 'heads');
  const headDim = check.size(shape.headDim, 'headDim');
  const measurement = core.made(calls.measureCreate(order, tokens, heads, headDim));
  try {
    for (;;) {
      core.check(calls.measureAdvance(measurement, kSliceMilliseconds));
      const done = calls.measureProgress(measurement);
      onProgress?.({ phase: 'measure', done, total: 1 });
      if (done === 1) break;
      await pace.breathe();
    }
    return core.lend(8 * kNumbers + 4 * headDim, (out) => {
      const last = out + 8 * kNumbers;
      calls.measureResult(measurement, out, last);
      const [milliseconds, repeats, passes, decoded, flops, bytes, difference, error] = core.doubles(
        out,
        kNumbers,
      ) as unknown as [number, number, number, number, number, number, number, number];
      return {
        ...{ variant, tokens, heads, headDim, milliseconds, repeats, passes, flops, bytes, difference },
        ...(decoded > 0 && { decoded }),
        ...(!Number.isNaN(error) && { error }),
        row: core.takeFloats(last, headDim),
      };
    });
  } finally {
    calls.measureRelease(measurement);
  }
}
