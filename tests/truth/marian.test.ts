// A small encoder-decoder with random weights, loaded from files as a user's own checkpoint, against the reference.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttentionKind, Engine, Model, Run } from '../../web/engine/types.ts';
import { forwardMarian, type MarianConfig, marianTensors } from '../reference/marian.ts';
import { randomCheckpoint } from '../reference/random.ts';
import { readSafetensors } from '../reference/safetensors.ts';
import { encode, modelFolder, textOfLength } from '../reference/shipped.ts';
import { kTolerance, Worst } from './compare.ts';
import { load } from './engines.ts';

const kConfig: MarianConfig & Record<string, unknown> = {
  ...{ model_type: 'marian', vocab_size: 4096, d_model: 48, max_position_embeddings: 96 },
  ...{ encoder_layers: 3, encoder_attention_heads: 4, encoder_ffn_dim: 100 },
  ...{ decoder_layers: 2, decoder_attention_heads: 6, decoder_ffn_dim: 80 },
  ...{ activation_function: 'swish', scale_embedding: true, decoder_start_token_id: 7, eos_token_id: 0 },
};
const kSource = textOfLength('tiny-gpt', 11);
const kTarget = textOfLength('tiny-gpt', 17);

function filesOf(config: object, ...more: File[]): File[] {
  return [
    new File([JSON.stringify(config)], 'config.json'),
    new File([readFileSync(`${modelFolder('tiny-gpt')}/tokenizer.json`)], 'tokenizer.json'),
    new File([randomCheckpoint(marianTensors(kConfig)) as BlobPart], 'model.safetensors'),
    ...more,
  ];
}

