import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import golden from './golden/torch.json' with { type: 'json' };
import { erf, geluExact, geluTanh, logSumExp, softmax } from './math.ts';
import { forward, siteRow } from './model.ts';
import { bfloatToNumber, halfToNumber, readSafetensors } from './safetensors.ts';
import { uniform } from './sampling.ts';
import {
  encode,
  kProse,
  kShippedModels,
  modelFolder,
  type ShippedModel,
  shippedCheckpoint,
} from './shipped.ts';

describe('the reference', () => {
  test('decodes half precision, its subnormals and its infinities', () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x3555].map(halfToNumber)).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      0.333251953125,
    ]);
    expect(Object.is(halfToNumber(0x8000), -0)).toBe(true);
    expect([0x7c00, 0xfc00, 0x7e00].map(halfToNumber)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  test('decodes bfloat16 as the upper half of a float', () => {
    expect([0x3f80, 0xc000, 0x4049, 0x0001].map(bfloatToNumber)).toEqual([1, -2, 3.140625, 2 ** -133]);
  });

  test('reads every dtype of a safetensors file at its offset', () => {
    const header = JSON.stringify({
      __metadata__: { format: 'pt' },
      b: { dtype: 'F32', shape: [2], data_offsets: [2, 10] },
      a: { dtype: 'F16', shape: [1, 1], data_offsets: [0, 2] },
    });
    const bytes = new Uint8Array(8 + header.length + 10);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    view.setUint16(8 + header.length, 0x4200, true);
    view.setFloat32(8 + header.length + 2, -0.5, true);
    view.setFloat32(8 + header.length + 6, 7, true);
    const tensors = readSafetensors(bytes);
    expect(Array.from(tensors.get('a')?.data ?? [])).toEqual([3]);
    expect(Array.from(tensors.get('b')?.data ?? [])).toEqual([-0.5, 7]);
  });

  test('knows the error function to 1e-15 (values of Abramowitz and Stegun, table 7.1)', () => {
    const table: [number, number][] = [
      [0.1, 0.1124629160182849],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [3, 0.9999779095030014],
      [5, 0.9999999999984626],
    ];
    for (const [x, value] of table) {
      expect(Math.abs(erf(x) - value)).toBeLessThan(1e-15);
      expect(erf(-x)).toBe(-erf(x));
    }
  });

  test('has both GELUs: close to each other, but not the same', () => {
    expect(geluExact(1)).toBeCloseTo(0.8413447460685429, 14);
    expect(geluTanh(1)).toBeCloseTo(0.8411919906082768, 14);
    expect(geluExact(-10)).toBeCloseTo(0, 14);
  });

  test('turns scores into weights that sum to one, and nothing into nothing', () => {
    const weights = softmax(Float64Array.of(1000, 1001, Number.NEGATIVE_INFINITY));
    expect(weights[0]).toBeCloseTo(1 / (1 + Math.E), 14);
    expect(weights[2]).toBe(0);
    expect(logSumExp(Float64Array.of(Number.NEGATIVE_INFINITY))).toBe(Number.NEGATIVE_INFINITY);
    expect(Array.from(softmax(Float64Array.of(Number.NEGATIVE_INFINITY)))).toEqual([0]);
  });
});

describe.each(golden.cases)('the reference of $model', (known) => {
  const name = known.model as ShippedModel;

  test('is what PyTorch computes in float64 with its own layers', () => {
    const file = readFileSync(join(modelFolder(name), 'model.safetensors'));
    const sum = createHash('sha256').update(file).digest('hex');
    expect(sum, 'another checkpoint than the golden one: run golden/make.py').toBe(known.sha256);

    const checkpoint = shippedCheckpoint(name);
    const recording = forward(checkpoint, known.ids);
    const n = known.ids.length;
    let compared = 0;
    const near = (value: number | undefined, expected: number | undefined) => {
      expect(Math.abs((value ?? Number.NaN) - (expected ?? Number.NaN))).toBeLessThan(1e-10);
      compared++;
    };
    for (const [row, logits] of Object.entries(known.logits))
      logits.forEach((logit, i) => {
        near(recording.logits[Number(row) * checkpoint.vocabulary + 97 * i], logit);
      });
    const residual = siteRow(recording, `blocks.${checkpoint.layers - 1}.resid_post`, 21);
    known.resid_post.forEach((value, d) => {
      near(residual[d], value);
    });
    known.weights.forEach((heads, layer) => {
      heads.forEach((row, head) => {
        row.forEach((weight, j) => {
          near(recording.scores[layer]?.[head]?.weight[21 * n + j], weight);
        });
      });
    });
    expect(compared).toBe(
      3 * Math.ceil(checkpoint.vocabulary / 97) + checkpoint.width + checkpoint.layers * checkpoint.heads * n,
    );
  });
});

test('GPT predicts plain English better than word frequencies do (6 nats a token)', () => {
  const ids = encode('tiny-gpt', kProse).slice(0, 120);
  const checkpoint = shippedCheckpoint('tiny-gpt');
  const { logits } = forward(checkpoint, ids);
  const row = (i: number) => logits.subarray(i * checkpoint.vocabulary, (i + 1) * checkpoint.vocabulary);
  const nats = ids.slice(1).map((id, i) => logSumExp(row(i)) - (row(i)[id] as number));
  expect(nats.reduce((sum, value) => sum + value, 0) / nats.length).toBeLessThan(5);
});

test('BERT fills blanks in plain English better than word frequencies do (6 nats a word)', () => {
  const checkpoint = shippedCheckpoint('tiny-bert');
  const mask = 4;
  const ids = [...encode('tiny-bert', kProse).slice(0, 120), 3];
  const asked = ids.map((_, i) => i).filter((i) => i % 5 === 2);
  const masked = ids.map((id, i) => (asked.includes(i) ? mask : id));
  const { logits } = forward(checkpoint, masked);
  const nats = asked.map((i) => {
    const row = logits.subarray(i * checkpoint.vocabulary, (i + 1) * checkpoint.vocabulary);
    return logSumExp(row) - row[ids[i]!]!;
  });
  expect(nats.reduce((sum, value) => sum + value, 0) / nats.length).toBeLessThan(5);
});

test('all shipped models have a golden case', () => {
  expect(golden.cases.map((known) => known.model).sort()).toEqual([...kShippedModels].sort());
});

test('uniform numbers are those of splitmix64, as its authors publish them', () => {
  // The first outputs for seed 1234567: https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
  const outputs = [6457827717110365317n, 3203168211198807973n, 9817491932198370423n];
  expect(outputs.map((_, step) => uniform(1234567n, step))).toEqual(
    outputs.map((output) => Number(output >> 11n) / 2 ** 53),
  );
});
