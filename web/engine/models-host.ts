// The half of the engine that runs models: owns them and their runs, and answers the calls on them.

import * as check from './checks.ts';
import { aborted, LimelightError, throwIfAborted } from './errors.ts';
import { type LoadedModel, loadModel } from './models.ts';
import type { ModelsCore } from './models-module.ts';
import { placed } from './places.ts';
import type {
  CallContext,
  Half,
  ModelCalls,
  RunAnswer,
  StepAnswer,
  TargetOptions,
  Work,
} from './protocol.ts';
import { type RunState, Runs, recipeText } from './runs.ts';
import type { Pace } from './schedule.ts';
import type { RunWindow, Token, Translation } from './types.ts';

/** A run under the number that the facade gave it; `writing` while a text is generated on it. */
interface OpenRun {
  state: RunState;
  writing: { prompt: string; tokens: readonly Token[]; translation: Translation | undefined } | undefined;
}

export class ModelsHost implements Half {
  readonly core: ModelsCore;
  readonly #runs: Runs;
  readonly #models = new Map<number, LoadedModel>();
  readonly #open = new Map<number, OpenRun>();
  readonly #afterwards: (release: () => void) => void;

  /** `afterwards` lets go of something when what is under way, which may use it, is done. */
  constructor(core: ModelsCore, afterwards: (release: () => void) => void) {
    this.core = core;
    this.#runs = new Runs(core);
    this.#afterwards = afterwards;
  }

  readonly work: Work<ModelCalls> = {
    loadModel: async ({ model, source, weights }, _pace, context) => {
      const loaded = await loadModel(this.core, source, weights, context);
      if (context.signal?.aborted) {
        this.core.calls.modelRelease(loaded.handle);
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
        this.core.calls.modelRelease(loaded.handle);
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
  };

  /** The target that was asked for, or the likeliest. */
  async #translate(
    model: LoadedModel,
    source: Token[],
    asks: ModelCalls['run']['asks'],
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

  /** The run with its recording, computed again if that was let go of. */
  async #ready(run: number, pace: Pace): Promise<RunState> {
    const open = this.#open.get(run);
    if (!open) throw disposed('run');
    await this.#runs.compute(open.state, pace);
    return open.state;
  }
}

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
