// What the facade of a training (training.ts) asks of its host (training-host.ts), in the same thread or through a worker.

import type { ErrorMessage } from './errors.ts';
import type { TrainingBuild } from './training-module.ts';
import type { TrainingEvaluation, TrainingInfo, TrainingState } from './types.ts';

export interface TrainingHostOptions {
  build: TrainingBuild;
  /** Absolute; undefined: the engine's own. */
  wasmFolder: string | undefined;
  maxMemoryBytes: number | undefined;
}

export type RecipeSource = { name: string } | { text: string };

/** How a training stands. Of two that cross on their way the one with the higher turn is the newer. */
export interface Standing {
  turn: number;
  state: TrainingState;
  /** Why it failed. */
  error: ErrorMessage | undefined;
}

export interface LookOptions {
  maps: boolean;
  example: number;
}

/** A look as a few arrays, what belongs to attentions one behind the other in the order of TrainingInfo.attentions. */
export interface LookMessage {
  step: number;
  ids: Int32Array;
  targets: Int32Array;
  predictions: Int32Array;
  source: Int32Array;
  sourceLengths: Int32Array;
  /** [heads, qLength, kvLength] of each attention; without maps empty. */
  weights: Float32Array;
  /** Of each head: on the token before, on what the task aligns. */
  scores: Float64Array;
}

/** Numbers of a step in a report: those of TrainingStep, in its order. */
export const kStepNumbers = 4;

export interface ReportMessage extends Standing {
  step: number;
  steps: Float64Array;
  look: LookMessage | undefined;
}

export interface TrainingCalls {
  /** Makes the training, paused at step 0. */
  create: {
    asks: {
      recipe: RecipeSource;
      watch: (LookOptions & { every: number }) | undefined;
      stepsPerSecond: number | undefined;
    };
    gives: TrainingInfo;
  };
  /** For so many steps, or to the end of the recipe. */
  go: { asks: { steps: number | undefined }; gives: Standing };
  pause: { asks: undefined; gives: Standing };
  /** With a seed the recipe is another one. */
  reset: { asks: { seed: number | undefined }; gives: Standing & { info: TrainingInfo } };
  restore: { asks: { bytes: Uint8Array }; gives: Standing };
  /**
   * What is new, once there is something: steps, another state, or a training that has just been made, reset or restored.
   * That the facade asks when it has shown the last report is what keeps reports from piling up.
   */
  report: { asks: undefined; gives: ReportMessage };
  setRateFactor: { asks: { factor: number }; gives: undefined };
  look: { asks: LookOptions; gives: LookMessage };
  evaluate: { asks: { examples: number }; gives: TrainingEvaluation };
  save: { asks: undefined; gives: Uint8Array<ArrayBuffer> };
  model: { asks: undefined; gives: { config: string; weights: Uint8Array<ArrayBuffer> } };
  memory: { asks: undefined; gives: { live: number; wasm: number } };
}
