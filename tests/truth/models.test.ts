import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, Model, Run } from '../../web/engine/types.ts';
import { softmax } from '../reference/math.ts';
import {
  type Checkpoint,
  forward,
  type HeadScores,
  type Recording,
  rowArithmetic,
} from '../reference/model.ts';
import {
  encode,
  kShippedModels,
  type ShippedModel,
  shippedCheckpoint,
  textOfLength,
  tokenText,
} from '../reference/shipped.ts';
import { kTolerance, Worst } from './compare.ts';
import { kEngines, load } from './engines.ts';

const kLengths = [1, 2, 17, 64, 256] as const;

// [CLS] and [SEP] are there even in an empty text, so a run of BERT has at least two tokens.
const lengthsOf = (name: ShippedModel) => kLengths.filter((n) => n >= Math.max(1, encode(name, '').length));

const references = new Map<string, Recording>();
function reference(name: ShippedModel, text: string): Recording {
  const key = `${name} ${text}`;
  const known = references.get(key) ?? forward(shippedCheckpoint(name), encode(name, text));
  references.set(key, known);
  return known;
}

async function wholeSite(run: Run, site: string, n: number): Promise<Float32Array> {
  const rows = await Promise.all(Array.from({ length: n }, (_, token) => run.vector(site, { token })));
  const features = rows[0]?.length ?? 0;
  const all = new Float32Array(n * features);
  rows.forEach((row, i) => {
    all.set(row, i * features);
  });
  return all;
}

/** Holds every number that a run can give against the reference; what it returns is for printing and for expect. */
async function compareAll(run: Run, expected: Recording, checkpoint: Checkpoint): Promise<Worst> {
  const worst = new Worst();
  const n = expected.ids.length;
  for (const [site, { data }] of expected.sites)
    worst.see(await wholeSite(run, site, n), data, `${site}, n = ${n}`);
  for (let token = 0; token < n; token++) {
    const row = expected.logits.subarray(token * checkpoint.vocabulary, (token + 1) * checkpoint.vocabulary);
    worst.see(await run.logits({ token }), row, `logits of token ${token}, n = ${n}`);
  }
  for (let layer = 0; layer < checkpoint.layers; layer++) {
    for (let head = 0; head < checkpoint.heads; head++) {
      const matrices = expected.scores[layer]?.[head];
      if (!matrices) throw new Error('the reference has no such head');
      const at = `layer ${layer} head ${head}, n = ${n}`;
      worst.see(await run.weights({ layer, head }), matrices.weight, `weights, ${at}`);
      for (const stage of ['dot', 'scaled', 'masked'] as const)
        worst.see(await run.scores({ layer, head, stage }), matrices[stage], `${stage}, ${at}`);
    }
  }
  return worst;
}

