// The facade: engines, models and runs as types.ts describes them. It computes nothing and keeps no tensors; what it
// keeps (sources, texts, ids, options) is enough to build everything again when a worker was lost.

import * as check from './checks.ts';
import { kWeightFormats, newMemory } from './core.ts';
import { aborted, LimelightError, throwIfAborted } from './errors.ts';
import { placed } from './places.ts';
import { nodeModule, processors, resolveFolder, resolveUrl } from './platform.ts';
import type {
  Backend,
  CallContext,
  CallName,
  Calls,
  Draw,
  HostOptions,
  Parts,
  Recipe,
  Source,
} from './protocol.ts';
import type {
  AttentionGradientRequest,
  AttentionGradientResult,
  AttentionRequest,
  AttentionResult,
  Build,
  CallOptions,
  Engine,
  EngineOptions,
  ExplainRequest,
  GenerateOptions,
  GenerateStep,
  Intervention,
  KeyValueAppend,
  KeyValueAttentionRequest,
  KeyValueCache,
  KeyValueCacheOptions,
  LinearAttentionRequest,
  LinearAttentionResult,
  LoadOptions,
  Margins,
  MarginsRequest,
  MatrixRef,
  Measurement,
  MeasureShape,
  MeasureVariant,
  Model,
  ModelInfo,
  ModelSource,
  PredictionsPart,
  RotaryTable,
  RotaryTableRequest,
  RotateRequest,
  Run,
  RunOptions,
  RunWindow,
  Snapshot,
  SnapshotNeeds,
  Stage,
  Token,
  Training,
  TrainingRecipe,
  TrainOptions,
  Translation,
  WeightFormat,
} from './types.ts';

const kEngineOptions = [
  'worker',
  'build',
  'threads',
  'wasmUrl',
  'modelsUrl',
  'maxMemoryBytes',
  'preload',
  'onLost',
  'signal',
  'onProgress',
];
const kCallOptions = ['signal', 'onProgress'];
const kLoadOptions = [...kCallOptions, 'weights'];
const kTargetOptions = ['target', 'beams', 'maxTokens', 'lengthPenalty'];
const kRunOptions = [
  ...kCallOptions,
  ...kTargetOptions,
  'interventions',
  'record',
  'lane',
  'needs',
  'overflow',
  'caret',
];
const kGenerateOptions = [
  ...kCallOptions,
  'maxTokens',
  'temperature',
  'topK',
  'seed',
  'interventions',
  'needs',
];

/**
 * Starts an engine: fetches the best build that runs here into a worker (or the calling thread with worker: false).
 * Errors: no-webassembly-simd, load-failed, out-of-memory, invalid-option, aborted.
 */
export async function loadEngine(options: EngineOptions = {}): Promise<Engine> {
  check.members(options, kEngineOptions, 'the options of loadEngine');
  throwIfAborted(options.signal);
  const engine = new EngineFacade(await chooseBuild(options), options);
  await engine.start({ signal: options.signal, onProgress: options.onProgress });
  return engine;
}

/** More gain little where a call takes some milliseconds, and each is a worker with its start and its memory. */
const kUsualThreads = 8;
const kMostThreads = 64;

interface Choice {
  build: Build;
  threads: number;
}

async function chooseBuild(options: EngineOptions): Promise<Choice> {
  // smallest modules that use an instruction
  const { relaxedSimd, simd, threads: atomics } = await import('wasm-feature-detect');
  if (typeof WebAssembly === 'undefined' || !(await simd()))
    throw new LimelightError(
      'no-webassembly-simd',
      'this needs WebAssembly with 128-bit SIMD, which is missing or turned off here',
    );
  const wanted = options.build && check.choice(options.build, ['simd', 'relaxed', 'threads'], 'build');
  const threads = threadsFor(options);
  const relaxed = await relaxedSimd();
  if (wanted === 'relaxed' && !relaxed)
    throw new LimelightError('invalid-option', 'build is "relaxed", and relaxed SIMD is missing here');
  const shared = relaxed && options.worker !== false && canShare(options.maxMemoryBytes) && (await atomics());
  if (wanted === 'threads' && !shared)
    throw new LimelightError(
      'invalid-option',
      'build is "threads", which needs a worker, relaxed SIMD, and shared memory (a page that is cross-origin isolated)',
    );
  const build = wanted ?? (shared && threads > 1 ? 'threads' : relaxed ? 'relaxed' : 'simd');
  return { build, threads: build === 'threads' ? threads : 1 };
}

