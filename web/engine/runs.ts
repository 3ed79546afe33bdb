// The runs of a host: which exist, which may be let go of, how one is advanced and what can be read from it. What a run
// recorded may be given up when memory is short; it is computed again from its ids when it is next asked.

import * as check from './checks.ts';
import { type Address, kAttentionKinds, kEveryHead, kStages } from './core.ts';
import { LimelightError, throwIfAborted } from './errors.ts';
import type { LoadedModel } from './models.ts';
import type { ModelsCore } from './models-module.ts';
import type { PlacedNeeds } from './places.ts';
import type { Parts, Range, Recipe, TargetOptions } from './protocol.ts';
import { kSliceMilliseconds, type Pace } from './schedule.ts';
import type {
  AttentionKind,
  MatrixPart,
  MatrixRef,
  OverviewPart,
  PredictionsPart,
  Progress,
  RowPart,
  Stage,
} from './types.ts';

/** Bytes that recordings may hold together; beyond it the ones that were used least recently are let go of. */
const kRecordingBudget = 256 * 2 ** 20;
/** Cells of a matrix that are computed between two looks at the mailbox. */
const kSliceCells = 1 << 14;

export interface RunState {
  model: LoadedModel;
  ids: number[];
  /** Of an encoder-decoder. */
  source: readonly number[] | undefined;
  /** The options as the core reads them; runs of the same recipe can take over each other's prefix. */
  recipe: string;
  /** 0 while the recording is let go of. */
  handle: Address;
  bytes: number;
  /** Someone holds this run; otherwise it only lives on as the base of the next one. */
  held: boolean;
}

export function recipeText({ interventions, record }: Recipe): string {
  return JSON.stringify(record === undefined ? { interventions } : { interventions, record });
}

/** An attention of a run: its number, its heads and the sizes of its matrix, and the names of its sites. */
function shapeOf(run: RunState, attention: AttentionKind = 'self') {
  const { info } = run.model;
  check.choice(attention, info.encoder ? kAttentionKinds : ['self'], 'attention');
  const source = run.source?.length ?? 0;
  const tokens = run.ids.length;
  const own =
    info.encoder && attention === 'encoder' ? { ...info.encoder, kvHeads: info.encoder.heads } : info;
  const { layers, heads, kvHeads, headDim } = own;
  const stack = !info.encoder ? '' : attention === 'encoder' ? 'encoder.' : 'decoder.';
  const part = attention === 'cross' ? 'cross' : 'attn';
  return {
    ...{ layers, heads, kvHeads, headDim },
    kind: kAttentionKinds.indexOf(attention),
    rows: attention === 'encoder' ? source : tokens,
    cols: attention === 'self' ? tokens : source,
    site: (layer: number, name: string) => `${stack}blocks.${layer}.${part}.${name}`,
  };
}

/** The options of a run, with the ids of its source. */
function withSource(recipe: string, source: readonly number[] | undefined): string {
  return source ? JSON.stringify({ ...JSON.parse(recipe), source }) : recipe;
}

export class Runs {
  readonly #core: ModelsCore;
  /** All runs with a recording, least recently used first. */
  readonly #recorded = new Set<RunState>();
  /** The last finished run of every model and recipe: what a text has in common with it need not be computed again. */
  readonly #bases = new Map<LoadedModel, Map<string, RunState>>();

  constructor(core: ModelsCore) {
    this.#core = core;
  }

  /** A run that is known but not computed. */
  describe(model: LoadedModel, ids: readonly number[], recipe: string, source?: readonly number[]): RunState {
    return { model, ids: [...ids], source, recipe, handle: 0, bytes: 0, held: true };
  }

  /** Computes the run if it is not there; of leading tokens it takes over from an earlier run what the model allows. */
  async compute(run: RunState, pace: Pace, onProgress?: (progress: Progress) => void): Promise<void> {
    this.#recorded.delete(run);
    if (run.handle === 0) this.#create(run);
    this.#recorded.add(run); // the most recently used
    try {
      await this.#advance(run, pace, onProgress);
    } catch (error) {
      this.#drop(run);
      throw error;
    }
    throwIfAborted(pace.signal);
    this.#becomeBase(run);
  }

