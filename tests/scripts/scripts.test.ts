import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrowser } from '../../build-scripts/browser.mjs';
import { forDoxygen } from '../../build-scripts/docs.mjs';
import { parseArguments } from '../../build-scripts/fuzz.mjs';
import { kContentSecurityPolicy, serve, serveOnFreePort } from '../../build-scripts/serve.mjs';
import { checkNode, dependenciesMatch } from '../../build-scripts/setup.mjs';
import { wantedPort } from '../../build-scripts/start.mjs';
import {
  arraysFiles,
  countedFiles,
  parseDoctest,
  parseVitest,
  trainingFiles,
} from '../../build-scripts/test.mjs';

describe('npm start', () => {
  it('names the Node that it needs', () => {
    expect(() => checkNode('20.18.3')).toThrow(/needs Node 20\.19 or newer, and this is 20\.18\.3/);
    expect(() => checkNode('18.20.0')).toThrow();
    expect(() => checkNode('20.19.0')).not.toThrow();
    expect(() => checkNode('26.0.0')).not.toThrow();
  });

  it('takes a port from --port, then PORT, and refuses what is none', () => {
    expect(wantedPort([], {})).toBeUndefined();
    expect(wantedPort([], { PORT: '' })).toBeUndefined();
    expect(wantedPort([], { PORT: '8080' })).toBe(8080);
    expect(wantedPort(['--port', '1234'], { PORT: '8080' })).toBe(1234);
    expect(() => wantedPort([], { PORT: '99999' })).toThrow(/not a port/);
    expect(() => wantedPort(['--port'], {})).toThrow(/not a port/);
  });

  it('installs npm packages again when the lock file asks for others', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/a': { version: '1' },
        'node_modules/o': { version: '1', optional: true },
      },
    };
    expect(dependenciesMatch(lock, { packages: { 'node_modules/a': { version: '1' } } })).toBe(true);
    expect(dependenciesMatch(lock, { packages: { 'node_modules/a': { version: '2' } } })).toBe(false);
    expect(dependenciesMatch(lock, { packages: {} })).toBe(false);
  });
});

describe('the server', () => {
  const folder = () => {
    const dir = mkdtempSync(join(tmpdir(), 'limelight-serve-'));
    writeFileSync(join(dir, 'index.html'), '<!doctype html><title>x</title>');
    writeFileSync(join(dir, 'a.wasm'), new Uint8Array([0, 97, 115, 109]));
    writeFileSync(join(dir, 'a.safetensors'), 'x');
    return dir;
  };

  it('sends the policy, the isolation headers and the right types', async () => {
    const dir = folder();
    const server = await serve({ dir });
    try {
      const page = await fetch(server.url);
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:",
      );
      expect(kContentSecurityPolicy).toBe(page.headers.get('content-security-policy'));
      expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(page.headers.get('cache-control')).toBe('no-store');
      const type = async (name: string) => (await fetch(`${server.url}${name}`)).headers.get('content-type');
      expect(await type('a.wasm')).toBe('application/wasm');
      expect(await type('a.safetensors')).toBe('application/octet-stream');
      expect((await fetch(`${server.url}gone`)).status).toBe(404);
      expect((await fetch(`${server.url}..%2f..%2fetc/passwd`)).status).toBe(404);
    } finally {
      await server.close();
      rmSync(dir, { recursive: true });
    }
  });

  it('leaves the isolation headers out when asked', async () => {
    const dir = folder();
    const server = await serve({ dir, isolated: false });
    try {
      const { headers } = await fetch(server.url);
      expect(headers.get('cross-origin-embedder-policy')).toBeNull();
      expect(headers.get('cross-origin-opener-policy')).toBeNull();
      expect(headers.get('content-security-policy')).toBe(kContentSecurityPolicy);
    } finally {
      await server.close();
      rmSync(dir, { recursive: true });
    }
  });

  it('takes the next port when one is in use', async () => {
    const dir = folder();
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const taken = (other.address() as AddressInfo).port;
    await expect(serve({ dir, port: taken })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const server = await serveOnFreePort({ dir, first: taken });
    expect(server.port).toBeGreaterThan(taken);
    await server.close();
    other.close();
    rmSync(dir, { recursive: true });
  });
});

