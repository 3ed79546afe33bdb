// Cases of operators as the JSON files here have them (README.md), and what is asked of one while it is computed.

import fs from 'node:fs';

export function readCases(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** Types of floating-point tensors: bits of the significand, the least normal exponent, and the largest number. */
const kFloats = {
  float16: { bits: 11, exponent: -14, largest: 65504 },
  bfloat16: { bits: 8, exponent: -126, largest: 2 ** 127 * (2 - 2 ** -7) },
  float32: { bits: 24, exponent: -126, largest: 2 ** 127 * (2 - 2 ** -23) },
};
/** TensorProto.DataType of those that a softmax may be computed in. */
const kPrecisions = { 1: 'float32', 10: 'float16', 11: 'float64', 16: 'bfloat16' };

/** Half the distance from 1 to the next number of a type: the largest relative error of a rounding. */
export const epsilonOf = (dtype) => 2 ** -kFloats[dtype].bits;
/** Half the distance of its numbers around 0. */
export const leastStepOf = (dtype) => 2 ** (kFloats[dtype].exponent - kFloats[dtype].bits);

/** The nearest number of a type, ties to even. */
export function roundTo(value, dtype) {
  if (dtype === 'float32') return Math.fround(value);
  if (dtype === 'float64' || !Number.isFinite(value) || value === 0) return value;
  const { bits, exponent, largest } = kFloats[dtype];
  let e = Math.max(Math.floor(Math.log2(Math.abs(value))), exponent);
  if (2 ** e > Math.abs(value) && e > exponent) e--;
  const step = 2 ** (e - bits + 1);
  const steps = value / step;
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 !== 0);
  const rounded = (up ? below + 1 : below) * step;
  return Math.abs(rounded) > largest ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded;
}

const kSpecial = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };

/** A tensor of a file as the numbers of its type, of which the file has 9 digits. */
export function decode({ dtype, shape, data }) {
  const numbers = Float64Array.from(data, (x) => {
    if (typeof x === 'string') return kSpecial[x];
    return dtype in kFloats ? roundTo(x, dtype) : x;
  });
  if (numbers.length !== shape.reduce((product, size) => product * size, 1))
    throw new Refused(`${numbers.length} numbers for the shape [${shape}]`);
  return { dtype, shape, data: numbers };
}

/** Shortest decimals that lead back to the numbers of a type. */
export function encode({ dtype, shape, data }) {
  const written = (x) => {
    if (Number.isNaN(x)) return 'nan';
    if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
    return Number(x.toPrecision(9));
  };
  return { dtype, shape, data: Array.from(data, written) };
}

/** What this house does not compute, or what is no legal case at all. It counts as failed. */
export class Refused extends Error {}

/**
 * One case, asked for what an operator knows. finish() refuses what nobody asked for, so that an attribute, an input or an
 * output that is not understood can never be passed over.
 */
export class Call {
  #case;
  #unread;

  constructor(c) {
    this.#case = c;
    this.#unread = new Set(Object.keys(c.attributes));
  }

  /** The version in force: the newest of the file's that is not beyond `newest`. */
  opset(oldest, newest) {
    const versions = [this.#case.opset].flat();
    const version = Math.max(...versions);
    if (!(version >= oldest && version <= newest))
      throw new Refused(`${this.#case.op} of opset ${versions} is unknown`);
    return version;
  }

  attribute(name, fallback) {
    this.#unread.delete(name);
    return this.#case.attributes[name] ?? fallback;
  }

  /** 0 and 1. */
  flag(name) {
    const value = this.attribute(name, 0);
    if (value !== 0 && value !== 1) throw new Refused(`${name} is ${value}: 0 or 1 are known`);
    return value === 1;
  }

  /** The type in which a softmax is wanted. */
  softmaxPrecision(fallback) {
    const value = this.attribute('softmax_precision');
    if (value === undefined) return fallback;
    if (!(value in kPrecisions))
      throw new Refused(`softmax_precision is ${value}: 1, 10, 11 and 16 are known`);
    return kPrecisions[value];
  }

  /** The input at a place of the operator's signature; undefined where it is left out. */
  input(place) {
    const name = this.#case.slots[place];
    if (!name) return undefined;
    const tensor = this.#case.inputs[name];
    if (!tensor) throw new Refused(`input ${place}, "${name}", has no tensor`);
    return decode(tensor);
  }

  needed(place) {
    const tensor = this.input(place);
    if (!tensor) throw new Refused(`input ${place} is missing`);
    return tensor;
  }

  wants(output) {
    return output in this.#case.outputs;
  }

  /** `inputs`: how many the operator has. `outputs`: the names that it knows. */
  finish(inputs, outputs) {
    for (const name of this.#unread) throw new Refused(`the attribute ${name} is unknown`);
    const beyond = this.#case.slots.findIndex((name, place) => place >= inputs && name);
    if (beyond >= 0) throw new Refused(`input ${beyond}, "${this.#case.slots[beyond]}", is unknown`);
    for (const name in this.#case.outputs)
      if (!outputs.includes(name)) throw new Refused(`the output ${name} is unknown`);
  }
}

/** A float tensor that float32 arithmetic can answer. */
export function answerable(dtype) {
  if (!(dtype in kFloats)) throw new Refused(`a result in ${dtype} is beyond an engine of float32`);
  return dtype;
}
