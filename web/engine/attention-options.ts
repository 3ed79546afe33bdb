// What a request for attention may say beside its queries, keys and values: checked, and made into fields of the call and
// arrays that lie beside each other in wasm memory.

import type { ArraysCore } from './arrays-module.ts';
import * as check from './checks.ts';
import type { Address } from './core.ts';
import { LimelightError } from './errors.ts';
import type { AttentionEdge, AttentionOptions, Cells } from './types.ts';

/** The members that every form of attention takes. */
export const kOptions = [
  'scale', 'causal', 'pastLength', 'pastLengths', 'keyLengths', 'temperature', 'gate', 'softcap', 'window', 'bias', 'mask',
  'alibi', 'relativeBias', 'sinks', 'edges',
]; // biome-ignore format: a table

/** Fields of the call that the options fill. */
export const kOptionFields = [
  'scale', 'causal', 'pastLength', 'keyLengths', 'temperature', 'gate', 'pastLengths', 'softcap', 'leftWindow',
  'rightWindow', 'alibi', 'sinks', 'relativeBias', 'relativeBiasSize', 'edges', 'edgeCount', 'bias', 'biasBatchStride',
  'biasHeadStride', 'biasRowStride', 'biasColumns', 'mask', 'maskBatchStride', 'maskHeadStride', 'maskRowStride',
  'maskColumns',
] as const; // biome-ignore format: a table
export type OptionField = (typeof kOptionFields)[number];

/** An array that goes into wasm memory, and the field that its address goes into. */
export interface Laid<Field extends string> {
  field: Field;
  bytes: number;
  write(core: ArraysCore, at: Address): void;
}

interface Sizes {
  batch: number;
  heads: number;
  qLength: number;
  kvLength: number;
}

/** AttentionEdge in C++: batch, head, row, key, the weight and whether there is one. */
const kEdgeWords = 6;
const kEvery = -1;

export type Request = { readonly [Name in keyof AttentionOptions]?: AttentionOptions[Name] | undefined };

/** Writes the numbers of the options; NaN is "not given". One by one: an object of them costs more than a small attention. */
export function writeNumbers(
  fields: Float64Array,
  place: Readonly<Record<OptionField, number>>,
  request: Request,
): void {
  const { scale, pastLength, softcap, window } = request;
  fields[place.scale] = scale === undefined ? Number.NaN : check.finite(scale, 'scale');
  fields[place.causal] = request.causal ? 1 : 0;
  fields[place.pastLength] = pastLength === undefined ? Number.NaN : check.size(pastLength, 'pastLength', 0);
  fields[place.softcap] = softcap === undefined ? Number.NaN : check.finite(softcap, 'softcap');
  if (window !== undefined) check.members(window, ['left', 'right'], 'window');
  const side = (name: 'left' | 'right'): number =>
    window?.[name] === undefined ? Number.NaN : check.wholeNumber(window[name], `window.${name}`);
  fields[place.leftWindow] = side('left');
  fields[place.rightWindow] = side('right');
}

const kArrays = [
  'keyLengths', 'pastLengths', 'temperature', 'gate', 'alibi', 'sinks', 'relativeBias', 'bias', 'mask', 'edges',
] as const; // biome-ignore format: a table

