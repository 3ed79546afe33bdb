// The parts of the benchmark that compute nothing and time nothing: arguments, cases, figures, the table.

import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.mjs';
import { caseOf, kAllShapes, kQuickShapes, titleOf } from './cases.mjs';
import { bars, chart, scaleOf } from './chart.mjs';
import { checkpoint, logitsError, quantised, randomWeights, referenceLogits } from './measure/model.mjs';
import { constant, model, node, value } from './measure/onnx.mjs';
import { plainAttention } from './measure/plain.mjs';
import {
  attentionFlops,
  attentionProblem,
  attentionReference,
  headsFirst,
  kPlaces,
  worstError,
} from './measure/problem.mjs';
import { casesOf } from './native.mjs';
import { caseTable, duration, startTable, table } from './report.mjs';
import { quantile, spread, summarise } from './statistics.mjs';
import { parseTrainArguments } from './train.mjs';

describe('arguments of bench:train', () => {
  test('without any, every recipe is trained with three seeds, and typing is measured', () => {
    expect(parseTrainArguments([])).toEqual({
      recipes: ['induction', 'dates', 'translation'],
      seeds: 3,
      typing: true,
      training: true,
    });
  });

  test('recipes and seeds are taken; typing alone can be measured', () => {
    expect(parseTrainArguments(['--recipes', 'dates', '--seeds=5'])).toMatchObject({
      recipes: ['dates'],
      seeds: 5,
      typing: false,
    });
    expect(parseTrainArguments(['--typing'])).toMatchObject({ typing: true, training: false });
  });

  test.each([
    [['--recipes', 'chess'], 'chess'],
    [['--seeds', '0'], '"0"'],
    [['--seeds'], '""'],
    [['--fast'], '--fast'],
  ])('%j is refused by name', (args, named) => {
    expect(() => parseTrainArguments(args)).toThrow(named);
  });
});

describe('arguments', () => {
  test('without any, everything is measured in Node', () => {
    const options = parseArguments([]);
    expect(options).toMatchObject({ quick: false, engine: 'node' });
    expect(options.shapes).toEqual(kAllShapes);
  });

  test('a list of shapes and a file are taken with a space and with an equals sign', () => {
    expect(parseArguments(['--shapes', 'n64,n8c']).shapes).toEqual(['n64', 'n8c']);
    expect(parseArguments(['--shapes=n64', '--json=a.json'])).toMatchObject({
      shapes: ['n64'],
      json: 'a.json',
    });
    expect(parseArguments(['--quick']).shapes).toEqual(kQuickShapes);
  });

  test.each([
    [['--shapes', 'x64'], 'x64'],
    [['--shapes', 'n0'], 'n0'],
    [['--engine', 'lynx'], 'lynx'],
    [['--json'], '--json'],
    [['--json', '--quick'], '--json'],
    [['--fast'], '--fast'],
  ])('%j is refused in a sentence that names %s', (args, named) => {
    expect(() => parseArguments(args)).toThrow(named);
  });
});

describe('cases', () => {
  test('every shape that is measured by default has a case and a title of its own', () => {
    const titles = kAllShapes.map((name) => titleOf(caseOf(name)));
    expect(new Set(titles).size).toBe(kAllShapes.length);
  });

  test('a causal matrix counts half the operations of a full one', () => {
    expect(attentionFlops(caseOf('n128').shape)).toBe(4 * 12 * 128 * 128 * 64);
    expect(attentionFlops(caseOf('n128c').shape)).toBe(2 * 12 * 128 * 128 * 64);
  });

  test('a window counts its own operations, and has a reference of its own', () => {
    const { shape } = caseOf('n64w5');
    expect(attentionFlops(shape)).toBe(4 * 12 * 64 * 5 * 64);
    expect(caseOf('n64w0')).toBeUndefined();
    const one = attentionProblem({ ...shape, window: 1 }); // each token sees itself alone
    for (const { row, out } of attentionReference(one))
      expect(Float32Array.from(out)).toEqual(one.v.slice(row * 768, (row + 1) * 768));
  });
});

describe('the check before the timing', () => {
  const shapes = [
    { heads: 2, dim: 4, queries: 7, keys: 7, causal: true },
    { heads: 1, dim: 8, queries: 1, keys: 33, causal: false },
  ];
  test.each(shapes)('plain attention passes in both layouts: %j', async (shape) => {
    const problem = attentionProblem(shape);
    const reference = attentionReference(problem);
    const out = (await plainAttention(problem).make()).run();
    expect(worstError(reference, out, kPlaces['seq-first'](problem))).toBeLessThanOrEqual(1);
    const turned = headsFirst(out, shape.heads, shape.dim);
    expect(worstError(reference, turned, kPlaces['heads-first'](problem))).toBeLessThanOrEqual(1);
  });

  test.each([Number.NaN, 1e-3])('a result that is off by %d in one place does not', async (off) => {
    const problem = attentionProblem(shapes[0]);
    const out = (await plainAttention(problem).make()).run();
    out[13] += off;
    const worst = worstError(attentionReference(problem), out, kPlaces['seq-first'](problem));
    expect(worst).toBeGreaterThan(1);
  });
});

