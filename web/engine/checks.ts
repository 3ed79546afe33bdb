// Checks of what a caller wrote, with messages that name the value.

import { LimelightError } from './errors.ts';
import type { ErrorCode, Numbers } from './types.ts';

/** A value for a message, cut to a length that a message can hold. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function integer(value: unknown, least: number, name: string, code: ErrorCode): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new LimelightError(code, `${name} is ${shown(value)}; an integer from ${least} is needed`);
}

/** A size: an integer of at least `least`. */
export function size(value: unknown, name: string, least = 1): number {
  return integer(value, least, name, 'invalid-shape');
}

export function wholeNumber(value: unknown, name: string): number {
  return integer(value, 0, name, 'invalid-value');
}

/** One of 0 to end - 1. */
export function index(value: unknown, end: number, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < end) return value;
  throw new LimelightError(
    'invalid-shape',
    `${name} is ${shown(value)}; it has to be one of 0 to ${end - 1}`,
  );
}

/** [first, end) within [0, size); all of it where nothing is given. */
export function range(
  value: readonly [number, number] | undefined,
  size: number,
  name: string,
): [number, number] {
  if (value === undefined) return [0, size];
  const [first, end] = value;
  if (Number.isInteger(first) && Number.isInteger(end) && first >= 0 && first < end && end <= size)
    return [first, end];
  throw new LimelightError(
    'invalid-shape',
    `${name} is [${shown(first)}, ${shown(end)}]; it has to lie within 0 to ${size}`,
  );
}

export function finite(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new LimelightError('invalid-value', `${name} is ${shown(value)}; a finite number is needed`);
}

export function choice<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  if (choices.includes(value as T)) return value as T;
  throw new LimelightError(
    'invalid-option',
    `${name} is ${shown(value)}; it is one of ${choices.join(', ')}`,
  );
}

export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new LimelightError('invalid-value', `${name} is ${shown(value)}; a string is needed`);
}

/** Refuses members that nobody reads: a misspelt option must not be silently ignored. */
export function members(object: unknown, known: readonly string[], name: string): void {
  if (typeof object !== 'object' || object === null)
    throw new LimelightError('invalid-option', `${name} is ${shown(object)}; an object is needed`);
  for (const key of Object.keys(object))
    if (!known.includes(key)) throw new LimelightError('invalid-option', `${name} has no "${key}"`);
}

export function length(array: { length: number }, needed: number, name: string): void {
  if (array.length === needed) return;
  throw new LimelightError('invalid-shape', `${name} has ${array.length} numbers; its shape needs ${needed}`);
}

type TypedArray = Float32Array | Int32Array | Uint8Array | Uint16Array;

export function typedArray<T extends TypedArray>(
  value: unknown,
  type: { new (length: number): T; name: string },
  name: string,
): T {
  if (kindOf(value) === type.name) return value as T;
  throw new LimelightError('invalid-value', `${name} is a ${kindOf(value)}; a ${type.name} is needed`);
}

// By name: an array from another window or context is as good.
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Numbers as f32, or as the bits of f16 in a Uint16Array or a Float16Array. */
export function numbers(value: unknown, name: string): Numbers {
  const kind = kindOf(value);
  if (kind === 'Float32Array') return value as Float32Array;
  if (kind === 'Uint16Array') return value as Uint16Array;
  if (kind === 'Float16Array') {
    const { buffer, byteOffset, length } = value as Uint16Array;
    return new Uint16Array(buffer, byteOffset, length);
  }
  throw new LimelightError('invalid-value', `${name} is a ${kind}; a Float32Array or f16 numbers are needed`);
}
