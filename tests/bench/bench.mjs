// npm run bench: Limelight beside onnxruntime-web, TensorFlow.js and plain JavaScript, and beside what the machine can do.
//
//   npm run bench -- --quick                  a glance, about a minute
//   npm run bench -- --engine chromium        in a headless browser (node: default; firefox: our builds; native: C++)
//   npm run bench -- --shapes n64,n1024c      only these (cases.mjs lists them)
//   npm run bench -- --json FILE --chart FILE also as JSON, and as the picture that the README shows; that one is made by
//                                             --engine chromium --json tests/bench/chart.json --chart tests/bench/chart.svg
//
// Everybody computes the same numbers and is checked against a float64 reference before being timed; all on one thread but
// "Limelight threads", which has as many as loadEngine() gives. Times are processor time where the place tells it, and the
// wall's for threads, medians over rounds in which all take turns; a ratio is taken round by round.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildPackage, buildPreset } from '../../build-scripts/build.mjs';
import { isMain, main, say } from '../../build-scripts/console.mjs';
import { checkNode, ensureDependencies } from '../../build-scripts/setup.mjs';
import { ensureToolchain, root } from '../../build-scripts/toolchain.mjs';
import { parseArguments } from './arguments.mjs';
import { caseOf } from './cases.mjs';
import { chart } from './chart.mjs';
import { measureNatively } from './native.mjs';
import { inBrowser, inNode } from './places.mjs';
import { caseTable, startTable } from './report.mjs';
import { shippedBytes } from './shipped.mjs';
import { spread, summarise } from './statistics.mjs';

const kPeers = path.join(root, 'build/bench/peers');
const kFolders = {
  packageFolder: path.join(root, 'dist'),
  peersFolder: path.join(kPeers, 'node_modules'),
  probeFolder: path.join(root, 'build/wasm-bench'),
};
const kProbePresets = { simd: 'wasm', relaxed: 'wasm-relaxed' };
const kColdStarts = 5;

/** The peers, in a folder of their own that nothing else installs. */
async function installPeers() {
  fs.mkdirSync(kPeers, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    fs.copyFileSync(path.join(root, 'tests/bench/peers', name), path.join(kPeers, name));
  await ensureDependencies(kPeers, 'the libraries to compare with');
}

async function buildProbes() {
  const tools = await ensureToolchain();
  for (const preset of Object.values(kProbePresets))
    await buildPreset(tools, preset, { targets: ['limelight-probe'], definitions: ['-DLIMELIGHT_BENCH=ON'] });
}

/** The builds that the package has. */
function packageBuilds() {
  const names = fs.readdirSync(kFolders.packageFolder);
  const builds = names.flatMap((name) => /^limelight-(\w+)\.wasm$/.exec(name)?.[1] ?? []);
  return builds.sort().reverse();
}

/** Cold start and shipped bytes of everybody. */
async function measureStarts(place, settings, rounds) {
  const contestants = [...settings.builds, ...(settings.peers ? ['ort', 'tfjs'] : [])];
  const seconds = Object.fromEntries(contestants.map((name) => [name, []]));
  const failures = {};
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      try {
        seconds[contestant].push(await place.cold({ ...settings, contestant }));
      } catch (error) {
        failures[contestant] = error.message.split('\n')[0];
      }
    }
  }
  return contestants.map((name) => ({
    name,
    failure: failures[name],
    cold: seconds[name].length > 0 ? spread(seconds[name]) : undefined,
    shipped: shippedBytes(name, kFolders),
  }));
}

async function measure(options, onResult) {
  const place = options.engine === 'node' ? inNode() : await inBrowser(options.engine, kFolders);
  try {
    const settings = {
      ...kFolders,
      builds: packageBuilds(),
      probes: Object.keys(kProbePresets),
      peers: options.engine !== 'firefox',
      cases: options.shapes.map((name) => caseOf(name, options.quick)),
    };
    const machine = {
      processor: os.cpus()[0].model,
      cores: os.availableParallelism(),
      engine: place.name,
      load: os.loadavg()[0],
    };
    say(`${machine.processor}, ${machine.cores} cores, ${machine.engine}\n`);
    const cases = [];
    await place.run(settings, ({ result, note }) => {
      if (note) say(`${note}\n`);
      if (!result) return;
      cases.push(summarise(result));
      onResult(cases.at(-1));
    });
    const starts = await measureStarts(place, settings, options.quick ? 1 : kColdStarts);
    return { machine, cases, starts };
  } finally {
    await place.close();
  }
}

async function bench(args) {
  checkNode();
  const options = parseArguments(args);
  await ensureDependencies();
  const show = (result) => say(`${caseTable(result)}\n`);
  let results;
  if (options.engine === 'native') {
    results = await measureNatively(options, show);
  } else {
    await buildPackage();
    await buildProbes();
    await installPeers();
    results = await measure(options, show);
    say(startTable(results.starts));
  }
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (options.chart) fs.writeFileSync(options.chart, chart(results));
}

if (isMain(import.meta.url)) main(bench);
