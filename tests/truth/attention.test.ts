// engine.attention and engine.explain on random typed arrays with random options, against the formula in float64.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttentionRequest, Engine } from '../../web/engine/types.ts';
import { type AttentionAnswer, type AttentionCase, referenceAttention } from '../reference/attention.ts';
import { kEngines, load } from './engines.ts';

const kEps = 2 ** -24; // unit roundoff of float32

interface Drawn {
  request: AttentionRequest;
  reference: AttentionCase;
}

const kDimensions = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 64);

/** Options and shapes of all kinds, with sizes at the edges of tiles; numbers from a seeded generator. */
const kCases: fc.Arbitrary<Drawn> = fc
  .record({
    batch: fc.constantFrom(1, 1, 2, 3),
    kvHeads: fc.constantFrom(1, 2, 3),
    group: fc.constantFrom(1, 1, 2, 4),
    qLength: fc.oneof(kDimensions, fc.integer({ min: 1, max: 130 })),
    kvLength: fc.oneof(kDimensions, fc.integer({ min: 1, max: 130 })),
    headDim: kDimensions,
    valueDim: kDimensions,
    headsFirst: fc.boolean(),
    causal: fc.boolean(),
    scale: fc.option(fc.constantFrom(0, 1, -0.5, 0.125), { nil: undefined }),
    past: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    padded: fc.boolean(),
    heated: fc.boolean(),
    gated: fc.boolean(),
    spread: fc.constantFrom(0.1, 1, 4),
    seed: fc.integer(),
    /** Forms beside: as likely there as not. */
    forms: fc.record({
      softcap: fc.option(fc.constantFrom(0.5, 3, 30), { nil: undefined }),
      left: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
      right: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
      biasRank: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      maskRank: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      once: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      alibi: fc.boolean(),
      relative: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      sinks: fc.boolean(),
      edges: fc.boolean(),
      pasts: fc.boolean(),
    }),
    /** Plain, as most calls are. */
    plain: fc.boolean(),
  })
  .map((drawn) => {
    const { batch, kvHeads, qLength, kvLength, headDim, valueDim, headsFirst, causal, scale, spread } = drawn;
    const heads = kvHeads * drawn.group;
    const random = uniform(drawn.seed);
    const numbers = (length: number) => Float32Array.from({ length }, () => (2 * random() - 1) * spread);
    const shared = {
      q: numbers(batch * heads * qLength * headDim),
      k: numbers(batch * kvHeads * kvLength * headDim),
      v: numbers(batch * kvHeads * kvLength * valueDim),
      batch,
      heads,
      kvHeads,
      qLength,
      kvLength,
      headDim,
      valueDim,
      causal,
      ...(scale === undefined ? {} : { scale }),
      ...(causal && drawn.past !== undefined ? { pastLength: drawn.past } : {}),
      ...(drawn.padded
        ? { keyLengths: Int32Array.from({ length: batch }, () => Math.floor(random() * (kvLength + 1))) }
        : {}),
      ...(drawn.heated
        ? { temperature: Float32Array.from({ length: heads }, () => 0.25 + 2 * random()) }
        : {}),
      ...(drawn.gated ? { gate: Float32Array.from({ length: heads }, () => 2 * random() - 1) } : {}),
      ...(drawn.plain ? {} : formsOf(drawn.forms, { batch, heads, qLength, kvLength, causal }, random)),
    };
    if ('pastLengths' in shared) delete shared.pastLength;
    return {
      request: { ...shared, layout: headsFirst ? 'heads-first' : 'seq-first' },
      reference: { ...shared, headsFirst },
    };
  });

