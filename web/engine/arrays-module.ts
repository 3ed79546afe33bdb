// The module for calls on arrays as TypeScript sees it, and where its files lie (in the form that files.ts explains). What
// each call does is written in cpp/bindings/arrays.

import type { Address, BaseModule, Core, StatusCode, TextAddress } from './core.ts';
import type { ModuleFiles } from './files.ts';
import type { Build } from './types.ts';

export interface ArraysModule extends BaseModule {
  widen(halves: Address, count: number, floats: Address): void;
  attentionFields(): TextAddress;
  attention(fields: Address): StatusCode;
  attentionGradientParts(fields: Address): number;
  attentionGradient(fields: Address): StatusCode;
  linearAttentionFields(): TextAddress;
  linearAttention(fields: Address): StatusCode;
  rotaryTable(
    rotaryDim: number,
    base: number,
    linearScaling: number,
    llama3: Address,
    cos: Address,
    sin: Address,
    size: number,
  ): StatusCode;
  rotate(
    x: Address,
    batch: number,
    heads: number,
    length: number,
    headDim: number,
    headsFirst: number,
    cos: Address,
    sin: Address,
    size: number,
    rotaryDim: number,
    pairs: number,
    first: number,
    positions: Address,
    inverse: number,
  ): StatusCode;

  cacheCreate(
    batch: number,
    heads: number,
    headDim: number,
    valueDim: number,
    capacity: number,
    half: number,
  ): Address;
  cacheRelease(cache: Address): void;
  cacheAppend(cache: Address, fields: Address): StatusCode;
  cacheTruncate(cache: Address, length: number): StatusCode;
  cacheAttention(cache: Address, fields: Address): StatusCode;
  explainBegin(fields: Address): Address;
  explainAdvance(explanation: Address, cells: number): number;
  explainRelease(explanation: Address): void;

  measureCreate(variant: number, tokens: number, heads: number, headDim: number): Address;
  measureAdvance(measurement: Address, milliseconds: number): StatusCode;
  measureProgress(measurement: Address): number;
  measureResult(measurement: Address, out: Address, row: Address): void;
  measureRelease(measurement: Address): void;
}
export type ArraysCore = Core<ArraysModule>;

/** Order of Pool, Variant, LinearRule and RotaryPairs in the C++ headers. */
export const kPools = ['mean', 'max', 'sample'] as const;
export const kVariants = [
  'fused',
  'naive',
  'scalar',
  'causal',
  'causal-masked',
  'cached',
  'uncached',
] as const;
export const kLinearRules = ['linear', 'gated', 'delta', 'gated-delta'] as const;
export const kRotaryPairs = ['halves', 'interleaved'] as const;

export const kArraysFiles: Record<Build, ModuleFiles<ArraysModule>> = {
  simd: {
    name: 'limelight-arrays-simd',
    script: () => import('../../build/wasm/limelight-arrays-simd.js'),
    wasm: () => new URL('../../build/wasm/limelight-arrays-simd.wasm', import.meta.url),
  },
  relaxed: {
    name: 'limelight-arrays-relaxed',
    script: () => import('../../build/wasm/limelight-arrays-relaxed.js'),
    wasm: () => new URL('../../build/wasm/limelight-arrays-relaxed.wasm', import.meta.url),
  },
  threads: {
    name: 'limelight-arrays-threads',
    script: () => import('../../build/wasm/limelight-arrays-threads.js'),
    wasm: () => new URL('../../build/wasm/limelight-arrays-threads.wasm', import.meta.url),
  },
};
