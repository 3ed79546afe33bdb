// The training itself: owns its WebAssembly module, takes steps in slices, and hears commands between them. It lives in a
// worker or in the caller's thread and does not know which.

import * as check from './checks.ts';
import { type Address, Core, newMemory } from './core.ts';
import { type ErrorMessage, fromMessage, LimelightError, toMessage } from './errors.ts';
import { fetchModule, readFile } from './files.ts';
import { macrotask } from './platform.ts';
import type { Answers, CallContext } from './protocol.ts';
import { kSliceMilliseconds } from './schedule.ts';
import { kTrainingFiles, shippedRecipe, type TrainingModule } from './training-module.ts';
import {
  kStepNumbers,
  type LookMessage,
  type LookOptions,
  type RecipeSource,
  type ReportMessage,
  type Standing,
  type TrainingCalls,
  type TrainingHostOptions,
} from './training-protocol.ts';
import type { TrainingInfo, TrainingState } from './types.ts';

type Work = {
  [Name in keyof TrainingCalls]: (
    asks: TrainingCalls[Name]['asks'],
    context: CallContext,
  ) => TrainingCalls[Name]['gives'] | Promise<TrainingCalls[Name]['gives']>;
};

/** Between two reports, at least: displays show no more. */
const kReportMilliseconds = 1000 / 60;
/** How far behind its pace a slowed training may be and still catch up. */
const kCatchUpMilliseconds = 50;
const kMostExamples = 1 << 16;

export class TrainingHost implements Answers<TrainingCalls> {
  onLost: (() => void) | undefined;
  readonly #core: Core<TrainingModule>;
  #ended: LimelightError | undefined;

  #training: Address = 0;
  #info: TrainingInfo | undefined;
  #watch: TrainingCalls['create']['asks']['watch'];

  #turn = 0;
  #state: TrainingState = 'paused';
  #failure: ErrorMessage | undefined;
  /** The step to pause after; undefined: the recipe's last. */
  #until: number | undefined;

  /** Milliseconds from a step to the next, at least, and when that is. */
  #interval = 0;
  #due = 0;
  #looping = false;
  /** Ends the loop's wait for the next step. */
  #wake: (() => void) | undefined;

  /** Numbers of the steps that were not reported yet. */
  #steps: number[] = [];
  #reported = Number.NEGATIVE_INFINITY;
  /** Made, reset or restored, and not reported yet. */
  #fresh = true;
  #lookedAt: number | undefined;
  #asked: { answer(report: ReportMessage): void; refuse(error: unknown): void } | undefined;

  private constructor(core: Core<TrainingModule>) {
    this.#core = core;
  }

  /** Errors: load-failed, out-of-memory, aborted. */
  static async start(options: TrainingHostOptions, context: CallContext): Promise<TrainingHost> {
    const { build, wasmFolder, maxMemoryBytes } = options;
    const { create, module } = await fetchModule(kTrainingFiles[build], wasmFolder, context.signal);
    context.onProgress?.({ phase: 'engine', done: 1, total: 1 });
    return new TrainingHost(await Core.start(create, module, newMemory(maxMemoryBytes, false)));
  }

  async call<Name extends keyof TrainingCalls>(
    name: Name,
    asks: TrainingCalls[Name]['asks'],
    context: CallContext = {},
  ): Promise<TrainingCalls[Name]['gives']> {
    if (this.#ended) throw this.#ended;
    const work: Work[Name] = this.#work[name];
    try {
      return await work(asks, context);
    } catch (error) {
      throw this.#survive(error);
    }
  }

  close(): void {
    this.#end(new LimelightError('disposed', 'this training has been disposed'));
  }

  /** As the engine's host: after a trap the memory is in an unknown state. */
  #survive(error: unknown): unknown {
    if (!(error instanceof WebAssembly.RuntimeError)) return error;
    const lost = new LimelightError('engine-lost', `the training's core stopped: ${error.message}`);
    this.#end(lost);
    this.onLost?.();
    return lost;
  }

