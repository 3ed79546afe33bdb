// The C++ library as others meet it: installed and found by CMake or pkg-config, or built inside their own project. The
// example that comes with it computes attention in all of them, and the README shows the middle of that example.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPreset } from '../../build-scripts/build.mjs';
import { findOnPath } from '../../build-scripts/console.mjs';
import { ensureToolchain, toolEnvironment } from '../../build-scripts/toolchain.mjs';
import { referenceAttention } from '../reference/attention.ts';
import { kTolerance, relativeError } from '../truth/compare.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'cpp/example');
const kLongest = 300_000;

let tools: Awaited<ReturnType<typeof ensureToolchain>>;
let folder: string;
let prefix: string;

function run(program: string, args: string[], env: NodeJS.ProcessEnv = process.env): string {
  return execFileSync(program, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function cmake(args: string[]): string {
  return run(tools.cmake, args, toolEnvironment(tools));
}

/** Configures and builds a consumer's project; gives what its program prints. */
function printedBy(source: string, definitions: string[]): string {
  const build = mkdtempSync(join(folder, 'build-'));
  const make = ['-G', tools.generator, `-DCMAKE_MAKE_PROGRAM=${tools.make}`];
  cmake(['-S', source, '-B', build, ...make, ...definitions]);
  cmake(['--build', build, '--target', 'attention', '--parallel', String(availableParallelism())]);
  return run(join(build, 'attention'), []);
}

/** What cpp/example computes. */
function expectAttention(printed: string): void {
  const numbers = (f: (i: number) => number) => Float32Array.from({ length: 5 * 2 * 8 }, (_, i) => f(i));
  const { out } = referenceAttention({
    q: numbers(Math.sin),
    k: numbers((i) => Math.cos(2 * i)),
    v: numbers((i) => Math.sin(3 * i)),
    batch: 1,
    heads: 2,
    kvHeads: 2,
    qLength: 5,
    kvLength: 5,
    headDim: 8,
    valueDim: 8,
    causal: true,
  });
  expect(relativeError(printed.trim().split(/\s+/).map(Number), out)).toBeLessThan(kTolerance);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'limelight-library-'));
  prefix = join(folder, 'prefix');
  tools = await ensureToolchain();
  await buildPreset(tools, 'native', { targets: ['limelight'] });
  cmake(['--install', join(root, 'build/cmake/native'), '--prefix', prefix]);
}, kLongest);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the installed library', () => {
  it(
    'is found by CMake, threads and all, wherever its folder was moved',
    () => {
      const source = join(folder, 'project');
      cpSync(example, source, { recursive: true });
      cpSync(prefix, join(folder, 'moved'), { recursive: true });
      expectAttention(printedBy(source, [`-DCMAKE_PREFIX_PATH=${join(folder, 'moved')}`]));
    },
    kLongest,
  );

  it('has public headers that need nothing but the standard library, and compile without a warning', () => {
    const headers = readdirSync(join(prefix, 'include/limelight'));
    expect(headers).toEqual(readdirSync(join(root, 'cpp/include/limelight')));
    for (const header of headers) {
      const text = readFileSync(join(prefix, 'include/limelight', header), 'utf8');
      for (const [, name] of text.matchAll(/^#include "(.*)"/gm)) expect(headers).toContain(name!.slice(10));
      for (const [, name] of text.matchAll(/^#include <(.*)>/gm)) expect(name).toMatch(/^[a-z_]+$/);
    }
    const main = join(folder, 'headers.cpp');
    writeFileSync(main, headers.map((header) => `#include <limelight/${header}>\n`).join(''));
    const strict = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only'];
    run(process.env.CXX ?? 'c++', ['-std=c++20', ...strict, `-I${prefix}/include`, main]);
  });

  it.skipIf(!findOnPath('pkg-config'))(
    'is found by pkg-config',
    () => {
      const files = readdirSync(prefix, { recursive: true, encoding: 'utf8' });
      const folders = files.filter((name) => name.endsWith('pkgconfig')).map((name) => join(prefix, name));
      const env = { ...process.env, PKG_CONFIG_PATH: folders.join(':') };
      const flags = run('pkg-config', ['--cflags', '--libs', 'limelight'], env).trim().split(/\s+/);
      const program = join(folder, 'by-pkg-config');
      const source = join(example, 'attention.cpp');
      run(process.env.CXX ?? 'c++', ['-std=c++20', source, ...flags, '-o', program]);
      expectAttention(run(program, []));
    },
    kLongest,
  );
});

it(
  'the library is built inside the project of another, without its tests and without optimisation',
  () => {
    const definitions = [`-DLIMELIGHT_SOURCE=${root}`, '-DCMAKE_CXX_FLAGS=-O0'];
    expectAttention(printedBy(join(root, 'tests/package/subdirectory'), definitions));
  },
  kLongest,
);

it('the C++ lines of the README are the middle of the example', () => {
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
  const [, lines] = /```cpp\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const [include, ...body] = lines!.split('\n');
  const source = readFileSync(join(example, 'attention.cpp'), 'utf8');
  expect(source).toContain(`${include}\n`);
  expect(body.length).toBeGreaterThan(7);
  expect(flat(source)).toContain(flat(body.join('\n')));
});
