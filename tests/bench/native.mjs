// npm run bench -- --engine native: builds the program of Google Benchmark (cpp/native.cpp) and reads what it measured.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { aptInstall } from '../../build-scripts/apt.mjs';
import { buildPreset } from '../../build-scripts/build.mjs';
import { lastLines, run, Sentence, say } from '../../build-scripts/console.mjs';
import { ensureToolchain, root } from '../../build-scripts/toolchain.mjs';
import { caseOf, kAllShapes } from './cases.mjs';
import { attentionFlops } from './measure/problem.mjs';
import { summarise } from './statistics.mjs';

const kPackages = ['libbenchmark-dev', 'libopenblas-dev'];

async function build() {
  const tools = await ensureToolchain();
  const attempt = () => buildPreset(tools, 'bench', { targets: ['limelight-bench'] });
  try {
    await attempt();
  } catch (error) {
    if (!/benchmark|CBLAS|OPENBLAS/i.test(error.message)) throw error;
    if (!(await aptInstall(kPackages, 'for the native benchmark')))
      throw new Sentence(
        'Please install Google Benchmark and OpenBLAS with their headers, then run this again.',
      );
    await attempt();
  }
}

/** Google Benchmark's repetitions, as the cases of summarise(). Names are SHAPE/CONTESTANT. */
export function casesOf({ benchmarks }) {
  const cases = new Map();
  for (const { name, run_type: kind, cpu_time: cpu, real_time: wall, error_message: error } of benchmarks) {
    if (kind === 'aggregate') continue;
    const [id, contestant] = name.split('/');
    const one = caseOf(id);
    const flops = one.kind === 'product' ? 2 * one.shape.size ** 3 : attentionFlops(one.shape);
    if (!cases.has(id)) cases.set(id, { case: one, flops, results: [] });
    const { results } = cases.get(id);
    let result = results.find((known) => known.name === contestant);
    if (!result) {
      const ours = contestant.startsWith('Limelight');
      result = { name: contestant, kind: ours ? 'ours' : 'peer', samples: [] };
      results.push(result);
    }
    if (error) result.failure = error;
    else result.samples.push({ cpu: cpu / 1e9, wall: wall / 1e9 });
  }
  // They ran in random order; the table is in that of kAllShapes, ours first.
  const place = ({ case: { id } }) => kAllShapes.indexOf(id);
  const order = ({ kind, name }) => `${kind} ${name}`;
  return [...cases.values()]
    .sort((a, b) => place(a) - place(b))
    .map(({ results, ...rest }) => ({
      ...rest,
      results: results
        .sort((a, b) => order(a).localeCompare(order(b)))
        .map(({ samples, ...result }) => (result.failure ? result : { ...result, samples })),
    }));
}

export async function measureNatively({ shapes, quick }, onResult) {
  await build();
  const report = path.join(root, 'build/bench/native.json');
  fs.mkdirSync(path.dirname(report), { recursive: true });
  const machine = {
    processor: os.cpus()[0].model,
    cores: os.availableParallelism(),
    engine: 'native',
    load: os.loadavg()[0],
  };
  say(`${machine.processor}, ${machine.cores} cores, native\n`);
  const args = [
    `--benchmark_filter=^(${shapes.join('|')})/`,
    `--benchmark_repetitions=${quick ? 3 : 9}`,
    `--benchmark_min_time=${quick ? 0.02 : 0.1}`,
    '--benchmark_enable_random_interleaving=true',
    `--benchmark_out=${report}`,
    '--benchmark_out_format=json',
  ];
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  const { code, output } = await run(path.join(root, 'build/native/limelight-bench'), args, {
    quiet: true,
    env,
  });
  if (code !== 0) throw new Sentence(`The native benchmark failed:\n${lastLines(output)}`);
  const cases = casesOf(JSON.parse(fs.readFileSync(report, 'utf8'))).map(summarise);
  for (const result of cases) onResult(result);
  return { machine, cases, starts: [] };
}
