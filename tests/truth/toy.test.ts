// The toy that is shipped does what its card says, on texts that nobody drew.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine, Model } from '../../web/engine/types.ts';
import { load } from './engines.ts';

let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = await load({ build: 'simd', worker: false });
  model = await engine.loadModel('toy-induction');
});
afterAll(() => engine.dispose());

const kStretches = ['hgfedcbaFE', 'qwertzuiopAB', 'xyCabwDsmnEtklFrj', 'mnopqrstuvwx'];

test.each(kStretches)('goes on with %s when it comes again', async (stretch) => {
  const text = (stretch + stretch).slice(0, 31);
  const run = await model.run(text);
  expect(run.tokens).toHaveLength(text.length);
  for (let token = stretch.length + 2; token < text.length; token++) {
    const { candidates } = await run.predict({ token, count: 1 });
    expect(candidates[0]!.text).toBe(stretch[(token + 1) % stretch.length]);
  }
  run.dispose();
});

test('has a head that looks at what followed the letter before', async () => {
  const stretch = 'mnopqrstuvwx';
  const run = await model.run(stretch + stretch);
  const scores: number[] = [];
  for (let layer = 0; layer < 2; layer++) {
    for (let head = 0; head < 2; head++) {
      const weights = await run.weights({ layer, head });
      let sum = 0;
      for (let row = 12; row < 24; row++) sum += weights[row * 24 + row - 11]!;
      scores.push(sum / 12);
    }
  }
  expect(Math.max(...scores)).toBeGreaterThan(0.6);
  run.dispose();
});

test('knows no letter but its own', async () => {
  await expect(model.run('ab!')).rejects.toMatchObject({ code: expect.any(String) });
});
