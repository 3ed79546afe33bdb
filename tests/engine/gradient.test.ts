// engine.attentionGradient: against finite differences of the float64 reference, with every option, and its refusals.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttentionGradientRequest, Engine } from '../../web/engine/types.ts';
import { type AttentionCase, referenceAttention } from '../reference/attention.ts';
import { kPlaces, request, start } from './engines.ts';

const wave = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(3 * i + phase));

/** Two batches, four query heads on two key-value heads, 3 queries, 5 keys, dims 4 and 3. */
function wide(changes: Partial<AttentionGradientRequest> = {}): AttentionGradientRequest {
  return {
    ...{ q: wave(96, 0), k: wave(80, 1), v: wave(60, 2), dOut: wave(72, 3) },
    ...{ batch: 2, heads: 4, kvHeads: 2, qLength: 3, kvLength: 5, headDim: 4, valueDim: 3 },
    ...changes,
  };
}

/** The gradients of sum(dOut * out) by central differences: errors of step^2 and of 2^-53 / step, below 1e-8 here. */
function differences(given: AttentionGradientRequest, name: 'q' | 'k' | 'v' | 'gate' | 'temperature') {
  const { dOut, layout, also: _, ...rest } = given;
  const numbers = Float64Array.from(given[name] ?? []);
  const shape = { batch: 2, heads: 4, kvHeads: 2, qLength: 3, kvLength: 5, headDim: 4, valueDim: 3 };
  const loss = () => {
    const changed = { ...rest, ...shape, headsFirst: layout === 'heads-first', [name]: numbers };
    return referenceAttention(changed as AttentionCase).out.reduce((sum, x, i) => sum + x * dOut[i]!, 0);
  };
  return numbers.map((before, i) => {
    numbers[i] = before + 1e-5;
    const above = loss();
    numbers[i] = before - 1e-5;
    const below = loss();
    numbers[i] = before;
    return (above - below) / 2e-5;
  });
}

describe.each(kPlaces)('the gradient of attention (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start({ worker });
  });
  afterAll(() => engine.dispose());

  test.each([
    {},
    { layout: 'heads-first' as const },
    { causal: true },
    { causal: true, pastLength: 1, layout: 'heads-first' as const },
    { keyLengths: Int32Array.of(5, 2), scale: -0.7 },
  ])('agrees with finite differences: %o', async (options) => {
    const given = wide({
      ...options,
      gate: Float32Array.of(1, 0, -1.5, 0.5),
      temperature: Float32Array.of(1, 0.5, 2, 1.5),
      also: { gate: true, temperature: true },
    });
    const { dq, dk, dv, dGate, dTemperature } = await engine.attentionGradient(given);
    // All sums here have at most a hundred terms of at most 10: 100 * 10 * 2^-24 = 6e-5.
    const close = (actual: Float32Array, name: Parameters<typeof differences>[1]) => {
      const expected = differences(given, name);
      expect(actual.length).toBe(expected.length);
      for (let i = 0; i < actual.length; i++)
        expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(6e-5);
    };
    close(dq, 'q');
    close(dk, 'k');
    close(dv, 'v');
    close(dGate!, 'gate');
    close(dTemperature!, 'temperature');
  });

  test('the gradient by the bias sums to zero along a row, and over batch and heads where asked', async () => {
    const each = (await engine.attentionGradient(wide({ also: { bias: {} } }))).dBias!;
    expect(each.length).toBe(2 * 4 * 3 * 5);
    for (let row = 0; row < 24; row++) {
      const cells = each.subarray(row * 5, row * 5 + 5);
      expect(Math.max(...cells.map(Math.abs))).toBeGreaterThan(0.001);
      expect(Math.abs(cells.reduce((sum, x) => sum + x, 0))).toBeLessThan(1e-6);
    }
    for (const [bias, size] of [
      [{ batch: 'sum' }, 60],
      [{ heads: 'sum' }, 30],
      [{ batch: 'sum', heads: 'sum' }, 15],
    ] as const) {
      const { dBias } = await engine.attentionGradient(wide({ also: { bias } }));
      expect(dBias!.length).toBe(size);
      for (let cell = 0; cell < 15; cell++) {
        const sum = (array: Float32Array) =>
          array.reduce((total, x, i) => (i % 15 === cell ? total + x : total), 0);
        expect(sum(dBias!)).toBeCloseTo(sum(each), 5);
      }
    }
  });

  test('out and lse that were kept give the same bits as computing them once more', async () => {
    const given = wide({ causal: true });
    const { dOut, ...forward } = given;
    const { out, lse } = await engine.attention(forward);
    const again = await engine.attentionGradient(given);
    expect(await engine.attentionGradient({ ...given, out, lse })).toEqual(again);
    expect(await engine.attentionGradient({ ...given, lse })).toEqual(again);
    expect(Object.keys(again)).toEqual(['dq', 'dk', 'dv']);
  });

  test('a long problem is computed in slices, and can be aborted between them', async () => {
    const [heads, qLength, headDim] = [2, 1500, 16];
    const [q, k, v, dOut] = [0, 1, 2, 3].map((phase) => wave(heads * qLength * headDim, phase));
    const given = { q: q!, k: k!, v: v!, dOut: dOut!, heads, qLength, causal: true };
    const { live } = await engine.memory();
    const controller = new AbortController();
    const aborted = engine.attentionGradient(given, { signal: controller.signal });
    setTimeout(() => controller.abort(), 0);
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    const { dk } = await engine.attentionGradient(given);
    expect(dk.every(Number.isFinite)).toBe(true);
    expect((await engine.memory()).live).toBe(live);
  });

  test.each([
    [{ dOut: wave(23, 0) }, 'invalid-shape', 'dOut has 23 numbers'],
    [{ dOut: [1, 2] as never }, 'invalid-value', 'dOut is a Array'],
    [{ out: wave(2, 0) }, 'invalid-shape', 'out has 2 numbers'],
    [{ lse: wave(2, 0) }, 'invalid-shape', 'lse has 2 numbers'],
    [{ also: { scale: true } as never }, 'invalid-option', 'also has no "scale"'],
    [{ also: { bias: { heads: 'mean' as never } } }, 'invalid-option', 'also.bias.heads is "mean"'],
    [{ temperature: Float32Array.of(1, -2) }, 'invalid-value', 'temperature[1] is -2'],
    [{ pastLength: 3 }, 'invalid-option', 'past_len is 3 where nothing counts from it'],
  ] as const)('refuses %o', async (changes, code, words) => {
    const given = { ...request(), dOut: wave(24, 3), ...changes } as AttentionGradientRequest;
    const error = await engine.attentionGradient(given).catch((reason) => reason);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});
