// Keys and values that stay in the engine: the answers of engine.attention(), and what can go wrong on the way.
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine, KeyValueCache } from '../../web/engine/types.ts';
import { kPlaces, start } from './engines.ts';

const kHeads = 4;
const kKvHeads = 2;
const kDim = 6;
const kValueDim = 5;

const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));
const queries = (n: number): Float32Array => wave(n * kHeads * kDim, 0);
const keys = (n: number): Float32Array => wave(n * kKvHeads * kDim, 1);
const values = (n: number): Float32Array => wave(n * kKvHeads * kValueDim, 2);
/** Tokens [first, end) of `all`, seq-first. */
const tokens = (first: number, end: number) => ({
  k: keys(end).slice(first * kKvHeads * kDim),
  v: values(end).slice(first * kKvHeads * kValueDim),
});
const shape = { heads: kHeads, kvHeads: kKvHeads, headDim: kDim, valueDim: kValueDim };

describe.each(kPlaces)('a key-value cache (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  afterEach(() => engine.dispose());
  const cacheOf = async (length: number): Promise<KeyValueCache> => {
    engine = await start({ worker });
    const cache = await engine.keyValueCache(shape);
    if (length > 0) await cache.append(tokens(0, length));
    return cache;
  };

  test('answers as attention does over the same arrays, bit for bit', async () => {
    const cache = await cacheOf(130);
    expect(cache.length).toBe(130);
    for (const causal of [false, true])
      for (const n of [1, 3]) {
        const options = {
          causal,
          scale: 0.7,
          gate: wave(kHeads, 3),
          temperature: wave(kHeads, 1).map(Math.abs),
        };
        const expected = await engine.attention({
          ...{ q: queries(n), k: keys(130), v: values(130), qLength: n, ...shape, ...options },
        });
        expect(await cache.attention({ q: queries(n), ...options })).toEqual(expected);
      }
  });

  test('keeps f16 where it is told to: the answers are those over the rounded numbers', async () => {
    await cacheOf(0);
    const cache = await engine.keyValueCache({ ...shape, precision: 'f16' });
    const { k, v } = tokens(0, 70);
    const quarters = (array: Float32Array) => array.map((x) => Math.round(4 * x) / 4); // f16 as they are
    await cache.append({ k: quarters(k), v: quarters(v).fill(1 / 3, 0, 1) });
    const rounded = quarters(v).fill(0.333251953125, 0, 1);
    const expected = await engine.attention({
      q: queries(1),
      k: quarters(k),
      v: rounded,
      qLength: 1,
      ...shape,
    });
    expect(await cache.attention({ q: queries(1) })).toEqual(expected);
    await expect(engine.keyValueCache({ ...shape, precision: 'f8' as never })).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });

  test('takes every form of attention', async () => {
    const cache = await cacheOf(130);
    const options = {
      causal: true,
      softcap: 2,
      window: { left: 50 },
      mask: { data: Uint8Array.from({ length: 130 }, (_, i) => (i % 7 ? 1 : 0)), shape: [130] },
      alibi: wave(kHeads, 0).map(Math.abs),
      sinks: wave(kHeads, 2),
      edges: [
        { row: 1, key: 90, weight: 0.25 },
        { row: 0, key: 100 },
      ],
    };
    const whole = { q: queries(3), k: keys(130), v: values(130), qLength: 3, ...shape, ...options };
    expect(await cache.attention({ q: queries(3), ...options })).toEqual(await engine.attention(whole));
  });

  test('grows step by step as one prefix after another', async () => {
    const cache = await cacheOf(0);
    for (let n = 1; n <= 70; n++) {
      const got = await cache.attention({ q: queries(1), ...tokens(n - 1, n), causal: true });
      expect(cache.length).toBe(n);
      if (n % 23 === 1)
        expect(got).toEqual(
          await engine.attention({ q: queries(1), k: keys(n), v: values(n), qLength: 1, ...shape }),
        );
    }
  });

  test('takes both layouts', async () => {
    const cache = await cacheOf(0);
    const turned = (array: Float32Array, heads: number, dim: number): Float32Array => {
      const n = array.length / (heads * dim);
      return array.map(
        (_, i) => array[((Math.floor(i / dim) % n) * heads + Math.floor(i / (n * dim))) * dim + (i % dim)]!,
      );
    };
    await cache.append({
      k: turned(keys(9), kKvHeads, kDim),
      v: turned(values(9), kKvHeads, kValueDim),
      layout: 'heads-first',
    });
    const q = queries(3);
    const plain = await cache.attention({ q });
    const heads = await cache.attention({ q: turned(q, kHeads, kDim), layout: 'heads-first' });
    expect(heads).toEqual({ out: turned(plain.out, kHeads, kValueDim), lse: plain.lse });
    expect(plain).toEqual(await engine.attention({ q, k: keys(9), v: values(9), qLength: 3, ...shape }));
  });

  test('forgets what is cut off, and goes on from there', async () => {
    const cache = await cacheOf(90);
    const before = await cache.attention({ q: queries(2) });
    await cache.append({ k: keys(40), v: values(40) });
    await cache.truncate(90);
    expect(cache.length).toBe(90);
    expect(await cache.attention({ q: queries(2) })).toEqual(before);
    await expect(cache.truncate(91)).rejects.toMatchObject({
      code: 'invalid-value',
      message: expect.stringMatching(/91/),
    });
    expect(cache.length).toBe(90);
  });

  test('gives its memory back when it is disposed, and answers no more', async () => {
    const cache = await cacheOf(200);
    expect((await engine.memory()).live).toBeGreaterThanOrEqual(4 * 200 * kKvHeads * (kDim + kValueDim));
    cache.dispose();
    cache.dispose();
    await expect(cache.attention({ q: queries(1) })).rejects.toMatchObject({ code: 'disposed' });
    await expect(cache.append(tokens(0, 1))).rejects.toMatchObject({ code: 'disposed' });
    expect((await engine.memory()).live).toBe(0);
  });

  test('refuses what does not fit, names it, and stays as it was', async () => {
    const cache = await cacheOf(10);
    const before = await cache.attention({ q: queries(1) });
    const q = queries(1);
    const bad: [Promise<unknown>, string, RegExp][] = [
      [cache.append({ k: keys(2), v: values(3) }), 'invalid-shape', /v has 30/],
      [cache.append({ k: keys(2).slice(1), v: values(2) }), 'invalid-shape', /k has 23/],
      [cache.attention({ q: q.slice(1) }), 'invalid-shape', /q has 23/],
      [cache.attention({ q, k: keys(1) }), 'invalid-value', /k and v/],
      [cache.attention({ q, ...tokens(0, 1), scale: Number.NaN }), 'invalid-value', /scale/],
      [cache.attention({ q, ...tokens(0, 1), pastLength: 1 }), 'invalid-option', /past_len/],
      [cache.attention({ q, heads: 4 } as never), 'invalid-option', /"heads"/],
      [engine.keyValueCache({ ...shape, kvHeads: 3 }), 'invalid-shape', /no multiple of 3/],
      [engine.keyValueCache({ ...shape, headDim: 0 }), 'invalid-shape', /headDim/],
      [engine.keyValueCache({ ...shape, capacity: 1e12 }), 'out-of-memory', /bytes/],
    ];
    for (const [call, code, message] of bad)
      await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(cache.length).toBe(10);
    expect(await cache.attention({ q })).toEqual(before);
  });

  test('hears an abort', async () => {
    const cache = await cacheOf(2000);
    await expect(
      cache.attention({ q: queries(1), ...tokens(0, 1) }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
    const controller = new AbortController();
    const long = cache.attention({ q: queries(20_000) }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    await expect(long).rejects.toMatchObject({ code: 'aborted' });
    expect(cache.length).toBe(2000);
    expect((await cache.attention({ q: queries(1) })).lse.every(Number.isFinite)).toBe(true);
  });
});
