// Training: that it learns, that it does what it is told at any step, and that nothing of it stays.
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LimelightError } from '../../dist/index.js';
import type {
  Engine,
  ErrorCode,
  Training,
  TrainingReport,
  TrainingStep,
  TrainOptions,
} from '../../web/engine/types.ts';
import { kPlaces, kSentence, request, start } from './engines.ts';

/** Quick: a step takes a fraction of a millisecond. */
const kSmall = {
  task: { name: 'induction', vocabulary: 8, length: 12 },
  model: { layers: 2, width: 16, heads: 2, mlp_width: 24 },
  training: { seed: 3, batch: 4, steps: 40, learning_rate: 1e-2 },
};

const kEndless = { ...kSmall, training: { ...kSmall.training, steps: 100_000 } };

function recorder(): { steps: TrainingStep[]; onStep(report: TrainingReport): void } {
  const steps: TrainingStep[] = [];
  return { steps, onStep: (report) => void steps.push(...report.steps) };
}

const lossesOf = (steps: readonly TrainingStep[]): number[] => steps.map(({ loss }) => loss);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

async function isAlive(engine: Engine): Promise<void> {
  expect((await engine.attention(request())).out.length).toBe(24);
}

describe.each(kPlaces)('a training (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await start({ worker });
  });
  afterEach(() => engine.dispose());

  /** All steps of a recipe. */
  async function trained(recipe: typeof kSmall, options: TrainOptions = {}): Promise<TrainingStep[]> {
    const { steps, onStep } = recorder();
    const training = await engine.train(recipe, { ...options, onStep });
    await training.done;
    training.dispose();
    return steps;
  }

  test('reports every step once and in order, and is then finished', async () => {
    const { steps, onStep } = recorder();
    const training = await engine.train(kSmall, { onStep });
    expect(training.state).toBe('running');
    await training.done;
    expect(training.state).toBe('finished');
    expect(steps.map(({ step }) => step)).toEqual(upTo(40));
    expect(training.last).toEqual(steps.at(-1));
    for (const { loss, learningRate, gradientNorm } of steps) {
      expect(loss).toBeGreaterThan(0);
      expect(gradientNorm).toBeGreaterThan(0);
      expect(learningRate).toBeGreaterThanOrEqual(0);
      expect(learningRate).toBeLessThanOrEqual(1e-2);
    }
    expect(training.info).toMatchObject({ length: 12, sourceLength: 0, batch: 4, steps: 40, joint: '' });
    expect(training.info.tokens).toHaveLength(8);
    expect(JSON.parse(training.info.recipe)).toEqual(kSmall);
  });

  test('takes a recipe as an object, as JSON, and by its name', async () => {
    const object = await engine.train(kSmall, { paused: true });
    const text = await engine.train(JSON.stringify(kSmall), { paused: true });
    expect((await text.step())[0]).toEqual((await object.step())[0]);
    const shipped = await engine.train('induction', { paused: true });
    expect(shipped.info.tokens.length).toBeGreaterThan(8);
    expect(shipped.state).toBe('paused');
  });

  test('pauses, steps and goes on, and comes to the bits of one that never paused', async () => {
    const whole = await trained(kSmall);
    const { steps, onStep } = recorder();
    const training = await engine.train(kSmall, { onStep, paused: true });
    expect(training.state).toBe('paused');
    expect(await training.step()).toEqual(whole.slice(0, 1));
    expect(await training.step(6)).toEqual(whole.slice(1, 7));
    expect(training.state).toBe('paused');
    await training.resume();
    await training.pause();
    const taken = steps.length;
    expect(taken).toBeGreaterThanOrEqual(7);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(steps.length).toBe(taken);
    if (taken < 40) expect(training.state).toBe('paused');
    await training.resume();
    await training.done;
    expect(steps).toEqual(whole);
    expect((await training.step(2)).map(({ step }) => step)).toEqual([41, 42]);
    expect(training.state).toBe('finished');
  });

  test('gives the same losses for the same seed, others for another, and repeats them after a reset', async () => {
    const one = await trained(kSmall);
    expect(await trained(kSmall)).toEqual(one);
    const other = { ...kSmall, training: { ...kSmall.training, seed: 4 } };
    const two = await trained(other);
    expect(lossesOf(two)).not.toEqual(lossesOf(one));

    const { steps, onStep } = recorder();
    const training = await engine.train(kSmall, { onStep });
    await training.done;
    await training.reset();
    expect(training.state).toBe('paused');
    expect(training.last).toBeUndefined();
    await training.resume();
    await training.done;
    expect(steps).toEqual([...one, ...one]);
    await training.reset(4);
    expect(JSON.parse(training.info.recipe)).toEqual(other);
    expect(await training.step(40)).toEqual(two);
  });

  test('takes one command after the other, however they are given', async () => {
    const training = await engine.train(kEndless, { paused: true });
    const steps = training.step(5);
    await expect(training.step()).rejects.toMatchObject({ code: 'invalid-option' });
    expect(await steps).toHaveLength(5);
    const overtaken = training.step(50_000);
    await training.reset();
    expect(training.state).toBe('paused');
    await overtaken;
    const [[first]] = await Promise.all([training.step(), training.look(), training.checkpoint()]);
    expect(first!.step).toBe(1);
    await Promise.all([training.resume(), training.resume(), training.setLearningRateFactor(0.1)]);
    await Promise.all([training.reset(), training.pause(), training.pause()]);
    expect(training.state).toBe('paused');
    const { step } = await training.look({ maps: false });
    expect((await training.step())[0]!.step).toBe(step + 1);
  });

  test('goes on from a checkpoint to the same bits, in itself and in another one', async () => {
    const training = await engine.train(kSmall, { paused: true });
    await training.step(10);
    const bytes = await training.checkpoint();
    const rest = await training.step(15);
    await training.restore();
    expect(await training.step(15)).toEqual(rest);
    const other = await engine.train(kSmall, { paused: true });
    await other.step(3);
    await other.restore(bytes);
    expect(await other.step(15)).toEqual(rest);
    await training.restore(bytes);
    expect((await training.step())[0]!.step).toBe(11);
  });

  test('follows the learning rate that it is told, and a reset takes it back', async () => {
    const training = await engine.train(kSmall, { paused: true });
    const [first] = await training.step();
    await training.reset();
    await training.setLearningRateFactor(0.5);
    const [half] = await training.step();
    expect(half!.learningRate).toBeCloseTo(first!.learningRate / 2, 12);
    expect(half!.loss).toBe(first!.loss);
    await training.reset();
    expect(await training.step()).toEqual([first]);
    for (const factor of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      await expect(training.setLearningRateFactor(factor)).rejects.toMatchObject({ code: 'invalid-value' });
  });

  test('looks: weights that are weights, scores that are means of them, predictions of what it was asked', async () => {
    const training = await engine.train(kSmall, { paused: true });
    await training.step(40);
    const { examples, length, attentions } = training.info;
    expect(attentions.map(({ kind, layer }) => [kind, layer])).toEqual([
      ['decoder', 0],
      ['decoder', 1],
    ]);
    const looks = [];
    for (let example = 0; example < examples; example++) looks.push(await training.look({ example }));
    const [{ ids, targets, predictions, step }] = looks as [(typeof looks)[0]];
    expect(step).toBe(40);
    for (const tokens of [ids, targets, predictions]) expect(tokens).toHaveLength(examples * length);
    for (let i = 0; i < ids.length; i++) {
      expect(ids[i]).toBeGreaterThanOrEqual(0);
      expect(ids[i]).toBeLessThan(8);
      expect(predictions[i]).toBeLessThan(8);
      if (i % length < length - 1) expect(targets[i]).toBe(ids[i + 1]);
    }
    for (const [at, { heads }] of attentions.entries()) {
      for (let head = 0; head < heads; head++) {
        let onPrevious = 0;
        let rows = 0;
        for (const [example, look] of looks.entries()) {
          const weights = look.attentions[at]!.weights!;
          expect(weights).toHaveLength(heads * length * length);
          for (let i = 0; i < length; i++) {
            const row = weights.subarray((head * length + i) * length).subarray(0, length);
            expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
            expect(row.subarray(i + 1).every((weight) => weight === 0)).toBe(true);
            if (i === 0 || targets[example * length + i]! < 0) continue;
            onPrevious += row[i - 1]!;
            rows++;
          }
        }
        expect(looks[0]!.attentions[at]!.previous[head]).toBeCloseTo(onPrevious / rows, 5);
      }
      const { alignment } = looks[0]!.attentions[at]!;
      expect(alignment).toHaveLength(heads);
      expect(alignment.every((score) => score >= 0 && score <= 1 + 1e-6)).toBe(true);
    }
    const bare = await training.look({ maps: false });
    expect(bare.attentions.map(({ weights }) => weights)).toEqual([undefined, undefined]);
    expect(bare.predictions).toEqual(predictions);
    await expect(training.look({ example: examples })).rejects.toMatchObject({
      code: 'invalid-shape',
      message: expect.stringContaining(String(examples)),
    });
  });

  test('puts looks into its reports where they are wanted', async () => {
    const reports: TrainingReport[] = [];
    const training = await engine.train(kSmall, {
      watch: { every: 10, example: 2 },
      onStep: (report) => void reports.push(report),
    });
    await training.done;
    const looked = reports.flatMap(({ look }) => (look ? [look.step] : []));
    expect(looked.at(-1)).toBe(40);
    for (let i = 1; i + 1 < looked.length; i++)
      expect(looked[i]! - looked[i - 1]!).toBeGreaterThanOrEqual(10);
    expect(reports.at(-1)!.look).toEqual(await training.look({ example: 2 }));
    for (const { step, steps } of reports) if (steps.length > 0) expect(steps.at(-1)!.step).toBe(step);
    await training.reset();
    await expect.poll(() => reports.at(-1)).toMatchObject({ step: 0, steps: [], look: { step: 0 } });
  });

  test('evaluates on the same examples each time, which training does not change', async () => {
    const training = await engine.train(kSmall, { paused: true });
    const before = await training.evaluate({ examples: 64 });
    expect(await training.evaluate({ examples: 64 })).toEqual(before);
    await training.step(40);
    const after = await training.evaluate({ examples: 64 });
    expect(after.loss).toBeLessThan(before.loss);
    expect(after.score).toBeLessThanOrEqual(1);
    const steps = await training.step(2);
    await training.reset();
    await training.step(40);
    expect(await training.step(2)).toEqual(steps);
    await expect(training.evaluate({ examples: 2 ** 40 })).rejects.toMatchObject({ code: 'invalid-shape' });
    await expect(training.evaluate({ examples: 0 })).rejects.toMatchObject({ code: 'invalid-shape' });
  });

  test.each([24, 0])(
    'gives a model (MLP of %i) that the engine loads, with what was looked at',
    async (mlp) => {
      const recipe = { ...kSmall, model: { ...kSmall.model, mlp_width: mlp } };
      const training = await engine.train(recipe, { paused: true });
      await training.step(40);
      const { info } = training;
      const look = await training.look({ example: 1 });
      const model = await engine.loadModel(await training.model());
      expect(model.info).toMatchObject({ family: 'gpt2', layers: 2, heads: 2, width: 16, vocabulary: 8 });
      const ids = [...look.ids.subarray(info.length, 2 * info.length)];
      const run = await model.run(ids.map((id) => info.tokens[id]).join(info.joint));
      expect(run.tokens.map(({ id }) => id)).toEqual(ids);
      for (const { layer, heads, weights } of look.attentions) {
        for (let head = 0; head < heads; head++) {
          const cells = info.length ** 2;
          const seen = weights!.subarray(head * cells, (head + 1) * cells);
          for (const [i, weight] of (await run.weights({ layer, head })).entries())
            expect(weight).toBeCloseTo(seen[i]!, 5);
        }
      }
      const { candidates } = await run.predict({ count: 1 });
      expect(candidates[0]!.id).toBe(look.predictions[2 * info.length - 1]);
    },
  );

  test('holds as much memory after resets, files and failures as before', async () => {
    const training = await engine.train(kSmall, { paused: true });
    await training.step();
    const { live } = await training.memory();
    expect(live).toBeGreaterThan(1000);
    const bytes = await training.checkpoint();
    for (let i = 0; i < 5; i++) {
      await training.reset(i);
      await training.reset(3);
      await training.restore(bytes);
      await training.restore(bytes.subarray(0, 100)).catch(() => {});
      await training.model();
      await training.look();
      await training.evaluate();
      await training.checkpoint();
    }
    expect((await training.memory()).live).toBe(live);
    training.dispose();
    expect((await engine.memory()).live).toBe(0);
  });

  test.each([0, 1, 7])('aborted after step %i is gone, and the engine is there', async (last) => {
    const controller = new AbortController();
    const training = await engine.train(kEndless, {
      signal: controller.signal,
      paused: last === 0,
      onStep: () => {
        if ((training.last?.step ?? 0) >= last) controller.abort();
      },
    });
    await expect(training.done).rejects.toMatchObject({ name: 'LimelightError', code: 'aborted' });
    expect(training.state).toBe('failed');
    for (const call of [() => training.step(), () => training.resume(), () => training.look()])
      await expect(call()).rejects.toMatchObject({ code: 'aborted' });
    await isAlive(engine);
    expect(await trained(kSmall)).toHaveLength(40);
  });

  test('aborted while it begins, or before, never begins', async () => {
    await expect(engine.train(kSmall, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
    const controller = new AbortController();
    const begun = engine.train(kSmall, { signal: controller.signal });
    controller.abort();
    await expect(begun).rejects.toMatchObject({ code: 'aborted' });
    await isAlive(engine);
  });

  test('ends with dispose(), its own or that of its engine', async () => {
    const one = await engine.train(kSmall, { paused: true });
    const two = await engine.train(kSmall);
    one.dispose();
    await expect(one.done).rejects.toMatchObject({ code: 'disposed' });
    await expect(one.step()).rejects.toMatchObject({ code: 'disposed' });
    await expect(one.restore(new Uint8Array(8))).rejects.toMatchObject({ code: 'disposed' });
    await two.done;
    engine.dispose();
    await expect(two.look()).rejects.toMatchObject({ code: 'disposed' });
    await two.done; // it had finished before
    expect(two.state).toBe('finished');
    await expect(engine.train(kSmall)).rejects.toMatchObject({ code: 'disposed' });
  });

  test('whose loss is no number any more says so, and goes on from a checkpoint', async () => {
    const training = await engine.train(kSmall, { paused: true });
    await training.step(3);
    const bytes = await training.checkpoint();
    const next = await training.step();
    await training.restore(withLargeNumbers(bytes));
    await expect(training.step(20)).rejects.toMatchObject({
      code: 'invalid-value',
      message: expect.stringContaining('learning rate'),
    });
    expect(training.state).toBe('failed');
    await expect(training.done).rejects.toMatchObject({ code: 'invalid-value' });
    await expect(training.resume()).rejects.toMatchObject({ code: 'invalid-value' });
    await training.restore(bytes);
    expect(training.state).toBe('paused');
    expect(await training.step()).toEqual(next);
    await training.resume();
    await training.done;
  });

  test('fails with what onStep throws', async () => {
    const training = await engine.train(kEndless, {
      onStep: ({ steps }) => {
        if (steps.length > 0) throw new Error('the display broke');
      },
    });
    await expect(training.done).rejects.toThrow('the display broke');
    expect(training.state).toBe('failed');
    expect((await training.look()).step).toBeGreaterThan(0);
    const last = await engine.train(kSmall, {
      onStep: ({ step }) => {
        if (step === 40) throw new Error('the display broke at the end');
      },
    });
    await expect(last.done).rejects.toThrow('at the end');
  });

  test('that finds no memory is refused, and the engine works on', async () => {
    engine.dispose();
    engine = await start({ worker, maxMemoryBytes: 17 * 2 ** 20 });
    const wide = { ...kSmall, model: { layers: 8, width: 128, heads: 4, mlp_width: 512 } };
    await expect(engine.train(wide)).rejects.toMatchObject({ code: 'out-of-memory' });
    await isAlive(engine);
    const training = await engine.train(kSmall);
    await training.done;
    expect((await training.memory()).wasm).toBeLessThanOrEqual(17 * 2 ** 20);
  });

  test('goes no faster than it is told', async () => {
    const begin = performance.now();
    const training = await engine.train(kSmall, { stepsPerSecond: 200, paused: true });
    await training.step(40);
    expect(performance.now() - begin).toBeGreaterThan(100); // 195, less what it may catch up
  });

  test('leaves the engine free: a run is answered while it trains', async () => {
    const { steps, onStep } = recorder();
    const model = await engine.loadModel('tiny-gpt');
    const training = await engine.train(kEndless, { onStep });
    for (let n = 5; n < 15; n++) {
      const run = await model.run(kSentence.slice(0, n), { needs: { matrix: { layer: 0, head: 0 } } });
      expect(run.first!.matrix!.values.length).toBe(run.tokens.length ** 2);
    }
    await expect.poll(() => steps.length).toBeGreaterThan(0);
    expect(training.state).toBe('running');
    training.dispose();
  });
});

describe.each(kPlaces)('refused (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  let training: Training;
  let checkpoint: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    engine = await start({ worker });
    training = await engine.train(kSmall, { paused: true });
    await training.step(2);
    checkpoint = await training.checkpoint();
  });
  afterAll(() => engine.dispose());

  const wrong = (value: unknown): never => value as never;
  test.each<[string, ErrorCode, RegExp, unknown]>([
    ['a name that is none', 'invalid-option', /"inductoin".*induction/, 'inductoin'],
    ['a name of every object', 'invalid-option', /"constructor"/, 'constructor'],
    ['an empty text', 'corrupt-file', /recipe/, ''],
    ['a text that is no JSON', 'corrupt-file', /recipe/, '{ "task": '],
    ['nothing', 'invalid-option', /a recipe is/, null],
    ['a number', 'invalid-option', /a recipe is/, 7],
    ['a circle', 'invalid-option', /JSON/, circle()],
    ['no task', 'invalid-option', /task/, {}],
    ['a task that is none', 'invalid-option', /"chess"/, { task: { name: 'chess' } }],
    ['a member that is none', 'invalid-option', /"modle"/, { ...kSmall, modle: {} }],
    ['a member of the model that is none', 'invalid-option', /"layer"/, { ...kSmall, model: { layer: 1 } }],
    ['no layers', 'invalid-option', /layers/, { ...kSmall, model: { layers: 0 } }],
    ['half a head', 'invalid-option', /heads/, { ...kSmall, model: { heads: 0.5 } }],
    [
      'heads that do not divide the width',
      'invalid-shape',
      /heads|width/,
      { ...kSmall, model: { width: 16, heads: 3 } },
    ],
    [
      'a family that the task does not take',
      'invalid-option',
      /bert/,
      { ...kSmall, model: { family: 'bert' } },
    ],
    [
      'an endless learning rate',
      'invalid-option',
      /learning_rate/,
      { ...kSmall, training: { learning_rate: 1e300 } },
    ],
    ['a negative seed', 'invalid-option', /seed/, { ...kSmall, training: { seed: -1 } }],
    ['a batch as text', 'invalid-option', /batch/, { ...kSmall, training: { batch: '4' } }],
    [
      'more than the memory holds',
      'out-of-memory',
      /memory/,
      {
        task: { name: 'induction', vocabulary: 62, length: 124 },
        model: { layers: 64, width: 4096, heads: 64, mlp_width: 16384 },
        training: { batch: 4096 },
      },
    ],
  ])('%s as a recipe', async (_name, code, message, recipe) => {
    const error = await engine.train(wrong(recipe)).then(
      () => expect.fail('it was not refused'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LimelightError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    await isAlive(engine);
  });

  test.each<[string, ErrorCode, object]>([
    ['an option that does not exist', 'invalid-option', { onstep: () => {} }],
    ['an onStep that is none', 'invalid-option', { onStep: 'x' }],
    ['a watch that does not exist', 'invalid-option', { watch: { heads: 1 } }],
    ['looks every 0 steps', 'invalid-shape', { watch: { every: 0 } }],
    ['an example that does not exist', 'invalid-shape', { watch: { example: 1000 } }],
    ['no steps a second', 'invalid-value', { stepsPerSecond: 0 }],
    ['steps a second that are no number', 'invalid-value', { stepsPerSecond: '9' }],
  ])('%s', async (_name, code, options) => {
    await expect(engine.train(kSmall, options)).rejects.toMatchObject({ name: 'LimelightError', code });
  });

  test.each<[string, ErrorCode, () => unknown]>([
    ['of no bytes', 'truncated-file', () => new Uint8Array(0)],
    ['cut short', 'truncated-file', () => checkpoint.subarray(0, checkpoint.length - 1)],
    ['of other bytes', 'corrupt-file', () => new Uint8Array(200).fill(7)],
    ['of text', 'invalid-value', () => 'checkpoint'],
    ['with a number that is none', 'invalid-value', () => withLastFloat(Number.NaN)],
    ['with a number that is endless', 'invalid-value', () => withLastFloat(Number.POSITIVE_INFINITY)],
    ['of a model', 'corrupt-file', () => 'model'],
    ['of another recipe', 'invalid-option', () => 'other'],
  ])('a checkpoint %s; the training stays as it is', async (_name, code, make) => {
    let bytes = make();
    if (bytes === 'model') {
      const files = await training.model();
      bytes = new Uint8Array(await files.find(({ name }) => /safetensors/.test(name))!.arrayBuffer());
    } else if (bytes === 'other') {
      const other = await engine.train({ ...kSmall, model: { width: 8, heads: 2 } }, { paused: true });
      bytes = await other.checkpoint();
      other.dispose();
    }
    const before = await training.look();
    const error = await training.restore(wrong(bytes)).then(
      () => expect.fail('it was not refused'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LimelightError);
    expect(error).toMatchObject({ code });
    expect(await training.look()).toEqual(before);
    expect(training.state).toBe('paused');
  });

  test('a restore without a checkpoint, a step while it runs, a step that is none', async () => {
    const fresh = await engine.train(kEndless);
    await expect(fresh.restore()).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(fresh.step()).rejects.toMatchObject({ code: 'invalid-option' });
    await fresh.pause();
    for (const n of [0, 1.5, Number.NaN, '2'])
      await expect(fresh.step(wrong(n))).rejects.toMatchObject({ code: 'invalid-shape' });
    for (const seed of [-1, 0.5, '1'])
      await expect(fresh.reset(wrong(seed))).rejects.toMatchObject({ code: 'invalid-value' });
    fresh.dispose();
  });

  function withLastFloat(number: number): Uint8Array {
    const bytes = checkpoint.slice();
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, number, true);
    return bytes;
  }
});

