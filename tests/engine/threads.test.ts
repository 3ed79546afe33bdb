// Threads: chosen where they can be had, the same bits as one, nothing lost where helpers do not come, and gone when the
// engine goes. Node is a place with shared memory; pages with and without are in tests/package.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kRelaxedSimdFlags } from '../../build-scripts/setup.mjs';
import type { AttentionRequest, Engine, EngineOptions } from '../../web/engine/types.ts';
import { kDist, kModelsFolder, kSentence, request, start } from './engines.ts';

for (const flag of kRelaxedSimdFlags) setFlagsFromString(flag);

let engine: Engine | undefined;
afterEach(() => engine?.dispose());

async function startWith(threads: number, options: EngineOptions = {}): Promise<Engine> {
  engine = await start({ build: 'threads', threads, ...options });
  await expect.poll(() => engine!.threads, { timeout: 10_000 }).toBe(threads);
  return engine;
}

/** Enough work for several threads. */
function wide(length: number, changes: Partial<AttentionRequest> = {}): AttentionRequest {
  const wave = (phase: number) =>
    Float32Array.from({ length: 6 * length * 32 }, (_, i) => Math.sin(1.3 * i + phase));
  return { q: wave(0), k: wave(1), v: wave(2), heads: 6, qLength: length, ...changes };
}

describe('the choice', () => {
  test.each([0, -1, 1.5, 65, Number.NaN, '2' as unknown as number])(
    'threads %s are refused',
    async (threads) => {
      await expect(start({ threads })).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringContaining(`threads is ${threads}`),
      });
    },
  );

  test('in the calling thread the build cannot be had, and by itself is another', async () => {
    await expect(start({ build: 'threads', worker: false })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('worker'),
    });
    engine = await start({ build: undefined as never, worker: false, threads: 4 });
    expect([engine.build, engine.threads]).toEqual(['relaxed', 1]);
  });

  test('of one thread is the build without', async () => {
    engine = await start({ build: undefined as never, threads: 1 });
    expect([engine.build, engine.threads]).toEqual(['relaxed', 1]);
  });

  test('of several is the build with them, and they come', async () => {
    await startWith(3, { build: undefined as never });
    expect(engine!.build).toBe('threads');
  });
});

test('attention, gradients, caches and models have the same bits with one, two and five threads', async () => {
  const answers = async (): Promise<Float32Array[]> => {
    const { out, lse } = await engine!.attention(wide(300, { causal: true }));
    const { dq, dk, dv } = await engine!.attentionGradient({
      ...wide(260),
      dOut: wide(260).v as Float32Array,
    });
    const cache = await engine!.keyValueCache({ heads: 6, headDim: 32 });
    const { q, k, v } = wide(700);
    await cache.append({ k, v });
    const cached = await cache.attention({ q });
    const model = await engine!.loadModel('tiny-bert');
    const run = await model.run(kSentence.repeat(4));
    return [
      out,
      lse,
      dq,
      dk,
      dv,
      cached.out,
      await run.logits({ token: 5 }),
      await run.weights({ layer: 2, head: 1 }),
    ];
  };
  engine = await start({ build: 'relaxed' });
  const alone = await answers();
  engine.dispose();
  for (const preload of ['models', 'arrays'] as const) {
    await startWith(preload === 'models' ? 2 : 5, { preload });
    expect(await answers()).toEqual(alone);
    engine.dispose();
  }
});

test('memory grows under the threads, and what is read is what is there', async () => {
  await startWith(2);
  const small = await engine!.attention(wide(200));
  const before = (await engine!.memory()).wasm;
  const large = await engine!.attention(wide(19_000, { q: wide(200).q, qLength: 200 }));
  expect((await engine!.memory()).wasm).toBeGreaterThan(before);
  expect(large.out.length).toBe(small.out.length);
  expect(large.out.every(Number.isFinite)).toBe(true);
  expect(await engine!.attention(wide(200))).toEqual(small);
});

test('an abort is heard between slices', async () => {
  await startWith(2);
  const controller = new AbortController();
  const long = engine!.attention(wide(9000), { signal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  await expect(long).rejects.toMatchObject({ code: 'aborted' });
  expect((await engine!.attention(request())).out.length).toBe(24);
});

describe.runIf(process.platform === 'linux')('threads of the process', () => {
  const count = (): number => readdirSync('/proc/self/task').length;

  test('come with an engine and go with dispose()', async () => {
    await startWith(2); // Node keeps some threads of its own once it had a worker
    engine!.dispose();
    let before: number;
    do {
      before = count();
      await new Promise((resolve) => setTimeout(resolve, 500));
    } while (count() !== before);
    await startWith(5);
    expect(count()).toBeGreaterThanOrEqual(before + 5);
    engine!.dispose();
    await expect.poll(count, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });
});

describe('a helper', () => {
  const threads = process.getBuiltinModule('node:worker_threads');
  let folder: string;
  let load: typeof import('../../dist/index.js').loadEngine;
  // The package with a helper that ends in other ways.
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'limelight-threads-'));
    cpSync(fileURLToPath(kDist), folder, { recursive: true });
    rmSync(join(folder, 'helper.js'));
    ({ loadEngine: load } = await import(pathToFileURL(join(folder, 'index.js')).href));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('whose script is missing is done without', async () => {
    let lost = 0;
    engine = await load({ build: 'threads', threads: 3, modelsUrl: kModelsFolder, onLost: () => lost++ });
    const { out } = await engine.attention(wide(300));
    engine.dispose();
    await startWith(2);
    expect((await engine!.attention(wide(300))).out).toEqual(out);
    expect(lost).toBe(0);
  });

  test('goes with a worker that is killed, and comes with the next', async () => {
    const original = threads.Worker;
    const alive: Worker[] = [];
    threads.Worker = class extends original {
      constructor(...given: ConstructorParameters<typeof original>) {
        super(...given);
        alive.push(this);
      }
    };
    try {
      await startWith(2);
      await alive.at(-1)!.terminate();
      expect(engine!.threads).toBe(1);
      const { out } = await engine!.attention(wide(300));
      expect(out.every(Number.isFinite)).toBe(true);
      await expect.poll(() => engine!.threads).toBe(2);
    } finally {
      threads.Worker = original;
    }
  });
});
