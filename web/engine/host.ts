// The engine itself: owns the WebAssembly module, the models and the runs, and answers the calls of protocol.ts one at a
// time. It lives in a worker or in the caller's thread and does not know which.

import type { Cache } from './caches.ts';
import * as check from './checks.ts';
import { Core, newMemory } from './core.ts';
import { aborted, LimelightError, throwIfAborted } from './errors.ts';
import { compile, kGlue, wasmUrl } from './files.ts';
import { type LoadedModel, loadModel } from './models.ts';
import { placed } from './places.ts';
import type {
  Backend,
  CallContext,
  CallName,
  Calls,
  HostOptions,
  RunAnswer,
  StepAnswer,
  TargetOptions,
} from './protocol.ts';
import { type RunState, Runs, recipeText } from './runs.ts';
import { type Pace, Schedule } from './schedule.ts';
import type { RunWindow, Token, Translation } from './types.ts';

/** Errors: load-failed. */
const arrays = () =>
  import('./arrays.ts').catch((error) => {
    throw new LimelightError('load-failed', `the calls on arrays: ${(error as Error).message}`);
  });

/** A run under the number that the facade gave it; `writing` while a text is generated on it. */
interface OpenRun {
  state: RunState;
  writing: { prompt: string; tokens: readonly Token[]; translation: Translation | undefined } | undefined;
}

type Work = {
  [Name in CallName]: (
    asks: Calls[Name]['asks'],
    pace: Pace,
    context: CallContext,
  ) => Promise<Calls[Name]['gives']>;
};

export class Host implements Backend {
  onLost: (() => void) | undefined;
  /** Called when helpers have come or gone. */
  onThreads: ((threads: number) => void) | undefined;
  readonly #core: Core;
  readonly #runs: Runs;
  readonly #models = new Map<number, LoadedModel>();
  readonly #caches = new Map<number, Cache>();
  readonly #open = new Map<number, OpenRun>();
  readonly #schedule = new Schedule();
  #ended: LimelightError | undefined;

  private constructor(core: Core) {
    this.#core = core;
    this.#runs = new Runs(core);
  }

  get threads(): number {
    return this.#core.threads;
  }

  /** Errors: load-failed, out-of-memory, aborted. */
  static async start(options: HostOptions, context: CallContext): Promise<Host> {
    const url = wasmUrl(options.build, options.wasmFolder);
    const [glue, module] = await Promise.all([
      kGlue[options.build]().catch((error) => {
        const script = url.href.replace(/\.wasm$/, '.js');
        throw new LimelightError('load-failed', `${script}: ${(error as Error).message}`);
      }),
      compile(url, context.signal),
    ]);
    context.onProgress?.({ phase: 'engine', done: 1, total: 1 });
    const shared = options.build === 'threads';
    const memory = newMemory(options.maxMemoryBytes, shared);
    const core = await Core.start(glue.default, module, memory);
    const host = new Host(core);
    if (shared) {
      const { startHelpers } = await import('./threads.ts');
      startHelpers(core, module, memory, options.threads, (threads) => {
        core.threads = threads;
        host.onThreads?.(threads);
      });
    }
    return host;
  }

  async call<Name extends CallName>(
    name: Name,
    asks: Calls[Name]['asks'],
    context: CallContext = {},
  ): Promise<Calls[Name]['gives']> {
    if (this.#ended) throw this.#ended;
    const work: Work[Name] = this.#work[name];
    try {
      // A model is mostly waited for (its bytes come from elsewhere), and letting go needs no turn.
      if (kUnscheduled.has(name)) return await work(asks, undefined as unknown as Pace, context);
      const { lane } = (asks ?? {}) as { lane?: string };
      return await this.#schedule.run((pace) => work(asks, pace, context), { lane, signal: context.signal });
    } catch (error) {
      throw this.#survive(error);
    }
  }

  close(): void {
    this.#end(new LimelightError('disposed', 'this engine has been disposed'));
  }

  /** A trap or an abort inside WebAssembly leaves its memory in an unknown state: such a host is not used again. */
  #survive(error: unknown): unknown {
    if (!(error instanceof WebAssembly.RuntimeError)) return error;
    const lost = new LimelightError('engine-lost', `the engine's core stopped: ${error.message}`);
    this.#end(lost);
    this.onLost?.();
    return lost;
  }