/** Numbers for the forms that were drawn. */
function formsOf(
  forms: {
    softcap: number | undefined;
    left: number | undefined;
    right: number | undefined;
    biasRank: number | undefined;
    maskRank: number | undefined;
    once: readonly boolean[];
    alibi: boolean;
    relative: number | undefined;
    sinks: boolean;
    edges: boolean;
    pasts: boolean;
  },
  {
    batch,
    heads,
    qLength,
    kvLength,
    causal,
  }: Record<'batch' | 'heads' | 'qLength' | 'kvLength', number> & {
    causal: boolean;
  },
  random: () => number,
) {
  const numbers = (length: number, low: number, high: number): Float32Array =>
    Float32Array.from({ length }, () => low + (high - low) * random());
  const { softcap, left, right, relative } = forms;
  const cells = <Data>(rank: number | undefined, make: (length: number) => Data) => {
    if (rank === undefined) return undefined;
    const sizes = [batch, heads, qLength].map((size, axis) => (forms.once[axis] ? 1 : size));
    const shape = [...sizes, Math.max(1, kvLength - Math.floor(3 * random()))].slice(4 - rank);
    return { data: make(shape.reduce((a, b) => a * b)), shape };
  };
  const bias = cells(forms.biasRank, (length) =>
    numbers(length, -2, 2).map((x) => (random() < 0.15 ? Number.NEGATIVE_INFINITY : x)),
  );
  const mask = cells(forms.maskRank, (length) => Uint8Array.from({ length }, () => (random() < 0.8 ? 1 : 0)));
  const counts = causal || forms.alibi || [left, right, relative].some((x) => x !== undefined);
  const edges = Array.from({ length: Math.min(qLength, 5) }, (_, row) => ({
    row,
    key: Math.floor(kvLength * random()),
    ...(row % 2 ? { head: Math.floor(heads * random()) } : {}),
    ...(row % 3 ? { weight: random() } : {}),
  })).reverse();
  return {
    ...(softcap === undefined ? {} : { softcap }),
    ...(left === undefined && right === undefined
      ? {}
      : {
          window: { ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) },
        }),
    ...(bias ? { bias } : {}),
    ...(mask ? { mask } : {}),
    ...(forms.alibi ? { alibi: numbers(heads, -0.1, 0.4) } : {}),
    ...(relative === undefined ? {} : { relativeBias: numbers(heads * (2 * relative + 1), -2, 2) }),
    ...(forms.sinks ? { sinks: numbers(heads, -3, 3) } : {}),
    ...(forms.edges ? { edges } : {}),
    ...(forms.pasts && counts
      ? {
          pastLengths: Int32Array.from({ length: batch }, () => Math.floor((2 * random() - 0.5) * kvLength)),
        }
      : {}),
  };
}

/** mulberry32: small, seeded, good enough to fill arrays. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * How much a score may be off: a sum of d products loses at most d roundings of sum|q k|, scale and temperature one each.
 */
function scoreBound(
  reference: AttentionCase,
  answer: AttentionAnswer,
): (cell: number, head: number) => number {
  const { headDim } = reference;
  const scale = Math.abs(reference.scale ?? 1 / Math.sqrt(headDim));
  return (cell, head) => {
    // Soft cap and biases round a few times more, by eps of what they come to.
    const masked = answer.masked[cell]!;
    const bias = Number.isFinite(masked) ? Math.abs(masked - answer.capped[cell]!) : 0;
    const cap = reference.softcap ? Math.abs(answer.capped[cell]!) : 0;
    return (
      ((headDim + 4) * kEps * scale * answer.absoluteDot[cell]!) / (reference.temperature?.[head] ?? 1) +
      8 * kEps * (bias + cap)
    );
  };
}

/** Observed error over allowed error, the largest of all numbers; above 1 fails. */
function ratios({ reference }: Drawn, answer: AttentionAnswer, out: Float32Array, lse: Float32Array) {
  const { batch, heads, qLength, kvLength, valueDim, headsFirst } = reference;
  const bound = scoreBound(reference, answer);
  const ratio = { out: 0, lse: 0 };
  const largest = 4; // spread of the values, times a gate of 1 at most
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < qLength; i++) {
        const row = (b * heads + h) * qLength + i;
        // exp turns an absolute error of a score into a relative one of a weight: off by the worst of its row,
        // and the sum that divides by as much again; then at most n + 16 roundings of exp, sums and products.
        let scores = 0;
        for (let j = 0; j < kvLength; j++) scores = Math.max(scores, bound(row * kvLength + j, h));
        const sink = Math.abs(reference.sinks?.[h] ?? 0);
        const relative = 2 * scores + (kvLength + 16 + 8 * sink) * kEps;
        for (let d = 0; d < valueDim; d++) {
          const o = headsFirst ? row * valueDim + d : ((b * qLength + i) * heads + h) * valueDim + d;
          const error = Math.abs(out[o]! - answer.out[o]!);
          // Weights below 2^-126 of the largest are lost.
          const lost = kvLength * 2 ** -126 * largest;
          const allowed = relative * answer.absoluteOut[o]! + lost;
          ratio.out = Math.max(ratio.out, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / allowed);
        }
        const expected = answer.lse[row]!;
        if (Object.is(lse[row], expected)) continue;
        const error = Math.abs(lse[row]! - expected);
        const allowed = relative + 4 * kEps * Math.abs(expected);
        ratio.lse = Math.max(ratio.lse, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / allowed);
      }
  return ratio;
}

