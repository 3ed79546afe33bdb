// engine.attentionGradient: lays the request out beside what the forward pass gave, and computes it in slices.

import type { ArraysCore } from './arrays-module.ts';
import {
  aligned,
  type Block,
  compute,
  kRequest,
  kSliceWork,
  lay,
  lseLength,
  outLength,
  type Shape,
  shapeOf,
} from './attention.ts';
import * as check from './checks.ts';
import type { Pace } from './schedule.ts';
import type { AttentionGradientRequest, AttentionGradientResult } from './types.ts';

const kGradientRequest = [...kRequest, 'dOut', 'out', 'lse', 'also'];

/** Keys and query rows of a part (limelight/attention_backward.hpp). */
const kPartKeys = 64;
const kPartRows = 256;

type Gradient = keyof AttentionGradientResult;

export async function attentionGradient(
  core: ArraysCore,
  request: AttentionGradientRequest,
  pace: Pace,
): Promise<AttentionGradientResult> {
  check.members(request, kGradientRequest, 'the request');
  check.numbers(request.v, 'v');
  const shape = shapeOf(request);
  const dOut = floats(request.dOut, outLength(shape), 'dOut');
  const out = request.out && floats(request.out, outLength(shape), 'out');
  const lse = request.lse && floats(request.lse, lseLength(shape), 'lse');
  const bias = biasShape(request, shape);
  const gradients = wanted(request, shape, bias);

  return lay(core, request, shape, async (block) => {
    if (out && lse) {
      core.floats(block.at('out'), out.length).set(out);
      core.floats(block.at('lse'), lse.length).set(lse);
    } else await compute(block, shape, pace);

    let bytes = aligned(dOut.byteLength);
    for (const [, count] of gradients) bytes += aligned(4 * count);
    const address = core.allocate(bytes);
    try {
      core.floats(address, dOut.length).set(dOut);
      block.set({ dOut: address, dBias: 0, dGate: 0, dTemperature: 0, ...bias });
      let next = address + aligned(dOut.byteLength);
      for (const [name, count] of gradients) {
        block.set({ [name]: next });
        next += aligned(4 * count);
      }
      await reverse(block, shape, pace);
      const taken = gradients.map(([name, count]) => [name, core.takeFloats(block.at(name), count)]);
      return Object.fromEntries(taken) as AttentionGradientResult;
    } finally {
      core.release(address, bytes);
    }
  });
}

function floats(value: unknown, length: number, name: string): Float32Array {
  const array = check.typedArray(value, Float32Array, name);
  check.length(array, length, name);
  return array;
}

function biasShape({ also = {} }: AttentionGradientRequest, shape: Shape) {
  check.members(also, ['bias', 'gate', 'temperature'], 'also');
  if (also.bias) check.members(also.bias, ['batch', 'heads'], 'also.bias');
  const size = (axis: 'batch' | 'heads'): number => {
    const kept = check.choice(also.bias?.[axis] ?? 'each', ['each', 'sum'], `also.bias.${axis}`);
    return kept === 'each' ? shape[axis] : 1;
  };
  return { dBiasBatch: size('batch'), dBiasHeads: size('heads') };
}

/** What is computed, and how many numbers each has. */
function wanted(
  { also = {} }: AttentionGradientRequest,
  shape: Shape,
  { dBiasBatch, dBiasHeads }: { dBiasBatch: number; dBiasHeads: number },
): (readonly [Gradient, number])[] {
  const { batch, heads, kvHeads, qLength, kvLength, headDim, valueDim } = shape;
  const gradients: (readonly [Gradient, number])[] = [
    ['dq', batch * heads * qLength * headDim],
    ['dk', batch * kvHeads * kvLength * headDim],
    ['dv', batch * kvHeads * kvLength * valueDim],
  ];
  if (also.bias) gradients.push(['dBias', dBiasBatch * dBiasHeads * qLength * kvLength]);
  if (also.gate) gradients.push(['dGate', heads]);
  if (also.temperature) gradients.push(['dTemperature', heads]);
  return gradients;
}

/** Every part in its order, so many at a time that a slice stays short. */
async function reverse(block: Block, shape: Shape, pace: Pace): Promise<void> {
  const { core } = block;
  const parts = core.made(core.calls.attentionGradientParts(block.address));
  const { heads, kvHeads, qLength, kvLength, headDim, valueDim } = shape;
  const cells = Math.min(kPartRows, qLength) * Math.min(kPartKeys, kvLength) * (heads / kvHeads);
  const work = cells * (3 * headDim + 2 * valueDim);
  const slice = Math.max(1, Math.floor((kSliceWork * core.threads) / Math.max(1, work)));
  for (let firstPart = 0; firstPart < parts; firstPart += slice) {
    if (firstPart > 0) await pace.breathe();
    block.set({ firstPart, parts: Math.min(slice, parts - firstPart) });
    core.check(core.calls.attentionGradient(block.address));
  }
}