/** Arrays of the options, and the fields that say how they lie. */
export function optionArrays(
  request: Request,
  sizes: Sizes,
): { arrays: Laid<OptionField>[]; fields: Partial<Record<OptionField, number>> } {
  const arrays: Laid<OptionField>[] = [];
  const fields: Partial<Record<OptionField, number>> = {};
  if (kArrays.every((name) => request[name] === undefined)) return { arrays, fields };
  const floats = (field: OptionField, array: Float32Array | undefined, length?: number): void => {
    if (array === undefined) return;
    check.typedArray(array, Float32Array, field);
    if (length !== undefined) check.length(array, length, field);
    arrays.push({
      field,
      bytes: array.byteLength,
      write: (core, at) => core.floats(at, array.length).set(array),
    });
  };
  const integers = (field: OptionField, array: Int32Array | undefined): void => {
    if (array === undefined) return;
    check.length(check.typedArray(array, Int32Array, field), sizes.batch, field);
    arrays.push({
      field,
      bytes: array.byteLength,
      write: (core, at) => core.integers(at, array.length).set(array),
    });
  };
  const strides = (name: 'bias' | 'mask', cells: Cells<Float32Array | Uint8Array>): void => {
    const [batch, head, row, columns] = stridesOf(name, cells, sizes);
    Object.assign(fields, {
      [`${name}BatchStride`]: batch,
      [`${name}HeadStride`]: head,
      [`${name}RowStride`]: row,
      [`${name}Columns`]: columns,
    });
  };

  integers('keyLengths', request.keyLengths);
  integers('pastLengths', request.pastLengths);
  for (const field of ['temperature', 'gate', 'alibi', 'sinks'] as const)
    floats(field, request[field], sizes.heads);
  if (request.relativeBias !== undefined) {
    floats('relativeBias', request.relativeBias);
    fields.relativeBiasSize = request.relativeBias.length;
  }
  if (request.bias !== undefined) {
    check.members(request.bias, ['data', 'shape'], 'bias');
    const data = check.typedArray(request.bias.data, Float32Array, 'bias.data');
    strides('bias', request.bias);
    floats('bias', data);
  }
  if (request.mask !== undefined) {
    check.members(request.mask, ['data', 'shape'], 'mask');
    const data = check.typedArray(request.mask.data, Uint8Array, 'mask.data');
    strides('mask', request.mask);
    arrays.push({
      field: 'mask',
      bytes: data.length,
      write: (core, at) => core.bytes(at, data.length).set(data),
    });
  }
  if (request.edges?.length) {
    const words = edgeWords(request.edges);
    fields.edgeCount = request.edges.length;
    arrays.push({
      field: 'edges',
      bytes: words.byteLength,
      write: (core, at) => core.integers(at, words.length).set(words),
    });
  }
  return { arrays, fields };
}

/**
 * Strides of a shape that is right-aligned with [batch, heads, qLength, keys], as numpy broadcasts: 0 where it is 1 or left
 * out. The last size is taken as it is: what is shorter than the keys hides the rest.
 */
function stridesOf(
  name: string,
  { data, shape }: Cells<ArrayLike<number>>,
  { batch, heads, qLength, kvLength }: Sizes,
): [number, number, number, number] {
  if (!Array.isArray(shape) || shape.length < 1 || shape.length > 4)
    throw new LimelightError('invalid-shape', `${name}.shape has to be 1 to 4 sizes`);
  const whole = [batch, heads, qLength];
  const sizes = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  const columns = check.size(sizes[3], `the last size of ${name}.shape`);
  const strides = [0, 0, 0, columns] as [number, number, number, number];
  let stride = columns;
  for (let axis = 2; axis >= 0; axis--) {
    const size = sizes[axis]!;
    if (size !== 1 && size !== whole[axis])
      throw new LimelightError(
        'invalid-shape',
        `${name}.shape is [${shape.join(', ')}]; [${whole.join(', ')}, up to ${kvLength}] is needed, or 1 for any of the first three`,
      );
    if (size === 1) continue;
    strides[axis] = stride;
    stride *= size;
  }
  check.length(data, stride, `${name}.data`);
  return strides;
}

function edgeWords(edges: readonly AttentionEdge[]): Int32Array {
  const words = new Int32Array(kEdgeWords * edges.length);
  const weights = new Float32Array(words.buffer);
  for (const [i, edge] of edges.entries()) {
    check.members(edge, ['row', 'key', 'batch', 'head', 'weight'], `edges[${i}]`);
    check.wholeNumber(edge.row, `edges[${i}].row`);
    check.wholeNumber(edge.key, `edges[${i}].key`);
  }
  const ordered = [...edges].sort((a, b) => a.row - b.row || a.key - b.key);
  for (const [i, { row, key, batch, head, weight }] of ordered.entries()) {
    words.set([batch ?? kEvery, head ?? kEvery, row, key], kEdgeWords * i);
    if (weight === undefined) continue;
    weights[kEdgeWords * i + 4] = check.finite(weight, `the weight of edge (${row}, ${key})`);
    words[kEdgeWords * i + 5] = 1;
  }
  return words;
}