  #end(error: LimelightError): void {
    this.#ended ??= error;
    this.#schedule.clear(error);
    this.#open.clear();
    this.#caches.clear();
    this.#models.clear();
  }

  readonly #work: Work = {
    attention: async (request, pace) => (await arrays()).attention(this.#core, request, pace),
    explain: async (request, pace, { onProgress }) =>
      (await arrays()).explain(this.#core, request, pace, onProgress),
    margins: async (request, pace, { onProgress }) =>
      (await arrays()).margins(this.#core, request, pace, onProgress),

    measure: async ({ variant, shape }, pace, { onProgress }) =>
      (await arrays()).measure(this.#core, variant, shape, pace, onProgress),
    attentionGradient: async (request, pace) => (await arrays()).attentionGradient(this.#core, request, pace),
    linearAttention: async (request, pace) => (await arrays()).linearAttention(this.#core, request, pace),
    rotaryTable: async (request) => (await arrays()).rotaryTable(this.#core, request),
    rotate: async (request) => (await arrays()).rotate(this.#core, request),

    createCache: async ({ cache, options }) => {
      const { Cache } = await arrays();
      this.#caches.set(cache, new Cache(this.#core, options));
      return undefined;
    },
    appendCache: async ({ cache, tokens }) => ({ length: await this.#cache(cache).append(tokens) }),
    attendCache: async ({ cache, request }, pace) => {
      const open = this.#cache(cache);
      return { ...(await open.attention(request, pace)), length: open.length };
    },
    truncateCache: async ({ cache, length }) => ({ length: this.#cache(cache).truncate(length) }),
    releaseCache: async ({ cache }) => {
      const open = this.#caches.get(cache);
      this.#caches.delete(cache);
      if (open) this.#afterwards(() => open.release());
    },

    loadModel: async ({ model, source, weights }, _pace, context) => {
      const loaded = await loadModel(this.#core, source, weights, context);
      if (this.#ended) throw this.#ended;
      if (context.signal?.aborted) {
        this.#core.calls.modelRelease(loaded.handle);
        throw aborted();
      }
      this.#models.set(model, loaded);
      return loaded.info;
    },
    releaseModel: async ({ model }) => {
      const loaded = this.#models.get(model);
      if (!loaded) return;
      this.#models.delete(model);
      for (const [run, { state }] of this.#open) if (state.model === loaded) this.#open.delete(run);
      this.#afterwards(() => {
        this.#runs.releaseModel(loaded);
        this.#core.calls.modelRelease(loaded.handle);
      });
    },
    tokenize: async ({ model, text }) => framed(this.#model(model), check.text(text, 'text')).tokens,

    run: async (asks, pace, context) => {
      const model = this.#model(asks.model);
      const read = tokensToRun(model, check.text(asks.text, 'text'), asks.overflow ?? 'refuse', asks.caret);
      const { window } = read;
      const { tokens, translation } = model.info.encoder
        ? await this.#translate(model, read.tokens, asks, pace)
        : withoutTarget(model, read.tokens, asks.target);
      const state = this.#runs.describe(
        model,
        tokens.map(idOf),
        recipeText(asks.recipe),
        translation?.source.map(idOf),
      );
      return this.#opened(
        asks.run,
        { state, writing: undefined },
        async () => {
          await this.#runs.compute(state, pace, context.onProgress);
          const needs = asks.needs && placed(asks.needs, tokens);
          const parts = needs && (await this.#runs.parts(state, needs, pace));
          return { tokens, translation, window, reused: this.#runs.reused(state), parts };
        },
        context,
      );
    },
    adoptRun: async ({ model, run, ids, source, recipe }) => {
      const state = this.#runs.describe(this.#model(model), ids, recipeText(recipe), source);
      this.#open.set(run, { state, writing: undefined });
      return undefined;
    },
    releaseRun: async ({ run }) => {
      const open = this.#open.get(run);
      if (!open) return;
      this.#open.delete(run);
      this.#afterwards(() => this.#runs.release(open.state));
    },

    snapshot: async ({ run, needs }, pace) => this.#runs.parts(await this.#ready(run, pace), needs, pace),
    scores: async ({ run, ...at }, pace) => this.#runs.scores(await this.#ready(run, pace), at, pace),
    vector: async ({ run, site, token, head }, pace) =>
      this.#runs.vector(await this.#ready(run, pace), site, token, head),
    logits: async ({ run, token }, pace) => this.#runs.logits(await this.#ready(run, pace), token),
    predict: async ({ run, ...needs }, pace) => this.#runs.predict(await this.#ready(run, pace), needs),
    sites: async ({ run }, pace) => this.#runs.sites(await this.#ready(run, pace)),

    generate: async (asks, pace, context) => {
      const model = this.#model(asks.model);
      if (!model.info.causal)
        throw new LimelightError(
          'invalid-option',
          `${model.info.name} fills in blanks: it reads to both sides and cannot write on; generate() needs a causal model`,
        );
      const read = tokensToRun(model, check.text(asks.text, 'text'), 'refuse', undefined).tokens;
      const source = model.info.encoder && read;
      const tokens = source ? [model.target.token(model.start!, 0, 0)] : read;
      const translation = source && { source, target: '', score: undefined };
      const state = this.#runs.describe(model, tokens.map(idOf), recipeText(asks.recipe), source?.map(idOf));
      return this.#opened(
        asks.run,
        { state, writing: { prompt: source ? '' : asks.text, tokens, translation } },
        async () => {
          await this.#runs.compute(state, pace, context.onProgress);
          const reused = this.#runs.reused(state);
          return { tokens, translation, window: undefined, reused, parts: undefined };
        },
        context,
      );
    },
    step: async ({ run, draw, needs }, pace): Promise<StepAnswer | undefined> => {
      const state = await this.#ready(run, pace);
      const { writing } = this.#open.get(run)!;
      if (!writing)
        throw new LimelightError('invalid-option', 'this run is not one that is being written on');
      const { info, ends, target } = state.model;
      if (state.ids.length >= info.longest) return undefined;
      const id = this.#runs.sample(state, draw);
      if (ends.includes(id)) return undefined;
      await this.#runs.extend(state, id, pace);
      const written = target.decode(state.ids.slice(writing.tokens.length), writing.prompt.length);
      const tokens = [...writing.tokens, ...written.tokens];
      const wanted = needs && placed(needs, tokens);
      const text = writing.prompt + written.text;
      const { translation } = writing;
      return {
        token: written.tokens.at(-1)!,
        text,
        tokens,
        translation: translation && { ...translation, target: text },
        parts: wanted && (await this.#runs.parts(state, wanted, pace)),
      };
    },

    memory: async () => ({ live: this.#core.calls.liveBytes(), wasm: this.#core.memoryBytes }),
  };

  /** The target that was asked for, or the likeliest. */
  async #translate(
    model: LoadedModel,
    source: Token[],
    asks: Calls['run']['asks'],
    pace: Pace,
  ): Promise<{ tokens: Token[]; translation: Translation }> {
    const first = model.target.token(model.start!, 0, 0);
    if (asks.target.target !== undefined) {
      const target = check.text(asks.target.target, 'target');
      const tokens = [first, ...model.target.encode(target)];
      if (tokens.length > model.info.longest)
        throw new LimelightError(
          'text-too-long',
          `the target has ${tokens.length} tokens; ${model.info.name} takes ${model.info.longest}`,
        );
      return { tokens, translation: { source, target, score: undefined } };
    }
    const recipe = recipeText({ ...asks.recipe, record: undefined });
    const { ids, score } = await this.#runs.search(model, source.map(idOf), recipe, asks.target, pace);
    const written = ids.slice(1).filter((id, i) => i < ids.length - 2 || !model.ends.includes(id));
    const { text: target, tokens } = model.target.decode(written, 0);
    return { tokens: [first, ...tokens], translation: { source, target, score } };
  }

  /** Lets go of something when what is under way, which may use it, is done; nothing is left to do when the host ends. */
  #afterwards(release: () => void): void {
    this.#schedule.run(async () => release()).catch((error) => this.#survive(error));
  }

  /** Registers a run once it is computed; when that fails or is aborted, nothing of it stays. */
  async #opened(
    number: number,
    run: OpenRun,
    compute: () => Promise<RunAnswer>,
    context: CallContext,
  ): Promise<RunAnswer> {
    try {
      const answer = await compute();
      throwIfAborted(context.signal);
      if (![...this.#models.values()].includes(run.state.model)) throw disposed('model');
      this.#open.set(number, run);
      return answer;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) this.#runs.release(run.state);
      throw error;
    }
  }

  #model(model: number): LoadedModel {
    const loaded = this.#models.get(model);
    if (!loaded) throw disposed('model');
    return loaded;
  }

  #cache(cache: number): Cache {
    const open = this.#caches.get(cache);
    if (!open) throw disposed('cache');
    return open;
  }

  /** The run with its recording, computed again if that was let go of. */
  async #ready(run: number, pace: Pace): Promise<RunState> {
    const open = this.#open.get(run);
    if (!open) throw disposed('run');
    await this.#runs.compute(open.state, pace);
    return open.state;
  }
}

const kUnscheduled = new Set<CallName>([
  'loadModel',
  'releaseModel',
  'adoptRun',
  'releaseRun',
  'releaseCache',
]);

const disposed = (what: string): LimelightError =>
  new LimelightError('disposed', `this ${what} has been disposed`);

const idOf = (token: Token): number => token.id;

/** A text's tokens with those that the model puts around it, or that stand in for an empty one. */
function framed(model: LoadedModel, text: string): { tokens: Token[]; content: number } {
  const content = model.tokenizer.encode(text);
  return { tokens: frame(model, content, 0, text.length), content: content.length };
}

function frame(model: LoadedModel, content: Token[], start: number, end: number): Token[] {
  const { tokenizer, begin } = model;
  const tokens = [
    ...tokenizer.before.map((id) => tokenizer.token(id, start, start)),
    ...content,
    ...tokenizer.after.map((id) => tokenizer.token(id, end, end)),
  ];
  return tokens.length === 0 && begin !== undefined ? [tokenizer.token(begin, start, start)] : tokens;
}

/** Errors: invalid-option, where a target is asked of a model that writes none. */
function withoutTarget(
  { info }: LoadedModel,
  tokens: Token[],
  options: TargetOptions,
): { tokens: Token[]; translation: undefined } {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined)
      throw new LimelightError('invalid-option', `${name} is for encoder-decoders, and ${info.name} is none`);
  }
  return { tokens, translation: undefined };
}

/** The tokens that the model is to run: all, or a window of them. Errors: text-too-long, invalid-value (nothing to run). */
function tokensToRun(
  model: LoadedModel,
  text: string,
  overflow: 'refuse' | 'window',
  caret: number = text.length,
): { tokens: Token[]; window: RunWindow | undefined } {
  check.choice(overflow, ['refuse', 'window'], 'overflow');
  check.wholeNumber(caret, 'caret');
  const { info, tokenizer } = model;
  const content = tokenizer.encode(text);
  const around = tokenizer.before.length + tokenizer.after.length;
  const total = content.length + around;
  if (total <= info.longest) {
    const tokens = frame(model, content, 0, text.length);
    if (tokens.length === 0)
      throw new LimelightError(
        'invalid-value',
        `the text is empty, and ${info.name} has no token that begins a text`,
      );
    return { tokens, window: undefined };
  }
  if (overflow === 'refuse')
    throw new LimelightError(
      'text-too-long',
      `the text has ${total} tokens; ${info.name} takes ${info.longest}`,
    );
  const room = info.longest - around;
  const at = content.findIndex(({ end }) => end > caret);
  const first = windowStart(content.length, room, at < 0 ? content.length : at);
  const inside = content.slice(first, first + room);
  const start = inside[0]!.start;
  const end = inside.at(-1)!.end;
  const window = { start, end, totalTokens: total, limit: info.longest };
  return { tokens: frame(model, inside, start, end), window };
}

/**
 * First token of a window of `room` around the token `at`. It moves in steps of an eighth of the room: while one types, it
 * stays where it is for some tokens, so that a causal model takes over all that it computed for the last keystroke.
 */
export function windowStart(total: number, room: number, at: number): number {
  const step = Math.max(1, Math.floor(room / 8));
  const last = Math.ceil((total - room) / step) * step;
  const centred = Math.floor((at - room / 2) / step) * step;
  return Math.max(0, Math.min(centred, last));
}
