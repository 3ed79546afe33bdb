// Runs a fuzzer: random inputs that grow out of those in tests/fuzz/corpus until one breaks a promise of the library.
//
//   npm run fuzz -- TARGET [seconds]     json, config, safetensors, model, attention, validation (tests/fuzz/fuzz.hpp):
//                                        clang's libFuzzer; tokenizer: fast-check in Node. 60 seconds if nothing is said
//   npm run fuzz -- TARGET keep          puts what reached more code into tests/fuzz/corpus, which `npm test` runs again
//
// New inputs are kept in build/fuzz/corpus, those that fail in build/fuzz/found.

import fs from 'node:fs';
import path from 'node:path';
import { buildPreset } from './build.mjs';
import { findOnPath, isMain, main, run, Sentence, say } from './console.mjs';
import { checkNode, ensureDependencies } from './setup.mjs';
import { ensureToolchain, root } from './toolchain.mjs';

const kNative = ['json', 'config', 'safetensors', 'model', 'attention', 'validation'];
const kJsonTargets = ['json', 'config', 'safetensors', 'model'];
const kLongestInput = 4096;

/**
 * The arguments as { target, seconds } or { target, keep }.
 * @param {string[]} args
 */
export function parseArguments(args) {
  const [target, what = '60'] = args;
  const targets = [...kNative, 'tokenizer'];
  if (!targets.includes(target)) throw new Sentence(`Which fuzzer is to run? ${targets.join(', ')}.`);
  if (what === 'keep' && target !== 'tokenizer') return { target, keep: true };
  if (!/^[1-9]\d*$/.test(what)) throw new Sentence(`"${what}" is no number of seconds.`);
  return { target, seconds: Number(what) };
}

async function runNative({ target, seconds, keep }) {
  if (!findOnPath('clang++')) throw new Sentence('Fuzzing needs clang++ on PATH: please install clang.');
  say(`Building the fuzzer "${target}".`);
  await buildPreset(await ensureToolchain(), 'fuzz', { targets: [`fuzz-${target}`] });
  const kept = path.join(root, 'tests/fuzz/corpus', target);
  const grown = path.join(root, 'build/fuzz/corpus', target);
  const found = path.join(root, 'build/fuzz/found');
  for (const folder of [kept, grown, found]) fs.mkdirSync(folder, { recursive: true });
  // Kept is what reaches new edges; how often they are passed would keep thousands.
  const args = keep
    ? ['-merge=1', '-use_counters=0', kept, grown]
    : [`-max_total_time=${seconds}`, '-timeout=20', '-print_final_stats=1', grown, kept];
  if (kJsonTargets.includes(target)) args.unshift(`-dict=${path.join(root, 'tests/fuzz/json.dict')}`);
  args.unshift(`-artifact_prefix=${found}/${target}-`, `-max_len=${kLongestInput}`);
  return run(path.join(root, 'build/fuzz', `fuzz-${target}`), args);
}

async function runTokenizer(seconds) {
  await ensureDependencies();
  const env = { ...process.env, FUZZ_SECONDS: String(seconds) };
  return run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'tests/fuzz/'], { cwd: root, env });
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    checkNode();
    const wanted = parseArguments(args);
    const { code } = await (wanted.target === 'tokenizer' ? runTokenizer(wanted.seconds) : runNative(wanted));
    if (code !== 0) throw new Sentence(`The fuzzer "${wanted.target}" found something.`);
  });
}
