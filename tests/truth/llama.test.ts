// A small Llama with random weights, loaded from files as a user's own checkpoint, against the reference.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, Model } from '../../web/engine/types.ts';
import { forwardLlama, type LlamaConfig, llamaTensors } from '../reference/llama.ts';
import { randomCheckpoint } from '../reference/random.ts';
import { readSafetensors } from '../reference/safetensors.ts';
import { encode, modelFolder, textOfLength } from '../reference/shipped.ts';
import { kTolerance, Worst } from './compare.ts';
import { load } from './engines.ts';

const kConfig: LlamaConfig & { model_type: string } = {
  ...{ model_type: 'llama', vocab_size: 4096, hidden_size: 48, intermediate_size: 100 },
  ...{ num_hidden_layers: 2, num_attention_heads: 6, num_key_value_heads: 2, head_dim: 10 },
  ...{ rms_norm_eps: 1e-5, rope_theta: 500, tie_word_embeddings: false, max_position_embeddings: 32 },
};

describe.each(['simd', 'relaxed'] as const)('a llama of the build %s', (build) => {
  const weights = randomCheckpoint(llamaTensors(kConfig));
  const tensors = readSafetensors(weights);
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await load({ build, worker: false });
    model = await engine.loadModel([
      new File([JSON.stringify(kConfig)], 'config.json'),
      new File([readFileSync(`${modelFolder('tiny-gpt')}/tokenizer.json`)], 'tokenizer.json'),
      new File([weights as BlobPart], 'model.safetensors'),
    ]);
  });
  afterAll(() => engine.dispose());

  test('says what it is', () => {
    expect(model.info).toMatchObject({
      ...{ family: 'llama', causal: true, rotary: true, layers: 2, heads: 6, kvHeads: 2, headDim: 10 },
      ...{ width: 48, positions: 32, longest: 2 ** 20 },
    });
  });

  test.each([1, 17, 65])('agrees at every site, weight, score and logit at length %i', async (length) => {
    const text = textOfLength('tiny-gpt', length);
    const expected = forwardLlama(kConfig, tensors, encode('tiny-gpt', text));
    const run = await model.run(text);
    expect(run.tokens.map(({ id }) => id)).toEqual(expected.ids);
    expect([...(await run.sites())].sort()).toEqual([...expected.sites.keys()].sort());
    const worst = new Worst();
    for (const [site, { features, data }] of expected.sites) {
      for (let token = 0; token < length; token++)
        worst.see(
          await run.vector(site, { token }),
          data.subarray(token * features, (token + 1) * features),
          site,
        );
    }
    for (let token = 0; token < length; token++)
      worst.see(
        await run.logits({ token }),
        expected.logits.subarray(token * 4096, (token + 1) * 4096),
        'logits',
      );
    for (let layer = 0; layer < 2; layer++) {
      for (let head = 0; head < 6; head++) {
        const matrices = expected.scores[layer]![head]!;
        worst.see(await run.weights({ layer, head }), matrices.weight, `weights ${layer} ${head}`);
        for (const stage of ['dot', 'scaled', 'masked'] as const)
          worst.see(await run.scores({ layer, head, stage }), matrices[stage], `${stage} ${layer} ${head}`);
      }
    }
    expect(worst.error, worst.at).toBeLessThan(kTolerance);
    run.dispose();
  });

  test('a row shows the turned query and the keys and values that its head shares', async () => {
    const run = await model.run(textOfLength('tiny-gpt', 17));
    for (const head of [0, 2, 3, 5]) {
      const { row } = await run.snapshot({ row: { layer: 1, head, token: 9 } });
      if (!row) throw new Error('no row in the snapshot');
      expect(row.q).toEqual(await run.vector('blocks.1.attn.rot_q', { token: 9, head }));
      const kvHead = head < 3 ? 0 : 1;
      for (const key of [0, 9, 16]) {
        const part = (all: Float32Array) => all.subarray(key * 10, (key + 1) * 10);
        expect(part(row.k)).toEqual(await run.vector('blocks.1.attn.rot_k', { token: key, head: kvHead }));
        expect(part(row.v)).toEqual(await run.vector('blocks.1.attn.v', { token: key, head: kvHead }));
        const sum = part(row.products).reduce((all, product) => all + product, 0);
        expect(Math.abs(sum - row.dot[key]!)).toBeLessThan(1e-5);
      }
    }
    await expect(run.vector('blocks.1.attn.k', { token: 0, head: 2 })).rejects.toMatchObject({
      code: 'invalid-shape',
    });
    run.dispose();
  });

  test('goes on after the end of the texts that it was trained for', async () => {
    let last = 0;
    for await (const step of model.generate(textOfLength('tiny-gpt', 30), { maxTokens: 5, temperature: 0 }))
      last = step.run.tokens.length;
    expect(last).toBe(35);
  });
});
