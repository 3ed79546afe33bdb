// engine.attention: checks a request, lays it out in wasm memory, computes it in slices.

import * as check from './checks.ts';
import type { Address, Core } from './core.ts';
import { LimelightError } from './errors.ts';
import { kSliceMilliseconds, type Pace } from './schedule.ts';
import type { AttentionRequest, AttentionResult } from './types.ts';

/** What attention over a cache takes, too. */
export const kOptions = ['scale', 'causal', 'pastLength', 'keyLengths', 'temperature', 'gate'];
export const kRequest = [
  'q', 'k', 'v', 'heads', 'kvHeads', 'batch', 'qLength', 'kvLength', 'headDim', 'valueDim',
  'layout', ...kOptions,
]; // biome-ignore format: a table

/** Multiply-adds of a slice, before it is known how fast they are: a few milliseconds at 10 GFLOP/s. */
export const kSliceWork = 2 ** 24;
/** Lines below which a slice would bring keys and values into the cache for too little work. */
const kLeastLines = 64;

export interface Shape {
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
  check.typedArray(request.v, Float32Array, 'v');
  const shape = shapeOf(request);
  return lay(core, request, shape, async (block) => {
    await compute(block, shape, pace);
    return {
      out: core.takeFloats(block.at('out'), outLength(shape)),
      lse: core.takeFloats(block.at('lse'), lseLength(shape)),
    };
  });
}

/** Lines are query rows of one key-value head after the other, each for the query heads that share it. */
export function compute(block: Block, shape: Shape, pace: Pace): Promise<void> {
  const { batch, heads, kvHeads, kvLength, headDim, valueDim, qLength } = shape;
  const work = (heads / kvHeads) * kvLength * (headDim + valueDim);
  return inSlices(batch * kvHeads * qLength, qLength, work, pace, (firstLine, lines) => {
    block.set({ firstLine, lines });
    block.core.check(block.core.calls.attention(block.address));
  });
}

/**
 * All of `lines`, a slice at a time; `work` in multiply-adds of a line. A slice takes about as long as the pace allows between
 * two breaths: its length follows from how long the one before took. It ends with a whole number of `ofHead` lines, or is one
 * of equal parts of them.
 */
export async function inSlices(
  lines: number,
  ofHead: number,
  work: number,
  pace: Pace,
  compute: (first: number, count: number) => void,
): Promise<void> {
  let slice = Math.max(kLeastLines, Math.floor(kSliceWork / Math.max(1, work)));
  for (let first = 0; first === 0 || first < lines; ) {
    if (first > 0) await pace.breathe();
    const left = ofHead - (first % Math.max(1, ofHead));
    const count =
      slice < left
        ? Math.ceil(left / Math.ceil(left / slice))
        : left + Math.floor((slice - left) / Math.max(1, ofHead)) * ofHead;
    const start = performance.now();
    compute(first, Math.min(count, lines - first));
    const growth = Math.min(4, kSliceMilliseconds / (performance.now() - start));
    slice = Math.max(kLeastLines, Math.floor(slice * growth));
    first += Math.max(1, count);
  }
}

export const outLength = ({ batch, heads, qLength, valueDim }: Shape): number =>
  batch * heads * qLength * valueDim;
export const lseLength = ({ batch, heads, qLength }: Shape): number => batch * heads * qLength;

export function expectLength(array: { length: number }, length: number, name: string): void {
  if (array.length !== length)
    throw new LimelightError(
      'invalid-shape',
      `${name} has ${array.length} numbers; its shape needs ${length}`,
    );
}

/** Sizes from what is given and from the lengths of the arrays, which then have to agree; v may be left out. */
export function shapeOf(request: Omit<AttentionRequest, 'v'> & { v?: Float32Array }): Shape {
  const q = check.typedArray(request.q, Float32Array, 'q');
  const k = check.typedArray(request.k, Float32Array, 'k');
  const v = request.v && check.typedArray(request.v, Float32Array, 'v');
  const batch = check.size(request.batch ?? 1, 'batch');
  const heads = check.size(request.heads, 'heads');
  const kvHeads = check.size(request.kvHeads ?? heads, 'kvHeads');
  const given = (name: 'qLength' | 'kvLength' | 'headDim' | 'valueDim', least: number): number | undefined =>
    request[name] === undefined ? undefined : check.size(request[name], name, least);
  const inQ = q.length / (batch * heads); // = qLength * headDim
  const inK = k.length / (batch * kvHeads); // = kvLength * headDim

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
  const inV = v ? v.length / (batch * kvHeads) : kvLength * headDim; // = kvLength * valueDim
  const valueDim = given('valueDim', 1) ?? (kvLength > 0 ? inV / kvLength : headDim);
  const shape = { batch, heads, kvHeads, qLength, kvLength, headDim, valueDim };
  for (const [name, value] of Object.entries(shape))
    if (!Number.isInteger(value) || value < 0)
      throw new LimelightError(
        'invalid-shape',
        `the lengths of q, k and v (${q.length}, ${k.length}, ${v?.length ?? 'none'}) do not divide: ${name} would be ${value}`,
      );
  expectLength(q, batch * heads * qLength * headDim, 'q');
  expectLength(k, batch * kvHeads * kvLength * headDim, 'k');
  if (v) expectLength(v, batch * kvHeads * kvLength * valueDim, 'v');
  return shape;
}

