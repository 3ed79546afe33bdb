// npm test: sets up what is missing and runs every check and every test; goes on after a failure and sums up at the end.
//
//   npm test                        everything
//   npm test -- --only page,size    only these steps (npm test -- --list names them)
//
// What a step printed is kept in build/test/<step>.log; it is shown when the step fails. Lines that a test prints with
// "note: " in front (something that it measured) are shown always.

import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { ensureBrowser } from './browser.mjs';
import { buildPackage, buildPage, buildPreset, buildWasm, kBuilds, kTrainingBuilds } from './build.mjs';
import { isMain, main, run, Sentence, say } from './console.mjs';
import { biome, formatCpp } from './format.mjs';
import { checkNode, ensureDependencies, kRelaxedSimdFlags } from './setup.mjs';
import { listFiles } from './stamp.mjs';
import { ensureToolchain, root } from './toolchain.mjs';

const kLogs = path.join(root, 'build/test');
const kSizeBudget = 150_000; // bytes, brotli: JS and one wasm of a visitor, without tokenizer library, fonts and models
const kArraysBudget = 70_000; // the same of what the first call on arrays downloads in addition
const kTrainingBudget = 110_000; // and of what a visitor who trains does

// ---------------------------------------------------------------------------------------------- small pure parts

/** The last "test cases" line of doctest as { passed, failed }; undefined when the program did not get that far. */
export function parseDoctest(output) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: doctest colours its output with escape sequences
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const found = [...plain.matchAll(/test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed/g)].at(-1);
  return found && { passed: Number(found[2]), failed: Number(found[3]) };
}

/** Passed and failed tests in a report of vitest's JSON reporter; a file that does not load is one failure. */
export function parseVitest(report) {
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

/**
 * What a visitor whose browser runs `build` downloads before the first figure (tests/page/download.test.ts looks): every
 * script but those of other builds, and that build's wasm. A script that lies there twice is one for the page and one for
 * its worker; `host` and `files` are the engine outside of a worker, where the page never has it. `arrays` comes with the
 * first call on arrays, `training` when somebody trains.
 */
export function countedFiles(files, build) {
  return chosen(
    files,
    (name) =>
      !/^(tokenizers|host|files|arrays.*|training.*|limelight-(arrays|training)-\w+)\./.test(name) &&
      (build === 'threads' || !/^(threads|helper)\./.test(name)) &&
      (!/^limelight-/.test(name) || name.startsWith(`limelight-${build}.`)),
  );
}

/** What calls on arrays add to that. */
export function arraysFiles(files, build) {
  return chosen(files, (name) => new RegExp(`^(arrays-host|limelight-arrays-${build})\\.`).test(name));
}

/** What training adds to it; its recipe, 0.2 KB, apart. */
export function trainingFiles(files, build) {
  return chosen(
    files,
    (name) => /^training(-worker)?\./.test(name) || new RegExp(`^limelight-training-${build}\\.`).test(name),
  );
}

/** The scripts and modules with names that are wanted, each once. */
function chosen(files, isWanted) {
  const found = new Map();
  for (const file of files) {
    const name = path.basename(file.name).replace(/-[\w-]{8}\.(js|wasm)$/, '.$1');
    const wanted = /\.(js|wasm)$/.test(name) && !/^models\//.test(file.name) && isWanted(name);
    if (wanted && !(found.get(name)?.bytes > file.bytes)) found.set(name, file);
  }
  return [...found.values()];
}

// --------------------------------------------------------------------------------------------------- the steps

/** A check that either holds or throws. */
async function check(body) {
  const text = await body();
  return { passed: 1, failed: 0, log: typeof text === 'string' ? text : '' };
}

async function doctest(program, args, env = {}) {
  const { code, output } = await run(program, args, {
    cwd: root,
    quiet: true,
    env: { ...process.env, ...env },
  });
  const counts = parseDoctest(output) ?? { passed: 0, failed: 1 };
  // A sanitizer's report or a crash after the summary also fails.
  const failed = code === 0 || counts.failed > 0 ? counts.failed : 1;
  return { ...counts, failed, log: output };
}

async function nativeTests(preset, env) {
  await buildPreset(await ensureToolchain(), preset, { definitions: warnings() });
  return doctest(path.join(root, 'build', preset, 'limelight-tests'), [], env);
}

async function wasmTests(preset, suffix, flags) {
  await buildPreset(await ensureToolchain(), preset, { definitions: warnings() });
  return doctest(process.execPath, [
    ...flags,
    path.join(root, `build/wasm-tests/limelight-tests${suffix}.cjs`),
  ]);
}

/** In CI a warning fails the build; a newcomer's newer compiler may warn in peace. */
function warnings() {
  return [`-DLIMELIGHT_WERROR=${process.env.CI ? 'ON' : 'OFF'}`];
}

async function types(project) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', project, '--noEmit'], {
    cwd: root,
    quiet: true,
  });
  if (code !== 0) throw new Sentence(output);
}