describe.each(kEngines)('the engine ($build, worker: $worker)', (kind) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await load(kind);
    expect(engine.build).toBe(kind.build);
  });
  afterAll(() => engine.dispose());

  describe.each(kShippedModels)('running %s', (name) => {
    const checkpoint = shippedCheckpoint(name);
    let model: Model;
    beforeAll(async () => {
      model = await engine.loadModel(name);
    });
    afterAll(() => model.dispose());

    test.each(lengthsOf(name))('agrees at every site, weight and logit at length %i', async (length) => {
      const text = textOfLength(name, length);
      const expected = reference(name, text);
      const run = await model.run(text);
      expect(run.tokens.map((token) => token.id)).toEqual(expected.ids);
      expect([...(await run.sites())].sort()).toEqual([...expected.sites.keys()].sort());
      const worst = await compareAll(run, expected, checkpoint);
      console.info(`note: ${name} ${kind.build}${kind.worker ? ' worker' : ''} n = ${length}: ${worst}`);
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
      run.dispose();
    });

    test('a run that takes over a prefix equals a full run, whether text is appended or changed in the middle', async () => {
      const text = textOfLength(name, 64);
      const words = text.split(' ');
      const half = words.slice(0, words.length / 2).join(' ');
      const changed = [
        ...words.slice(0, words.length / 2),
        'nevertheless',
        ...words.slice(words.length / 2),
      ].join(' ');
      const first = await model.run(half);
      for (const longer of [text, changed]) {
        const run = await model.run(longer);
        if (checkpoint.family === 'gpt2') expect(run.reused).toBeGreaterThan(8);
        else expect(run.reused).toBe(0); // every position reads every other
        const worst = await compareAll(run, reference(name, longer), checkpoint);
        expect(worst.error, worst.at).toBeLessThan(kTolerance);
        run.dispose();
      }
      first.dispose();
    });

    test('interventions change what the reference says they change', async () => {
      const text = textOfLength(name, 17);
      const run = await model.run(text, {
        interventions: [
          { silence: { layer: 1, head: 2 } },
          { scale: { layer: 2, head: 0, by: -1.5 } },
          { temperature: { layer: 0, value: 0.25 } },
          { temperature: { layer: 3, head: 5, value: 7 } },
        ],
      });
      const changed = forward(checkpoint, encode(name, text), [
        { layer: 1, head: 2, gate: 0 },
        { layer: 2, head: 0, gate: -1.5 },
        ...Array.from({ length: checkpoint.heads }, (_, head) => ({ layer: 0, head, temperature: 0.25 })),
        { layer: 3, head: 5, temperature: 7 },
      ]);
      const worst = await compareAll(run, changed, checkpoint);
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
      // and they do change something
      const unchanged = await compareAll(run, reference(name, text), checkpoint);
      expect(unchanged.error).toBeGreaterThan(100 * kTolerance);
      run.dispose();
    });

    test('the arithmetic of a row is the arithmetic of that row', async () => {
      const text = textOfLength(name, 17);
      const expected = reference(name, text);
      const run = await model.run(text);
      const worst = new Worst();
      for (const [layer, head, token] of [
        [0, 0, 0],
        [1, 3, 16],
        [3, 5, 8],
      ] as const) {
        const { row } = await run.snapshot({ row: { layer, head, token } });
        if (!row) throw new Error('no row in the snapshot');
        expect(row.scale).toBeCloseTo(1 / Math.sqrt(checkpoint.headDim), 6);
        expect([row.layer, row.head, row.token, row.keys, row.headDim, row.temperature, row.gate]).toEqual([
          layer,
          head,
          token,
          17,
          checkpoint.headDim,
          1,
          1,
        ]);
        const { maximum, total, ...arrays } = rowArithmetic(checkpoint, expected, { layer, head, token });
        const at = `row ${token}, layer ${layer} head ${head}`;
        worst.see([row.maximum], [maximum], `maximum of ${at}`);
        worst.see([row.total], [total], `total of ${at}`);
        for (const name of Object.keys(arrays) as (keyof typeof arrays)[])
          worst.see(row[name], arrays[name], `${name} of ${at}`);
      }
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
      run.dispose();
    });

    test('predictions are the most probable tokens, best first, at any temperature', async () => {
      const text = textOfLength(name, 17);
      const expected = reference(name, text);
      const run = await model.run(text);
      for (const [token, temperature] of [
        [16, 1],
        [5, 0.7],
        [11, 2.5],
      ] as const) {
        const part = await run.predict({ token, count: 10, temperature });
        const logits = expected.logits.subarray(
          token * checkpoint.vocabulary,
          (token + 1) * checkpoint.vocabulary,
        );
        const probabilities = softmax(logits.map((logit) => logit / temperature));
        const ranked = Array.from(logits, (logit, id) => ({ id, logit }))
          .sort((a, b) => b.logit - a.logit)
          .slice(0, 10);
        expect(part.kind).toBe(checkpoint.family === 'gpt2' ? 'next' : 'fill');
        expect(part.candidates.map((candidate) => candidate.id)).toEqual(
          ranked.map((candidate) => candidate.id),
        );
        const worst = new Worst();
        worst.see(
          part.candidates.map((c) => c.logit),
          ranked.map((c) => c.logit),
          'logits',
        );
        worst.see(
          part.candidates.map((c) => c.probability),
          ranked.map((c) => probabilities[c.id]!),
          'probabilities',
        );
        expect(worst.error, worst.at).toBeLessThan(kTolerance);
        for (const candidate of part.candidates)
          expect(candidate.text.trim()).toBe(tokenText(name, candidate.id).replace(/^##/, '').trim());
      }
      run.dispose();
    });

    test('the matrix and the overview of a snapshot are the weights', async () => {
      const text = textOfLength(name, 17);
      const expected = reference(name, text);
      const run = await model.run(text);
      const { matrix, overview } = await run.snapshot({
        matrix: { layer: 1, head: 4 },
        overview: { pixels: 64 },
      });
      if (!matrix || !overview) throw new Error('the snapshot lacks what was asked for');
      const worst = new Worst();
      worst.see(matrix.values, expected.scores[1]?.[4]?.weight ?? [], 'matrix');
      expect([matrix.rows, matrix.cols, matrix.stage]).toEqual([17, 17, 'weight']);
      const hidden = Array.from({ length: 17 * 17 }, (_, i) =>
        checkpoint.family === 'gpt2' && i % 17 > Math.floor(i / 17) ? 1 : 0,
      );
      expect(Array.from(matrix.hidden)).toEqual(hidden);
      expect([overview.layers, overview.heads, overview.rows, overview.cols]).toEqual([
        checkpoint.layers,
        checkpoint.heads,
        17,
        17,
      ]);
      expected.scores.forEach((heads, layer) => {
        heads.forEach(({ weight }, head) => {
          const start = (layer * checkpoint.heads + head) * 17 * 17;
          worst.see(
            overview.values.subarray(start, start + 17 * 17),
            weight,
            `overview of layer ${layer} head ${head}`,
          );
        });
      });
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
      run.dispose();
    });

    test('an overview smaller than the text pools by the mean', async () => {
      const text = textOfLength(name, 64);
      const expected = reference(name, text);
      const run = await model.run(text);
      const { overview } = await run.snapshot({ overview: { pixels: 20 } });
      if (!overview) throw new Error('the snapshot lacks what was asked for');
      expect([overview.rows, overview.cols]).toEqual([20, 20]);
      const worst = new Worst();
      expected.scores.forEach((heads, layer) => {
        heads.forEach(({ weight }, head) => {
          const start = (layer * checkpoint.heads + head) * 400;
          worst.see(
            overview.values.subarray(start, start + 400),
            pooledMean(weight, 64, 20),
            `layer ${layer} head ${head}`,
          );
        });
      });
      expect(worst.error, worst.at).toBeLessThan(kTolerance);
      run.dispose();
    });
  });
});

