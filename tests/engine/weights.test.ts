// What the matrices of a model are kept as.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, WeightFormat } from '../../web/engine/types.ts';
import { kPlaces, kSentence, start } from './engines.ts';

describe.each(kPlaces)('the weights of a model (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start({ worker });
  });
  afterAll(() => engine.dispose());

  /** What the model says of itself, what the core holds for it, and the logits after the sentence. */
  async function loaded(name: string, weights?: WeightFormat) {
    const before = (await engine.memory()).live;
    const model = await engine.loadModel(name, weights && { weights });
    const bytes = (await engine.memory()).live - before;
    const run = await model.run(kSentence);
    const logits = await run.logits();
    model.dispose();
    return { info: model.info, bytes, logits };
  }

  test('of a small model are f32 by default', async () => {
    const { info, logits } = await loaded('tiny-gpt');
    expect(info.weights).toBe('f32');
    expect((await loaded('tiny-gpt', 'auto')).info).toEqual(info);
    expect((await loaded('tiny-gpt', 'as-stored')).logits).toEqual(logits);
  });

  test.each(['tiny-gpt', 'tiny-bert'])(
    'of %s stay in the half precision of the file where that is asked for',
    async (name) => {
      const { info, bytes } = await loaded(name, 'as-stored');
      expect(info.weights).toBe('f16');
      expect(info.weightBytes).toBeGreaterThanOrEqual(2 * info.parameters);
      expect(info.weightBytes).toBeLessThan(2.2 * info.parameters);
      expect(bytes).toBe(info.weightBytes);
    },
  );

  test('are what was asked for, in as many bytes, and f16 and f32 of one file give the same bits', async () => {
    const stored = await loaded('tiny-gpt', 'as-stored');
    const f16 = await loaded('tiny-gpt', 'f16');
    const f32 = await loaded('tiny-gpt', 'f32');
    const int8 = await loaded('tiny-gpt', 'int8');
    expect([f16, f32, int8].map(({ info }) => info.weights)).toEqual(['f16', 'f32', 'int8']);
    for (const { info, bytes } of [f16, f32, int8]) expect(bytes).toBe(info.weightBytes);
    const { parameters, weightBytes } = stored.info;
    expect(f16.info.weightBytes).toBe(weightBytes);
    expect(f32.info.weightBytes).toBe(4 * parameters);
    expect(int8.info.weightBytes).toBeLessThan(0.6 * weightBytes);
    expect(f16.logits).toEqual(stored.logits);
    expect(f32.logits).toEqual(stored.logits);
  });

  test('in int8 predict nearly what the file does', async () => {
    const { logits } = await loaded('tiny-gpt', 'as-stored');
    const { logits: rounded } = await loaded('tiny-gpt', 'int8');
    const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((x, i) => x - b[i]!));
    const mean = logits.reduce((sum, x) => sum + x, 0) / logits.length;
    const spread = Math.hypot(...logits.map((x) => x - mean));
    expect(rounded).not.toEqual(logits);
    expect(distance(rounded, logits)).toBeLessThan(0.05 * spread);
    expect(rounded.indexOf(Math.max(...rounded))).toBe(logits.indexOf(Math.max(...logits)));
  });

  test('in a format that does not exist are refused', async () => {
    const before = (await engine.memory()).live;
    for (const weights of ['int4', 'F16', 8, null]) {
      await expect(engine.loadModel('tiny-gpt', { weights: weights as never })).rejects.toMatchObject({
        name: 'LimelightError',
        code: 'invalid-option',
        message: expect.stringMatching(/^weights is .*; it is one of auto, as-stored, f32, f16, int8/),
      });
    }
    await expect(engine.loadModel('tiny-gpt', { weight: 'f16' } as never)).rejects.toMatchObject({
      code: 'invalid-option',
    });
    expect((await engine.memory()).live).toBe(before);
  });
});
