// The engines that the truth tests judge: every build that this Node runs, in the calling thread and in a worker.
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { loadEngine } from '../../dist/index.js';
import type { Build, Engine } from '../../web/engine/types.ts';

// Node 20 and 22 know relaxed SIMD but keep it behind a flag; newer ones ignore the flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

export interface EngineKind {
  build: Build;
  worker: boolean;
}

export const kEngines: readonly EngineKind[] = [
  { build: 'simd', worker: false },
  { build: 'relaxed', worker: false },
  { build: 'simd', worker: true },
  { build: 'relaxed', worker: true },
  { build: 'threads', worker: true },
];

export function load(kind: EngineKind): Promise<Engine> {
  return loadEngine({
    ...kind,
    threads: 3,
    modelsUrl: fileURLToPath(new URL('../../web/models/', import.meta.url)),
  });
}