/** Display cell (r, c) is the mean of the cells whose index floor(i * pooled / size) is r and c. */
function pooledMean(cells: Float64Array, size: number, pooled: number): Float64Array {
  const sum = new Float64Array(pooled * pooled);
  const count = new Float64Array(pooled * pooled);
  cells.forEach((value, i) => {
    const to = (index: number) => Math.floor((index * pooled) / size);
    const target = to(Math.floor(i / size)) * pooled + to(i % size);
    sum[target] = sum[target]! + value;
    count[target] = count[target]! + 1;
  });
  return sum.map((value, i) => value / count[i]!);
}

/** Wrong references, each wrong in one way that a wrong engine could be. */
const kMistakes: Record<string, (right: Recording) => Recording> = {
  'two heads are swapped': (right) =>
    withLayer(right, 2, ([first, second, ...others]) => [second!, first!, ...others]),
  'one weight is off by 0.0002': (right) =>
    withLayer(right, 2, ([first, ...others]) => [
      { ...first!, weight: first!.weight.map((value, i) => (i === 16 * 17 ? value + 2e-4 : value)) },
      ...others,
    ]),
  'one score that is seen is hidden': (right) =>
    withLayer(right, 0, ([first, ...others]) => [
      { ...first!, masked: first!.masked.map((value, i) => (i === 0 ? Number.NEGATIVE_INFINITY : value)) },
      ...others,
    ]),
  'a site is 0.03 % too large': (right) => {
    const z = right.sites.get('blocks.3.attn.z')!;
    const larger = { ...z, data: z.data.map((value) => value * 1.0003) };
    return { ...right, sites: new Map(right.sites).set('blocks.3.attn.z', larger) };
  },
  'the last logits are those of the first position': (right) => {
    const vocabulary = right.logits.length / right.ids.length;
    return {
      ...right,
      logits: right.logits.slice().copyWithin(right.logits.length - vocabulary, 0, vocabulary),
    };
  },
};

function withLayer(
  right: Recording,
  layer: number,
  change: (heads: HeadScores[]) => HeadScores[],
): Recording {
  return { ...right, scores: right.scores.map((heads, l) => (l === layer ? change(heads) : heads)) };
}

describe.each(kShippedModels)('the comparison with %s refuses a reference in which', (name) => {
  let engine: Engine;
  let run: Run;
  beforeAll(async () => {
    engine = await load({ build: 'simd', worker: false });
    run = await (await engine.loadModel(name)).run(textOfLength(name, 17));
  });
  afterAll(() => engine.dispose());

  test.each(Object.keys(kMistakes))('%s', async (mistake) => {
    const wrong = kMistakes[mistake]!(reference(name, run.text));
    expect((await compareAll(run, wrong, shippedCheckpoint(name))).error).toBeGreaterThan(kTolerance);
  });
});
