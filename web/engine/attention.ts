// engine.attention and engine.explain: checks a request, lays it out in wasm memory, computes it in slices.

import * as check from './checks.ts';
import { type Address, type Core, kPools, kStages } from './core.ts';
import { LimelightError } from './errors.ts';
import type { Pace } from './schedule.ts';
import type { AttentionRequest, AttentionResult, ExplainRequest } from './types.ts';

const kRequest = [
  'q', 'k', 'v', 'heads', 'kvHeads', 'batch', 'qLength', 'kvLength', 'headDim', 'valueDim',
  'layout', 'scale', 'causal', 'pastLength', 'keyLengths', 'temperature', 'gate',
]; // biome-ignore format: a table
const kExplain = [...kRequest, 'lse', 'stage', 'at', 'pooled'];

/** Multiply-adds of one slice: a few milliseconds at the 10 to 20 GFLOP/s of a browser's thread. */
const kSliceWork = 2 ** 24;
/** Rows below which a slice would pack keys and values for too little work. */
const kLeastRows = 64;

interface Shape {
  batch: number;
  heads: number;
  kvHeads: number;
  qLength: number;
  kvLength: number;
  headDim: number;
  valueDim: number;
}

export async function attention(core: Core, request: AttentionRequest, pace: Pace): Promise<AttentionResult> {
  check.members(request, kRequest, 'the request');
  const shape = shapeOf(request);
  return lay(core, request, shape, async (block) => {
    await compute(block, shape, pace);
    return {
      out: core.takeFloats(block.at('out'), outLength(shape)),
      lse: core.takeFloats(block.at('lse'), lseLength(shape)),
    };
  });
}

export async function explain(core: Core, request: ExplainRequest, pace: Pace): Promise<Float32Array> {
  check.members(request, kExplain, 'the request');
  const shape = shapeOf(request);
  const stage = check.choice(request.stage, kStages, 'stage');
  check.members(request.at, ['batch', 'head', 'rows', 'cols'], 'at');
  const atBatch = check.index(request.at.batch ?? 0, shape.batch, 'at.batch');
  const atHead = check.index(request.at.head, shape.heads, 'at.head');
  const [firstRow, endRow] = check.range(request.at.rows, shape.qLength, 'at.rows');
  const [firstCol, endCol] = check.range(request.at.cols, shape.kvLength, 'at.cols');
  const rows = endRow - firstRow;
  const cols = endCol - firstCol;
  const { pooled } = request;
  if (pooled) check.members(pooled, ['rows', 'cols', 'pool'], 'pooled');
  const pooledRows = pooled ? Math.min(rows, check.size(pooled.rows, 'pooled.rows')) : 0;
  const pooledCols = pooled ? Math.min(cols, check.size(pooled.cols, 'pooled.cols')) : 0;
  const pool = kPools.indexOf(check.choice(pooled?.pool ?? 'mean', kPools, 'pooled.pool'));
  const { lse } = request;
  if (lse) expectLength(check.typedArray(lse, Float32Array, 'lse'), lseLength(shape), 'lse');
  const cells = pooled ? pooledRows * pooledCols : rows * cols;

  return lay(core, request, shape, async (block) => {
    // Only weights need the log-sum-exp; where the caller did not keep it, it is computed once more.
    if (stage === 'weight' && lse) core.floats(block.at('lse'), lse.length).set(lse);
    else if (stage === 'weight') await compute(block, shape, pace);
    return core.lend(4 * cells, (out) => {
      block.set({ atBatch, atHead, firstRow, rows, firstCol, cols, pooledRows, pooledCols, pool });
      block.set({ stage: kStages.indexOf(stage), out });
      core.check(core.calls.explainAttention(block.address));
      return core.takeFloats(out, cells);
    });
  });
}

/** Every row of every head, so many rows at a time that a slice stays short. */
async function compute(block: Block, shape: Shape, pace: Pace): Promise<void> {
  const { batch, heads, kvLength, headDim, valueDim, qLength } = shape;
  const workOfRow = batch * heads * kvLength * (headDim + valueDim);
  const slice = Math.max(kLeastRows, Math.floor(kSliceWork / Math.max(1, workOfRow)));
  for (let firstRow = 0; firstRow === 0 || firstRow < qLength; firstRow += slice) {
    if (firstRow > 0) await pace.breathe();
    block.set({ firstRow, rows: Math.min(slice, qLength - firstRow) });
    block.core.check(block.core.calls.attention(block.address));
  }
}

const outLength = ({ batch, heads, qLength, valueDim }: Shape): number => batch * heads * qLength * valueDim;
const lseLength = ({ batch, heads, qLength }: Shape): number => batch * heads * qLength;

function expectLength(array: { length: number }, length: number, name: string): void {
  if (array.length !== length)
    throw new LimelightError(
      'invalid-shape',
      `${name} has ${array.length} numbers; its shape needs ${length}`,
    );
}

