// engine.rotaryTable and engine.rotate: positions that queries and keys are turned by.

import { type ArraysCore, kRotaryPairs } from './arrays-module.ts';
import { aligned } from './attention.ts';
import * as check from './checks.ts';
import { LimelightError } from './errors.ts';
import type { RotaryTable, RotaryTableRequest, RotateRequest } from './types.ts';

const kTable = ['positions', 'rotaryDim', 'base', 'linearScaling', 'llama3'];
const kLlama3 = ['factor', 'low', 'high', 'originalPositions'] as const;
const kRotate = [
  'x', 'heads', 'batch', 'length', 'headDim', 'layout', 'table', 'rotaryDim', 'pairs', 'first', 'positions', 'inverse',
]; // biome-ignore format: a table

export function rotaryTable(core: ArraysCore, request: RotaryTableRequest): RotaryTable {
  check.members(request, kTable, 'the request');
  const { base = 10_000, linearScaling = 1, llama3 } = request;
  const positions = check.size(request.positions, 'positions', 0);
  const rotaryDim = check.size(request.rotaryDim, 'rotaryDim');
  check.finite(base, 'base');
  check.finite(linearScaling, 'linearScaling');
  if (llama3) check.members(llama3, kLlama3, 'llama3');
  // An odd size is refused by the core.
  const size = positions * Math.floor(rotaryDim / 2);
  const settings = aligned(8 * kLlama3.length);
  return core.lend(settings + 8 * size, (block) => {
    if (llama3) {
      const numbers = kLlama3.map((name) => check.finite(llama3[name], `llama3.${name}`));
      core.doubles(block, numbers.length).set(numbers);
    }
    const [cos, sin] = [block + settings, block + settings + 4 * size];
    core.check(core.calls.rotaryTable(rotaryDim, base, linearScaling, llama3 ? block : 0, cos, sin, size));
    return { cos: core.takeFloats(cos, size), sin: core.takeFloats(sin, size) };
  });
}

export function rotate(core: ArraysCore, request: RotateRequest): Float32Array {
  check.members(request, kRotate, 'the request');
  check.members(request.table, ['cos', 'sin'], 'table');
  const x = check.typedArray(request.x, Float32Array, 'x');
  const cos = check.typedArray(request.table.cos, Float32Array, 'table.cos');
  const sin = check.typedArray(request.table.sin, Float32Array, 'table.sin');
  check.length(sin, cos.length, 'table.sin');
  const batch = check.size(request.batch ?? 1, 'batch');
  const heads = check.size(request.heads, 'heads');
  const length = request.length === undefined ? undefined : check.size(request.length, 'length');
  const headDim = check.size(
    request.headDim ?? (length === undefined ? undefined : x.length / (batch * heads * length)),
    'headDim',
  );
  const tokens = check.size(length ?? x.length / (batch * heads * headDim), 'length', 0);
  check.length(x, batch * heads * tokens * headDim, 'x');
  const layout = check.choice(request.layout ?? 'seq-first', ['seq-first', 'heads-first'], 'layout');
  const pairs = check.choice(request.pairs ?? 'halves', kRotaryPairs, 'pairs');
  const rotaryDim = check.size(request.rotaryDim ?? headDim, 'rotaryDim');
  const first = check.wholeNumber(request.first ?? 0, 'first');
  const { positions } = request;
  if (positions !== undefined) {
    check.length(check.typedArray(positions, Int32Array, 'positions'), batch * tokens, 'positions');
    if (request.first !== undefined)
      throw new LimelightError('invalid-option', 'first beside positions: give one of them');
  }
  return core.lend(4 * (x.length + 2 * cos.length + (positions?.length ?? 0)), (block) => {
    const place = { cos: block + 4 * x.length, sin: block + 4 * (x.length + cos.length) };
    const listed = block + 4 * (x.length + 2 * cos.length);
    core.floats(block, x.length).set(x);
    core.floats(place.cos, cos.length).set(cos);
    core.floats(place.sin, sin.length).set(sin);
    if (positions) core.integers(listed, positions.length).set(positions);
    core.check(
      core.calls.rotate(
        block,
        batch,
        heads,
        tokens,
        headDim,
        layout === 'heads-first' ? 1 : 0,
        place.cos,
        place.sin,
        cos.length,
        rotaryDim,
        kRotaryPairs.indexOf(pairs),
        first,
        positions?.length ? listed : 0,
        request.inverse ? 1 : 0,
      ),
    );
    return core.takeFloats(block, x.length);
  });
}
