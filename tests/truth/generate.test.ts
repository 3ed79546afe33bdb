import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, GenerateOptions, Model } from '../../web/engine/types.ts';
import { forward } from '../reference/model.ts';
import { sample } from '../reference/sampling.ts';
import { encode, shippedCheckpoint, tokenText } from '../reference/shipped.ts';
import { kTolerance, Worst } from './compare.ts';
import { load } from './engines.ts';

const kText = 'The old man gave his daughter';
const kTokens = 12;

/** What the reference writes after the text, up to the end of a text (token 0), recomputing everything at every step. */
function written(options: GenerateOptions): number[] {
  const checkpoint = shippedCheckpoint('tiny-gpt');
  const ids = encode('tiny-gpt', kText);
  const start = ids.length;
  for (let step = 0; step < kTokens; step++) {
    const { logits } = forward(checkpoint, ids);
    const { id, margin } = sample(logits.subarray(-checkpoint.vocabulary), {
      temperature: options.temperature ?? 0,
      topK: options.topK ?? 0,
      seed: BigInt(options.seed ?? 0),
      step,
    });
    // A choice nearer to another than float32 can tell apart would make this test a matter of luck.
    expect(margin).toBeGreaterThan(1e-5);
    if (id === 0) break;
    ids.push(id);
  }
  return ids.slice(start);
}

describe.each([{ worker: false }, { worker: true }])('generation (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await load({ build: 'simd', worker });
    model = await engine.loadModel('tiny-gpt');
  });
  afterAll(() => engine.dispose());

  test.each<GenerateOptions>([
    {},
    { temperature: 1, seed: 7 },
    { temperature: 0.6, seed: 123456789, topK: 5 },
    { temperature: 1.2, topK: 40, seed: 2 ** 40 + 3 },
    { temperature: 1.7, seed: Number.MAX_SAFE_INTEGER },
  ])('writes what the reference writes with %o', async (options) => {
    const ids: number[] = [];
    let text = kText;
    for await (const step of model.generate(kText, { ...options, maxTokens: kTokens })) {
      ids.push(step.token.id);
      text = step.text;
    }
    const expected = written(options);
    expect(ids).toEqual(expected);
    expect(text).toBe(kText + expected.map((id) => tokenText('tiny-gpt', id)).join(''));
  });

  test('the recording that grew equals the recording of the whole text', async () => {
    let worst = new Worst();
    for await (const step of model.generate(kText, { maxTokens: 6 })) {
      const ids = step.run.tokens.map((token) => token.id);
      const expected = forward(shippedCheckpoint('tiny-gpt'), ids);
      worst = new Worst();
      for (const [site, { data, features }] of expected.sites)
        for (const token of [0, ids.length - 1]) {
          const row = data.subarray(token * features, (token + 1) * features);
          worst.see(await step.run.vector(site, { token }), row, `${site} of token ${token}`);
        }
      for (const head of [0, 5])
        worst.see(
          await step.run.weights({ layer: 3, head }),
          expected.scores[3]![head]!.weight,
          `head ${head}`,
        );
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
    }
    expect(worst.comparisons).toBeGreaterThan(100);
  });
});