  #end(error: LimelightError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#stand('failed', toMessage(error));
    this.#asked?.refuse(error);
    this.#asked = undefined;
    this.#wake?.();
  }

  readonly #work: Work = {
    create: async ({ recipe, watch, stepsPerSecond }, { signal }) => {
      this.#make(await textOf(recipe, signal));
      if (watch) check.index(watch.example, this.#described().examples, 'watch.example');
      this.#watch = watch;
      if (stepsPerSecond !== undefined) this.#interval = 1000 / stepsPerSecond;
      return this.#described();
    },
    go: ({ steps }) => {
      if (this.#state === 'failed') throw fromMessage(this.#failure!);
      if (steps !== undefined && this.#state === 'running')
        throw new LimelightError('invalid-option', 'the training is running; it steps when it is paused');
      this.#until = steps === undefined ? undefined : this.#taken() + steps;
      if (!this.#arrived()) this.#stand('running');
      this.#due = performance.now();
      this.#wake?.();
      void this.#loop();
      return this.#standing();
    },
    pause: () => {
      if (this.#state === 'running') this.#stand(this.#resting());
      this.#offer();
      return this.#standing();
    },
    reset: ({ seed }) => {
      if (seed === undefined) this.#core.calls.trainingReset(this.#training);
      else this.#make(withSeed(this.#described().recipe, seed));
      this.#afresh();
      return { ...this.#standing(), info: this.#described() };
    },
    restore: ({ bytes }) => {
      this.#core.lendBytes(bytes, (at, count) =>
        this.#core.check(this.#core.calls.trainingResume(this.#training, at, count)),
      );
      this.#afresh();
      return this.#standing();
    },
    report: () =>
      new Promise((answer, refuse) => {
        this.#asked = { answer, refuse };
        this.#offer();
      }),
    setRateFactor: ({ factor }) => {
      this.#core.check(this.#core.calls.trainingSetRateFactor(this.#training, factor));
      return undefined;
    },
    look: (options) => this.#look(options),
    evaluate: ({ examples }) => {
      if (examples > kMostExamples)
        throw new LimelightError(
          'invalid-shape',
          `examples is ${examples}; it may be ${kMostExamples} at most`,
        );
      return this.#core.lend(16, (out) => {
        this.#core.check(this.#core.calls.trainingEvaluate(this.#training, examples, out));
        const [loss, score] = this.#core.doubles(out, 2) as unknown as [number, number];
        return { loss, score };
      });
    },
    save: () => this.#file(this.#core.calls.trainingSave(this.#training)),
    model: () => ({
      config: this.#core.text(this.#core.calls.trainingConfig(this.#training)),
      weights: this.#file(this.#core.calls.trainingModel(this.#training)),
    }),
    memory: () => ({ live: this.#core.calls.liveBytes(), wasm: this.#core.memoryBytes }),
  };

  // ---------------------------------------------------------------------------------------------------- taking steps

  async #loop(): Promise<void> {
    if (this.#looping) return;
    this.#looping = true;
    try {
      await macrotask(); // who said "go" hears that it goes before it hears of the first step
      while (this.#state === 'running') {
        const end = performance.now() + kSliceMilliseconds;
        for (let now = performance.now(); now < end && now >= this.#due; now = performance.now()) {
          this.#step(now);
          if (this.#state !== 'running') break;
        }
        this.#offer();
        await this.#rest();
      }
    } catch (error) {
      this.#fail(this.#survive(error));
    } finally {
      this.#looping = false;
    }
  }

  /** One step; when it fails, nothing has changed but that the training goes no further by itself. */
  #step(now: number): void {
    this.#due = Math.max(this.#due + this.#interval, now - kCatchUpMilliseconds);
    try {
      this.#core.lend(8 * kStepNumbers, (out) => {
        this.#core.check(this.#core.calls.trainingStep(this.#training, out));
        this.#steps.push(...this.#core.doubles(out, kStepNumbers));
      });
    } catch (error) {
      if (!(error instanceof LimelightError)) throw error;
      this.#fail(error);
    }
    if (this.#state === 'running' && this.#arrived()) this.#stand(this.#resting());
  }

  /** Lets in what has been sent, and waits until the next step may be taken. */
  #rest(): Promise<void> {
    const wait = this.#due - performance.now();
    if (wait <= 0 || this.#state !== 'running') return macrotask();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#stand('failed', toMessage(error));
    this.#offer();
  }

  #taken(): number {
    return this.#core.calls.trainingSteps(this.#training);
  }

  #arrived(): boolean {
    return this.#taken() >= (this.#until ?? this.#described().steps);
  }

  #resting(): TrainingState {
    return this.#taken() >= this.#described().steps ? 'finished' : 'paused';
  }

  #stand(state: TrainingState, failure?: ErrorMessage): void {
    this.#turn++;
    this.#state = state;
    this.#failure = failure;
  }

  #standing(): Standing {
    return { turn: this.#turn, state: this.#state, error: this.#failure };
  }

  // ------------------------------------------------------------------------------------------------ making and telling

  /** A training of this recipe in place of the one there is, which stays when it cannot be made. */
  #make(recipe: string): void {
    const { calls } = this.#core;
    const made = this.#core.lendText(recipe, (at, bytes) => this.#core.made(calls.trainingCreate(at, bytes)));
    if (this.#training !== 0) calls.trainingRelease(this.#training);
    this.#training = made;
    this.#info = { ...JSON.parse(this.#core.text(calls.trainingDescription(made))), recipe } as TrainingInfo;
  }

  #described(): TrainingInfo {
    if (this.#info) return this.#info;
    throw new LimelightError('invalid-option', 'there is no training yet');
  }

  /** The training stands elsewhere than its steps led it: what was to be told of these is past. */
  #afresh(): void {
    this.#steps = [];
    this.#fresh = true;
    this.#lookedAt = undefined;
    const goesOn = this.#state === 'running' && this.#until === undefined;
    this.#until = undefined;
    this.#stand(goesOn && !this.#arrived() ? 'running' : this.#resting());
    this.#offer();
  }

  /** Answers who asked for a report, if there is something to tell and the last one is long enough ago. */
  #offer(): void {
    const asked = this.#asked;
    if (!asked) return;
    if (this.#state === 'running' && !this.#fresh) {
      if (this.#steps.length === 0 || performance.now() - this.#reported < kReportMilliseconds) return;
    }
    this.#asked = undefined;
    try {
      const look = this.#dueLook();
      asked.answer({
        ...this.#standing(),
        step: this.#taken(),
        steps: Float64Array.from(this.#steps),
        look,
      });
      this.#steps = [];
      this.#fresh = false;
      this.#reported = performance.now();
    } catch (error) {
      asked.refuse(this.#survive(error));
    }
  }

  /** What options.watch asks for: a look so many steps after the last one, and where the training rests. */
  #dueLook(): LookMessage | undefined {
    if (!this.#watch) return undefined;
    const since = this.#taken() - (this.#lookedAt ?? Number.NEGATIVE_INFINITY);
    if (since === 0 || (since < this.#watch.every && this.#state === 'running')) return undefined;
    return this.#look(this.#watch);
  }

  #look({ maps, example }: LookOptions): LookMessage {
    const { calls } = this.#core;
    const { examples, length, sourceLength, attentions } = this.#described();
    check.index(example, examples, 'example');
    const tokens = examples * length;
    const source = examples * sourceLength;
    const numbers = 3 * tokens + source + (sourceLength > 0 ? examples : 0);
    const heads = attentions.reduce((sum, attention) => sum + attention.heads, 0);
    const cells = maps
      ? attentions.reduce((sum, { heads, qLength, kvLength }) => sum + heads * qLength * kvLength, 0)
      : 0;
    const read = this.#core.lend(4 * numbers, (out) => {
      this.#core.check(calls.trainingLook(this.#training, out));
      return this.#core.integers(out, numbers).slice();
    });
    let next = 0;
    const take = (count: number): Int32Array => {
      next += count;
      return read.subarray(next - count, next);
    };
    this.#lookedAt = this.#taken();
    return {
      step: this.#lookedAt,
      ids: take(tokens),
      targets: take(tokens),
      predictions: take(tokens),
      source: take(source),
      sourceLengths: take(sourceLength > 0 ? examples : 0),
      weights: this.#core.lend(4 * cells, (out) => {
        if (maps) this.#core.check(calls.trainingWeights(this.#training, example, out));
        return this.#core.takeFloats(out, cells);
      }),
      scores: this.#core.lend(16 * heads, (out) => {
        this.#core.check(calls.trainingScores(this.#training, out));
        return this.#core.doubles(out, 2 * heads).slice();
      }),
    };
  }

  /** A copy of the file that the core made at an address, and no more of it there. */
  #file(at: Address): Uint8Array<ArrayBuffer> {
    const { calls } = this.#core;
    const file = new Uint8Array(this.#core.bytes(this.#core.made(at), calls.fileBytes()));
    calls.fileRelease();
    return file;
  }
}

async function textOf(recipe: RecipeSource, signal: AbortSignal | undefined): Promise<string> {
  if ('text' in recipe) return recipe.text;
  return new TextDecoder().decode(await readFile(shippedRecipe(recipe.name), signal));
}

/** A recipe that the core has taken, with another seed. */
function withSeed(recipe: string, seed: number): string {
  const changed = JSON.parse(recipe) as { training?: object };
  return JSON.stringify({ ...changed, training: { ...changed.training, seed } });
}