describe('npm test', () => {
  it("counts doctest's cases, coloured or not, and notices when there is no summary", () => {
    const plain = '[doctest] test cases:  12 |  11 passed | 1 failed | 0 skipped\n';
    expect(parseDoctest(plain)).toEqual({ passed: 11, failed: 1 });
    const coloured =
      '\u001b[0;36m[doctest] \u001b[0mtest cases: 1 | \u001b[0;32m1 passed\u001b[0m | \u001b[0m0 failed\u001b[0m | ';
    expect(parseDoctest(coloured)).toEqual({ passed: 1, failed: 0 });
    expect(parseDoctest('Segmentation fault')).toBeUndefined();
  });

  it('counts a vitest file that did not load as a failure', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [{}] },
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [{}, {}] },
      ],
    };
    expect(parseVitest(report)).toEqual({ passed: 3, failed: 2 });
  });

  it('weighs what a visitor with a build downloads, without library, fonts and models', () => {
    const file = (name: string, bytes: number) => ({ name, bytes });
    const files = [
      file('index.html', 1),
      file('assets/index-aB3_-xyz.js', 10),
      file('assets/worker-aB3_-xyz.js', 20),
      file('assets/host-aB3_-xyz.js', 30),
      file('assets/tokenizers-aB3_-xyz.js', 40),
      file('assets/limelight-simd-aB3_-xyz.js', 81),
      file('assets/limelight-simd-aB3_-xy-.js', 80),
      file('assets/limelight-relaxed-aB3_-xyz.js', 82),
      file('assets/limelight-threads-aB3_-xyz.js', 83),
      file('assets/threads-aB3_-xyz.js', 1000),
      file('assets/helper-aB3_-xyz.js', 2000),
      file('assets/limelight-simd-aB3_-xyz.wasm', 160),
      file('assets/limelight-relaxed-aB3_-xyz.wasm', 161),
      file('assets/limelight-threads-aB3_-xyz.wasm', 162),
      file('assets/inter-aB3_-xyz.woff2', 320),
      file('assets/files-aB3_-xyz.js', 50),
      file('assets/arrays-host-aB3_-xyz.js', 9),
      file('assets/limelight-arrays-simd-aB3_-xyz.js', 70),
      file('assets/limelight-arrays-simd-aB3_-xyz.wasm', 700),
      file('assets/limelight-arrays-threads-aB3_-xyz.js', 71),
      file('assets/limelight-arrays-threads-aB3_-xyz.wasm', 701),
      file('assets/training-aB3_-xyz.js', 3),
      file('assets/training-host-aB3_-xyz.js', 60),
      file('assets/training-worker-aB3_-xyz.js', 4),
      file('assets/limelight-training-simd-aB3_-xyz.js', 5),
      file('assets/limelight-training-simd-aB3_-xyz.wasm', 6),
      file('assets/limelight-training-relaxed-aB3_-xyz.js', 7),
      file('assets/limelight-training-relaxed-aB3_-xyz.wasm', 8),
      file('models/tiny-gpt/config.json', 640),
    ];
    const sum = (counted: { bytes: number }[]) => counted.reduce((total, { bytes }) => total + bytes, 0);
    expect(sum(countedFiles(files, 'simd'))).toBe(10 + 20 + 81 + 160);
    expect(sum(countedFiles(files, 'relaxed'))).toBe(10 + 20 + 82 + 161);
    expect(sum(countedFiles(files, 'threads'))).toBe(10 + 20 + 83 + 162 + 1000 + 2000);
    expect(sum(arraysFiles(files, 'simd'))).toBe(9 + 70 + 700);
    expect(sum(arraysFiles(files, 'threads'))).toBe(9 + 71 + 701);
    expect(sum(trainingFiles(files, 'simd'))).toBe(3 + 4 + 5 + 6);
    expect(sum(trainingFiles(files, 'relaxed'))).toBe(3 + 4 + 7 + 8);
  });

  it('finds the browser at CHROME_PATH, and says so when it is not there', () => {
    expect(findBrowser({ CHROME_PATH: process.execPath, PATH: '' })).toBe(process.execPath);
    expect(() => findBrowser({ CHROME_PATH: '/nowhere/chrome', PATH: '' })).toThrow(
      /CHROME_PATH names \/nowhere\/chrome/,
    );
  });
});

describe('npm run docs', () => {
  it('hands Doxygen the comment at the head of a header as its own, formulas as code and no tags', () => {
    const header = [
      '// Scores.',
      '//',
      '//   s = <q, k>',
      '#pragma once',
      '// why',
      '/// `a<b>` <c>',
      'int x;  ///< y < z',
    ];
    expect(forDoxygen('a.hpp', header.join('\n')).split('\n')).toEqual([
      '/// @file limelight/a.hpp',
      '/// Scores.',
      '///',
      '///       s = <q, k>',
      '#pragma once',
      '// why',
      '/// `a<b>` \\<c\\>',
      'int x;  ///< y \\< z',
    ]);
  });
});

describe('npm run fuzz', () => {
  it('takes a target and seconds, or "keep"', () => {
    expect(parseArguments(['json'])).toEqual({ target: 'json', seconds: 60 });
    expect(parseArguments(['tokenizer', '5'])).toEqual({ target: 'tokenizer', seconds: 5 });
    expect(parseArguments(['model', 'keep'])).toEqual({ target: 'model', keep: true });
    expect(() => parseArguments([])).toThrow(/json, config, .*tokenizer/);
    expect(() => parseArguments(['tokenizer', 'keep'])).toThrow(/"keep" is no number/);
    expect(() => parseArguments(['json', '-5'])).toThrow(/"-5" is no number/);
  });
});
