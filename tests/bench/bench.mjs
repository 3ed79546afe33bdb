// npm run bench: Limelight beside onnxruntime-web, TensorFlow.js and plain JavaScript, and beside what the machine can do.
//
//   npm run bench -- --quick                  a glance, about a minute
//   npm run bench -- --engine chromium        in a headless browser (node: default; firefox: our builds; native: C++)
//   npm run bench -- --shapes n64,n1024c      only these (cases.mjs lists them)
//   npm run bench -- --json FILE --chart FILE also as JSON, and as the picture that the README shows
//
// Everybody computes the same numbers, one thread, and is checked against a float64 reference before being timed. Times are
// processor time where the place tells it, medians over rounds in which all take turns; a ratio is taken round by round.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildPackage, buildPreset } from '../../build-scripts/build.mjs';
import { isMain, main, Sentence, say } from '../../build-scripts/console.mjs';
import { checkNode, ensureDependencies } from '../../build-scripts/setup.mjs';
import { ensureToolchain, root } from '../../build-scripts/toolchain.mjs';
import { parseArguments } from './arguments.mjs';
import { caseOf } from './cases.mjs';
import { caseTable } from './report.mjs';
import { summarise } from './statistics.mjs';

const kFolder = path.join(root, 'build/bench');
const kPeers = path.join(kFolder, 'peers');
const kPackage = path.join(root, 'dist');
const kProbes = path.join(root, 'build/wasm-bench');
const kPresets = { simd: 'wasm', relaxed: 'wasm-relaxed' };

/** The peers, in a folder of their own that nothing else installs. */
async function installPeers() {
  fs.mkdirSync(kPeers, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    fs.copyFileSync(path.join(root, 'tests/bench/peers', name), path.join(kPeers, name));
  await ensureDependencies(kPeers, 'the libraries to compare with');
}

async function buildProbes() {
  const tools = await ensureToolchain();
  for (const preset of Object.values(kPresets)) {
    await buildPreset(tools, preset, { targets: ['limelight-probe'], definitions: ['-DLIMELIGHT_BENCH=ON'] });
  }
}

/** The builds that the package has. */
function packageBuilds() {
  const names = fs.readdirSync(kPackage).map((name) => /^limelight-(\w+)\.wasm$/.exec(name)?.[1]);
  return names.filter(Boolean).sort().reverse();
}

/** Runs the suite in a Node of its own; `onMessage` gets what it tells. */
function runInNode(settings, onMessage) {
  const script = path.join(root, 'tests/bench/measure/in-node.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--experimental-wasm-relaxed-simd', '--max-old-space-size=8192', script, JSON.stringify(settings)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) onMessage(JSON.parse(line));
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Sentence(`The measuring program ended with ${code}.`)),
    );
  });
}

async function bench(args) {
  checkNode();
  const options = parseArguments(args);
  await ensureDependencies();
  await buildPackage();
  await buildProbes();
  await installPeers();
  const settings = {
    builds: packageBuilds(),
    probes: Object.keys(kPresets),
    peers: true,
    cases: options.shapes.map((name) => caseOf(name, options.quick)),
    packageFolder: kPackage,
    peersFolder: path.join(kPeers, 'node_modules'),
    probeFolder: kProbes,
  };
  const machine = {
    processor: os.cpus()[0].model,
    cores: os.availableParallelism(),
    engine: `Node ${process.version}`,
  };
  say(`${machine.processor}, ${machine.cores} cores, ${machine.engine}\n`);
  const cases = [];
  await runInNode(settings, ({ result, note }) => {
    if (note) say(`${note}\n`);
    if (!result) return;
    cases.push(summarise(result));
    say(`${caseTable(cases.at(-1))}\n`);
  });
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify({ machine, cases }, undefined, 1)}\n`);
}

if (isMain(import.meta.url)) main(bench);
