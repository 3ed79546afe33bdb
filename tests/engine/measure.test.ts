// engine.measure: what it computed against the float64 reference, what it counts, and how it ends early.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, MeasureShape, MeasureVariant, Progress } from '../../web/engine/types.ts';
import { referenceAttention } from '../reference/attention.ts';
import { kPlaces, request, start } from './engines.ts';

const kVariants = ['fused', 'naive', 'scalar', 'causal', 'causal-masked', 'cached', 'uncached'] as const;
const kPlain: readonly MeasureVariant[] = ['fused', 'naive', 'scalar'];
const kShape = { tokens: 70, heads: 2, headDim: 16 };
const kMiB = 2 ** 20;

/** Number `index` of splitmix64 from seed 0, as the module makes its noise. */
function noise(index: number): number {
  const wrap = (x: bigint) => BigInt.asUintN(64, x);
  let z = wrap(BigInt(index + 1) * 0x9e3779b97f4a7c15n);
  z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return Math.fround(Number(BigInt.asIntN(32, (z ^ (z >> 31n)) >> 32n)) / 2 ** 31);
}

/** The last token's output in the first head. */
function expectedRow({ tokens, heads, headDim }: MeasureShape, causal: boolean): Float64Array {
  const array = (phase: number) =>
    Float64Array.from({ length: heads * tokens * headDim }, (_, i) => noise(3 * i + phase));
  const { out } = referenceAttention({
    ...{ q: array(0), k: array(1), v: array(2), batch: 1, heads, kvHeads: heads, headsFirst: true, causal },
    ...{ qLength: tokens, kvLength: tokens, headDim, valueDim: headDim },
  });
  return out.slice((tokens - 1) * headDim, tokens * headDim);
}

/** Pairs of a query and a key, counted one by one. */
function pairs(variant: MeasureVariant, tokens: number, decoded = tokens): number {
  let count = 0;
  const seen = (length: number) => {
    for (let query = 0; query < length; query++) count += query + 1;
  };
  if (variant === 'causal') seen(tokens);
  else if (variant === 'cached')
    for (let length = tokens - decoded + 1; length <= tokens; length++) count += length;
  else if (variant === 'uncached')
    for (let length = tokens - decoded + 1; length <= tokens; length++) seen(length);
  else count = tokens * tokens;
  return count;
}

