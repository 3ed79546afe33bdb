// What the engine throws: one class, a code from one list, a sentence that names the offending value.

import type { ErrorCode } from './types.ts';

/**
 * Every promise of the engine rejects with a LimelightError; `code` says what happened, `message` with which value.
 * A failed call changes nothing, and the engine goes on working.
 *
 * | code | when |
 * |---|---|
 * | invalid-shape | a size, length or range does not fit the others, or lies outside |
 * | invalid-value | a number that may not be there (NaN, infinity, not an integer), an array of the wrong type, no text to start from |
 * | invalid-option | an option that does not exist or does not go with the model or the others |
 * | invalid-token | a token id outside the vocabulary |
 * | text-too-long | more tokens than the model has positions (and `overflow` is not 'window') |
 * | out-of-memory | the wasm memory may not or cannot grow as needed; what was there is still there |
 * | corrupt-file, truncated-file | bytes that are no valid safetensors or JSON; a file that ends early |
 * | unsupported-model | a family, activation, dtype or tokenizer that the engine does not compute |
 * | missing-tensor, unknown-tensor, misshapen-tensor | the checkpoint does not hold what its config.json calls for |
 * | unknown-site, not-recorded, not-finished | run.vector of a site that does not exist, was not recorded, is not computed yet |
 * | no-webassembly-simd | WebAssembly with 128-bit SIMD is missing here |
 * | load-failed | a file could not be fetched or is not what it should be; the message names its URL |
 * | engine-lost | the engine ended in mid-work (a killed worker, a crash); the next call starts it anew and reloads its models |
 * | disposed | dispose() was called on this engine, model, run, cache or training |
 * | aborted | the caller's AbortSignal fired |
 * | superseded | a newer call in the same lane took this one's place before it started |
 */
export class LimelightError extends Error {
  override readonly name = 'LimelightError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** An error as it crosses to another thread: structured cloning would lose the class and the code. */
export interface ErrorMessage {
  code: ErrorCode | undefined;
  message: string;
}

export function toMessage(error: unknown): ErrorMessage {
  if (error instanceof LimelightError) return { code: error.code, message: error.message };
  return {
    code: undefined,
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

export function fromMessage({ code, message }: ErrorMessage): Error {
  return code === undefined ? new Error(message) : new LimelightError(code, message);
}

export function aborted(): LimelightError {
  return new LimelightError('aborted', "the call's AbortSignal fired");
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted();
}
