// engine.train: the facade of a training as types.ts describes it. It computes nothing; what it keeps (the recipe and the
// last checkpoint) is enough to go on when a worker was lost.

import * as check from './checks.ts';
import { aborted, fromMessage, LimelightError, throwIfAborted } from './errors.ts';
import type { Answers, CallContext } from './protocol.ts';
import type { WorkerScript } from './remote.ts';
import type {
  LookMessage,
  LookOptions,
  RecipeSource,
  ReportMessage,
  Standing,
  TrainingCalls,
  TrainingHostOptions,
} from './training-protocol.ts';
import { kStepNumbers } from './training-protocol.ts';
import { tokenizerFiles } from './training-tokenizer.ts';
import type {
  AttentionLook,
  Build,
  Training,
  TrainingEvaluation,
  TrainingInfo,
  TrainingLook,
  TrainingRecipe,
  TrainingReport,
  TrainingState,
  TrainingStep,
  TrainOptions,
} from './types.ts';

/** What a training takes over from the engine that it belongs to. */
export interface Parent {
  build: Build;
  wasmFolder: string | undefined;
  maxMemoryBytes: number | undefined;
  inWorker: boolean;
  /** Fires when the engine is disposed. */
  closing: AbortSignal;
}

const kTrainOptions = ['signal', 'onProgress', 'onStep', 'watch', 'stepsPerSecond', 'paused'];

const kScript: WorkerScript = {
  inBrowser: () =>
    new Worker(new URL('./training-worker.ts', import.meta.url), {
      type: 'module',
      name: 'limelight training',
    }),
  inNode: 'training-worker.js',
};

/** Errors: as Engine.train(). */
export async function train(
  recipe: TrainingRecipe | string,
  options: TrainOptions,
  parent: Parent,
): Promise<Training> {
  check.members(options, kTrainOptions, 'the options of train');
  const { signal, onProgress, onStep, stepsPerSecond, paused } = options;
  const asks = { watch: watchOf(options), stepsPerSecond };
  if (stepsPerSecond !== undefined && !(check.finite(stepsPerSecond, 'stepsPerSecond') > 0))
    throw new LimelightError('invalid-value', `stepsPerSecond is ${stepsPerSecond}; it has to be above 0`);
  if (onStep !== undefined && typeof onStep !== 'function')
    throw new LimelightError('invalid-option', 'onStep is no function');
  throwIfAborted(signal);
  const facade = new TrainingFacade(parent, asks, onStep);
  const abort = (): void => facade.end(aborted());
  const close = (): void => facade.end(disposed('engine'));
  signal?.addEventListener('abort', abort);
  parent.closing.addEventListener('abort', close);
  facade.onEnd = () => {
    signal?.removeEventListener('abort', abort);
    parent.closing.removeEventListener('abort', close);
  };
  try {
    await facade.begin(sourceOf(recipe), onProgress);
    if (!paused) await facade.resume();
    return facade;
  } catch (error) {
    facade.dispose();
    throw error;
  }
}

function watchOf({ watch }: TrainOptions): TrainingCalls['create']['asks']['watch'] {
  if (watch === undefined) return undefined;
  check.members(watch, ['every', 'maps', 'example'], 'watch');
  return { ...lookOptions(watch), every: check.size(watch.every ?? 1, 'watch.every') };
}

function lookOptions({ maps = true, example = 0 }: { maps?: boolean; example?: number }): LookOptions {
  return { maps, example: check.size(example, 'example', 0) };
}

/** A name is a word; any other text is taken for a recipe. */
function sourceOf(recipe: TrainingRecipe | string): RecipeSource {
  if (typeof recipe === 'string') return /^[\w-]+$/.test(recipe) ? { name: recipe } : { text: recipe };
  if (typeof recipe !== 'object' || recipe === null)
    throw new LimelightError('invalid-option', 'a recipe is a name, an object or JSON');
  try {
    return { text: JSON.stringify(recipe) };
  } catch (error) {
    throw new LimelightError('invalid-option', `the recipe is no JSON: ${(error as Error).message}`);
  }
}

const disposed = (what: string): LimelightError =>
  new LimelightError('disposed', `this ${what} has been disposed`);

