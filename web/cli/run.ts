// limelight run: tokens, predictions and, as JSON, everything.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Engine,
  type EngineOptions,
  loadEngine,
  type Model,
  type PredictionsPart,
  type Run,
} from '../engine/index.ts';

export interface RunSettings {
  /** Predictions for each place. */
  top: number;
  json: boolean;
  engine: EngineOptions;
}

/** Errors: LimelightError. */
export async function run(source: string, text: string, settings: RunSettings): Promise<void> {
  const engine = await loadEngine(settings.engine);
  try {
    const model = await engine.loadModel(placeOf(source));
    const run = await model.run(text);
    const print = settings.json ? printJson : printText;
    await print(engine, model, run, settings.top);
  } finally {
    engine.dispose();
  }
}

/** A folder that is there comes before a shipped name. */
function placeOf(source: string): string | URL {
  return existsSync(join(source, 'config.json')) ? pathToFileURL(source) : source;
}

async function printText(engine: Engine, model: Model, run: Run, top: number): Promise<void> {
  const { info } = model;
  const threads = engine.threads === 1 ? '1 thread' : `${engine.threads} threads`;
  const lines = [
    `${info.name}: ${info.parameters.toLocaleString('en')} parameters, build ${engine.build}, ${threads}`,
    `${run.tokens.length} tokens: ${run.tokens.map((token) => JSON.stringify(token.text)).join(' ')}`,
  ];
  for (const token of askedTokens(model, run)) {
    const { kind, candidates } = await run.predict({ token, count: Math.min(top, info.vocabulary) });
    const place = `${JSON.stringify(run.tokens[token]!.text)}, token ${token}`;
    lines.push(kind === 'next' ? `after ${place}:` : `in place of ${place}:`);
    for (const { text, probability } of candidates)
      lines.push(`${(100 * probability).toFixed(1).padStart(7)} %  ${JSON.stringify(text)}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What a reader wants to know first: every blank; without any, the last token of the text. */
function askedTokens(model: Model, run: Run): number[] {
  const all = run.tokens.map((_, index) => index);
  const blanks = all.filter((index) => run.tokens[index]!.text === model.info.mask);
  if (blanks.length > 0) return blanks;
  return [all.filter((index) => model.info.causal || !run.tokens[index]!.special).at(-1) ?? 0];
}

async function printJson(engine: Engine, model: Model, run: Run, top: number): Promise<void> {
  const { info } = model;
  const predictions: PredictionsPart[] = [];
  for (const token of run.tokens.keys())
    predictions.push(await run.predict({ token, count: Math.min(top, info.vocabulary) }));
  const weights: number[][][][] = [];
  for (let layer = 0; layer < info.layers; layer++) {
    weights.push([]);
    for (let head = 0; head < info.heads; head++)
      weights[layer]!.push(rowsOf(await run.weights({ layer, head }), run.tokens.length));
  }
  const all = {
    build: engine.build,
    threads: engine.threads,
    model: info,
    text: run.text,
    tokens: run.tokens,
    predictions,
    weights,
  };
  process.stdout.write(`${JSON.stringify(all)}\n`);
}

/** With as many digits as a single-precision number has. */
function rowsOf(matrix: Float32Array, width: number): number[][] {
  return Array.from({ length: width }, (_, row) =>
    Array.from(matrix.subarray(row * width, (row + 1) * width), (weight) => Number(weight.toPrecision(9))),
  );
}