/** Sizes from what is given and from the lengths of the arrays, which then have to agree. */
function shapeOf(request: AttentionRequest): Shape {
  const q = check.typedArray(request.q, Float32Array, 'q');
  const k = check.typedArray(request.k, Float32Array, 'k');
  const v = check.typedArray(request.v, Float32Array, 'v');
  const batch = check.size(request.batch ?? 1, 'batch');
  const heads = check.size(request.heads, 'heads');
  const kvHeads = check.size(request.kvHeads ?? heads, 'kvHeads');
  const given = (name: 'qLength' | 'kvLength' | 'headDim' | 'valueDim', least: number): number | undefined =>
    request[name] === undefined ? undefined : check.size(request[name], name, least);
  const inQ = q.length / (batch * heads); // = qLength * headDim
  const inK = k.length / (batch * kvHeads); // = kvLength * headDim
  const inV = v.length / (batch * kvHeads); // = kvLength * valueDim

  let headDim = given('headDim', 1);
  const qLengthGiven = given('qLength', 0);
  const kvLengthGiven = given('kvLength', 0);
  if (headDim === undefined && qLengthGiven) headDim = inQ / qLengthGiven;
  if (headDim === undefined && kvLengthGiven) headDim = inK / kvLengthGiven;
  if (headDim === undefined && inQ === 1) headDim = 1;
  if (headDim === undefined)
    throw new LimelightError(
      'invalid-shape',
      `q has ${q.length} numbers, which allows several shapes: say qLength, kvLength or headDim`,
    );
  const qLength = qLengthGiven ?? inQ / headDim;
  const kvLength = kvLengthGiven ?? inK / headDim;
  const valueDim = given('valueDim', 1) ?? (kvLength > 0 ? inV / kvLength : headDim);
  const shape = { batch, heads, kvHeads, qLength, kvLength, headDim, valueDim };
  for (const [name, value] of Object.entries(shape))
    if (!Number.isInteger(value) || value < 0)
      throw new LimelightError(
        'invalid-shape',
        `the lengths of q, k and v (${q.length}, ${k.length}, ${v.length}) do not divide: ${name} would be ${value}`,
      );
  expectLength(q, batch * heads * qLength * headDim, 'q');
  expectLength(k, batch * kvHeads * kvLength * headDim, 'k');
  expectLength(v, batch * kvHeads * kvLength * valueDim, 'v');
  return shape;
}

/** The block of doubles that describes a call, and the arrays that it points to. */
class Block {
  readonly core: Core;
  readonly address: Address;
  readonly #fields: ReadonlyMap<string, number>;

  constructor(core: Core, address: Address, fields: ReadonlyMap<string, number>) {
    this.core = core;
    this.address = address;
    this.#fields = fields;
  }

  set(values: Record<string, number>): void {
    const doubles = this.core.doubles(this.address, this.#fields.size);
    for (const [name, value] of Object.entries(values)) doubles[this.#fields.get(name)!] = value;
  }

  at(name: string): Address {
    return this.core.doubles(this.address, this.#fields.size)[this.#fields.get(name)!]!;
  }
}

const kFields = new WeakMap<Core, ReadonlyMap<string, number>>();
function fieldsOf(core: Core): ReadonlyMap<string, number> {
  let fields = kFields.get(core);
  if (!fields) {
    fields = new Map(
      core.calls
        .attentionFields()
        .split(',')
        .map((name, i) => [name, i]),
    );
    kFields.set(core, fields);
  }
  return fields;
}

/** Lends one allocation that holds the description, the inputs, and room for out and lse. */
async function lay<T>(
  core: Core,
  request: AttentionRequest,
  shape: Shape,
  use: (block: Block) => Promise<T>,
): Promise<T> {
  const { keyLengths, temperature, gate, scale, pastLength } = request;
  const arrays: Record<string, Float32Array | Int32Array> = { q: request.q, k: request.k, v: request.v };
  if (keyLengths) {
    arrays.keyLengths = check.typedArray(keyLengths, Int32Array, 'keyLengths');
    expectLength(keyLengths, shape.batch, 'keyLengths');
  }
  for (const [name, array] of Object.entries({ temperature, gate })) {
    if (!array) continue;
    arrays[name] = check.typedArray(array, Float32Array, name);
    expectLength(array, shape.heads, name);
  }
  const values: Record<string, number> = {
    ...shape,
    headsFirst:
      check.choice(request.layout ?? 'seq-first', ['seq-first', 'heads-first'], 'layout') === 'heads-first'
        ? 1
        : 0,
    scale: scale === undefined ? Number.NaN : check.finite(scale, 'scale'),
    causal: request.causal ? 1 : 0,
    pastLength: pastLength === undefined ? Number.NaN : check.size(pastLength, 'pastLength', 0),
    keyLengths: 0,
    temperature: 0,
    gate: 0,
  };

  const fields = fieldsOf(core);
  const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
  let bytes = aligned(8 * fields.size);
  const places: Record<string, number> = {};
  for (const [name, length] of [
    ...Object.entries(arrays).map(([name, array]) => [name, array.length] as const),
    ['out', outLength(shape)] as const,
    ['lse', lseLength(shape)] as const,
  ]) {
    places[name] = bytes;
    bytes += aligned(4 * length);
  }
  const address = core.allocate(bytes);
  try {
    for (const [name, place] of Object.entries(places)) values[name] = address + place;
    const block = new Block(core, address, fields);
    block.set(values);
    for (const [name, array] of Object.entries(arrays)) {
      const view =
        name === 'keyLengths'
          ? core.integers(values[name]!, array.length)
          : core.floats(values[name]!, array.length);
      view.set(array);
    }
    return await use(block);
  } finally {
    core.release(address, bytes);
  }
}