/** Fields of the block of doubles that describes a call; the module says in which order they stand. */
const kFields = [
  'q', 'k', 'v', 'out', 'lse', 'batch', 'heads', 'kvHeads', 'qLength', 'kvLength', 'headDim', 'valueDim', 'headsFirst',
  'scale', 'causal', 'pastLength', 'keyLengths', 'temperature', 'gate', 'atBatch', 'atHead', 'atHeads', 'atHeadCount',
  'firstRow', 'rows', 'firstCol', 'cols', 'pooledRows', 'pooledCols', 'pool', 'stage', 'cells', 'rowSums', 'colSums',
  'colMeans', 'dOut', 'dq', 'dk', 'dv', 'dBias', 'biasBatch', 'biasHeads', 'dGate', 'dTemperature', 'firstPart', 'parts',
  'firstLine', 'lines',
] as const; // biome-ignore format: a table
export type Field = (typeof kFields)[number];
type Places = Record<Field, number>;

const kPlaces = new WeakMap<Core, Places>();
function placesOf(core: Core): Places {
  let places = kPlaces.get(core);
  if (!places) {
    const order = core.text(core.calls.attentionFields()).split(',');
    places = Object.fromEntries(kFields.map((name) => [name, order.indexOf(name)])) as Places;
    kPlaces.set(core, places);
  }
  return places;
}

export class Block {
  readonly core: Core;
  readonly address: Address;
  readonly #places: Places;

  constructor(core: Core, address: Address) {
    this.core = core;
    this.address = address;
    this.#places = placesOf(core);
  }

  set(values: Partial<Places>): void {
    const doubles = this.core.doubles(this.address, kFields.length);
    for (const name in values) doubles[this.#places[name as Field]] = values[name as Field]!;
  }

  at(name: Field): Address {
    return this.core.doubles(this.address, kFields.length)[this.#places[name]]!;
  }
}

export const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** A request, in which a cache may leave out what it has. */
type Laid = { [Name in keyof AttentionRequest]?: AttentionRequest[Name] | undefined };

/** Lends one allocation that holds the description, the inputs, and `room` in numbers for results, as a rule out and lse. */
export async function lay<T>(
  core: Core,
  request: Laid,
  shape: Shape,
  use: (block: Block) => Promise<T>,
  room: Partial<Record<Field, number>> = { out: outLength(shape), lse: lseLength(shape) },
): Promise<T> {
  const layout = check.choice(request.layout ?? 'seq-first', ['seq-first', 'heads-first'], 'layout');
  const scale = request.scale === undefined ? Number.NaN : check.finite(request.scale, 'scale');
  const past =
    request.pastLength === undefined ? Number.NaN : check.size(request.pastLength, 'pastLength', 0);
  const inputs = inputsOf(request, shape);
  let bytes = aligned(8 * kFields.length);
  for (const name in room) bytes += aligned(4 * room[name as Field]!);
  for (const { array } of inputs) bytes += aligned(array.byteLength);

  const address = core.allocate(bytes);
  try {
    // Written one by one: an object with so many members costs more than a small attention.
    const place = placesOf(core);
    const fields = core.doubles(address, kFields.length).fill(0);
    fields[place.batch] = shape.batch;
    fields[place.heads] = shape.heads;
    fields[place.kvHeads] = shape.kvHeads;
    fields[place.qLength] = shape.qLength;
    fields[place.kvLength] = shape.kvLength;
    fields[place.headDim] = shape.headDim;
    fields[place.valueDim] = shape.valueDim;
    fields[place.headsFirst] = layout === 'heads-first' ? 1 : 0;
    fields[place.scale] = scale;
    fields[place.causal] = request.causal ? 1 : 0;
    fields[place.pastLength] = past;
    let next = address + aligned(8 * kFields.length);
    for (const name in room) {
      fields[place[name as Field]] = next;
      next += aligned(4 * room[name as Field]!);
    }
    for (const { name, array } of inputs) {
      const view =
        name === 'keyLengths' ? core.integers(next, array.length) : core.floats(next, array.length);
      view.set(array);
      fields[place[name]] = next;
      next += aligned(array.byteLength);
    }
    return await use(new Block(core, address));
  } finally {
    core.release(address, bytes);
  }
}

/** The arrays of a request, those that are optional checked. */
function inputsOf(request: Laid, shape: Shape): { name: Field; array: Float32Array | Int32Array }[] {
  const { q, k, v, keyLengths, temperature, gate } = request;
  const inputs: { name: Field; array: Float32Array | Int32Array }[] = [];
  if (q) inputs.push({ name: 'q', array: q });
  if (k) inputs.push({ name: 'k', array: k });
  if (v) inputs.push({ name: 'v', array: v });
  const add = (name: Field, array: Float32Array | Int32Array, length: number): void => {
    expectLength(array, length, name);
    inputs.push({ name, array });
  };
  if (keyLengths) add('keyLengths', check.typedArray(keyLengths, Int32Array, 'keyLengths'), shape.batch);
  if (temperature)
    add('temperature', check.typedArray(temperature, Float32Array, 'temperature'), shape.heads);
  if (gate) add('gate', check.typedArray(gate, Float32Array, 'gate'), shape.heads);
  return inputs;
}