describe.each(kPlaces)('a measurement (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start({ worker });
  });
  afterAll(() => engine.dispose());
  const live = async (): Promise<number> => (await engine.memory()).live;

  test.each(kVariants)('of %s is one of attention, and counts what it did', async (variant) => {
    const shares: number[] = [];
    const onProgress = ({ phase, done, total }: Progress) => {
      expect([phase, total]).toEqual(['measure', 1]);
      shares.push(done);
    };
    const measured = await engine.measure(variant, kShape, { onProgress });
    const { tokens, heads, headDim } = kShape;
    expect(measured).toMatchObject({ variant, ...kShape });

    // n = tokens + headDim roundings of numbers below 1
    const tolerance = 2 * (tokens + headDim) * 2 ** -24;
    const expected = expectedRow(kShape, !kPlain.includes(variant));
    expect(measured.row.length).toBe(headDim);
    measured.row.forEach((number, i) => {
      expect(Math.abs(number - expected[i]!)).toBeLessThan(tolerance);
    });
    expect(measured.error).toBeGreaterThan(0);
    expect(measured.error).toBeLessThan(tolerance);
    expect(measured.difference).toBeLessThan(tolerance);

    expect(measured.decoded).toBe(/cached/.test(variant) ? tokens : undefined);
    expect(measured.flops).toBe(4 * heads * headDim * pairs(variant, tokens, measured.decoded));
    expect(measured.milliseconds).toBeGreaterThan(0);
    expect(measured.repeats).toBeGreaterThanOrEqual(1);
    expect(measured.repeats).toBeLessThanOrEqual(25);
    expect(measured.passes).toBeGreaterThanOrEqual(1);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(await live()).toBe(0);
  });

  test('counts the bytes that were allocated: n * n for naive alone', async () => {
    const shape = { tokens: 512, heads: 2, headDim: 32 };
    const bytes = {} as Record<MeasureVariant, number>;
    for (const variant of kVariants) bytes[variant] = (await engine.measure(variant, shape)).bytes;
    const matrix = 4 * 512 * 512;
    expect(bytes.naive).toBeGreaterThanOrEqual(2 * matrix);
    expect(bytes.scalar).toBe(4 * 512);
    expect(bytes.cached).toBeGreaterThanOrEqual(2 * 4 * 512 * 2 * 32);
    expect(bytes.causal).toBe(bytes.fused);
    for (const variant of ['fused', 'scalar', 'causal', 'cached', 'uncached'] as const)
      expect(bytes[variant]).toBeLessThan(matrix);
  });

  test('decodes as many tokens with a cache as without one, fewer of a long text', async () => {
    const shape = { tokens: 1500, heads: 4, headDim: 16 };
    const cached = await engine.measure('cached', shape);
    const uncached = await engine.measure('uncached', shape);
    expect(cached.decoded).toBe(uncached.decoded);
    expect(cached.decoded).toBeLessThan(1500);
    for (const { variant, flops, decoded } of [cached, uncached])
      expect(flops).toBe(4 * 4 * 16 * pairs(variant, 1500, decoded));
    expect(uncached.flops).toBeLessThan(1.1e10);
    expect(cached.error).toBeUndefined(); // too large to be compared with double precision
    expect(cached.difference).toBeLessThan(1e-5);
  });

  test('ends soon after it is aborted, and leaves nothing behind', async () => {
    const abort = new AbortController();
    let heard = 0;
    const measured = engine.measure(
      'scalar',
      { tokens: 8192, heads: 8, headDim: 64 },
      {
        signal: abort.signal,
        onProgress: () => {
          if (++heard === 3) abort.abort();
        },
      },
    );
    await expect(measured).rejects.toMatchObject({ code: 'aborted' });
    expect(heard).toBeLessThan(10); // some minutes of work
    expect(await live()).toBe(0);
    expect((await engine.attention(request())).out.every(Number.isFinite)).toBe(true);
  });

  const kBad: [why: string, variant: unknown, shape: unknown, code: string, named: RegExp][] = [
    ['an unknown variant', 'fast', kShape, 'invalid-option', /variant is "fast"/],
    ['no variant', undefined, kShape, 'invalid-option', /variant is undefined/],
    ['no shape', 'fused', undefined, 'invalid-option', /the shape is undefined/],
    ['a misspelt size', 'fused', { ...kShape, dim: 3 }, 'invalid-option', /has no "dim"/],
    ['a missing size', 'fused', { tokens: 3, heads: 1 }, 'invalid-shape', /headDim is undefined/],
    ['no tokens', 'fused', { ...kShape, tokens: 0 }, 'invalid-shape', /tokens is 0/],
    ['half a token', 'fused', { ...kShape, tokens: 1.5 }, 'invalid-shape', /tokens is 1.5/],
    ['a text as a size', 'fused', { ...kShape, heads: '2' }, 'invalid-shape', /heads is "2"/],
    ['too many tokens', 'naive', { ...kShape, tokens: 32769 }, 'invalid-shape', /tokens is 32769.* 32768/],
    ['too many heads', 'fused', { ...kShape, heads: 65 }, 'invalid-shape', /heads is 65.* 64/],
    ['too wide a head', 'fused', { ...kShape, headDim: 1025 }, 'invalid-shape', /headDim is 1025.* 1024/],
    [
      'a size beyond 32 bits',
      'fused',
      { ...kShape, tokens: 2 ** 40 },
      'invalid-shape',
      /tokens is 1099511627776/,
    ],
    ['scores of 64 GiB', 'naive', { tokens: 16384, heads: 64, headDim: 8 }, 'out-of-memory', /no memory for/],
    [
      'scores of exactly 4 GiB',
      'naive',
      { tokens: 16384, heads: 4, headDim: 8 },
      'out-of-memory',
      /no memory/,
    ],
  ];
  test.each(kBad)('is refused: %s', async (_, variant, shape, code, named) => {
    const measured = engine.measure(variant as MeasureVariant, shape as MeasureShape);
    await expect(measured).rejects.toMatchObject({ code, message: expect.stringMatching(named) });
    expect(await live()).toBe(0);
  });
});

test.each(kPlaces)('naive attention of a long text does not fit, and fused does (%o)', async ({ worker }) => {
  const engine = await start({ worker, maxMemoryBytes: 128 * kMiB });
  const shape = { tokens: 16384, heads: 1, headDim: 16 };
  await expect(engine.measure('naive', shape)).rejects.toMatchObject({ code: 'out-of-memory' });
  expect((await engine.memory()).live).toBe(0);
  const { bytes, difference } = await engine.measure('fused', shape);
  expect(bytes).toBeLessThan(kMiB);
  expect(difference).toBe(0);
  engine.dispose();
});
