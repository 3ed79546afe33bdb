// engine.linearAttention: checks a request, lays it out in wasm memory, takes its tokens into the state in slices.

import { type ArraysCore, kLinearRules } from './arrays-module.ts';
import { aligned, inSlices } from './attention.ts';
import * as check from './checks.ts';
import { LimelightError } from './errors.ts';
import type { Pace } from './schedule.ts';
import type { LinearAttentionRequest, LinearAttentionResult } from './types.ts';

const kRequest = [
  'q', 'k', 'v', 'heads', 'kvHeads', 'batch', 'length', 'headDim', 'valueDim', 'layout', 'rule', 'scale', 'decay', 'beta',
  'state',
]; // biome-ignore format: a table

interface Shape {
  batch: number;
  heads: number;
  kvHeads: number;
  length: number;
  headDim: number;
  valueDim: number;
}

export async function linearAttention(
  core: ArraysCore,
  request: LinearAttentionRequest,
  pace: Pace,
): Promise<LinearAttentionResult> {
  check.members(request, kRequest, 'the request');
  const shape = shapeOf(request);
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const layout = check.choice(request.layout ?? 'seq-first', ['seq-first', 'heads-first'], 'layout');
  const rule = check.choice(request.rule ?? 'linear', kLinearRules, 'rule');
  const scale = request.scale === undefined ? Number.NaN : check.finite(request.scale, 'scale');
  const { q, k, v } = request;
  const decay = optional(request, 'decay');
  const decayDim = decay?.length === batch * kvHeads * length ? 1 : headDim;
  if (decay) check.length(decay, batch * kvHeads * length * decayDim, 'decay');
  const beta = optional(request, 'beta');
  const betaHeads = beta?.length === batch * length ? 1 : kvHeads;
  if (beta) check.length(beta, batch * betaHeads * length, 'beta');
  const stateLength = batch * kvHeads * headDim * valueDim;
  const state = optional(request, 'state');
  if (state) check.length(state, stateLength, 'state');

  const order = core.text(core.calls.linearAttentionFields()).split(',').slice(0, -1);
  const outLength = batch * heads * length * valueDim;
  const inputs = Object.entries({ q, k, v, decay, beta });
  let bytes = aligned(8 * order.length) + aligned(4 * outLength) + aligned(4 * stateLength);
  for (const [, array] of inputs) bytes += aligned(array?.byteLength ?? 0);

  const address = core.allocate(bytes);
  try {
    const fields: Record<string, number> = {
      ...shape,
      ...{ decayDim, betaHeads, headsFirst: layout === 'heads-first' ? 1 : 0, scale },
      rule: kLinearRules.indexOf(rule),
    };
    let next = address + aligned(8 * order.length);
    const place = (name: string, count: number): Float32Array => {
      fields[name] = next;
      next += aligned(4 * count);
      return core.floats(fields[name], count);
    };
    place('out', outLength);
    if (state) place('state', stateLength).set(state);
    else place('state', stateLength).fill(0);
    for (const [name, array] of inputs) {
      if (array) place(name, array.length).set(array);
      else fields[name] = 0;
    }
    const work = batch * (heads + 2 * kvHeads) * headDim * valueDim;
    await inSlices(
      length,
      length,
      work,
      pace,
      (firstToken, tokens) => {
        Object.assign(fields, { firstToken, tokens });
        core.doubles(address, order.length).set(order.map((name) => fields[name]!));
        core.check(core.calls.linearAttention(address));
      },
      1,
    );
    return {
      out: core.takeFloats(fields.out!, outLength),
      state: core.takeFloats(fields.state!, stateLength),
    };
  } finally {
    core.release(address, bytes);
  }
}

function optional(
  request: LinearAttentionRequest,
  name: 'decay' | 'beta' | 'state',
): Float32Array | undefined {
  return request[name] && check.typedArray(request[name], Float32Array, name);
}

/** Sizes from what is given and from the lengths of the arrays, which then have to agree. */
function shapeOf(request: LinearAttentionRequest): Shape {
  const q = check.typedArray(request.q, Float32Array, 'q');
  const k = check.typedArray(request.k, Float32Array, 'k');
  const v = check.typedArray(request.v, Float32Array, 'v');
  const batch = check.size(request.batch ?? 1, 'batch');
  const heads = check.size(request.heads, 'heads');
  const kvHeads = check.size(request.kvHeads ?? heads, 'kvHeads');
  const given = (name: 'length' | 'headDim' | 'valueDim', least: number): number | undefined =>
    request[name] === undefined ? undefined : check.size(request[name], name, least);
  const inQ = q.length / (batch * heads); // = length * headDim
  const lengthGiven = given('length', 0);
  const headDim = given('headDim', 1) ?? (lengthGiven ? inQ / lengthGiven : inQ === 1 ? 1 : undefined);
  if (headDim === undefined)
    throw new LimelightError(
      'invalid-shape',
      `q has ${q.length} numbers, which allows several shapes: say length or headDim`,
    );
  const length = lengthGiven ?? inQ / headDim;
  const valueDim = given('valueDim', 1) ?? (length > 0 ? v.length / (batch * kvHeads * length) : headDim);
  const shape = { batch, heads, kvHeads, length, headDim, valueDim };
  for (const [name, value] of Object.entries(shape))
    if (!Number.isInteger(value))
      throw new LimelightError(
        'invalid-shape',
        `the lengths of q, k and v (${q.length}, ${k.length}, ${v.length}) do not divide: ${name} would be ${value}`,
      );
  check.length(q, batch * heads * length * headDim, 'q');
  check.length(k, batch * kvHeads * length * headDim, 'k');
  check.length(v, batch * kvHeads * length * valueDim, 'v');
  return shape;
}
