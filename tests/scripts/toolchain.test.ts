import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../build-scripts/console.mjs';
import {
  atLeast,
  emccCandidates,
  findHeaders,
  installSentence,
  kEmccVersion,
  missingGroups,
  parseVersion,
  xsimdMajor,
} from '../../build-scripts/toolchain.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'limelight-toolchain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content = '', mode = 0o644): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

describe('versions', () => {
  it('are read out of what tools print', () => {
    const emcc = 'emcc (Emscripten gcc/clang-like replacement + linker emulating GNU ld) 3.1.69 (abc123)';
    expect(parseVersion(emcc)).toEqual([3, 1, 69]);
    expect(parseVersion('cmake version 3.25.1')).toEqual([3, 25, 1]);
    expect(parseVersion('Python 3.11')).toEqual([3, 11, 0]);
    expect(parseVersion('4.0.10-git')).toEqual([4, 0, 10]);
    expect(parseVersion('no version here')).toBeUndefined();
  });

  it('compare number by number, not as text', () => {
    expect(atLeast([3, 1, 60], kEmccVersion)).toBe(true);
    expect(atLeast([3, 1, 100], kEmccVersion)).toBe(true);
    expect(atLeast([4, 0, 0], kEmccVersion)).toBe(true);
    expect(atLeast([3, 1, 59], kEmccVersion)).toBe(false);
    expect(atLeast([3, 1, 6], kEmccVersion)).toBe(false);
    expect(atLeast([2, 9, 99], kEmccVersion)).toBe(false);
    expect(atLeast(undefined, kEmccVersion)).toBe(false);
  });
});

describe('a program is looked for', () => {
  it('in the order of PATH, skipping what is not executable or is a folder', () => {
    put('a/tool', '', 0o644);
    mkdirSync(join(folder, 'b/tool'), { recursive: true });
    const third = put('c/tool', '#!/bin/sh\n', 0o755);
    put('d/tool', '#!/bin/sh\n', 0o755);
    const searchPath = ['missing', 'a', '', 'b', 'c', 'd']
      .map((name) => name && join(folder, name))
      .join(':');
    expect(findOnPath('tool', searchPath)).toBe(third);
  });

  it('through links, and under each of its names', () => {
    const real = put('real/ninja-1.12', '', 0o755);
    mkdirSync(join(folder, 'bin'));
    symlinkSync(real, join(folder, 'bin/ninja-build'));
    expect(findOnPath(['ninja', 'ninja-build'], join(folder, 'bin'))).toBe(join(folder, 'bin/ninja-build'));
    expect(findOnPath(['ninja', 'ninja-build'], join(folder, 'empty'))).toBeUndefined();
  });
});

describe('Emscripten is looked for', () => {
  it('in EMSDK before PATH', () => {
    const sdk = put('sdk/upstream/emscripten/emcc', '', 0o755);
    const own = put('bin/emcc', '', 0o755);
    const env = { EMSDK: join(folder, 'sdk'), PATH: join(folder, 'bin') };
    expect(emccCandidates(env)).toEqual([sdk, own]);
  });

  it('on PATH alone when EMSDK names nothing', () => {
    const own = put('bin/emcc', '', 0o755);
    expect(emccCandidates({ EMSDK: join(folder, 'gone'), PATH: join(folder, 'bin') })).toEqual([own]);
    expect(emccCandidates({ PATH: '' })).toEqual([]);
  });
});

describe('headers', () => {
  const version = (major: number) => `#define XSIMD_VERSION_MAJOR ${major}\n#define XSIMD_VERSION_MINOR 1\n`;

  it('of xsimd count from version 13 on', () => {
    put('old/xsimd/config/xsimd_config.hpp', version(8));
    put('new/xsimd/config/xsimd_config.hpp', version(13));
    expect(xsimdMajor(join(folder, 'old'))).toBe(8);
    expect(xsimdMajor(join(folder, 'none'))).toBe(0);
    const found = findHeaders([join(folder, 'old'), join(folder, 'new')]);
    expect(found.xsimd).toBe(join(folder, 'new'));
    expect(found.doctest).toBeUndefined();
  });

  it('are found each where they are', () => {
    put('one/doctest/doctest.h');
    put('two/xsimd/config/xsimd_config.hpp', version(13));
    const found = findHeaders([join(folder, 'one'), join(folder, 'two')]);
    expect([found.doctest, found.xsimd]).toEqual([join(folder, 'one'), join(folder, 'two')]);
  });
});

describe('what a machine lacks', () => {
  const complete = {
    emscripten: { root: '/e', version: '3.1.69' },
    python: '/p',
    cmake: '/c',
    make: '/m',
    headers: { xsimd: '/i', doctest: '/i', CLI: '/i' },
  };

  it('is nothing when everything was found', () => {
    expect(missingGroups(complete)).toEqual([]);
  });

  it('is named in one sentence', () => {
    const headers = { ...complete.headers, xsimd: undefined };
    const groups = missingGroups({ ...complete, emscripten: undefined, headers });
    expect(groups).toEqual(['emscripten', 'xsimd']);
    const sentence = installSentence(groups);
    expect(sentence).toContain(
      'Emscripten 3.1.60 or newer (emcc on PATH, or EMSDK set) and the xsimd headers, 13 or newer',
    );
    expect(sentence.split('\n')).toHaveLength(1);
  });
});
