// The engines that the truth tests judge: every build that this Node runs, in the calling thread and in a worker.
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { kRelaxedSimdFlags } from '../../build-scripts/setup.mjs';
import { loadEngine } from '../../dist/index.js';
import type { Build, Engine } from '../../web/engine/types.ts';

for (const flag of kRelaxedSimdFlags) setFlagsFromString(flag);

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
