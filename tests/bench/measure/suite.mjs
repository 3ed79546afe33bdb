// One run of the benchmark in one place (Node or a browser): loads everybody, goes through the cases, hands each result to
// `host.report`. `host` knows the place: how modules and files are loaded there, and which clock there is.

import { loadWatched, memoryOf, watchMemories } from './memory.mjs';
import { loadOrt, ortAttention, ortProduct } from './ort.mjs';
import { loadOurs, ourAttention, ourResidentAttention } from './ours.mjs';
import { loadProbe, ourProduct, peakLoops } from './peak.mjs';
import { plainAttention } from './plain.mjs';
import {
  attentionFlops,
  attentionProblem,
  attentionReference,
  kPlaces,
  noise,
  productReference,
  worstError,
} from './problem.mjs';
import { clockOverhead, race } from './rounds.mjs';
import { loadTfjs, tfjsAttention, tfjsProduct } from './tfjs.mjs';

/** From here on a call is so long that the machine's limits are measured beside it. */
const kPeakFrom = 512;
/** Peers store n x n scores: at 16,384 of them 12.9 GB. */
const kMostPeerKeys = 4096;

async function loadEverybody(host) {
  const everybody = { engines: await loadOurs(host), probes: [] };
  for (const { build } of everybody.engines)
    if (host.probes.includes(build)) everybody.probes.push(await loadProbe(host, build));
  for (const [name, load] of Object.entries({ ort: loadOrt, tfjs: loadTfjs })) {
    if (!host.peers) continue;
    try {
      everybody[name] = await loadWatched(name, () => load(host));
    } catch (error) {
      host.note(`${name} does not run here: ${error.message}`);
    }
  }
  return everybody;
}

/** Adds how much wasm memory a contestant's library has, which is read when the case is over. */
const withMemory = (memory) => (contestant) => ({ ...contestant, memory });

function attentionContestants(everybody, problem, mostPlainKeys) {
  const { engines, probes, ort, tfjs } = everybody;
  const { queries, keys, window } = problem;
  // Peers know windows as masks only, and store n x n scores.
  const others = window === undefined;
  const decoding = queries === 1 && keys > 1;
  const ours = engines.flatMap((engine) => [
    ourAttention(engine, problem),
    ...(decoding ? [ourResidentAttention(engine, problem)] : []),
  ]);
  return [
    ...ours.map((one) => ({ ...one, memory: async () => (await one.engine.memory()).wasm })),
    ...(ort && others && keys <= kMostPeerKeys
      ? ortAttention(ort, problem).map(withMemory(() => memoryOf('ort')))
      : []),
    ...(tfjs && others && keys <= kMostPeerKeys
      ? [tfjsAttention(tfjs, problem)].map(withMemory(() => memoryOf('tfjs')))
      : []),
    ...((others && keys <= mostPlainKeys) || decoding ? [plainAttention(problem)] : []),
    ...(queries >= kPeakFrom ? probes.flatMap(peakLoops) : []),
  ];
}

async function attentionCase(host, everybody, { shape, seconds, least, mostPlainKeys }) {
  const problem = attentionProblem(shape);
  const reference = attentionReference(problem);
  const check = (result, { layout }) =>
    layout ? worstError(reference, result, kPlaces[layout](problem)) : undefined;
  const contestants = attentionContestants(everybody, problem, mostPlainKeys);
  return { flops: attentionFlops(shape), results: await race(host, contestants, { check, seconds, least }) };
}

async function productCase(host, { probes, ort, tfjs }, { shape: { size }, seconds, least }) {
  const problem = { size, a: noise(size * size, 1), b: noise(size * size, 2) };
  const reference = productReference(problem);
  const check = (result, { layout }) =>
    layout ? worstError(reference, result, (row, i) => row * size + i) : undefined;
  const contestants = [
    ...probes.map((probe) => ourProduct(probe, problem)),
    ...(ort ? [ortProduct(ort, problem)] : []),
    ...(tfjs ? [tfjsProduct(tfjs, problem)] : []),
    ...probes.flatMap(peakLoops),
  ];
  return { flops: 2 * size ** 3, results: await race(host, contestants, { check, seconds, least }) };
}

async function peakCase(host, { probes }, { seconds, least }) {
  return { results: await race(host, probes.flatMap(peakLoops), { seconds, least }) };
}

async function modelCase(host, everybody, options) {
  const { measureModel } = await import('./model.mjs');
  return measureModel(host, everybody, options);
}

const kKinds = {
  peak: peakCase,
  attention: attentionCase,
  decode: attentionCase,
  product: productCase,
  model: modelCase,
};

/** Runs `cases` in their order. host: { builds, probes, peers, clock, report, note, importPackage, importPeer, ... }. */
export async function runSuite(host, cases) {
  watchMemories();
  host.overhead = await clockOverhead(host);
  const everybody = await loadEverybody(host);
  for (const one of cases) {
    try {
      await host.report({ case: one, ...(await kKinds[one.kind](host, everybody, one)) });
    } catch (error) {
      await host.report({ case: one, results: [], failure: String(error.stack ?? error) });
    }
  }
  for (const engine of everybody.engines) engine.dispose();
}