async function vitest(folder, env = {}) {
  const report = path.join(kLogs, `${path.basename(folder)}.json`);
  fs.rmSync(report, { force: true });
  const args = ['node_modules/vitest/vitest.mjs', 'run', `${folder}/`, '--reporter=default'];
  const { code, output } = await run(
    process.execPath,
    [...args, '--reporter=json', `--outputFile=${report}`],
    {
      cwd: root,
      quiet: true,
      env: { ...process.env, ...env, NO_COLOR: '1' },
    },
  );
  const counts = fs.existsSync(report) ? parseVitest(JSON.parse(fs.readFileSync(report, 'utf8'))) : {};
  const { passed = 0, failed = 0 } = counts;
  // An error outside of any test also fails.
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, log: output };
}

/** ONNX's cases: its script says at the end how many passed. */
async function conformance() {
  const script = path.join(root, 'tests/conformance/conformance.mjs');
  const { code, output } = await run(process.execPath, [script], { cwd: root, quiet: true });
  const [, passed, failed] = output.match(/^(\d+) passed, (\d+) failed$/m) ?? [];
  if (passed === undefined || (code !== 0 && failed === '0')) throw new Sentence(output);
  return { passed: Number(passed), failed: Number(failed), log: output };
}

async function size() {
  await buildPage();
  const page = path.join(root, 'build/page');
  const files = listFiles(page, ['.'])
    .map((name) => name.replace(/^\.\//, ''))
    .filter((name) => !/\.(br|safetensors)$/.test(name))
    .map((name) => ({ name, bytes: zlib.brotliCompressSync(fs.readFileSync(path.join(page, name))).length }));
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} KB`;
  const sum = (counted) => counted.reduce((total, { bytes }) => total + bytes, 0);
  const weigh = (builds, select, who, budget) => {
    const weighed = builds.map((build) => ({ build, counted: select(files, build) }));
    weighed.sort((one, other) => sum(other.counted) - sum(one.counted));
    const [largest] = weighed;
    const lines = largest.counted
      .sort((one, other) => other.bytes - one.bytes)
      .map(({ name, bytes }) => `note: ${kilobytes(bytes)}  ${name}`);
    for (const { build, counted } of weighed)
      lines.push(`note: ${kilobytes(sum(counted))}  ${who} with the build "${build}" downloads, brotli`);
    lines.push(`note: ${kilobytes(budget)}  is the most that this may be`);
    if (sum(largest.counted) > budget)
      throw new Sentence(`The page's code is too large.\n${lines.join('\n')}`);
    return lines.join('\n');
  };
  return [
    weigh(kBuilds, countedFiles, 'a visitor', kSizeBudget),
    weigh(kBuilds, arraysFiles, 'who calls on arrays', kArraysBudget),
    weigh(kTrainingBuilds, trainingFiles, 'whoever trains', kTrainingBudget),
  ].join('\n');
}