describe.each(kEngines.filter((kind) => !kind.worker))('attention on typed arrays ($build)', (kind) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await load(kind);
  });
  afterAll(() => engine.dispose());

  test('is within its error bound of float64 for any shape and option', async () => {
    const largest = { out: 0, lse: 0 };
    await fc.assert(
      fc.asyncProperty(kCases, async (drawn) => {
        const answer = referenceAttention(drawn.reference);
        const { out, lse } = await engine.attention(drawn.request);
        expect(out.length).toBe(answer.out.length);
        expect(lse.length).toBe(answer.lse.length);
        const ratio = ratios(drawn, answer, out, lse);
        largest.out = Math.max(largest.out, ratio.out);
        largest.lse = Math.max(largest.lse, ratio.lse);
        expect(ratio.out).toBeLessThan(1);
        expect(ratio.lse).toBeLessThan(1);
      }),
      { numRuns: 150, seed: 20 },
    );
    console.info(
      `note: attention, ${kind.build}: at most ${largest.out.toFixed(3)} of the bound for out, ${largest.lse.toFixed(3)} for lse`,
    );
  });

  test('explains any rectangle at any stage as the formula does', async () => {
    await fc.assert(
      fc.asyncProperty(
        kCases,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (drawn, stream) => {
          const { reference } = drawn;
          const pick = (below: number) =>
            Math.min(below - 1, Math.floor((stream.next().value as number) * below));
          const answer = referenceAttention(reference);
          const bound = scoreBound(reference, answer);
          const batch = pick(reference.batch);
          const head = pick(reference.heads);
          const firstRow = pick(reference.qLength);
          const endRow = firstRow + 1 + pick(reference.qLength - firstRow);
          const firstCol = pick(reference.kvLength);
          const endCol = firstCol + 1 + pick(reference.kvLength - firstCol);
          for (const stage of ['dot', 'scaled', 'capped', 'masked', 'weight'] as const) {
            const got = await engine.explain({
              ...drawn.request,
              stage,
              at: { batch, head, rows: [firstRow, endRow], cols: [firstCol, endCol] },
            });
            expect(got.length).toBe((endRow - firstRow) * (endCol - firstCol));
            for (let i = firstRow; i < endRow; i++) {
              const row = (batch * reference.heads + head) * reference.qLength + i;
              let rowBound = 0;
              for (let j = 0; j < reference.kvLength; j++)
                rowBound = Math.max(rowBound, bound(row * reference.kvLength + j, head));
              for (let j = firstCol; j < endCol; j++) {
                const cell = row * reference.kvLength + j;
                const value = got[(i - firstRow) * (endCol - firstCol) + j - firstCol]!;
                const expected = answer[stage][cell] as number;
                if (Object.is(value, expected)) continue;
                const allowed =
                  stage === 'dot'
                    ? (reference.headDim + 1) * kEps * answer.absoluteDot[cell]!
                    : stage === 'weight'
                      ? expected *
                        (2 * rowBound + (reference.kvLength + 16 + 4 * Math.abs(answer.lse[row]!)) * kEps)
                      : bound(cell, head);
                const error = Math.abs(value - expected);
                if (!(error <= allowed + 2 ** -126))
                  expect.fail(`${stage} (${i}, ${j}): ${value} is not ${expected}`);
              }
            }
          }
        },
      ),
      { numRuns: 60, seed: 21 },
    );
  });
});
