// The C++ library as its README shows it: the lines compile without a warning against the public headers alone, and
// what they compute is attention.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { buildPreset } from '../../build-scripts/build.mjs';
import { ensureToolchain } from '../../build-scripts/toolchain.mjs';
import { referenceAttention } from '../reference/attention.ts';
import { kTolerance, relativeError } from '../truth/compare.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kHeads = 2;
const kLength = 5;
const kDim = 8;

function program(lines: string): string {
  const include = lines.split('\n').filter((line) => line.startsWith('#'));
  const body = lines.split('\n').filter((line) => !line.startsWith('#'));
  return `${include.join('\n')}
#include <cmath>
#include <cstdio>
#include <vector>
int main() {
  const int heads = ${kHeads}, n = ${kLength}, dim = ${kDim};
  std::vector<float> a(n * heads * dim), b(a.size()), c(a.size()), d(a.size()), lse(heads * n);
  for (std::size_t i = 0; i < a.size(); i++) {
    a[i] = std::sin(static_cast<float>(i));
    b[i] = std::cos(2.0f * static_cast<float>(i));
    c[i] = std::sin(3.0f * static_cast<float>(i));
  }
  const float *q = a.data(), *k = b.data(), *v = c.data();
  float* y = d.data();
  ${body.join('\n  ')}
  for (float number : d) std::printf("%.9g\\n", static_cast<double>(number));
  return status.ok() ? 0 : 1;
}
`;
}

it('the C++ lines of the README compile without a warning and compute attention', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'limelight-library-'));
  try {
    await buildPreset(await ensureToolchain(), 'native', { targets: ['limelight'] });
    const [, lines] = /```cpp\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    writeFileSync(join(folder, 'main.cpp'), program(lines!));
    const flags = ['-std=c++20', '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${root}/cpp/include`];
    const library = join(root, 'build/cmake/native/cpp/liblimelight.a');
    execFileSync(process.env.CXX ?? 'c++', [...flags, 'main.cpp', library, '-o', 'main'], { cwd: folder });
    const printed = execFileSync(join(folder, 'main'), { encoding: 'utf8' }).trim().split('\n').map(Number);

    const numbers = (f: (i: number) => number) =>
      Float32Array.from({ length: kLength * kHeads * kDim }, (_, i) => f(i));
    const { out } = referenceAttention({
      q: numbers(Math.sin),
      k: numbers((i) => Math.cos(2 * i)),
      v: numbers((i) => Math.sin(3 * i)),
      batch: 1,
      heads: kHeads,
      kvHeads: kHeads,
      qLength: kLength,
      kvLength: kLength,
      headDim: kDim,
      valueDim: kDim,
      causal: true,
    });
    expect(relativeError(printed, out)).toBeLessThan(kTolerance);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