async function packageTool(script, args) {
  await buildPackage();
  const { code, output } = await run(process.execPath, [path.join(root, 'node_modules', script), ...args], {
    cwd: root,
    quiet: true,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (code !== 0) throw new Sentence(output);
}

const kSanitizers = {
  ASAN_OPTIONS: 'strict_string_checks=1:detect_stack_use_after_return=1:allocator_may_return_null=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

/** Everything that is run, in this order. */
const kSteps = {
  biome: () => check(() => biome(true)),
  'clang-format': () => check(() => formatCpp(true)),
  native: () => nativeTests('native'),
  asan: () => nativeTests('asan', kSanitizers),
  wasm: () => wasmTests('wasm', '', []),
  'wasm-relaxed': () => wasmTests('wasm-relaxed', '-relaxed', kRelaxedSimdFlags),
  build: () =>
    check(async () => {
      await buildWasm();
      await buildPackage();
      await buildPage();
    }),
  conformance,
  types: () => check(() => types('tsconfig.json')),
  'types-engine': () => check(() => types('tsconfig.engine.json')),
  size: () => check(size),
  publint: () => check(() => packageTool('publint/src/cli.js', ['--strict'])),
  'types-package': () =>
    check(() =>
      packageTool('@arethetypeswrong/cli/dist/index.js', [
        '--pack',
        '.',
        '--profile',
        'esm-only',
        '--entrypoints',
        '.',
        './worker.js',
        './training-worker.js',
      ]),
    ),
  // One for each folder of tests/ with *.test.ts in it; those that build nothing themselves first.
  ...Object.fromEntries(vitestFolders().map((name) => [name, () => vitestStep(name)])),
};

function vitestFolders() {
  const order = ['scripts', 'reference', 'engine', 'views', 'truth', 'package', 'page'];
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.indexOf('truth'));
  return fs
    .readdirSync(path.join(root, 'tests'))
    .filter((name) => listFiles(root, [`tests/${name}`]).some((file) => /\.test\.(ts|mjs)$/.test(file)))
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

async function vitestStep(name) {
  await buildPackage();
  if (name === 'page') {
    await buildPage();
    return vitest(`tests/${name}`, { CHROME_PATH: await ensureBrowser() });
  }
  return vitest(`tests/${name}`);
}

// --------------------------------------------------------------------------------------------------------- main

async function runStep(name) {
  const started = performance.now();
  let result;
  try {
    result = await kSteps[name]();
  } catch (error) {
    result = {
      passed: 0,
      failed: 1,
      log: error instanceof Sentence ? error.message : String(error.stack ?? error),
    };
  }
  if (result.passed + result.failed === 0)
    result = { ...result, failed: 1, log: `${result.log}\nNo test ran.` };
  fs.mkdirSync(kLogs, { recursive: true });
  fs.writeFileSync(path.join(kLogs, `${name}.log`), `${result.log}\n`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const outcome =
    result.failed > 0 ? `${result.failed} FAILED, ${result.passed} passed` : `${result.passed} passed`;
  say(`${name.padEnd(14)} ${outcome}  (${seconds} s)`);
  const shown = result.failed > 0 ? result.log : (result.log.match(/^note: .*$/gm) ?? []).join('\n');
  if (shown.trim()) say(shown.trim().replace(/^(note: )?/gm, '    '));
  return result;
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    checkNode();
    const names = Object.keys(kSteps);
    if (args.includes('--list')) return say(names.join('\n'));
    const at = args.indexOf('--only');
    const only = at >= 0 ? (args[at + 1] ?? '').split(',') : names;
    const unknown = only.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Sentence(`There is no step "${unknown}": ${names.join(', ')}.`);

    await Promise.all([ensureDependencies(), ensureToolchain()]);
    let passed = 0;
    let failed = 0;
    const failedSteps = [];
    for (const name of names.filter((candidate) => only.includes(candidate))) {
      const result = await runStep(name);
      passed += result.passed;
      failed += result.failed;
      if (result.failed > 0) failedSteps.push(name);
    }
    say('');
    if (failed > 0) say(`Failed: ${failedSteps.join(', ')}; what they printed is above and in build/test/.`);
    say(`${passed} passed, ${failed} failed`);
    if (failed > 0 || passed === 0) process.exitCode = 1;
  });
}
