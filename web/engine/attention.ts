// engine.attention: checks a request, lays it out in wasm memory, computes it in slices.

import type { ArraysCore } from './arrays-module.ts';
import {
  kOptionFields,
  kOptions,
  type Laid,
  type Request as OptionsRequest,
  optionArrays,
  writeNumbers,
} from './attention-options.ts';
import * as check from './checks.ts';
import type { Address } from './core.ts';
import { LimelightError } from './errors.ts';
import { kSliceMilliseconds, type Pace } from './schedule.ts';
import type { AttentionRequest, AttentionResult, Numbers } from './types.ts';

export const kRequest = [
  'q', 'k', 'v', 'heads', 'kvHeads', 'batch', 'qLength', 'kvLength', 'headDim', 'valueDim',
  'layout', 'past', ...kOptions,
]; // biome-ignore format: a table
const kAttention = [...kRequest, 'into', 'present'];

/** Multiply-adds of a slice, before it is known how fast they are: a few milliseconds at 10 GFLOP/s. */
export const kSliceWork = 2 ** 24;
/** Lines below which a slice would bring keys and values into the cache for too little work. */
const kLeastLines = 64;

export interface Shape {
  batch: number;
  heads: number;
  kvHeads: number;
  qLength: number;
  /** All keys, those of the past among them. */
  kvLength: number;
  headDim: number;
  valueDim: number;
}