describe('figures', () => {
  test('quantiles lie between the sorted values', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([7], 0.25)).toBe(7);
    expect(spread([5, 1, 3])).toEqual({ median: 3, low: 2, high: 4, least: 1 });
  });

  const samples = (...seconds) => seconds.map((cpu) => ({ cpu, wall: 2 * cpu }));
  const result = (one) => summarise({ case: caseOf('n64'), flops: 1e9, results: one });

  test('ours is held against the fastest peer, round by round', () => {
    const { results } = result([
      { name: 'us', kind: 'ours', build: 'relaxed', samples: samples(1, 2, 4) },
      { name: 'slow', kind: 'peer', samples: samples(9, 9, 9) },
      { name: 'fast', kind: 'peer', samples: samples(2, 4, 8) },
      { name: 'broken', kind: 'peer', failure: 'wrong' },
    ]);
    expect(results[0]).toMatchObject({ against: 'fast', gflops: 0.5, ratio: { median: 2, low: 2, high: 2 } });
    expect(results[3].time).toBeUndefined();
  });

  test("the share of the peak is that of the build's own loops", () => {
    const { results } = result([
      { name: 'us', kind: 'ours', build: 'simd', samples: samples(1) },
      { name: 'loop', kind: 'other', build: 'simd', flops: 4e9, samples: samples(1) },
      { name: 'loop', kind: 'other', build: 'relaxed', flops: 8e9, samples: samples(1) },
    ]);
    expect(results[0].share).toBe(0.25);
  });

  test('threads, and places without a processor clock, are timed by the wall', () => {
    const [threads, blind] = result([
      { name: 'us', kind: 'ours', build: 'threads', samples: samples(1) },
      { name: 'us', kind: 'ours', build: 'simd', samples: [{ cpu: 0, wall: 3 }] },
    ]).results;
    expect([threads.time.median, blind.time.median]).toEqual([2, 3]);
  });

  test('a thread never works longer than the wall says', () => {
    const [one] = result([
      { name: 'us', kind: 'ours', build: 'simd', samples: [{ cpu: 3, wall: 2 }] },
    ]).results;
    expect(one.time.median).toBe(2);
  });
});

describe('the table', () => {
  test('lines columns up', () => {
    const text = table([
      ['a', 'time'],
      ['long name', '1'],
    ]);
    expect(text).toBe('a           time\nlong name      1');
  });

  test('times have three digits and a unit', () => {
    expect([duration(2), duration(0.0123), duration(4.5e-6)]).toEqual(['2.00 s ', '12.3 ms', '4.50 us']);
  });

  test('says why somebody was not timed, and shows ratios with their spread', () => {
    const text = caseTable(
      summarise({
        case: caseOf('n64c'),
        flops: 1e9,
        results: [
          { name: 'us', kind: 'ours', build: 'simd', samples: [{ cpu: 1, wall: 1 }], memory: 17e6 },
          { name: 'peer', kind: 'peer', samples: [{ cpu: 3, wall: 3 }] },
          { name: 'other', kind: 'peer', failure: 'wrong: 7 times the error' },
        ],
      }),
    );
    expect(text).toContain('n = 64, causal');
    expect(text).toMatch(/us +1\.00 s +0 % +1\.0 +3\.00 \(3\.00-3\.00\) +17/);
    expect(text).toMatch(/other +wrong: 7 times the error/);
  });
});

describe('the start table', () => {
  test('names everybody, with bytes in thousands', () => {
    const text = startTable([
      { name: 'relaxed', cold: { median: 0.05 }, shipped: { raw: 340_000, brotli: 105_000 } },
      { name: 'ort', failure: 'no network', shipped: { raw: 14e6, brotli: 2e6 } },
    ]);
    expect(text).toMatch(/Limelight relaxed +50\.0 ms +340 +105/);
    expect(text).toMatch(/onnxruntime-web +fails +14000 +2000/);
  });
});

