// npm run conformance: holds the library to cases of ONNX's attention operators, natively and in every WebAssembly build.
//
//   npm run conformance                              the files of this folder
//   npm run conformance -- FILE.json ...             these
//   npm run conformance -- --only native,simd ...    not everywhere
//
// A line for every case that fails, with the largest error and the one that is allowed; at the end "N passed, N failed",
// where a case counts once for each place that it ran in. Builds what is missing first.

import fs from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { buildPackage, buildPreset, kBuilds } from '../../build-scripts/build.mjs';
import { main, run, Sentence, say } from '../../build-scripts/console.mjs';
import { checkNode, ensureDependencies, kRelaxedSimdFlags } from '../../build-scripts/setup.mjs';
import { ensureToolchain, root } from '../../build-scripts/toolchain.mjs';
import { decode, readCases } from './cases.mjs';
import { compute } from './javascript.mjs';
import { complaints } from './judge.mjs';
import { evaluate } from './reference.mjs';

const kFolder = path.join(root, 'tests/conformance');

/** Where cases are computed. A place answers a file with one list of complaints for each of its cases. */
const kPlaces = { native, ...Object.fromEntries(kBuilds.map((build) => [build, inBuild(build)])) };

async function native(file, cases) {
  await buildPreset(await ensureToolchain(), 'native', { targets: ['limelight-conformance'] });
  const program = path.join(root, 'build/native/limelight-conformance');
  const { code, output } = await run(program, [file], { cwd: root, quiet: true });
  const lines = output.trim().split('\n');
  // A crash would leave cases unanswered.
  if (code !== 0 || lines.length !== cases.length)
    throw new Sentence(
      `limelight-conformance ended with ${code} after ${lines.length} of ${cases.length} cases.`,
    );
  const answers = lines.map((line) => JSON.parse(line));
  return cases.map((c, i) => {
    if (answers[i].refused !== undefined) return [answers[i].refused];
    return judged(c, () =>
      Object.fromEntries(Object.entries(answers[i]).map(([name, tensor]) => [name, decode(tensor)])),
    );
  });
}

function inBuild(build) {
  return async (_, cases) => {
    await buildPackage();
    for (const flag of kRelaxedSimdFlags) setFlagsFromString(flag);
    const { loadEngine } = await import('../../dist/index.js');
    const engine = await loadEngine({ build, worker: build === 'threads', threads: 2, preload: 'arrays' });
    try {
      const found = [];
      for (const c of cases) {
        const answer = await compute(engine, c).catch((error) => error);
        found.push(answer instanceof Error ? [answer.message] : judged(c, () => answer));
      }
      return found;
    } finally {
      engine.dispose();
    }
  };
}

function judged(c, outputs) {
  try {
    return complaints(outputs(), c.outputs, evaluate(c));
  } catch (error) {
    return [error.message]; // a case that the reference refuses has no answer
  }
}

function named(args) {
  const at = args.indexOf('--only');
  const places = at >= 0 ? (args[at + 1] ?? '').split(',') : Object.keys(kPlaces);
  const files = at >= 0 ? args.toSpliced(at, 2) : args;
  const unknown = places.find((name) => !Object.hasOwn(kPlaces, name));
  if (unknown !== undefined)
    throw new Sentence(`There is no place "${unknown}": ${Object.keys(kPlaces).join(', ')}.`);
  const missing = files.find((file) => !fs.existsSync(file));
  if (missing) throw new Sentence(`There is no file ${missing}.`);
  const own = fs.readdirSync(kFolder).filter((name) => name.endsWith('.json'));
  return { places, files: files.length > 0 ? files : own.map((name) => path.join(kFolder, name)) };
}

main(async (args) => {
  checkNode();
  const { places, files } = named(args);
  await ensureDependencies();
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const cases = readCases(file);
    for (const place of places) {
      const found = await kPlaces[place](path.resolve(file), cases);
      const bad = found.filter((lines) => lines.length > 0).length;
      for (const [i, lines] of found.entries())
        for (const line of lines) say(`FAILED  ${place.padEnd(8)} ${cases[i].name}: ${line}`);
      say(`${path.basename(file)} ${place}: ${cases.length - bad} passed, ${bad} failed`);
      passed += cases.length - bad;
      failed += bad;
    }
  }
  say(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
});
