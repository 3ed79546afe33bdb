// The module that runs models as TypeScript sees it, and where its files lie (in the form that files.ts explains). What each
// call does is written in cpp/bindings/models.

import type { Address, BaseModule, Core, StatusCode, TextAddress } from './core.ts';
import type { ModuleFiles } from './files.ts';
import type { Build } from './types.ts';

export interface ModelsModule extends BaseModule {
  loaderCreate(): Address;
  loaderConfigure(loader: Address, json: Address, bytes: number, format: number): StatusCode;
  loaderFeed(loader: Address, data: Address, bytes: number): StatusCode;
  loaderFinish(loader: Address): Address;
  loaderRelease(loader: Address): void;
  modelDescription(model: Address): TextAddress;
  modelRelease(model: Address): void;

  runCreate(
    model: Address,
    ids: Address,
    count: number,
    options: Address,
    optionBytes: number,
    base: Address,
  ): Address;
  runAdvance(run: Address, milliseconds: number): StatusCode;
  runExtend(run: Address, ids: Address, count: number): StatusCode;
  /** 0 or 1. */
  runFinished(run: Address): number;
  runProgress(run: Address): number;
  runReused(run: Address): number;
  runSites(run: Address): TextAddress;
  runRows(
    run: Address,
    site: Address,
    siteBytes: number,
    first: number,
    count: number,
    head: number,
    out: Address,
    room: number,
  ): number;
  runExplain(
    run: Address,
    kind: number,
    layer: number,
    head: number,
    firstRow: number,
    rows: number,
    firstCol: number,
    cols: number,
    stage: number,
    out: Address,
  ): StatusCode;
  runOverview(run: Address, kind: number, layer: number, pixels: number, out: Address): StatusCode;
  runExplainRow(
    run: Address,
    kind: number,
    layer: number,
    head: number,
    row: number,
    out: Address,
  ): StatusCode;
  runLogits(run: Address, token: number, out: Address): StatusCode;
  runPredict(run: Address, token: number, temperature: number, count: number, out: Address): StatusCode;
  runSample(run: Address, temperature: number, topK: number, seed: number, step: number): number;
  runRelease(run: Address): void;

  searchCreate(
    model: Address,
    options: Address,
    optionBytes: number,
    beams: number,
    mostTokens: number,
    lengthPenalty: number,
  ): Address;
  searchAdvance(search: Address, milliseconds: number): StatusCode;
  /** 0 or 1. */
  searchFinished(search: Address): number;
  searchScore(search: Address): number;
  /** How many; with 0 for `out` that is all it says. */
  searchIds(search: Address, out: Address): number;
  searchRelease(search: Address): void;
}
export type ModelsCore = Core<ModelsModule>;

export const kModelsFiles: Record<Build, ModuleFiles<ModelsModule>> = {
  simd: {
    name: 'limelight-simd',
    script: () => import('../../build/wasm/limelight-simd.js'),
    wasm: () => new URL('../../build/wasm/limelight-simd.wasm', import.meta.url),
  },
  relaxed: {
    name: 'limelight-relaxed',
    script: () => import('../../build/wasm/limelight-relaxed.js'),
    wasm: () => new URL('../../build/wasm/limelight-relaxed.wasm', import.meta.url),
  },
  threads: {
    name: 'limelight-threads',
    script: () => import('../../build/wasm/limelight-threads.js'),
    wasm: () => new URL('../../build/wasm/limelight-threads.wasm', import.meta.url),
  },
};
