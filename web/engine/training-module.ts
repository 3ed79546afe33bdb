// The training module as TypeScript sees it, and where its files lie (in the form that files.ts explains). What each call
// does is written in cpp/bindings/training.

import type { Address, BaseModule, StatusCode, TextAddress } from './core.ts';
import { LimelightError } from './errors.ts';
import type { ModuleFiles } from './files.ts';
import type { ShippedRecipe } from './types.ts';

export interface TrainingModule extends BaseModule {
  trainingCreate(json: Address, bytes: number): Address;
  trainingRelease(training: Address): void;
  trainingDescription(training: Address): TextAddress;
  trainingStep(training: Address, out: Address): StatusCode;
  trainingSteps(training: Address): number;
  trainingSetRateFactor(training: Address, factor: number): StatusCode;
  trainingReset(training: Address): void;
  trainingEvaluate(training: Address, examples: number, out: Address): StatusCode;
  trainingLook(training: Address, out: Address): StatusCode;
  trainingWeights(training: Address, example: number, out: Address): StatusCode;
  trainingScores(training: Address, out: Address): StatusCode;
  trainingSave(training: Address): Address;
  trainingResume(training: Address, bytes: Address, count: number): StatusCode;
  trainingModel(training: Address): Address;
  trainingConfig(training: Address): TextAddress;
  fileBytes(): number;
  fileRelease(): void;
}

/** Without threads: the steps of these small networks are too short to share. */
export type TrainingBuild = 'simd' | 'relaxed';

export const kTrainingFiles: Record<TrainingBuild, ModuleFiles<TrainingModule>> = {
  simd: {
    name: 'limelight-training-simd',
    script: () => import('../../build/wasm/limelight-training-simd.js'),
    wasm: () => new URL('../../build/wasm/limelight-training-simd.wasm', import.meta.url),
  },
  relaxed: {
    name: 'limelight-training-relaxed',
    script: () => import('../../build/wasm/limelight-training-relaxed.js'),
    wasm: () => new URL('../../build/wasm/limelight-training-relaxed.wasm', import.meta.url),
  },
};

const kRecipes: Record<ShippedRecipe, () => URL> = {
  induction: () => new URL('../recipes/induction.json', import.meta.url),
  dates: () => new URL('../recipes/dates.json', import.meta.url),
  translation: () => new URL('../recipes/translation.json', import.meta.url),
};

/** The file of a recipe that ships with the engine. Errors: invalid-option. */
export function shippedRecipe(name: string): URL {
  if (Object.hasOwn(kRecipes, name)) return kRecipes[name as ShippedRecipe]();
  throw new LimelightError(
    'invalid-option',
    `there is no shipped recipe "${name}"; there are ${Object.keys(kRecipes).join(', ')}`,
  );
}