function threadsFor({ threads }: EngineOptions): number {
  if (threads === undefined) return Math.min(processors(), kUsualThreads);
  if (Number.isInteger(threads) && threads >= 1 && threads <= kMostThreads) return threads;
  throw new LimelightError(
    'invalid-option',
    `threads is ${threads}; an integer from 1 to ${kMostThreads} is needed`,
  );
}

/** Whether memory can be shared with a worker, as much as the engine may come to use. */
function canShare(maxMemoryBytes: number | undefined): boolean {
  if (globalThis.crossOriginIsolated !== true && !nodeModule('node:worker_threads')) return false;
  try {
    newMemory(maxMemoryBytes, true);
    return true;
  } catch {
    return false;
  }
}

/** Runs and models that were forgotten without dispose() are let go of when they are collected. */
const kForgotten = new FinalizationRegistry<() => void>((release) => release());

class EngineFacade implements Engine {
  readonly build: Build;
  readonly #inWorker: boolean;
  readonly #options: HostOptions;
  readonly #modelsFolder: string | undefined;
  readonly #onLost: (() => void) | undefined;
  /** What to load again after a restart. */
  readonly #models = new Map<number, { source: Source; weights: WeightFormat }>();
  #backend: Backend | undefined;
  #starting: Promise<Backend> | undefined;
  /** Ends the trainings, too. */
  readonly #closing = new AbortController();
  #disposed = false;
  #lastNumber = 0;
  /** Counts the starts: a run of an older one has to be made known to the host again. */
  epoch = 0;

