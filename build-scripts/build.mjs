// Builds everything, or the parts that are named; a part whose inputs have not changed is skipped.
//
//   node build-scripts/build.mjs [wasm] [native] [page] [package]
//
//   wasm      build/wasm/limelight-{simd,relaxed,threads}.{js,wasm}          the module for models, once per instruction set
//             build/wasm/limelight-arrays-{simd,relaxed,threads}.{js,wasm}   the module for calls on arrays
//             build/wasm/limelight-training-{simd,relaxed}.{js,wasm}         the module for training
//   native    build/native/                                    the C++ library and its tests
//   page      build/page/                                      the site: any static host serves it from any path
//   package   dist/                                            what `npm pack` packs

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { isMain, lastLines, main, run, Sentence, say } from './console.mjs';
import { checkNode, ensureDependencies } from './setup.mjs';
import { alone, contentKey, listFiles, unlessDone } from './stamp.mjs';
import { ensureToolchain, root, toolEnvironment } from './toolchain.mjs';

const kWasmInputs = ['CMakeLists.txt', 'CMakePresets.json', 'cpp'];
export const kBuilds = ['simd', 'relaxed', 'threads'];
export const kTrainingBuilds = ['simd', 'relaxed'];
/** The modules of a build. */
const modulesOf = (build) =>
  [build, `arrays-${build}`, ...(kTrainingBuilds.includes(build) ? [`training-${build}`] : [])].map(
    (name) => `limelight-${name}`,
  );
const kWasmOutputs = kBuilds.flatMap(modulesOf).flatMap((name) => [`${name}.js`, `${name}.wasm`]);
const kConfigs = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.engine.json'];
const kPageInputs = ['web', 'vite.config.ts', 'build-scripts/build.mjs', 'package-lock.json'];
const kPackageInputs = [
  'web/cli',
  'web/engine',
  'web/models',
  'web/recipes',
  'build-scripts/build.mjs',
  'build-scripts/package.mjs',
  ...kConfigs,
];

// ------------------------------------------------------------------------------------------------------ C++

/**
 * Configures and builds a CMake preset; gives what the compiler said. `targets`: only these.
 * Throws a Sentence with the last lines when it fails.
 * @param tools what ensureToolchain() gives
 * @param {string} preset
 * @param {{ targets?: string[], definitions?: string[] }} options
 */
export async function buildPreset(tools, preset, { targets = [], definitions = [] } = {}) {
  const env = toolEnvironment(tools);
  const jobs = String(Math.max(1, os.availableParallelism()));
  const configure = [
    '--preset',
    preset,
    '-G',
    tools.generator,
    `-DCMAKE_MAKE_PROGRAM=${tools.make}`,
    ...definitions,
  ];
  const build = [
    '--build',
    '--preset',
    preset,
    '--parallel',
    jobs,
    ...targets.flatMap((name) => ['--target', name]),
  ];
  return alone(root, `preset-${preset}`, async () => {
    let output = '';
    for (const args of [configure, build]) {
      const result = await run(tools.cmake, args, { cwd: root, env, quiet: true });
      output += result.output;
      if (result.code !== 0)
        throw new Sentence(`The C++ build "${preset}" failed:\n${lastLines(result.output, 40)}`);
    }
    return output;
  });
}

export async function buildWasm() {
  const tools = await ensureToolchain();
  await unlessDone({
    root,
    name: 'wasm',
    key: contentKey(root, kWasmInputs, [tools.emccVersion]),
    outputs: kWasmOutputs.map((file) => `build/wasm/${file}`),
    work: async () => {
      say('Building the core for WebAssembly.');
      await Promise.all([
        buildPreset(tools, 'wasm', { targets: modulesOf('simd') }),
        buildPreset(tools, 'wasm-relaxed', { targets: modulesOf('relaxed') }),
        buildPreset(tools, 'wasm-threads', { targets: modulesOf('threads') }),
      ]);
    },
  });
}

export async function buildNative() {
  await buildPreset(await ensureToolchain(), 'native');
}

// ------------------------------------------------------------------------------------------------------ web

async function node(script, args) {
  const { code, output } = await run(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    quiet: true,
  });
  if (code !== 0) throw new Sentence(`${path.basename(script, '.js')} failed:\n${lastLines(output, 40)}`);
  return output;
}

/** Writes name.br beside every file under `folder` that gains by it, so that no server compresses at each request. */
export function precompress(folder) {
  for (const file of listFiles(folder, ['.'])) {
    if (!/\.(js|css|html|json|svg|wasm)$/.test(file)) continue;
    const full = path.join(folder, file);
    const content = fs.readFileSync(full);
    const params = { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    const packed = zlib.brotliCompressSync(content, { params });
    if (packed.length < 0.9 * content.length) fs.writeFileSync(`${full}.br`, packed);
  }
}

export async function buildPage() {
  await ensureDependencies();
  await buildWasm();
  await unlessDone({
    root,
    name: 'page',
    key: contentKey(root, [...kPageInputs, ...kWasmOutputs.map((file) => `build/wasm/${file}`)]),
    outputs: ['build/page/index.html'],
    work: async () => {
      say('Building the page.');
      await node('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn']);
      precompress(path.join(root, 'build/page'));
    },
  });
}

export async function buildPackage() {
  await ensureDependencies();
  await buildWasm();
  await unlessDone({
    root,
    name: 'package',
    key: contentKey(root, [...kPackageInputs, ...kWasmOutputs.map((file) => `build/wasm/${file}`)]),
    outputs: [
      'dist/index.js',
      'dist/worker.js',
      'dist/helper.js',
      'dist/training-worker.js',
      'dist/cli.js',
      'dist/index.d.ts',
    ],
    work: async () => {
      say('Building the npm package.');
      const { writePackage } = await import('./package.mjs');
      await writePackage();
    },
  });
}

const kParts = { wasm: buildWasm, native: buildNative, page: buildPage, package: buildPackage };

if (isMain(import.meta.url)) {
  main(async (args) => {
    checkNode();
    const unknown = args.find((name) => !Object.hasOwn(kParts, name));
    if (unknown) throw new Sentence(`There is no part "${unknown}": ${Object.keys(kParts).join(', ')}.`);
    for (const name of args.length > 0 ? args : Object.keys(kParts)) await kParts[name]();
  });
}
