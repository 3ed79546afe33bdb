// The package as others meet it: packed, installed into an empty folder with no network, and used from Node, from
// bundled pages, from a page without a bundler, and by the TypeScript compiler. Needs dist/ (npm run build:package).
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBrowser, kBrowserArgs } from '../../build-scripts/browser.mjs';
import { serve } from '../../build-scripts/serve.mjs';
import { referenceAttention } from '../reference/attention.ts';
import { forward } from '../reference/model.ts';
import { encode, shippedCheckpoint } from '../reference/shipped.ts';
import { kTolerance, relativeError } from '../truth/compare.ts';
import { kText } from './common/job.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const kLongest = 180_000;

interface Result {
  threads: { build: string; count: number; same: boolean };
  tokens: number[];
  attention: number[];
  weights: number[];
  losses: number[];
  best: { id: number; logit: number }[];
}

let folder: string;
let tarball: string;
let browser: Browser;

const run = (program: string, args: string[], cwd: string) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** An empty folder with the package installed and a consumer's files in it. */
function consumer(name: string): string {
  const home = mkdtempSync(join(folder, `${name}-`));
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({ name: `consumer-${name}`, private: true, type: 'module' }),
  );
  cpSync(join(here, 'common'), home, { recursive: true });
  cpSync(join(here, name), home, { recursive: true });
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], home);
  return home;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'limelight-consumers-'));
  const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root);
  tarball = join(folder, (JSON.parse(packed) as [{ filename: string }])[0].filename);
  browser = await puppeteer.launch({ executablePath: await ensureBrowser(), args: kBrowserArgs });
}, kLongest);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function expectTrue(result: Result): void {
  const wave = (f: (i: number) => number) => Float32Array.from({ length: 48 }, (_, i) => f(i));
  const attention = referenceAttention({
    q: wave((i) => Math.sin(i)),
    k: wave((i) => Math.cos(2 * i)),
    v: wave((i) => Math.sin(3 * i + 1)),
    batch: 2,
    heads: 2,
    kvHeads: 2,
    qLength: 3,
    kvLength: 3,
    headDim: 4,
    valueDim: 4,
    causal: true,
  });
  expect(result.threads.same).toBe(true);
  expect(relativeError(result.attention, attention.out)).toBeLessThan(kTolerance);

  const ids = encode('tiny-gpt', kText);
  expect(result.tokens).toEqual(ids);
  const recording = forward(shippedCheckpoint('tiny-gpt'), ids);
  expect(relativeError(result.weights, recording.scores[0]![2]!.weight)).toBeLessThan(kTolerance);
  const vocabulary = recording.logits.length / ids.length;
  const logits = Array.from(recording.logits.subarray((ids.length - 1) * vocabulary));
  const order = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]!);
  expect(result.best.map(({ id }) => id)).toEqual(order.slice(0, 3));

  // A network that knows nothing yet: about the logarithm of the recipe's vocabulary of 32.
  expect(result.losses).toHaveLength(3);
  for (const loss of result.losses) expect(Math.abs(loss - Math.log(32))).toBeLessThan(0.7);
}

/** What the page in `dir` came to; it has threads where it is isolated, and says nothing where it is not. */
async function readPage(dir: string, isolated = true): Promise<Result> {
  const server = await serve({ dir, isolated });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await page.goto(server.url);
    await page.waitForFunction('document.body.dataset.state', { timeout: 60_000 });
    const { state, text } = await page.evaluate(() => ({
      state: document.body.dataset.state,
      text: document.body.textContent,
    }));
    expect(state, text ?? '').toBe('done');
    expect(complaints).toEqual([]);
    const result = JSON.parse(text ?? '') as Result;
    const [build, count] = isolated ? ['threads', 2] : ['relaxed', 1];
    expect(result.threads).toEqual({ build, count, same: true });
    return result;
  } finally {
    await page.close();
    await server.close();
  }
}