/** A checkpoint whose first parameter is as large as numbers can be, so that sums over it are not finite. */
function withLargeNumbers(checkpoint: Uint8Array): Uint8Array {
  const bytes = checkpoint.slice();
  const view = new DataView(bytes.buffer);
  const header = Number(view.getBigUint64(0, true));
  const tensors = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [, entry] = Object.entries(tensors).find(([name]) => /^transformer.*wte/.test(name))!;
  const [first, end] = entry.data_offsets;
  for (let at = first; at < end; at += 4) view.setFloat32(8 + header + at, 3e38, true);
  return bytes;
}

function circle(): object {
  const one: { task?: object } = {};
  one.task = one;
  return one;
}

describe('a shipped recipe', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start({ worker: true });
  });
  afterAll(() => engine.dispose());

  async function learnt(recipe: string): Promise<{ training: Training; score: number }> {
    const training = await engine.train(recipe);
    await training.done;
    const { score } = await training.evaluate({ examples: 512 });
    const { attentions } = await training.look();
    const best = Math.max(...attentions.flatMap(({ alignment }) => [...alignment]));
    console.info(`note: ${recipe}: ${(100 * score).toFixed(1)} %, its best head ${best.toFixed(2)}`);
    expect(best).toBeGreaterThan(0.3);
    return { training, score };
  }

  test('learns induction: over 90 % of what has been there before', async () => {
    const { training, score } = await learnt('induction');
    expect(score).toBeGreaterThan(0.9);
    expect(training.info.attentions.map(({ kind }) => kind)).toEqual(['decoder', 'decoder']);
  });

  test.each(['dates', 'translation'])(
    'learns %s: over 98 % of whole rows, and its model writes them',
    async (recipe) => {
      const { training, score } = await learnt(recipe);
      expect(score).toBeGreaterThan(0.98);
      const { info } = training;
      expect(info.attentions.map(({ kind }) => kind)).toEqual(['encoder', 'decoder', 'cross']);
      const look = await training.look({ example: 1 });
      for (const { heads, qLength, kvLength, weights } of look.attentions)
        expect(weights).toHaveLength(heads * qLength * kvLength);

      const model = await engine.loadModel(await training.model());
      const length = look.sourceLengths![1]!;
      const ids = [...look.source!.subarray(info.sourceLength).subarray(0, length)];
      const source = ids.map((id) => info.sourceTokens[id]).join(info.joint);
      const end = info.tokens.indexOf('</s>');
      const predicted = [...look.predictions.subarray(info.length)];
      const right = predicted.slice(0, predicted.indexOf(end)).map((id) => info.tokens[id]);
      const run = await model.run(source);
      expect(run.translation!.source.map(({ id }) => id)).toEqual(ids);
      expect(run.translation!.target.trim()).toBe(right.join(info.joint));
      const cross = await run.weights({ layer: 0, head: 0, attention: 'cross' });
      const seen = look.attentions.find(({ kind }) => kind === 'cross')!.weights!;
      for (let row = 0; row < run.tokens.length; row++)
        for (let key = 0; key < length; key++)
          expect(cross[row * length + key]).toBeCloseTo(seen[row * info.sourceLength + key]!, 4);
    },
  );
});

