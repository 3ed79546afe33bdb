// The engine's host: answers the calls of protocol.ts one at a time. Its two halves, for models and for arrays, each have a
// WebAssembly module of their own and are started when they are first needed. The host lives in a worker or in the caller's
// thread and does not know which.

import { type BaseModule, Core, newMemory } from './core.ts';
import { aborted, LimelightError } from './errors.ts';
import { fetchModule, type ModuleFiles } from './files.ts';
import { ModelsHost } from './models-host.ts';
import { kModelsFiles } from './models-module.ts';
import type {
  ArrayCalls,
  Backend,
  CallContext,
  CallName,
  Calls,
  Half,
  HostOptions,
  Work,
} from './protocol.ts';
import { type Pace, Schedule } from './schedule.ts';

/** What the half for arrays answers; it may not be there to be asked. */
const kArrayCalls: Record<keyof ArrayCalls, true> = {
  attention: true,
  explain: true,
  margins: true,
  attentionGradient: true,
  linearAttention: true,
  rotaryTable: true,
  rotate: true,
  measure: true,
  createCache: true,
  appendCache: true,
  attendCache: true,
  truncateCache: true,
  releaseCache: true,
};
const kReleases = new Set<CallName>(['releaseModel', 'releaseRun', 'releaseCache']);
const kUnscheduled = new Set<CallName>(['loadModel', 'adoptRun', ...kReleases]);

/** What is started when it is first needed; when that fails, the next need starts it again. */
class Lazy<T> {
  now: T | undefined;
  #starting: Promise<T> | undefined;
  readonly #make: () => Promise<T>;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  start(): Promise<T> {
    this.#starting ??= this.#make()
      .then((made) => {
        this.now = made;
        return made;
      })
      .finally(() => {
        this.#starting = undefined;
      });
    return this.#starting;
  }
}

export class Host implements Backend {
  onLost: (() => void) | undefined;
  /** Called when helpers have come or gone. */
  onThreads: ((threads: number) => void) | undefined;
  readonly #options: HostOptions;
  readonly #schedule = new Schedule();
  /** Ends what is being fetched. */
  readonly #closing = new AbortController();
  #ended: LimelightError | undefined;

  readonly #models = new Lazy<Half>(
    async () => new ModelsHost(await this.#startCore(kModelsFiles[this.#options.build]), this.#afterwards),
  );
  readonly #arrays = new Lazy<Half>(async () => {
    const { ArraysHost } = await import('./arrays-host.ts').catch((error: Error) => {
      throw new LimelightError('load-failed', `the calls on arrays: ${error.message}`);
    });
    return new ArraysHost(await this.#startCore(ArraysHost.files[this.#options.build]), this.#afterwards);
  });

  private constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Of the half that has more. */
  get threads(): number {
    return Math.max(1, ...this.#halves().map(({ core }) => core.threads));
  }

  /** Errors: load-failed, out-of-memory, aborted. */
  static async start(options: HostOptions, context: CallContext): Promise<Host> {
    const host = new Host(options);
    const half = options.preload === 'arrays' ? host.#arrays : host.#models;
    try {
      await orAborted(half.start(), context.signal);
    } catch (error) {
      host.close();
      throw error;
    }
    context.onProgress?.({ phase: 'engine', done: 1, total: 1 });
    return host;
  }

  async call<Name extends CallName>(
    name: Name,
    asks: Calls[Name]['asks'],
    context: CallContext = {},
  ): Promise<Calls[Name]['gives']> {
    if (this.#ended) throw this.#ended;
    const { signal } = context;
    try {
      const lazy = name in kArrayCalls ? this.#arrays : this.#models;
      if (!lazy.now && kReleases.has(name)) return undefined as Calls[Name]['gives'];
      // Not in the call's turn: runs of models go on while the half for arrays is fetched.
      const half: { work: Partial<Work<Calls>> } =
        name === 'memory' ? this : (lazy.now ?? (await orAborted(lazy.start(), signal)));
      if (this.#ended) throw this.#ended;
      const work: Work<Calls>[Name] = half.work[name]!;
      // A model is mostly waited for (its bytes come from elsewhere), and letting go needs no turn.
      const { lane } = (asks ?? {}) as { lane?: string };
      const answer = kUnscheduled.has(name)
        ? await work(asks, undefined as unknown as Pace, context)
        : await this.#schedule.run((pace) => work(asks, pace, context), { lane, signal });
      if (this.#ended) throw this.#ended;
      return answer;
    } catch (error) {
      throw this.#survive(error);
    }
  }

  close(): void {
    this.#end(new LimelightError('disposed', 'this engine has been disposed'));
  }

  /** A trap or an abort inside WebAssembly leaves its memory in an unknown state: such a host is not used again. */
  #survive(error: unknown): unknown {
    if (!(error instanceof WebAssembly.RuntimeError)) return this.#ended ?? error;
    const lost = new LimelightError('engine-lost', `the engine's core stopped: ${error.message}`);
    this.#end(lost);
    this.onLost?.();
    return lost;
  }

  #end(error: LimelightError): void {
    this.#ended ??= error;
    this.#closing.abort();
    this.#schedule.clear(error);
  }

  /** The host's own. */
  readonly work: Pick<Work<Calls>, 'memory'> = {
    memory: async () => {
      const memory = { live: 0, wasm: 0 };
      for (const { core } of this.#halves()) {
        memory.live += core.calls.liveBytes();
        memory.wasm += core.memoryBytes;
      }
      return memory;
    },
  };

  #halves(): Half[] {
    return [this.#models.now, this.#arrays.now].filter((half) => half !== undefined);
  }

  /** A module with a memory of its own, and with helpers in the build that has them. */
  async #startCore<Module extends BaseModule>(files: ModuleFiles<Module>): Promise<Core<Module>> {
    const { build, threads, wasmFolder, maxMemoryBytes } = this.#options;
    const { create, module } = await fetchModule(files, wasmFolder, this.#closing.signal);
    const shared = build === 'threads';
    const memory = newMemory(maxMemoryBytes, shared);
    const core = await Core.start(create, module, memory);
    if (shared) {
      const { startHelpers } = await import('./threads.ts');
      startHelpers(core, module, memory, threads, (running) => {
        core.threads = running;
        this.onThreads?.(this.threads);
      });
    }
    return core;
  }

  /** Lets go of something when what is under way, which may use it, is done; nothing is left to do when the host ends. */
  readonly #afterwards = (release: () => void): void => {
    this.#schedule.run(async () => release()).catch((error) => this.#survive(error));
  };
}

/** The same, but aborted as soon as the signal says so. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(aborted());
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
