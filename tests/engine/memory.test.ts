// Memory comes back, and running out of it is an error and no more.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../web/engine/types.ts';
import { kLongText, kPlaces, kSentence, request, start } from './engines.ts';

const kMiB = 2 ** 20;

describe.each(kPlaces)('memory (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  afterEach(() => engine.dispose());
  const live = async (): Promise<number> => (await engine.memory()).live;

  test('of runs and models comes back when they are disposed', async () => {
    engine = await start({ worker });
    expect(await live()).toBe(0);
    const model = await engine.loadModel('tiny-bert');
    const loaded = await live();
    expect(loaded).toBeGreaterThan(10 * kMiB);
    const runs = await Promise.all([1, 2, 3].map((n) => model.run(kSentence.repeat(n))));
    for (const run of runs) await run.snapshot({ matrix: { layer: 0, head: 0 }, overview: { pixels: 9 } });
    expect(await live()).toBeGreaterThan(loaded + kMiB);
    for (const run of runs) run.dispose();
    expect(await live()).toBe(loaded);
    model.dispose();
    expect(await live()).toBe(0);
  });

  test('of a causal model holds one run more, to take its prefix over, until the model goes', async () => {
    engine = await start({ worker });
    const model = await engine.loadModel('tiny-gpt');
    const loaded = await live();
    for (let n = 1; n < 8; n++) (await model.run(kSentence.slice(0, 9 * n))).dispose();
    const one = (await live()) - loaded;
    expect(one).toBeGreaterThan(0);
    for (let n = 1; n < 8; n++) (await model.run(kSentence.slice(0, 9 * n))).dispose();
    expect((await live()) - loaded).toBe(one);
    for await (const _ of model.generate(kSentence, { maxTokens: 3 }));
    model.dispose();
    expect(await live()).toBe(0);
  });

  test('does not grow with the number of calls', async () => {
    engine = await start({ worker });
    for (let i = 0; i < 20; i++) await engine.attention(request());
    const { wasm } = await engine.memory();
    for (let i = 0; i < 200; i++) await engine.attention(request());
    for (let i = 0; i < 50; i++) await engine.attention(request({ heads: 3 })).catch(() => {});
    expect(await engine.memory()).toEqual({ live: 0, wasm });
  });

  test('that cannot grow gives out-of-memory, and the engine works on', async () => {
    engine = await start({ worker, maxMemoryBytes: 20 * kMiB });
    const large = new Float32Array(10 * kMiB);
    await expect(
      engine.attention({ q: large, k: large, v: large, heads: 1, headDim: 64 }),
    ).rejects.toMatchObject({ code: 'out-of-memory' });
    const { out } = await engine.attention(request());
    expect(out.every(Number.isFinite)).toBe(true);
    expect((await engine.memory()).wasm).toBeLessThanOrEqual(40 * kMiB); // that of arrays and that of models
    engine.dispose();

    engine = await start({ worker, maxMemoryBytes: 20 * kMiB });
    const first = await engine.loadModel('tiny-bert');
    await expect(engine.loadModel('tiny-gpt')).rejects.toMatchObject({ code: 'out-of-memory' });
    const run = await first.run(kSentence);
    expect((await run.logits({ token: 3 })).every(Number.isFinite)).toBe(true);
    expect((await engine.memory()).wasm).toBeLessThanOrEqual(20 * kMiB);
    run.dispose();
    first.dispose();
    expect(await live()).toBe(0);
  });

  test('that is short takes recordings back, which are computed again when they are asked for', async () => {
    engine = await start({ worker, maxMemoryBytes: 64 * kMiB });
    const model = await engine.loadModel('tiny-bert');
    const texts = Array.from({ length: 6 }, (_, i) => `${i} ${kLongText}`);
    const runs = [];
    const before = [];
    for (const text of texts) {
      const run = await model.run(text, { overflow: 'window' });
      runs.push(run);
      before.push(await run.weights({ layer: 3, head: 2 }));
    }
    for (const [i, run] of runs.entries())
      expect(await run.weights({ layer: 3, head: 2 })).toEqual(before[i]);
    expect((await engine.memory()).wasm).toBeLessThanOrEqual(64 * kMiB);
  });

  test('of what was forgotten without dispose() comes back when it is collected', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    engine = await start({ worker });
    await (async () => {
      const model = await engine.loadModel('tiny-gpt');
      await model.run(kSentence);
    })();
    expect(await live()).toBeGreaterThan(0);
    await expect
      .poll(
        async () => {
          collect();
          return live();
        },
        { timeout: 20_000 },
      )
      .toBe(0);
  });
});