export async function attention(
  core: ArraysCore,
  request: AttentionRequest,
  pace: Pace,
): Promise<AttentionResult> {
  check.members(request, kAttention, 'the request');
  check.numbers(request.v, 'v');
  const shape = shapeOf(request);
  const { into } = request;
  if (into !== undefined)
    check.length(check.typedArray(into, Float32Array, 'into'), outLength(shape), 'into');
  return lay(core, request, shape, async (block) => {
    await compute(block, shape, pace);
    const result: AttentionResult = {
      out: core.takeFloats(block.at('out'), outLength(shape), into),
      lse: core.takeFloats(block.at('lse'), lseLength(shape)),
    };
    if (request.present) {
      const { batch, kvHeads, kvLength, headDim, valueDim } = shape;
      const tokens = batch * kvHeads * kvLength;
      result.present = {
        k: core.takeFloats(block.at('k'), tokens * headDim),
        v: core.takeFloats(block.at('v'), tokens * valueDim),
      };
    }
    return result;
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
 * of equal parts of them. `least`: lines of a slice, however long they take.
 */
export async function inSlices(
  lines: number,
  ofHead: number,
  work: number,
  pace: Pace,
  compute: (first: number, count: number) => void,
  least = kLeastLines,
): Promise<void> {
  let slice = Math.max(least, Math.floor(kSliceWork / Math.max(1, work)));
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
    slice = Math.max(least, Math.floor(slice * growth));
    first += Math.max(1, count);
  }
}

export const outLength = ({ batch, heads, qLength, valueDim }: Shape): number =>
  batch * heads * qLength * valueDim;
export const lseLength = ({ batch, heads, qLength }: Shape): number => batch * heads * qLength;

/** Sizes from what is given and from the lengths of the arrays, which then have to agree; v may be left out. */
type Past = { k: Numbers; v?: Numbers } | undefined;
export function shapeOf(request: Omit<AttentionRequest, 'v' | 'past'> & { v?: Numbers; past?: Past }): Shape {
  const q = check.numbers(request.q, 'q');
  const k = check.numbers(request.k, 'k');
  const v = request.v && check.numbers(request.v, 'v');
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
  check.length(q, batch * heads * qLength * headDim, 'q');
  check.length(k, batch * kvHeads * kvLength * headDim, 'k');
  if (v) check.length(v, batch * kvHeads * kvLength * valueDim, 'v');
  shape.kvLength += pastLength(request.past, shape, v !== undefined);
  return shape;
}

/** Tokens of the past. */
function pastLength(past: Past, shape: Shape, values: boolean): number {
  if (past === undefined) return 0;
  check.members(past, ['k', 'v'], 'past');
  const token = shape.batch * shape.kvHeads;
  const k = check.numbers(past.k, 'past.k');
  const length = k.length / (token * shape.headDim);
  if (!Number.isInteger(length))
    throw new LimelightError(
      'invalid-shape',
      `past.k has ${k.length} numbers, a token ${token * shape.headDim}`,
    );
  if (values) check.length(check.numbers(past.v, 'past.v'), token * length * shape.valueDim, 'past.v');
  return length;
}

/** Fields of the block of doubles that describes a call; the module says in which order they stand. */
const kFields = [
  'q', 'k', 'v', 'out', 'lse', 'batch', 'heads', 'kvHeads', 'qLength', 'kvLength', 'headDim', 'valueDim', 'headsFirst',
  ...kOptionFields, 'atBatch', 'atHead', 'atHeads', 'atHeadCount', 'firstRow', 'rows', 'firstCol', 'cols', 'pooledRows',
  'pooledCols', 'pool', 'stage', 'cells', 'rowSums', 'colSums', 'colMeans', 'dOut', 'dq', 'dk', 'dv', 'dBias', 'dBiasBatch',
  'dBiasHeads', 'dGate', 'dTemperature', 'firstPart', 'parts', 'firstLine', 'lines',
] as const; // biome-ignore format: a table
export type Field = (typeof kFields)[number];
type Places = Record<Field, number>;

const kPlaces = new WeakMap<ArraysCore, Places>();
function placesOf(core: ArraysCore): Places {
  let places = kPlaces.get(core);
  if (!places) {
    const order = core.text(core.calls.attentionFields()).split(',');
    places = Object.fromEntries(kFields.map((name) => [name, order.indexOf(name)])) as Places;
    kPlaces.set(core, places);
  }
  return places;
}

export class Block {
  readonly core: ArraysCore;
  readonly address: Address;
  readonly #places: Places;

  constructor(core: ArraysCore, address: Address) {
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
type Arrays = {
  [Name in 'q' | 'k' | 'v' | 'layout']?: AttentionRequest[Name] | undefined;
} & { past?: Past };

/** Lends one allocation that holds the description, the inputs, and `room` in numbers for results, as a rule out and lse. */
export async function lay<T>(
  core: ArraysCore,
  request: Arrays & OptionsRequest,
  shape: Shape,
  use: (block: Block) => Promise<T>,
  room: Partial<Record<Field, number>> = { out: outLength(shape), lse: lseLength(shape) },
  keys = shape.kvLength,
): Promise<T> {
  const layout = check.choice(request.layout ?? 'seq-first', ['seq-first', 'heads-first'], 'layout');
  const { arrays, fields: lie } = optionArrays(request, { ...shape, kvLength: keys });
  const inputs: Laid<Field>[] = [...inputsOf(request, shape, layout === 'heads-first'), ...arrays];
  let bytes = aligned(8 * kFields.length);
  for (const name in room) bytes += aligned(4 * room[name as Field]!);
  for (const input of inputs) bytes += aligned(input.bytes);

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
    writeNumbers(fields, place, request);
    for (const name in lie) fields[place[name as Field]] = lie[name as keyof typeof lie]!;
    let next = address + aligned(8 * kFields.length);
    for (const name in room) {
      fields[place[name as Field]] = next;
      next += aligned(4 * room[name as Field]!);
    }
    for (const { field, bytes: size, write } of inputs) {
      write(core, next);
      fields[place[field]] = next;
      next += aligned(size);
    }
    return await use(new Block(core, address));
  } finally {
    core.release(address, bytes);
  }
}

/** Queries, keys and values; those of the past lie before the others. */
function inputsOf({ q, k, v, past }: Arrays, shape: Shape, headsFirst: boolean): Laid<Field>[] {
  const inputs: Laid<Field>[] = [];
  const add = (field: Field, array: Numbers | undefined, before?: Numbers): void => {
    if (!array) return;
    const later = check.numbers(array, field);
    if (!before) {
      inputs.push({ field, bytes: 4 * later.length, write: (core, at) => put(core, at, later) });
      return;
    }
    // Pieces of a batch, or of a head of it, that lie together in each of the two.
    const earlier = check.numbers(before, `past.${field}`);
    const pieces = shape.batch * (headsFirst ? shape.kvHeads : 1);
    const [first, second] = [earlier.length / pieces, later.length / pieces];
    const write = (core: ArraysCore, at: Address): void => {
      for (let piece = 0; piece < pieces; piece++) {
        const to = at + 4 * piece * (first + second);
        put(core, to, earlier.subarray(piece * first, (piece + 1) * first));
        put(core, to + 4 * first, later.subarray(piece * second, (piece + 1) * second));
      }
    };
    inputs.push({ field, bytes: 4 * (earlier.length + later.length), write });
  };
  add('q', q);
  add('k', k, past?.k);
  add('v', v, past?.v);
  return inputs;
}

/** Numbers as f32; f16 come to lie in the second half of their place and are widened there. */
function put(core: ArraysCore, at: Address, numbers: Float32Array | Uint16Array): void {
  const { length } = numbers;
  if (numbers.BYTES_PER_ELEMENT === 4) {
    core.floats(at, length).set(numbers);
  } else {
    core.halves(at + 2 * length, length).set(numbers);
    core.calls.widen(at + 2 * length, length, at);
  }
}