describe("a training's worker that is killed", () => {
  const threads = process.getBuiltinModule('node:worker_threads');
  const original = threads.Worker;
  const alive: Worker[] = [];
  beforeAll(() => {
    threads.Worker = class extends original {
      constructor(...given: ConstructorParameters<typeof original>) {
        super(...given);
        alive.push(this);
        this.on('exit', () => alive.splice(alive.indexOf(this), 1));
      }
    };
  });
  afterAll(() => {
    threads.Worker = original;
  });

  test('fails the training alone, which goes on from its last checkpoint', async () => {
    const engine = await start({ worker: true });
    const training = await engine.train(kSmall, { paused: true });
    await training.step(5);
    await training.checkpoint();
    const rest = await training.step(3);
    await training.resume();
    await alive.at(-1)!.terminate();
    if (training.state !== 'finished')
      await expect(training.done).rejects.toMatchObject({ name: 'LimelightError', code: 'engine-lost' });
    await expect(training.step()).rejects.toMatchObject({ code: 'engine-lost' });
    await isAlive(engine);
    await training.restore();
    expect(training.state).toBe('paused');
    expect(await training.step(3)).toEqual(rest);
    await alive.at(-1)!.terminate();
    await expect(training.look()).rejects.toMatchObject({ code: 'engine-lost' });
    await training.reset();
    expect((await training.step(8)).slice(5)).toEqual(rest);
    engine.dispose();
  });

  test('in the midst of a command answers it', async () => {
    const engine = await start({ worker: true });
    const training = await engine.train(kEndless);
    const asked = [training.evaluate({ examples: 60_000 }), training.look(), training.pause()];
    await alive.at(-1)!.terminate();
    for (const outcome of await Promise.allSettled(asked))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine-lost' } });
    engine.dispose();
  });

  test('ends with dispose()', async () => {
    const engine = await start({ worker: true });
    const count = alive.length;
    for (let i = 0; i < 3; i++) (await engine.train(kSmall)).dispose();
    await expect.poll(() => alive.length).toBe(count);
    engine.dispose();
    await expect.poll(() => alive.length).toBe(0);
  });
});
