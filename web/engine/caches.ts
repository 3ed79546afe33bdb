// engine.keyValueCache: keys and values that stay in wasm memory between calls.

import type { ArraysCore } from './arrays-module.ts';
import { type Block, inSlices, lay, lseLength, outLength, type Shape } from './attention.ts';
import { kOptions } from './attention-options.ts';
import * as check from './checks.ts';
import type { Address } from './core.ts';
import { LimelightError } from './errors.ts';
import type { Pace } from './schedule.ts';
import type {
  AttentionResult,
  KeyValueAppend,
  KeyValueAttentionRequest,
  KeyValueCacheOptions,
  Numbers,
} from './types.ts';

const kCacheOptions = ['heads', 'kvHeads', 'headDim', 'valueDim', 'batch', 'capacity', 'precision'];
const kAppend = ['k', 'v', 'layout'];
const kAttention = ['q', ...kAppend, ...kOptions];

type CacheShape = Pick<Shape, 'batch' | 'heads' | 'kvHeads' | 'headDim' | 'valueDim'>;

export class Cache {
  readonly #core: ArraysCore;
  readonly #shape: CacheShape;
  readonly #handle: Address;
  length = 0;

  constructor(core: ArraysCore, options: KeyValueCacheOptions) {
    check.members(options, kCacheOptions, 'the options of keyValueCache');
    const heads = check.size(options.heads, 'heads');
    const kvHeads = check.size(options.kvHeads ?? heads, 'kvHeads');
    if (heads % kvHeads !== 0)
      throw new LimelightError('invalid-shape', `${heads} query heads are no multiple of ${kvHeads}`);
    const headDim = check.size(options.headDim, 'headDim');
    const valueDim = check.size(options.valueDim ?? headDim, 'valueDim');
    const batch = check.size(options.batch ?? 1, 'batch');
    const capacity = check.size(options.capacity ?? 0, 'capacity', 0);
    const precision = check.choice(options.precision ?? 'f32', ['f32', 'f16'], 'precision');
    this.#core = core;
    this.#shape = { batch, heads, kvHeads, headDim, valueDim };
    this.#handle = core.made(
      core.calls.cacheCreate(batch, kvHeads, headDim, valueDim, capacity, precision === 'f16' ? 1 : 0),
    );
  }

  async append(request: KeyValueAppend): Promise<number> {
    check.members(request, kAppend, 'what is appended');
    const shape = this.#shapeOf(undefined, request.k, request.v);
    await lay(this.#core, request, shape, async (block) => {
      this.#core.check(this.#core.calls.cacheAppend(this.#handle, block.address));
    });
    this.length += shape.kvLength;
    return this.length;
  }

  /** Attends over all tokens, after those of the request were appended; when that fails, they are taken out again. */
  async attention(request: KeyValueAttentionRequest, pace: Pace): Promise<AttentionResult> {
    check.members(request, kAttention, 'the request');
    const { calls } = this.#core;
    const { q, k, v } = request;
    if ((k === undefined) !== (v === undefined))
      throw new LimelightError('invalid-value', 'k and v come together or not at all');
    const shape = this.#shapeOf(q, k, v);
    const keyLength = this.length + shape.kvLength;
    const attend = async (block: Block): Promise<AttentionResult> => {
      try {
        if (k) this.#core.check(calls.cacheAppend(this.#handle, block.address));
        const { batch, heads, qLength, headDim, valueDim } = shape;
        const work = batch * heads * keyLength * (headDim + valueDim);
        await inSlices(qLength, qLength, work, pace, (firstRow, rows) => {
          block.set({ firstRow, rows });
          this.#core.check(calls.cacheAttention(this.#handle, block.address));
        });
        this.length = keyLength;
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) calls.cacheTruncate(this.#handle, this.length);
        throw error;
      }
      return {
        out: this.#core.takeFloats(block.at('out'), outLength(shape)),
        lse: this.#core.takeFloats(block.at('lse'), lseLength(shape)),
      };
    };
    return lay(this.#core, request, shape, attend, undefined, keyLength);
  }

  truncate(length: number): number {
    check.wholeNumber(length, 'length');
    this.#core.check(this.#core.calls.cacheTruncate(this.#handle, length));
    this.length = length;
    return length;
  }

  release(): void {
    this.#core.calls.cacheRelease(this.#handle);
  }

  #shapeOf(q?: Numbers, k?: Numbers, v?: Numbers): Shape {
    const { batch, heads, kvHeads, headDim, valueDim } = this.#shape;
    const rows = (array: Numbers, ofToken: number, name: string): number => {
      check.numbers(array, name);
      if (array.length % ofToken === 0) return array.length / ofToken;
      throw new LimelightError('invalid-shape', `${name} has ${array.length} numbers, a token ${ofToken}`);
    };
    const qLength = q === undefined ? 0 : rows(q, batch * heads * headDim, 'q');
    const kvLength = k === undefined ? 0 : rows(k, batch * kvHeads * headDim, 'k');
    if (v !== undefined) check.length(check.numbers(v, 'v'), batch * kvHeads * kvLength * valueDim, 'v');
    return { ...this.#shape, qLength, kvLength };
  }
}