  /** Appends a token to a finished run and computes its row. */
  async extend(run: RunState, id: number, pace: Pace): Promise<void> {
    const before = this.#core.calls.liveBytes();
    this.#core.lendIds([id], (at, count) =>
      this.#core.check(this.#core.calls.runExtend(run.handle, at, count)),
    );
    run.bytes += this.#core.calls.liveBytes() - before;
    run.ids.push(id);
    try {
      await this.#advance(run, pace);
    } catch (error) {
      run.ids.pop(); // the next ask computes it afresh, without the token
      this.#drop(run);
      throw error;
    }
  }

  /** The likeliest target of a source: its ids from the start token on, and what it is worth. */
  async search(
    model: LoadedModel,
    source: readonly number[],
    recipe: string,
    options: TargetOptions,
    pace: Pace,
  ): Promise<{ ids: number[]; score: number }> {
    const { calls } = this.#core;
    const beams = check.wholeNumber(options.beams ?? 1, 'beams');
    const most = check.wholeNumber(options.maxTokens ?? 0, 'maxTokens');
    const penalty = check.finite(options.lengthPenalty ?? 1, 'lengthPenalty');
    this.#shrinkTo(kRecordingBudget);
    const search = this.#core.lendText(withSource(recipe, source), (json, bytes) =>
      this.#core.made(calls.searchCreate(model.handle, json, bytes, beams, most, penalty)),
    );
    try {
      while (calls.searchFinished(search) === 0) {
        this.#core.check(calls.searchAdvance(search, kSliceMilliseconds));
        await pace.breathe();
        throwIfAborted(pace.signal);
      }
      const count = calls.searchIds(search, 0);
      const ids = this.#core.lend(4 * count, (out) => {
        calls.searchIds(search, out);
        return [...this.#core.integers(out, count)];
      });
      return { ids, score: calls.searchScore(search) };
    } finally {
      calls.searchRelease(search);
    }
  }

  reused(run: RunState): number {
    return this.#core.calls.runReused(run.handle);
  }

  release(run: RunState): void {
    run.held = false;
    // A model that reads to both sides takes over too little to hold a run for it that nobody wants.
    if (!this.#isBase(run) || !run.model.info.causal) this.#drop(run);
  }

  /** Lets go of everything that belongs to a model. */
  releaseModel(model: LoadedModel): void {
    this.#bases.delete(model);
    for (const run of this.#recorded) if (run.model === model) this.#drop(run);
  }

  #create(run: RunState): void {
    this.#shrinkTo(kRecordingBudget);
    const { calls } = this.#core;
    const attempt = (): Address =>
      this.#core.lendIds(run.ids, (ids, count) =>
        this.#core.lendText(withSource(run.recipe, run.source), (options, bytes) =>
          this.#core.made(
            calls.runCreate(run.model.handle, ids, count, options, bytes, this.#base(run)?.handle ?? 0),
          ),
        ),
      );
    const before = calls.liveBytes();
    try {
      run.handle = attempt();
      run.bytes = calls.liveBytes() - before;
    } catch (error) {
      if (!(error instanceof LimelightError && error.code === 'out-of-memory') || this.#recorded.size === 0)
        throw error;
      this.#shrinkTo(0);
      const fewer = calls.liveBytes();
      run.handle = attempt();
      run.bytes = calls.liveBytes() - fewer;
    }
  }

  async #advance(run: RunState, pace: Pace, onProgress?: (progress: Progress) => void): Promise<void> {
    const { calls } = this.#core;
    while (calls.runFinished(run.handle) === 0) {
      this.#core.check(calls.runAdvance(run.handle, kSliceMilliseconds));
      onProgress?.({ phase: 'run', done: calls.runProgress(run.handle), total: 1 });
      if (calls.runFinished(run.handle) === 0) await pace.breathe();
    }
  }

  #base(run: RunState): RunState | undefined {
    return this.#bases.get(run.model)?.get(run.recipe);
  }

  #isBase(run: RunState): boolean {
    return this.#base(run) === run;
  }

  #becomeBase(run: RunState): void {
    const bases = this.#bases.get(run.model) ?? new Map<string, RunState>();
    this.#bases.set(run.model, bases);
    const old = bases.get(run.recipe);
    bases.set(run.recipe, run);
    if (old && old !== run && !old.held) this.#drop(old);
  }

  #drop(run: RunState): void {
    if (this.#isBase(run)) this.#bases.get(run.model)!.delete(run.recipe);
    this.#recorded.delete(run);
    if (run.handle !== 0) this.#core.calls.runRelease(run.handle);
    run.handle = 0;
    run.bytes = 0;
  }

  #shrinkTo(budget: number): void {
    let held = 0;
    for (const run of this.#recorded) held += run.bytes;
    for (const run of this.#recorded) {
      if (held <= budget) return;
      held -= run.bytes;
      this.#drop(run);
    }
  }

  // ------------------------------------------------------------------------------------- reading a finished run

  async parts(run: RunState, needs: PlacedNeeds, pace: Pace): Promise<Parts> {
    check.members(needs, ['matrix', 'overview', 'row', 'predictions'], 'needs');
    const parts: Parts = {};
    if (needs.matrix) parts.matrix = await this.#matrix(run, needs.matrix, pace);
    if (needs.overview) parts.overview = await this.#overview(run, needs.overview, pace);
    if (needs.row) parts.row = this.#row(run, needs.row);
    if (needs.predictions) parts.predictions = this.predict(run, needs.predictions);
    return parts;
  }

  async scores(
    run: RunState,
    at: MatrixRef & { stage: Stage; rows?: Range; cols?: Range },
    pace: Pace,
  ): Promise<Float32Array> {
    const { kind, layers, heads, rows: allRows, cols: allCols } = shapeOf(run, at.attention);
    check.index(at.layer, layers, 'layer');
    const head = at.head === 'mean' ? kEveryHead : check.index(at.head, heads, 'head');
    const stage = kStages.indexOf(check.choice(at.stage, kStages, 'stage'));
    const [firstRow, endRow] = check.range(at.rows, allRows, 'rows');
    const [firstCol, endCol] = check.range(at.cols, allCols, 'cols');
    const cols = endCol - firstCol;
    const values = new Float32Array((endRow - firstRow) * cols);
    const step = Math.max(1, Math.floor(kSliceCells / cols));
    for (let row = firstRow; row < endRow; row += step) {
      const rows = Math.min(step, endRow - row);
      this.#core.lend(4 * rows * cols, (out) => {
        this.#core.check(
          this.#core.calls.runExplain(
            run.handle,
            kind,
            at.layer,
            head,
            row,
            rows,
            firstCol,
            cols,
            stage,
            out,
          ),
        );
        values.set(this.#core.floats(out, rows * cols), (row - firstRow) * cols);
      });
      await pace.breathe();
    }
    return values;
  }

  async #matrix(run: RunState, needs: NonNullable<PlacedNeeds['matrix']>, pace: Pace): Promise<MatrixPart> {
    check.members(needs, ['layer', 'head', 'attention', 'stage'], 'needs.matrix');
    const { stage = 'weight', ...at } = needs;
    const { rows, cols } = shapeOf(run, at.attention);
    const values = await this.scores(run, { ...at, stage }, pace);
    const masked = stage === 'masked' ? values : await this.scores(run, { ...at, stage: 'masked' }, pace);
    const hidden = new Uint8Array(masked.length);
    for (let cell = 0; cell < masked.length; cell++)
      if (masked[cell] === Number.NEGATIVE_INFINITY) hidden[cell] = 1;
    return { ...at, stage, rows, cols, values, hidden };
  }

  async #overview(
    run: RunState,
    needs: NonNullable<PlacedNeeds['overview']>,
    pace: Pace,
  ): Promise<OverviewPart> {
    check.members(needs, ['pixels', 'attention'], 'needs.overview');
    const { kind, layers, heads, ...shape } = shapeOf(run, needs.attention);
    const pixels = check.size(needs.pixels, 'needs.overview.pixels');
    const [rows, cols] = [Math.min(pixels, shape.rows), Math.min(pixels, shape.cols)];
    const cells = heads * rows * cols;
    const values = new Float32Array(layers * cells);
    for (let layer = 0; layer < layers; layer++) {
      this.#core.lend(4 * cells, (out) => {
        this.#core.check(this.#core.calls.runOverview(run.handle, kind, layer, pixels, out));
        values.set(this.#core.floats(out, cells), layer * cells);
      });
      await pace.breathe();
    }
    const { attention } = needs;
    return { ...(attention && { attention }), layers, heads, rows, cols, values };
  }

  #row(run: RunState, needs: NonNullable<PlacedNeeds['row']>): RowPart {
    check.members(needs, ['layer', 'head', 'attention', 'token'], 'needs.row');
    const { layer, head, attention, token } = needs;
    const { kind, layers, heads, kvHeads, headDim, rows, cols: keys, site } = shapeOf(run, attention);
    const { rotary } = run.model.info;
    check.index(layer, layers, 'layer');
    check.index(head, heads, 'head');
    check.index(token, rows, 'token');
    const kvHead = Math.floor((head * kvHeads) / heads);
    const q = this.#rows(run, site(layer, rotary ? 'rot_q' : 'q'), token, 1, head);
    const k = this.#rows(run, site(layer, rotary ? 'rot_k' : 'k'), 0, keys, kvHead);
    const v = this.#rows(run, site(layer, 'v'), 0, keys, kvHead);
    const floats = 2 * keys * headDim + 5 * keys + headDim + 5;
    return this.#core.lend(4 * floats, (out) => {
      this.#core.check(this.#core.calls.runExplainRow(run.handle, kind, layer, head, token, out));
      let next = out;
      const take = (count: number): Float32Array => {
        const taken = this.#core.takeFloats(next, count);
        next += 4 * count;
        return taken;
      };
      const products = take(keys * headDim);
      const [dot, scaled, masked, exponent, weight] = [
        take(keys),
        take(keys),
        take(keys),
        take(keys),
        take(keys),
      ];
      const weighted = take(keys * headDim);
      const result = take(headDim);
      const [maximum, total, scale, temperature, gate] = take(5) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      return {
        ...(attention && { attention }),
        ...{ layer, head, token, keys, headDim, scale, temperature, gate, q, k, v, products },
        ...{ dot, scaled, masked, exponent, maximum, total, weight, weighted, out: result },
      };
    });
  }

  #rows(run: RunState, site: string, first: number, count: number, head: number): Float32Array {
    const { calls } = this.#core;
    return this.#core.lendText(site, (name, bytes) => {
      const width = this.#core.made(calls.runRows(run.handle, name, bytes, first, count, head, 0, 0));
      const floats = width * count;
      return this.#core.lend(4 * floats, (out) => {
        this.#core.made(calls.runRows(run.handle, name, bytes, first, count, head, out, floats));
        return this.#core.takeFloats(out, floats);
      });
    });
  }

  vector(run: RunState, site: string, token: number, head: number | undefined): Float32Array {
    check.text(site, 'site');
    const { info } = run.model;
    // Of two stacks the site says which is meant: the core knows.
    check.index(token, Math.max(run.ids.length, run.source?.length ?? 0), 'token');
    if (head !== undefined) check.index(head, Math.max(info.heads, info.encoder?.heads ?? 0), 'head');
    return this.#rows(run, site, token, 1, head ?? -1);
  }

  logits(run: RunState, token: number = run.ids.length - 1): Float32Array {
    check.index(token, run.ids.length, 'token');
    const { vocabulary } = run.model.info;
    return this.#core.lend(4 * vocabulary, (out) => {
      this.#core.check(this.#core.calls.runLogits(run.handle, token, out));
      return this.#core.takeFloats(out, vocabulary);
    });
  }

  predict(
    run: RunState,
    needs: { token?: number | undefined; count?: number | undefined; temperature?: number | undefined },
  ): PredictionsPart {
    check.members(needs, ['token', 'count', 'temperature'], 'needs.predictions');
    const { info, tokenizer } = run.model;
    const token = check.index(needs.token ?? run.ids.length - 1, run.ids.length, 'token');
    const count = Math.min(check.size(needs.count ?? 10, 'count'), info.vocabulary);
    const temperature = check.finite(needs.temperature ?? 1, 'temperature');
    return this.#core.lend(24 * count, (out) => {
      this.#core.check(this.#core.calls.runPredict(run.handle, token, temperature, count, out));
      const numbers = this.#core.doubles(out, 3 * count);
      const candidates = Array.from({ length: count }, (_, i) => {
        const id = numbers[3 * i]!;
        return {
          id,
          text: tokenizer.readable(id),
          logit: numbers[3 * i + 1]!,
          probability: numbers[3 * i + 2]!,
        };
      });
      return { token, kind: info.causal ? 'next' : 'fill', temperature, candidates };
    });
  }

  sites(run: RunState): string[] {
    return this.#core.text(this.#core.calls.runSites(run.handle)).split('\n');
  }

  sample(run: RunState, draw: { temperature: number; topK: number; seed: number; step: number }): number {
    const id = this.#core.calls.runSample(run.handle, draw.temperature, draw.topK, draw.seed, draw.step);
    if (id < 0) throw this.#core.failure();
    return id;
  }
}