  constructor(choice: Choice, options: EngineOptions) {
    this.build = choice.build;
    this.#inWorker = options.worker ?? true;
    this.#onLost = options.onLost;
    this.#modelsFolder = options.modelsUrl === undefined ? undefined : resolveFolder(options.modelsUrl).href;
    this.#options = {
      ...choice,
      wasmFolder: options.wasmUrl === undefined ? undefined : resolveFolder(options.wasmUrl).href,
      maxMemoryBytes: options.maxMemoryBytes,
      preload: check.choice(options.preload ?? 'models', ['models', 'arrays'], 'preload'),
    };
  }

  get threads(): number {
    return this.#backend?.threads ?? 1;
  }

  /** The running backend; starts it, and what had been loaded into the one before, when there is none. */
  start(context: CallContext = {}): Promise<Backend> {
    if (this.#disposed) return Promise.reject(disposed('engine'));
    if (this.#backend) return Promise.resolve(this.#backend);
    this.#starting ??= this.#restart(context).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #restart(context: CallContext): Promise<Backend> {
    const backend: Backend = this.#inWorker
      ? await (await import('./remote.ts')).startRemoteHost(this.#options, context)
      : await (await import('./host.ts')).Host.start(this.#options, context);
    let lost = false;
    backend.onLost = () => {
      lost = true;
      if (this.#backend !== backend) return;
      this.#backend = undefined;
      this.#onLost?.();
    };
    await Promise.all(
      [...this.#models].map(([model, asked]) => backend.call('loadModel', { model, ...asked }, context)),
    );
    if (this.#disposed || context.signal?.aborted) {
      backend.close();
      throw this.#disposed ? disposed('engine') : aborted();
    }
    if (!lost) this.#backend = backend;
    this.epoch++;
    return backend;
  }

  async call<Name extends CallName>(
    name: Name,
    asks: Calls[Name]['asks'],
    context: CallContext = {},
  ): Promise<Calls[Name]['gives']> {
    throwIfAborted(context.signal);
    const backend = this.#backend ?? (await this.start());
    return backend.call(name, asks, context);
  }

  /** Lets go of something, if there still is a host that has it. */
  forget<Name extends 'releaseModel' | 'releaseRun' | 'releaseCache'>(
    name: Name,
    asks: Calls[Name]['asks'],
  ): void {
    if ('model' in asks) this.#models.delete(asks.model);
    this.#backend?.call(name, asks).catch(() => {});
  }

  newNumber(): number {
    return ++this.#lastNumber;
  }

  async attention(request: AttentionRequest, options: CallOptions = {}): Promise<AttentionResult> {
    const result = await this.call('attention', request, options);
    const { into } = request;
    // From a worker comes a copy.
    if (into === undefined || result.out === into) return result;
    into.set(result.out);
    return { ...result, out: into };
  }

  explain(request: ExplainRequest, options: CallOptions = {}): Promise<Float32Array> {
    return this.call('explain', request, options);
  }

  attentionGradient(
    request: AttentionGradientRequest,
    options: CallOptions = {},
  ): Promise<AttentionGradientResult> {
    return this.call('attentionGradient', request, options);
  }

  linearAttention(
    request: LinearAttentionRequest,
    options: CallOptions = {},
  ): Promise<LinearAttentionResult> {
    return this.call('linearAttention', request, options);
  }

  rotaryTable(request: RotaryTableRequest, options: CallOptions = {}): Promise<RotaryTable> {
    return this.call('rotaryTable', request, options);
  }

  rotate(request: RotateRequest, options: CallOptions = {}): Promise<Float32Array> {
    return this.call('rotate', request, options);
  }

  async keyValueCache(options: KeyValueCacheOptions): Promise<KeyValueCache> {
    const cache = this.newNumber();
    await this.start();
    const { epoch } = this;
    await this.call('createCache', { cache, options });
    return new CacheFacade(this, cache, epoch);
  }

  margins(request: MarginsRequest, options: CallOptions = {}): Promise<Margins> {
    return this.call('margins', request, options);
  }

  measure(variant: MeasureVariant, shape: MeasureShape, options: CallOptions = {}): Promise<Measurement> {
    return this.call('measure', { variant, shape }, options);
  }

  async loadModel(given: ModelSource, options: LoadOptions = {}): Promise<Model> {
    check.members(options, kLoadOptions, 'the options of loadModel');
    const source = sourceOf(given, this.#modelsFolder);
    const { weights = 'auto' } = options;
    check.choice(weights, kWeightFormats, 'weights');
    const model = this.newNumber();
    try {
      const info = await this.call('loadModel', { model, source, weights }, options);
      this.#models.set(model, { source, weights });
      return new ModelFacade(this, model, info);
    } catch (error) {
      this.forget('releaseModel', { model }); // it may have been ready just when the caller gave up
      throw error;
    }
  }

  async train(recipe: TrainingRecipe | string, options: TrainOptions = {}): Promise<Training> {
    if (this.#disposed) throw disposed('engine');
    const { train } = await import('./training.ts').catch((error: Error) => {
      throw new LimelightError('load-failed', `the code for training: ${error.message}`);
    });
    const closing = this.#closing.signal;
    return train(recipe, options, { ...this.#options, inWorker: this.#inWorker, closing });
  }

  memory(): Promise<{ live: number; wasm: number }> {
    return this.call('memory', undefined);
  }

  dispose(): void {
    this.#disposed = true;
    this.#closing.abort();
    this.#backend?.close();
    this.#backend = undefined;
    this.#models.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const disposed = (what: string): LimelightError =>
  new LimelightError('disposed', `this ${what} has been disposed`);

/** A name has neither slash nor colon; anything else that is a string is an address. */
function sourceOf(source: ModelSource, folder: string | undefined): Source {
  if (source instanceof URL) return { kind: 'folder', url: resolveFolder(source).href };
  if (typeof source !== 'string') {
    if (Array.isArray(source))
      return {
        kind: 'files',
        files: (source as readonly File[]).map((file) => ({ name: file.name, blob: file })),
      };
    throw new LimelightError('invalid-value', 'a model is a name, the URL of a folder, or an array of files');
  }
  if (/^[\w][\w.-]*$/.test(source)) return { kind: 'name', name: source, folder };
  return { kind: 'folder', url: resolveFolder(resolveUrl(source)).href };
}

class ModelFacade implements Model {
  readonly info: ModelInfo;
  readonly #engine: EngineFacade;
  readonly #number: number;
  #disposed = false;

  constructor(engine: EngineFacade, number: number, info: ModelInfo) {
    this.info = info;
    this.#engine = engine;
    this.#number = number;
    kForgotten.register(this, () => engine.forget('releaseModel', { model: number }), this);
  }

  async tokenize(text: string): Promise<readonly Token[]> {
    this.#expectAlive();
    return this.#engine.call('tokenize', { model: this.#number, text });
  }

  async run(text: string, options: RunOptions = {}): Promise<Run> {
    this.#expectAlive();
    check.members(options, kRunOptions, 'the options of run');
    const { interventions = [], record, lane, needs, overflow, caret } = options;
    const { beams, maxTokens, lengthPenalty } = options;
    const target = { target: options.target, beams, maxTokens, lengthPenalty };
    const recipe: Recipe = { interventions, record };
    const run = this.#engine.newNumber();
    try {
      const asks = { model: this.#number, run, text, recipe, lane, overflow, caret, target, needs };
      const { parts, ...answer } = await this.#engine.call('run', asks, options);
      const facade = new RunFacade(
        this.#engine,
        this,
        { model: this.#number, run, recipe },
        { text, ...answer },
      );
      facade.first = parts && facade.snapshotOf(parts);
      return facade;
    } catch (error) {
      this.#engine.forget('releaseRun', { run }); // it may have been ready just when the caller gave up
      throw error;
    }
  }

  async *generate(
    text: string,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateStep, void, undefined> {
    this.#expectAlive();
    check.members(options, kGenerateOptions, 'the options of generate');
    const { interventions = [], needs, signal } = options;
    const most =
      options.maxTokens === undefined
        ? Number.POSITIVE_INFINITY
        : check.wholeNumber(options.maxTokens, 'maxTokens');
    const draw: Draw = {
      temperature: check.finite(options.temperature ?? 0, 'temperature'),
      topK: check.wholeNumber(options.topK ?? 0, 'topK'),
      seed: check.wholeNumber(options.seed ?? 0, 'seed'),
      step: 0,
    };
    const recipe: Recipe = { interventions, record: undefined };
    const number = this.#engine.newNumber();
    const place = { model: this.#number, run: number, recipe };
    let run: RunFacade | undefined;
    try {
      const { parts: _, ...answer } = await this.#engine.call('generate', { ...place, text }, options);
      run = new RunFacade(this.#engine, this, place, { text, ...answer });
      for (; draw.step < most; draw.step++) {
        const step = await this.#engine.call('step', { run: number, draw, needs }, { signal });
        if (!step) return;
        run.grow(step.translation ? text : step.text, step.tokens, step.translation);
        run.first = step.parts && run.snapshotOf(step.parts);
        yield { token: step.token, text: step.text, run };
      }
    } finally {
      if (!run) this.#engine.forget('releaseRun', { run: number });
      else if (!run.kept) run.dispose();
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    kForgotten.unregister(this);
    this.#engine.forget('releaseModel', { model: this.#number });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #expectAlive(): void {
    if (this.#disposed) throw disposed('model');
  }
}

class CacheFacade implements KeyValueCache {
  length = 0;
  readonly #engine: EngineFacade;
  readonly #number: number;
  readonly #epoch: number;
  #disposed = false;

  constructor(engine: EngineFacade, number: number, epoch: number) {
    this.#engine = engine;
    this.#number = number;
    this.#epoch = epoch;
    kForgotten.register(this, () => engine.forget('releaseCache', { cache: number }), this);
  }

  async append(tokens: KeyValueAppend, options: CallOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    const { length } = await this.#call('appendCache', { tokens });
    this.length = length;
  }

  async attention(request: KeyValueAttentionRequest, options: CallOptions = {}): Promise<AttentionResult> {
    // What appends is all or nothing: an abort that crosses its answer could not tell which.
    throwIfAborted(options.signal);
    const context = request?.k === undefined ? options : {};
    const { length, ...result } = await this.#call('attendCache', { request }, context);
    this.length = length;
    return result;
  }

  async truncate(to: number): Promise<void> {
    const { length } = await this.#call('truncateCache', { length: to });
    this.length = length;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    kForgotten.unregister(this);
    this.#engine.forget('releaseCache', { cache: this.#number });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #call<Name extends 'appendCache' | 'attendCache' | 'truncateCache'>(
    name: Name,
    asks: Omit<Calls[Name]['asks'], 'cache'>,
    context: CallContext = {},
  ): Promise<Calls[Name]['gives']> {
    if (this.#disposed) throw disposed('cache');
    await this.#engine.start();
    if (this.#epoch !== this.#engine.epoch)
      throw new LimelightError('engine-lost', 'this cache went with the engine that held it: make a new one');
    return this.#engine.call(name, { cache: this.#number, ...asks } as Calls[Name]['asks'], context);
  }
}

interface Place {
  model: number;
  run: number;
  recipe: Recipe;
}
interface Computed {
  text: string;
  tokens: readonly Token[];
  translation: Translation | undefined;
  reused: number;
  window: RunWindow | undefined;
}

class RunFacade implements Run {
  first: Snapshot | undefined;
  kept = false;
  readonly #engine: EngineFacade;
  readonly #model: Model; // also keeps the model from being collected while one of its runs is used
  readonly #place: Place;
  readonly #computed: Computed;
  #epoch: number;
  #disposed = false;

  constructor(engine: EngineFacade, model: Model, place: Place, computed: Computed) {
    this.#engine = engine;
    this.#model = model;
    this.#place = place;
    this.#computed = computed;
    this.#epoch = engine.epoch;
    const { run } = place;
    kForgotten.register(this, () => engine.forget('releaseRun', { run }), this);
  }

  get text(): string {
    return this.#computed.text;
  }
  get tokens(): readonly Token[] {
    return this.#computed.tokens;
  }
  get translation(): Translation | undefined {
    return this.#computed.translation;
  }
  get interventions(): readonly Intervention[] {
    return this.#place.recipe.interventions;
  }
  get reused(): number {
    return this.#computed.reused;
  }
  get window(): RunWindow | undefined {
    return this.#computed.window;
  }

  grow(text: string, tokens: readonly Token[], translation: Translation | undefined): void {
    Object.assign(this.#computed, { text, tokens, translation });
  }

  keep(): void {
    this.kept = true;
  }

  snapshotOf(parts: Parts): Snapshot {
    const { text, tokens, translation } = this.#computed;
    const texts = { text, tokens, ...(translation && { translation }) };
    return { ...texts, model: this.#model.info, interventions: this.interventions, ...parts };
  }

  async snapshot(needs: SnapshotNeeds, options: CallOptions = {}): Promise<Snapshot> {
    return this.snapshotOf(await this.#call('snapshot', { needs: placed(needs, this.tokens) }, options));
  }

  weights(at: MatrixRef & { rows?: [number, number]; cols?: [number, number] }): Promise<Float32Array> {
    return this.#call('scores', { ...at, stage: 'weight' });
  }

  scores(
    at: MatrixRef & { stage?: Stage; rows?: [number, number]; cols?: [number, number] },
  ): Promise<Float32Array> {
    return this.#call('scores', { ...at, stage: at.stage ?? 'masked' });
  }

  vector(site: string, at: { token: number; head?: number }): Promise<Float32Array> {
    return this.#call('vector', { site, token: at.token, head: at.head });
  }

  logits(at: { token?: number } = {}): Promise<Float32Array> {
    return this.#call('logits', { token: at.token });
  }

  predict(at: { token?: number; count?: number; temperature?: number } = {}): Promise<PredictionsPart> {
    return this.#call('predict', { token: at.token, count: at.count, temperature: at.temperature });
  }

  sites(): Promise<readonly string[]> {
    return this.#call('sites', {});
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    kForgotten.unregister(this);
    this.#engine.forget('releaseRun', { run: this.#place.run });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #call<Name extends 'snapshot' | 'scores' | 'vector' | 'logits' | 'predict' | 'sites'>(
    name: Name,
    asks: Omit<Calls[Name]['asks'], 'run'>,
    context: CallContext = {},
  ): Promise<Calls[Name]['gives']> {
    if (this.#disposed) throw disposed('run');
    const { model, run, recipe } = this.#place;
    await this.#engine.start();
    if (this.#epoch !== this.#engine.epoch) {
      this.#epoch = this.#engine.epoch;
      const ids = this.tokens.map(({ id }) => id);
      const source = this.translation?.source.map(({ id }) => id);
      await this.#engine.call('adoptRun', { model, run, ids, source, recipe });
    }
    return this.#engine.call(name, { run, ...asks } as Calls[Name]['asks'], context);
  }
}