describe('the package, installed from its tarball', () => {
  it(
    'runs in Node, in a worker and in the calling thread, and ends the process by itself',
    () => {
      const home = consumer('node');
      const { inWorker, inThread } = JSON.parse(run('node', ['main.mjs'], home)) as Record<string, Result>;
      expectTrue(inWorker!);
      expectTrue(inThread!);
      expect(run('node', ['require.cjs'], home).trim()).toBe('function');
    },
    kLongest,
  );

  it(
    'brings the program limelight',
    () => {
      const home = consumer('plain');
      const all = JSON.parse(run('npx', ['--no', 'limelight', 'run', 'tiny-gpt', kText, '--json'], home)) as {
        tokens: { id: number }[];
      };
      expect(all.tokens.map(({ id }) => id)).toEqual(encode('tiny-gpt', kText));
    },
    kLongest,
  );

  it(
    'runs in a page without a bundler, with and without cross-origin isolation',
    async () => {
      const home = consumer('plain');
      const job = join(home, 'job.js');
      const path = './node_modules/limelight-attention/dist/index.js';
      writeFileSync(job, readFileSync(job, 'utf8').replace('limelight-attention', path));
      expectTrue(await readPage(home, true));
      expectTrue(await readPage(home, false));
    },
    kLongest,
  );

  it(
    'runs in a page that Vite built',
    async () => {
      const home = consumer('vite');
      run(bin('vite'), ['build', '--logLevel', 'error'], home);
      expectTrue(await readPage(join(home, 'dist')));
    },
    kLongest,
  );

  it(
    'runs in a page that webpack built',
    async () => {
      const home = consumer('webpack');
      run(bin('webpack'), ['--entry', './show.js', '--mode', 'production', '--output-path', './dist'], home);
      cpSync(join(home, 'index.html'), join(home, 'dist/index.html'));
      expectTrue(await readPage(join(home, 'dist')));
    },
    kLongest,
  );

  it(
    'has types that hold under --strict, with bundler and with Node resolution',
    () => {
      const home = consumer('types');
      const strict = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom,esnext.disposable'];
      for (const [module, resolution] of [
        ['esnext', 'bundler'],
        ['nodenext', 'nodenext'],
      ] as const)
        run(bin('tsc'), [...strict, '--module', module, '--moduleResolution', resolution, 'main.ts'], home);
    },
    kLongest,
  );

  it(
    'does what its README shows',
    () => {
      const home = consumer('node');
      const [, example] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
      writeFileSync(
        join(home, 'readme.mjs'),
        example!.replace(/console\.log\((.*)\)/, 'console.log(JSON.stringify([$1]))'),
      );
      const [tokens, weights, candidates] = JSON.parse(run('node', ['readme.mjs'], home)) as [
        string[],
        Record<string, number>,
        { text: string; probability: number }[],
      ];
      const [, text] = /model\.run\('(.*)'\)/.exec(example!) ?? [];
      expect(tokens.join('')).toBe(text);
      const { scores } = forward(shippedCheckpoint('tiny-gpt'), encode('tiny-gpt', text!));
      expect(relativeError(Object.values(weights), scores[0]![2]!.weight)).toBeLessThan(kTolerance);
      expect(candidates).toHaveLength(3);
    },
    kLongest,
  );

  it(
    'trains as its README shows',
    () => {
      const home = consumer('node');
      const [, example] = /```js\n(const training[\s\S]*?)```/.exec(
        readFileSync(join(root, 'README.md'), 'utf8'),
      )!;
      writeFileSync(
        join(home, 'readme.mjs'),
        `import { loadEngine } from 'limelight-attention';
const engine = await loadEngine();
${example!.replace('console.log(steps.at(-1)?.loss)', '{}')}
console.log(JSON.stringify({ score, heads: attentions.length, files: files.map(({ name }) => name) }));
engine.dispose();`,
      );
      const result = JSON.parse(run('node', ['readme.mjs'], home)) as { score: number };
      expect(result).toMatchObject({
        heads: 2,
        files: ['config.json', 'model.safetensors', 'tokenizer.json'],
      });
      expect(result.score).toBeGreaterThan(0.9);
    },
    kLongest,
  );

  it('holds no more than it names: no sources of the page, no tests, no runtime dependencies', () => {
    const files = run('tar', ['-tzf', tarball], folder).trim().split('\n');
    const allowed = /^package\/(dist\/|package\.json$|README\.md$|LICENSE$|THIRD_PARTY_NOTICES\.md$)/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    for (const needed of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/worker.js',
      'dist/helper.js',
      'dist/training-worker.js',
      'dist/limelight-simd.wasm',
      'dist/limelight-relaxed.wasm',
      'dist/limelight-threads.wasm',
      'dist/limelight-arrays-simd.wasm',
      'dist/limelight-arrays-relaxed.wasm',
      'dist/limelight-arrays-threads.wasm',
      'dist/limelight-training-simd.wasm',
      'dist/limelight-training-relaxed.wasm',
      'dist/recipes/induction.json',
      'LICENSE',
      'README.md',
    ])
      expect(files).toContain(`package/${needed}`);
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest.dependencies).toBeUndefined();
  });
});
