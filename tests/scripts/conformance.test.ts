// The judge of the conformance cases: what it lets pass, and what it must not.
import { describe, expect, test } from 'vitest';
import { Call, decode, roundTo } from '../conformance/cases.mjs';
import { compute } from '../conformance/javascript.mjs';
import { complaints } from '../conformance/judge.mjs';
import { evaluate } from '../conformance/reference.mjs';

const tensor = (dtype: string, shape: number[], data: (number | string)[]) => ({ dtype, shape, data });

/** Two queries and three keys of two numbers; the second query sees nothing. */
function attention(changes: Record<string, unknown> = {}) {
  return {
    name: 'case',
    op: 'Attention',
    opset: [23],
    slots: ['Q', 'K', 'V', 'attn_mask'],
    attributes: {},
    inputs: {
      Q: tensor('float32', [1, 1, 2, 2], [1, 0, 0, 1]),
      K: tensor('float32', [1, 1, 3, 2], [1, 2, 3, 4, 5, 6]),
      V: tensor('float32', [1, 1, 3, 1], [1, 2, 4]),
      attn_mask: tensor('bool', [2, 3], [1, 1, 0, 0, 0, 0]),
    },
    outputs: { Y: tensor('float32', [1, 1, 2, 1], []) },
    ...changes,
  };
}

describe('roundTo', () => {
  test('rounds to the nearest number of a type, ties to even', () => {
    expect(roundTo(1 + 2 ** -11, 'float16')).toBe(1);
    expect(roundTo(1 + 3 * 2 ** -11, 'float16')).toBe(1 + 2 ** -9);
    expect(roundTo(-(1 + 2 ** -11 + 2 ** -20), 'float16')).toBe(-(1 + 2 ** -10));
    expect(roundTo(2 ** -25, 'float16')).toBe(0);
    expect(roundTo(3 * 2 ** -25, 'float16')).toBe(2 ** -23);
    expect(roundTo(65519, 'float16')).toBe(65504);
    expect(roundTo(65520, 'float16')).toBe(Number.POSITIVE_INFINITY);
    expect(roundTo(1 + 2 ** -8, 'bfloat16')).toBe(1);
    expect(roundTo(0.1, 'float32')).toBe(Math.fround(0.1));
    expect(roundTo(0.1, 'float64')).toBe(0.1);
    expect(roundTo(Number.NaN, 'float16')).toBeNaN();
  });
});

describe('the judge', () => {
  const c = attention();
  const reference = evaluate(c);
  // exp(1 / sqrt 2) : exp(3 / sqrt 2)
  const share = 1 / (1 + Math.exp(Math.SQRT2));
  const exact = share + 2 * (1 - share);
  const expected = (y: number | string, z: number | string = 0) => ({
    Y: tensor('float32', [1, 1, 2, 1], [y, z]),
  });
  const judged = (y: number | string, z: number | string = 0) =>
    complaints({ Y: decode(expected(y, z).Y) }, expected(exact), reference);

  test('knows the answer', () => {
    expect(reference.Y!.data[0]).toBeCloseTo(exact, 14);
    expect(reference.Y!.data[1]).toBe(0);
  });

  test('lets the rounding of float32 pass and nothing beyond the bound', () => {
    const bound = 2 * reference.Y!.slack[0]!;
    expect(bound).toBeGreaterThan(2 ** -23);
    expect(bound).toBeLessThan(1e-4);
    expect(judged(exact + 0.9 * bound)).toEqual([]);
    expect(judged(exact + 1.2 * bound)).toEqual([expect.stringMatching(/^Y: largest error .*, allowed /)]);
    expect(judged(exact - 1.2 * bound)).toHaveLength(1);
  });

  test('wants zeros, infinities and NaN where they belong', () => {
    expect(judged(exact, 1e-30)).toHaveLength(1);
    expect(judged('nan')).toHaveLength(1);
    expect(judged('inf')).toHaveLength(1);
    expect(complaints({ Y: decode(expected(exact).Y) }, expected('nan'), reference)).toHaveLength(1);
    expect(complaints({ Y: decode(expected('inf').Y) }, expected('inf'), reference)).toEqual([]);
    expect(complaints({ Y: decode(expected('inf').Y) }, expected('-inf'), reference)).toHaveLength(1);
  });

  test('wants every output in its shape and type', () => {
    const Y = decode(expected(exact).Y);
    expect(complaints({}, expected(exact), reference)).toEqual(['Y is missing']);
    expect(complaints({ Y: { ...Y, shape: [2] } }, expected(exact), reference)[0]).toMatch(/shape/);
    expect(complaints({ Y: { ...Y, dtype: 'float16' } }, expected(exact), reference)[0]).toMatch(/float16/);
  });

  test('holds half precision to its own rounding', () => {
    const half = { Y: tensor('float16', [1, 1, 2, 1], [roundTo(exact, 'float16'), 0]) };
    const off = (steps: number) => {
      const data = Float64Array.of(roundTo(exact, 'float16') + steps * 2 ** -10, 0);
      return complaints({ Y: { dtype: 'float16', shape: [1, 1, 2, 1], data } }, half, reference);
    };
    expect(off(0)).toEqual([]);
    expect(off(1)).toEqual([]);
    expect(off(3)).toHaveLength(1);
  });
});

describe('what is not understood', () => {
  const refused = async (changes: Record<string, unknown>, why: RegExp) => {
    const c = attention(changes);
    expect(() => evaluate(c)).toThrow(why);
    // The engine is not reached.
    await expect(compute(undefined, c)).rejects.toThrow(why);
  };

  test('is refused: an operator, an opset, an attribute, an input, an output', async () => {
    await refused({ op: 'Attend' }, /operator Attend is unknown/);
    await refused({ opset: [22] }, /opset 22/);
    await refused({ opset: [99] }, /opset 99/);
    await refused({ attributes: { flavour: 1 } }, /attribute flavour is unknown/);
    await refused({ attributes: { left_window_size: 2 } }, /attribute left_window_size is unknown/); // not yet in 23
    await refused({ attributes: { is_causal: 2 } }, /is_causal is 2/);
    await refused({ attributes: { softmax_precision: 3 } }, /softmax_precision is 3/);
    await refused({ attributes: { qk_matmul_output_mode: 4 } }, /qk_matmul_output_mode is 4/);
    await refused({ slots: ['Q', 'K', 'V', 'attn_mask', '', '', 'Q'] }, /input 6, "Q", is unknown/); // not yet in 23
    await refused({ slots: ['Q', 'K'] }, /input 2 is missing/);
    await refused({ outputs: { Z: tensor('float32', [1], [1]) } }, /output Z is unknown/);
  });

  test('is refused: graphs within FlexAttention, and results in float64', async () => {
    const flex = { op: 'FlexAttention', opset: [1], slots: ['Q', 'K', 'V'] };
    await refused({ ...flex, attributes: { score_mod: {} } }, /attribute score_mod is unknown/);
    const { Q, K } = attention().inputs;
    const V = tensor('float64', [1, 1, 3, 1], [1, 2, 4]);
    await refused({ ...flex, inputs: { Q, K, V } }, /float64 is beyond/);
  });

  test('Call reads a slot by its place, whatever its name', () => {
    const call = new Call(attention({ slots: ['K', '', 'Q'] }));
    expect(call.input(0)?.shape).toEqual([1, 1, 3, 2]);
    expect(call.input(1)).toBeUndefined();
    expect(call.input(2)?.shape).toEqual([1, 1, 2, 2]);
  });
});
