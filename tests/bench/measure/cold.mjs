// Cold start: from nothing to the first result of attention over 64 tokens, in a place that has just begun.

import { loadOrt, ortAttention } from './ort.mjs';
import { engineOptions } from './ours.mjs';
import { attentionProblem } from './problem.mjs';
import { loadTfjs, tfjsAttention } from './tfjs.mjs';

const kFirst = {
  ort: async (host, problem) => {
    const [, , decomposed] = ortAttention(await loadOrt(host), problem);
    return (await decomposed.make()).run();
  },
  tfjs: async (host, problem) => (await tfjsAttention(await loadTfjs(host), problem).make()).run(),
};

async function ownFirst(host, build, { q, k, v, heads, dim }) {
  const { loadEngine } = await host.importPackage();
  const engine = await loadEngine(engineOptions(build));
  return (await engine.attention({ q, k, v, heads, headDim: dim })).out;
}

/** Seconds by the wall. `contestant`: ort, tfjs, or the name of one of our builds. */
export async function coldStart(host, contestant) {
  const problem = attentionProblem({ heads: 12, dim: 64, queries: 64, keys: 64, causal: false });
  const start = performance.now();
  const out = await (kFirst[contestant]?.(host, problem) ?? ownFirst(host, contestant, problem));
  const seconds = (performance.now() - start) / 1e3;
  if (!Number.isFinite(out[0])) throw new Error(`${contestant} gave no number`);
  return seconds;
}