describe('the chart', () => {
  const one = (id, ratio, name = 'Limelight relaxed') => ({
    case: caseOf(id),
    results: [
      { name, kind: 'ours', ratio: { median: ratio, low: ratio - 0.5, high: ratio + 0.5 }, against: 'A & B' },
      { name: 'A & B', kind: 'peer' },
    ],
  });

  test('has a bar for each case with a peer, as long as its ratio', () => {
    const text = chart({
      machine: { engine: 'Node <20>', processor: 'X' },
      cases: [one('n64', 2), one('n128', 4), { case: caseOf('peak'), results: [] }],
    });
    const widths = [...text.matchAll(/class="bar".*?width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(2);
    expect(widths[1]).toBeCloseTo(2 * widths[0], 0);
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text).toContain('A &#38; B');
    expect(text).not.toContain('<20>');
  });

  test('shows the best of ours that runs on one thread with the same weights', () => {
    const both = one('n64', 2);
    both.results.push({
      name: 'Limelight simd',
      kind: 'ours',
      ratio: { median: 3, low: 3, high: 3 },
      against: 'B',
    });
    const other = (name, build) => ({
      ...both.results.at(-1),
      name,
      build,
      ratio: { median: 5, low: 5, high: 5 },
    });
    both.results.push(other('Limelight threads', 'threads'), other('Limelight simd, int8', 'simd'));
    expect(bars([both])).toMatchObject([{ name: 'Limelight simd', ratio: { median: 3 } }]);
  });

  test.each([
    [0.8, { step: 1, top: 1 }],
    [5.2, { step: 1, top: 6 }],
    [17, { step: 5, top: 20 }],
  ])('its scale up to %d has few, round steps', (most, scale) => {
    expect(scaleOf(most)).toEqual(scale);
  });
});

describe('ONNX models', () => {
  test('are protobuf: a model of one node has the bytes that the specification says', () => {
    const bytes = model({ nodes: [node('Abs', ['x'], ['y'])], inputs: [value('x', [300])], outputs: [] });
    const text = Buffer.from(bytes).toString('latin1');
    expect([...bytes.subarray(0, 3)]).toEqual([0x08, 10, 0x3a]); // ir_version 10; the graph follows
    expect(text).toContain('\x0a\x0b\x0a\x01x\x12\x01y\x22\x03Abs'); // node: input, output, op_type
    expect(text).toContain('\x08\xac\x02'); // dim_value 300 as a varint
  });

  test('hold constants as raw little-endian bytes', () => {
    const pieces = constant('c', [2], Float32Array.of(1, -2)).flat(Infinity);
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
    expect(bytes.subarray(-10).toString('hex')).toBe('4a080000803f000000c0');
  });
});

describe('the random model', () => {
  const shape = { layers: 1, heads: 2, width: 8, positions: 16, vocabulary: 256 };

  test("is a checkpoint in Hugging Face's layout, one token a byte", async () => {
    const tensors = randomWeights(shape);
    const [config, tokenizer, weights] = checkpoint(shape, tensors);
    expect(JSON.parse(await config.text())).toMatchObject({ model_type: 'gpt2', n_layer: 1, n_head: 2 });
    const { vocab } = JSON.parse(await tokenizer.text()).model;
    expect(Object.keys(vocab)).toHaveLength(256);
    expect(vocab.a).toBe(97);
    const bytes = Buffer.from(await weights.arrayBuffer());
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    const { data_offsets: place } = header['h.0.attn.c_attn.weight'];
    expect(bytes.readFloatLE(8 + length + place[0])).toBe(tensors['h.0.attn.c_attn.weight'].data[0]);
    expect(bytes.length).toBe(
      8 + length + Math.max(...Object.values(header).map((entry) => entry.data_offsets[1])),
    );
  });

  test('in int8 each number is off by at most half a step of its column', () => {
    const tensors = randomWeights(shape);
    const { stored, meant } = quantised(tensors);
    const name = 'h.0.mlp.c_fc.weight';
    const { data: scale, shape: columns } = stored[`${name}_scale`];
    expect(columns).toEqual([32]);
    expect(Math.max(...stored[name].data)).toBeLessThanOrEqual(127);
    tensors[name].data.forEach((x, i) => {
      expect(Math.abs(meant[name].data[i] - x)).toBeLessThanOrEqual(0.5001 * scale[i % 32]);
    });
    expect(stored['ln_f.weight']).toBe(tensors['ln_f.weight']);
  });

  test('later tokens decide its scores, and a small change in them is noticed', () => {
    const tensors = randomWeights(shape);
    const scores = referenceLogits(shape, tensors, [1, 2, 3]);
    expect(logitsError(scores, scores)).toBe(0);
    expect(logitsError(scores, referenceLogits(shape, tensors, [1, 2, 4]))).toBeGreaterThan(1);
    expect(logitsError(scores, referenceLogits(shape, tensors, [2, 2, 3]))).toBeGreaterThan(1);
    expect(
      logitsError(
        scores,
        scores.map(() => Number.NaN),
      ),
    ).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("Google Benchmark's report", () => {
  test('becomes cases, ours before others, times in seconds', () => {
    const entry = (name, cpu) => ({ name, run_type: 'iteration', cpu_time: cpu, real_time: cpu });
    const [small, product] = casesOf({
      benchmarks: [
        entry('sgemm512/OpenBLAS', 2e9),
        entry('n64/OpenBLAS', 4e9),
        entry('n64/Limelight avx2', 1e9),
        entry('n64/Limelight avx2', 2e9),
        { ...entry('n64/Limelight avx2_mean', 1), run_type: 'aggregate' },
        { ...entry('n64/Limelight sse2', 0), error_message: 'wrong result' },
      ],
    });
    expect(small.case.id).toBe('n64');
    expect(small.results.map(({ name }) => name)).toEqual(['Limelight avx2', 'Limelight sse2', 'OpenBLAS']);
    expect(small.results[0].samples.map(({ cpu }) => cpu)).toEqual([1, 2]);
    expect(small.results[1]).toMatchObject({ failure: 'wrong result' });
    expect(product.flops).toBe(2 * 512 ** 3);
  });
});