describe.each([
  { build: 'simd', worker: false },
  { build: 'relaxed', worker: true },
] as const)('a marian ($build, worker: $worker)', (kind) => {
  const tensors = readSafetensors(randomCheckpoint(marianTensors(kConfig)));
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await load(kind);
    model = await engine.loadModel(filesOf(kConfig));
  });
  afterAll(() => engine.dispose());

  async function compare(run: Run, source: number[], target: number[]): Promise<void> {
    const expected = forwardMarian(kConfig, tensors, source, target);
    expect([...(await run.sites())].sort()).toEqual([...expected.sites.keys()].sort());
    const worst = new Worst();
    for (const [site, { features, data }] of expected.sites) {
      for (let token = 0; token < data.length / features; token++)
        worst.see(
          await run.vector(site, { token }),
          data.subarray(token * features, (token + 1) * features),
          site,
        );
    }
    for (const [attention, layers] of Object.entries(expected.scores) as [
      AttentionKind,
      typeof expected.scores.self,
    ][]) {
      for (const [layer, heads] of layers.entries()) {
        for (const [head, matrices] of heads.entries()) {
          const at = { layer, head, attention };
          const where = `${attention} ${layer} ${head}`;
          worst.see(await run.weights(at), matrices.weight, `weights, ${where}`);
          for (const stage of ['dot', 'scaled', 'masked'] as const)
            worst.see(await run.scores({ ...at, stage }), matrices[stage], `${stage}, ${where}`);
        }
      }
    }
    for (let token = 0; token < target.length; token++)
      worst.see(
        await run.logits({ token }),
        expected.logits.subarray(token * 4096, (token + 1) * 4096),
        'logits',
      );
    expect(worst.error, worst.at).toBeLessThan(kTolerance);
  }

  test('says what it is', () => {
    expect(model.info).toMatchObject({
      ...{ family: 'marian', causal: true, layers: 2, heads: 6, headDim: 8, width: 48, positions: 96 },
      encoder: { layers: 3, heads: 4, headDim: 12, vocabulary: 4096 },
    });
  });

  test('agrees at every site, weight, score and logit of a target that is given', async () => {
    const run = await model.run(kSource, { target: kTarget });
    const [source, target] = [encode('tiny-gpt', kSource), [7, ...encode('tiny-gpt', kTarget)]];
    expect(run.translation?.source.map(({ id }) => id)).toEqual(source);
    expect(run.translation).toMatchObject({ target: kTarget, score: undefined });
    expect(run.tokens.map(({ id }) => id)).toEqual(target);
    expect(run.text).toBe(kSource);
    await compare(run, source, target);
    run.dispose();
  });

  test('finds the likeliest token each time, and more than that with beams', async () => {
    const source = encode('tiny-gpt', kSource);
    const ids = [7];
    let sum = 0;
    while (ids.length < 7) {
      const { logits } = forwardMarian(kConfig, tensors, source, ids);
      const last = logits.slice(-4096);
      last[7] = Number.NEGATIVE_INFINITY;
      const most = last.reduce((a, b) => Math.max(a, b));
      ids.push(last.indexOf(most));
      sum -= Math.log(last.reduce((all, logit) => all + Math.exp(logit - most), 0));
      if (ids.at(-1) === 0) break;
    }
    const score = sum / (ids.length - 1);
    const greedy = await model.run(kSource, { maxTokens: 6 });
    expect(greedy.tokens.map(({ id }) => id)).toEqual(ids.filter((id, i) => i === 0 || id !== 0));
    expect(greedy.translation!.score).toBeCloseTo(score, 3);
    const beams = await model.run(kSource, { maxTokens: 6, beams: 8 });
    expect(beams.translation!.score).toBeGreaterThanOrEqual(greedy.translation!.score! - 1e-6);
    await compare(
      beams,
      source,
      beams.tokens.map(({ id }) => id),
    );
    const text = beams.tokens.slice(1).map(({ start, end }) => beams.translation!.target.slice(start, end));
    expect(text.join('')).toBe(beams.translation!.target);
  });

  test('writes the same tokens one by one', async () => {
    const whole = await model.run(kSource, { maxTokens: 6 });
    let last: Run | undefined;
    for await (const step of model.generate(kSource, { maxTokens: 6 })) {
      expect(step.text).toBe(step.run.translation?.target);
      expect(step.run.text).toBe(kSource);
      step.run.keep();
      last = step.run;
    }
    expect(last!.tokens).toEqual(whole.tokens);
    expect(last!.translation).toMatchObject({
      target: whole.translation!.target,
      source: whole.translation!.source,
    });
  });

  test('shows rows, matrices and pictures of each kind of attention', async () => {
    const run = await model.run(kSource, { target: kTarget });
    const { scores } = forwardMarian(kConfig, tensors, encode('tiny-gpt', kSource), [
      7,
      ...encode('tiny-gpt', kTarget),
    ]);
    for (const [attention, rows, cols] of [
      ['self', 18, 18],
      ['cross', 18, 11],
      ['encoder', 11, 11],
    ] as const) {
      const at = { layer: 1, head: 3, attention };
      const { matrix, overview, row, translation } = await run.snapshot({
        matrix: at,
        overview: { pixels: 6, attention },
        row: { ...at, token: 9 },
      });
      expect(translation?.target).toBe(kTarget);
      expect(matrix).toMatchObject({ ...at, rows, cols });
      expect(overview).toMatchObject({ attention, rows: 6, cols: 6, heads: scores[attention][0]!.length });
      const weights = scores[attention][1]![3]!.weight.subarray(9 * cols, 10 * cols);
      const worst = new Worst();
      worst.see(row!.weight, weights, `row of ${attention}`);
      worst.see(matrix!.values.subarray(9 * cols, 10 * cols), weights, `matrix of ${attention}`);
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
      const mean = matrix!.values.reduce((sum, value) => sum + value, 0) / rows;
      expect(mean).toBeCloseTo(1, 4); // every row's weights add up to 1
      expect(row!.keys).toBe(cols);
    }
    run.dispose();
  });

  test('silences heads of the kind that is meant', async () => {
    const plain = await model.run(kSource, { target: kTarget });
    for (const attention of ['self', 'cross', 'encoder'] as const) {
      const run = await model.run(kSource, {
        target: kTarget,
        interventions: [{ silence: { layer: 1, head: 2, attention } }],
      });
      const stack = attention === 'encoder' ? 'encoder' : 'decoder';
      const site = `${stack}.blocks.1.${attention === 'cross' ? 'cross' : 'attn'}.z`;
      expect((await run.vector(site, { token: 4, head: 2 })).every((value) => value === 0)).toBe(true);
      expect((await run.vector(site, { token: 4, head: 1 })).some((value) => value !== 0)).toBe(true);
      expect(await run.logits()).not.toEqual(await plain.logits());
      const { row } = await run.snapshot({ row: { layer: 1, head: 2, attention, token: 3 } });
      expect(row!.gate).toBe(0);
      run.dispose();
    }
    plain.dispose();
  });

  test('says what it cannot do', async () => {
    const refused = async (call: Promise<unknown>, code: string, message: RegExp) =>
      expect(await call.catch((error) => ({ code: error.code, message: error.message }))).toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    await refused(model.run(kSource, { beams: 17 }), 'invalid-option', /17 beams/);
    await refused(model.run(kSource, { beams: 1.5 }), 'invalid-value', /beams is 1.5/);
    await refused(model.run(kSource, { maxTokens: 96 }), 'invalid-option', /most_tokens is 96/);
    await refused(model.run(kSource, { lengthPenalty: -1 }), 'invalid-option', /length_penalty of -1/);
    await refused(model.run(kSource, { target: 3 as never }), 'invalid-value', /target is 3/);
    await refused(model.run(kSource, { target: 'word '.repeat(200) }), 'text-too-long', /the target has/);
    await refused(model.run('word '.repeat(200)), 'text-too-long', /the text has/);
    await refused(
      model.run(kSource, { interventions: [{ silence: { attention: 'both' as never } }] }),
      'invalid-option',
      /self, cross and encoder/,
    );
    const run = await model.run(kSource, { target: kTarget });
    await refused(
      run.weights({ layer: 0, head: 0, attention: 'both' as never }),
      'invalid-option',
      /attention/,
    );
    await refused(run.weights({ layer: 2, head: 0, attention: 'cross' }), 'invalid-shape', /layer is 2/);
    await refused(run.vector('decoder.blocks.0.attn.q', { token: 18 }), 'invalid-shape', /token/);
    await refused(run.vector('encoder.blocks.0.attn.q', { token: 11 }), 'invalid-shape', /token 11/);
    await refused(
      engine.loadModel(filesOf({ ...kConfig, share_encoder_decoder_embeddings: false })),
      'load-failed',
      /target_tokenizer\.json/,
    );
    const gpt = await engine.loadModel('tiny-gpt');
    await refused(
      gpt.run('a word', { target: 'un mot' }),
      'invalid-option',
      /target is for encoder-decoders/,
    );
    await refused(gpt.run('a word', { beams: 2 }), 'invalid-option', /beams is for encoder-decoders/);
    const single = await gpt.run('a word');
    await refused(single.weights({ layer: 0, head: 0, attention: 'cross' }), 'invalid-option', /attention/);
    await refused(
      gpt.run('a word', { interventions: [{ silence: { attention: 'cross' } }] }),
      'invalid-option',
      /has but one/,
    );
    gpt.dispose();
  });

  test('gives all of its memory back', async () => {
    const before = (await engine.memory()).live;
    const other = await engine.loadModel(filesOf(kConfig));
    const run = await other.run(kSource, { beams: 4, maxTokens: 5 });
    const abort = new AbortController();
    const search = other.run(kSource, { beams: 16, maxTokens: 90, signal: abort.signal });
    abort.abort();
    await expect(search).rejects.toMatchObject({ code: 'aborted' });
    run.dispose();
    other.dispose();
    await expect.poll(async () => (await engine.memory()).live).toBe(before);
  });
});