class TrainingFacade implements Training {
  state: TrainingState = 'paused';
  last: TrainingStep | undefined;
  onEnd: (() => void) | undefined;
  readonly #parent: Parent;
  readonly #asks: Omit<TrainingCalls['create']['asks'], 'recipe'>;
  readonly #onStep: ((report: TrainingReport) => void) | undefined;
  #info: TrainingInfo | undefined;
  #host: Answers<TrainingCalls> | undefined;
  /** Of the newest standing that was heard of. */
  #turn = -1;
  /** Why it failed; and why nothing more can be done. */
  #failure: Error | undefined;
  #ended: Error | undefined;
  /** Fires when it has ended. */
  readonly #closing = new AbortController();
  #done = new Outcome();
  #checkpoint: Uint8Array | undefined;
  #following: Promise<void> | undefined;
  /** Where step() collects. */
  #collected: TrainingStep[] | undefined;

  constructor(
    parent: Parent,
    asks: Omit<TrainingCalls['create']['asks'], 'recipe'>,
    onStep: ((report: TrainingReport) => void) | undefined,
  ) {
    this.#parent = parent;
    this.#asks = asks;
    this.#onStep = onStep;
  }

  get info(): TrainingInfo {
    return this.#info!;
  }
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Starts a host and makes the training there, paused at step 0. */
  async begin(recipe: RecipeSource, onProgress?: CallContext['onProgress']): Promise<void> {
    const { build, wasmFolder, maxMemoryBytes, inWorker } = this.#parent;
    const options: TrainingHostOptions = {
      build: build === 'simd' ? 'simd' : 'relaxed',
      wasmFolder,
      maxMemoryBytes,
    };
    const context = { signal: this.#closing.signal, onProgress };
    let host: Answers<TrainingCalls> | undefined;
    try {
      host = inWorker
        ? await (await import('./remote.ts')).RemoteHost.start<TrainingCalls>(
            kScript,
            options,
            false,
            context,
          )
        : await (await import('./training-host.ts')).TrainingHost.start(options, context);
      this.#info = await host.call('create', { recipe, ...this.#asks }, context);
      throwIfAborted(context.signal);
    } catch (error) {
      host?.close();
      throw this.#ended ?? error;
    }
    this.#host = host;
    this.#turn = -1;
    host.onLost = () => {
      if (this.#host !== host) return;
      this.#host = undefined;
      this.#fail(new LimelightError('engine-lost', "the training's worker ended"));
    };
    this.#follow();
  }

  async pause(): Promise<void> {
    this.#stand(await this.#call('pause', undefined));
    await this.#following;
  }

  async resume(): Promise<void> {
    this.#stand(await this.#call('go', { steps: undefined }));
    if (this.state === 'running') this.#follow();
  }

  async step(n = 1): Promise<readonly TrainingStep[]> {
    check.size(n, 'n');
    if (this.state === 'running' || this.#collected)
      throw new LimelightError('invalid-option', 'the training is running; it steps when it is paused');
    const steps: TrainingStep[] = [];
    this.#collected = steps;
    try {
      await this.#following;
      this.#stand(await this.#call('go', { steps: n }));
      await this.#follow();
    } finally {
      this.#collected = undefined;
    }
    if (this.#failure) throw this.#failure;
    return steps;
  }

  async reset(seed?: number): Promise<void> {
    if (seed !== undefined) check.wholeNumber(seed, 'seed');
    await this.#revive();
    const { info, ...standing } = await this.#call('reset', { seed });
    this.#info = info;
    this.last = undefined;
    this.#stand(standing);
    this.#follow();
  }

  async setLearningRateFactor(factor: number): Promise<void> {
    await this.#call('setRateFactor', { factor: check.finite(factor, 'factor') });
  }

  async look(options: { maps?: boolean; example?: number } = {}): Promise<TrainingLook> {
    check.members(options, ['maps', 'example'], 'the options of look');
    return this.#lookOf(await this.#call('look', lookOptions(options)));
  }

  async evaluate(options: { examples?: number } = {}): Promise<TrainingEvaluation> {
    check.members(options, ['examples'], 'the options of evaluate');
    return this.#call('evaluate', { examples: check.size(options.examples ?? 256, 'examples') });
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#call('save', undefined);
    this.#checkpoint = bytes.slice();
    return bytes;
  }

  async restore(bytes: Uint8Array | undefined = this.#checkpoint): Promise<void> {
    if (bytes === undefined)
      throw new LimelightError('invalid-option', 'there is no checkpoint yet to go back to');
    check.typedArray(bytes, Uint8Array, 'the checkpoint');
    const kept = bytes.slice();
    await this.#revive();
    this.#stand(await this.#call('restore', { bytes: kept }));
    this.#checkpoint = kept;
    this.last = undefined;
    this.#follow();
  }

  async model(): Promise<File[]> {
    const { config, weights } = await this.#call('model', undefined);
    const json = (name: string, text: string) => new File([text], name, { type: 'application/json' });
    return [
      json('config.json', config),
      new File([weights], 'model.safetensors'),
      ...[...tokenizerFiles(this.info)].map(([name, text]) => json(name, text)),
    ];
  }

  memory(): Promise<{ live: number; wasm: number }> {
    return this.#call('memory', undefined);
  }

  dispose(): void {
    this.end(disposed('training'));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** For good: the host goes, and every call from now on is answered with `reason`. */
  end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.onEnd?.();
    this.#closing.abort();
    this.#host?.close();
    this.#host = undefined;
    if (this.state === 'finished') this.#done.resolve();
    this.#fail(reason);
  }

  async #call<Name extends keyof TrainingCalls>(
    name: Name,
    asks: TrainingCalls[Name]['asks'],
  ): Promise<TrainingCalls[Name]['gives']> {
    const host = this.#host;
    if (this.#ended || !host) throw this.#ended ?? this.#failure;
    try {
      return await host.call(name, asks);
    } catch (error) {
      throw this.#ended ?? error;
    }
  }

  /** A new host in place of one that was lost. */
  async #revive(): Promise<void> {
    if (this.#ended) throw this.#ended;
    if (!this.#host) await this.begin({ text: this.info.recipe });
  }

  /** Asks for reports while it runs, and for one in any case; resolves when it rests. */
  #follow(): Promise<void> {
    this.#following ??= this.#ask().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #ask(): Promise<void> {
    // Whoever made the training has it in hand when the first report comes.
    await new Promise((resolve) => setTimeout(resolve));
    const host = this.#host;
    try {
      do {
        const report = await this.#call('report', undefined);
        if (host !== this.#host) return;
        this.#tell(report);
      } while (this.state === 'running');
    } catch (error) {
      if (host === this.#host && this.state !== 'failed') await this.#giveUp(error as Error);
    }
  }

  /** What was called with a report threw: the training rests, and does not go on unnoticed. */
  async #giveUp(error: Error): Promise<void> {
    this.#fail(error);
    const standing = await this.#host?.call('pause', undefined).catch(() => undefined);
    if (standing) this.#turn = standing.turn;
  }

  #tell({ step: taken, steps: numbers, look, ...standing }: ReportMessage): void {
    const steps: TrainingStep[] = [];
    for (let at = 0; at < numbers.length; at += kStepNumbers) {
      const [step, loss, learningRate, gradientNorm] = numbers.subarray(at) as unknown as number[];
      steps.push({ step, loss, learningRate, gradientNorm } as TrainingStep);
    }
    this.last = steps.at(-1) ?? this.last;
    this.#collected?.push(...steps);
    this.#stand(standing);
    this.#onStep?.({ step: taken, steps, ...(look && { look: this.#lookOf(look) }) });
    if (this.state === 'finished') this.#done.resolve();
  }

  #stand({ turn, state, error }: Standing): void {
    if (turn < this.#turn) return;
    this.#turn = turn;
    if (state === 'failed') {
      this.#fail(fromMessage(error!));
      return;
    }
    if (state !== 'finished' && this.#done.settled) this.#done = new Outcome();
    this.state = state;
    this.#failure = undefined;
  }

  /** What had finished before stays finished. */
  #fail(error: Error): void {
    this.#failure = error;
    if (this.#done.settled) return;
    this.state = 'failed';
    this.#done.reject(error);
  }

  #lookOf({ source, sourceLengths, weights, scores, ...tokens }: LookMessage): TrainingLook {
    let cell = 0;
    let head = 0;
    const attentions = this.info.attentions.map((attention): AttentionLook => {
      const { heads, qLength, kvLength } = attention;
      const cells = heads * qLength * kvLength;
      const own = scores.subarray(2 * head, 2 * (head + heads));
      head += heads;
      cell += cells;
      return {
        ...attention,
        ...(weights.length > 0 && { weights: weights.subarray(cell - cells, cell) }),
        previous: own.filter((_, i) => i % 2 === 0),
        alignment: own.filter((_, i) => i % 2 === 1),
      };
    });
    return { ...tokens, ...(source.length > 0 && { source, sourceLengths }), attentions };
  }
}

/** A promise with its ends in hand. Who does not look at it is not troubled by its rejection. */
class Outcome {
  settled = false;
  readonly promise: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => {});
  }

  resolve(): void {
    this.settled = true;
    this.#resolve();
  }

  reject(error: Error): void {
    this.settled = true;
    this.#reject(error);
  }
}
