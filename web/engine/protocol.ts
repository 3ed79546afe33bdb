// What the facade (engine.ts) asks of the host (host.ts), in the same thread or through a worker. The facade chooses the
// numbers of models and runs, so letting go of one never has to wait for an answer.

import type { BaseModule, Core } from './core.ts';
import type { NamedBlob } from './files.ts';
import type { PlacedNeeds } from './places.ts';
import type { Pace } from './schedule.ts';
import type {
  AttentionGradientRequest,
  AttentionGradientResult,
  AttentionRequest,
  AttentionResult,
  Build,
  ExplainRequest,
  Intervention,
  KeyValueAppend,
  KeyValueAttentionRequest,
  KeyValueCacheOptions,
  LinearAttentionRequest,
  LinearAttentionResult,
  Margins,
  MarginsRequest,
  MatrixPart,
  MatrixRef,
  Measurement,
  MeasureShape,
  MeasureVariant,
  ModelInfo,
  OverviewPart,
  PredictionsPart,
  Progress,
  RotaryTable,
  RotaryTableRequest,
  RotateRequest,
  RowPart,
  RunWindow,
  SnapshotNeeds,
  Stage,
  Token,
  Translation,
  WeightFormat,
} from './types.ts';

export interface HostOptions {
  build: Build;
  /** The most, the host's own among them. */
  threads: number;
  /** Which half is started with the host. */
  preload: 'models' | 'arrays';
  /** Absolute; undefined: the engine's own. */
  wasmFolder: string | undefined;
  maxMemoryBytes: number | undefined;
}

/** Where a model's files are, with absolute addresses. */
export type Source =
  | { kind: 'name'; name: string; folder: string | undefined }
  | { kind: 'folder'; url: string }
  | { kind: 'files'; files: readonly NamedBlob[] };

/** What a run is made of, beside its ids. */
export interface Recipe {
  interventions: readonly Intervention[];
  record: readonly string[] | undefined;
}

export interface Parts {
  matrix?: MatrixPart;
  overview?: OverviewPart;
  row?: RowPart;
  predictions?: PredictionsPart;
}

export interface RunAnswer {
  tokens: Token[];
  translation: Translation | undefined;
  reused: number;
  window: RunWindow | undefined;
  parts: Parts | undefined;
}

/** How the target of an encoder-decoder comes about. */
export interface TargetOptions {
  target: string | undefined;
  beams: number | undefined;
  maxTokens: number | undefined;
  lengthPenalty: number | undefined;
}

export interface Draw {
  temperature: number;
  topK: number;
  seed: number;
  step: number;
}

export interface StepAnswer {
  token: Token;
  text: string;
  tokens: Token[];
  translation: Translation | undefined;
  parts: Parts | undefined;
}

/** Calls on arrays that the caller brings, and on caches of them. */
export interface ArrayCalls {
  attention: { asks: AttentionRequest; gives: AttentionResult };
  explain: { asks: ExplainRequest; gives: Float32Array };
  linearAttention: { asks: LinearAttentionRequest; gives: LinearAttentionResult };
  rotaryTable: { asks: RotaryTableRequest; gives: RotaryTable };
  rotate: { asks: RotateRequest; gives: Float32Array };
  attentionGradient: { asks: AttentionGradientRequest; gives: AttentionGradientResult };
  createCache: { asks: { cache: number; options: KeyValueCacheOptions }; gives: undefined };
  /** These three also say how long the cache then is. */
  appendCache: { asks: { cache: number; tokens: KeyValueAppend }; gives: { length: number } };
  attendCache: {
    asks: { cache: number; request: KeyValueAttentionRequest };
    gives: AttentionResult & { length: number };
  };
  truncateCache: { asks: { cache: number; length: number }; gives: { length: number } };
  releaseCache: { asks: { cache: number }; gives: undefined };
  margins: { asks: MarginsRequest; gives: Margins };
  measure: { asks: { variant: MeasureVariant; shape: MeasureShape }; gives: Measurement };
}

/** Calls on models and their runs. */
export interface ModelCalls {
  loadModel: { asks: { model: number; source: Source; weights: WeightFormat }; gives: ModelInfo };
  releaseModel: { asks: { model: number }; gives: undefined };
  tokenize: { asks: { model: number; text: string }; gives: Token[] };
  run: {
    asks: {
      model: number;
      run: number;
      text: string;
      recipe: Recipe;
      lane: string | undefined;
      overflow: 'refuse' | 'window' | undefined;
      caret: number | undefined;
      target: TargetOptions;
      needs: SnapshotNeeds | undefined;
    };
    gives: RunAnswer;
  };
  /** Makes a run known again, after a restart, from what the facade kept of it; it is computed when it is asked. */
  adoptRun: {
    asks: {
      model: number;
      run: number;
      ids: readonly number[];
      source: readonly number[] | undefined;
      recipe: Recipe;
    };
    gives: undefined;
  };
  releaseRun: { asks: { run: number }; gives: undefined };
  snapshot: { asks: { run: number; needs: PlacedNeeds }; gives: Parts };
  scores: {
    asks: { run: number; stage: Stage; rows?: Range; cols?: Range } & MatrixRef;
    gives: Float32Array;
  };
  vector: {
    asks: { run: number; site: string; token: number; head: number | undefined };
    gives: Float32Array;
  };
  logits: { asks: { run: number; token: number | undefined }; gives: Float32Array };
  predict: {
    asks: {
      run: number;
      token: number | undefined;
      count: number | undefined;
      temperature: number | undefined;
    };
    gives: PredictionsPart;
  };
  sites: { asks: { run: number }; gives: string[] };
  /** Begins a text that `step` writes on. */
  generate: { asks: { model: number; run: number; text: string; recipe: Recipe }; gives: RunAnswer };
  /** Draws the next token and computes its row; undefined at the end of the text or of the model's context. */
  step: {
    asks: { run: number; draw: Draw; needs: SnapshotNeeds | undefined };
    gives: StepAnswer | undefined;
  };
}

export interface Calls extends ArrayCalls, ModelCalls {
  memory: { asks: undefined; gives: { live: number; wasm: number } };
}

export type Range = readonly [first: number, end: number];
export type CallName = keyof Calls;

export interface CallContext {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Calls by name: what each asks and gives. */
export type CallTable<Table> = { [Name in keyof Table]: { asks: unknown; gives: unknown } };

/** What answers them, within the pace of a turn. */
export type Work<Table extends CallTable<Table>> = {
  [Name in keyof Table]: (
    asks: Table[Name]['asks'],
    pace: Pace,
    context: CallContext,
  ) => Promise<Table[Name]['gives']>;
};

/** A half of the engine: a WebAssembly module with a memory of its own, and the calls that it answers. */
export interface Half {
  readonly core: Core<BaseModule>;
  readonly work: Partial<Work<Calls>>;
}

/** A host, or a stand-in for it in another thread. */
export interface Answers<Table extends CallTable<Table>> {
  call<Name extends keyof Table & string>(
    name: Name,
    asks: Table[Name]['asks'],
    context?: CallContext,
  ): Promise<Table[Name]['gives']>;
  /** Called once when it can work no more; everything under way rejects with engine-lost. */
  onLost: (() => void) | undefined;
  close(): void;
}

/** The engine's. */
export interface Backend extends Answers<Calls> {
  /** That work at present. */
  readonly threads: number;
}
