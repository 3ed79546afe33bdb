// engine.linearAttention: against the float64 reference, in one call and in many, and its refusals.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, LinearAttentionRequest, LinearRule } from '../../web/engine/types.ts';
import { referenceLinearAttention } from '../reference/linear-attention.ts';
import { kPlaces, start } from './engines.ts';

const kRules: LinearRule[] = ['linear', 'gated', 'delta', 'gated-delta'];
const kShape = { batch: 2, heads: 6, kvHeads: 2, length: 5, headDim: 4, valueDim: 3 };

const wave = (length: number, phase: number, size = 1) =>
  Float32Array.from({ length }, (_, i) => size * Math.sin(1.7 * i + phase));

interface Kind {
  rule: LinearRule;
  decayDim?: 1 | 4;
  betaHeads?: 1 | 2;
}

/** Two batches, six query heads on two key-value heads, 5 tokens, dims 4 and 3; keys of length 0.9 at most. */
function request(
  { rule, decayDim = 4, betaHeads = 2 }: Kind,
  changes: Partial<LinearAttentionRequest> = {},
): LinearAttentionRequest {
  const { batch, heads, kvHeads, length, headDim, valueDim } = kShape;
  return {
    q: wave(batch * heads * length * headDim, 0),
    k: wave(batch * kvHeads * length * headDim, 1, 0.45),
    v: wave(batch * kvHeads * length * valueDim, 2),
    state: wave(batch * kvHeads * headDim * valueDim, 3),
    ...(rule.startsWith('gated') && {
      decay: wave(batch * kvHeads * length * decayDim, 4, 0.5).map((x) => x - 0.5),
    }),
    ...(rule.endsWith('delta') && {
      beta: wave(batch * betaHeads * length, 5, 0.5).map((x) => x + 0.5),
    }),
    ...{ heads, kvHeads, batch, length, rule },
    ...changes,
  };
}

function reference({ layout, rule: _, ...given }: LinearAttentionRequest, kind: Kind) {
  const { decayDim = 4, betaHeads = 2 } = kind;
  return referenceLinearAttention({
    ...given,
    ...kShape,
    decayDim,
    betaHeads,
    headsFirst: layout === 'heads-first',
  });
}

function expectClose(actual: Float32Array, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  // 5 tokens of some 10 roundings each, of sums of 4 numbers that stay below 4: 5 * 10 * 16 * 2^-24 = 5e-5.
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(5e-5);
}

/** Tokens [first, end) of a heads-first or seq-first array. */
function part(array: Float32Array, heads: number, first: number, end: number, layout: string): Float32Array {
  const { batch, length } = kShape;
  const dim = array.length / (batch * heads * length);
  const row = layout === 'heads-first' ? dim : heads * dim;
  return array.filter((_, i) => {
    const token = Math.floor(i / row) % length;
    return token >= first && token < end;
  });
}

describe.each(kPlaces)('linear attention (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start({ worker });
  });
  afterAll(() => engine.dispose());

  const kinds: Kind[] = kRules.map((rule) => ({ rule }));
  test.each<Kind>([
    ...kinds,
    { rule: 'gated', decayDim: 1 },
    { rule: 'delta', betaHeads: 1 },
    { rule: 'gated-delta', decayDim: 1, betaHeads: 1 },
  ])('equals the formula in both layouts: %o', async (kind) => {
    for (const layout of ['seq-first', 'heads-first'] as const)
      for (const scale of [undefined, -0.7]) {
        const given = request(kind, { layout, ...(scale !== undefined && { scale }) });
        const expected = reference(given, kind);
        const { out, state } = await engine.linearAttention(given);
        expectClose(out, expected.out);
        expectClose(state, expected.state);
      }
  });

  test('without a state it begins with zeros, without a rule it is the plain one', async () => {
    const { state: _, rule: __, ...given } = request({ rule: 'linear' });
    const got = await engine.linearAttention(given);
    expect(got).toEqual(
      await engine.linearAttention({ ...given, rule: 'linear', state: new Float32Array(48) }),
    );
    expectClose(got.state, reference(given, { rule: 'linear' }).state);
  });

  test('leaves what it was given as it was', async () => {
    const given = request({ rule: 'gated-delta' });
    const copies = structuredClone(given);
    await engine.linearAttention(given);
    expect(given).toEqual(copies);
  });

  test.each(kRules)(
    'decoding with the state equals the call over all tokens, bit for bit: %s',
    async (rule) => {
      for (const layout of ['seq-first', 'heads-first'] as const) {
        const given = request({ rule, betaHeads: 1 }, { layout });
        const all = await engine.linearAttention(given);
        let { state } = given;
        for (const [first, end] of [
          [0, 1],
          [1, 2],
          [2, 5],
        ] as const) {
          // biome-ignore format: one step a pair
          const of = (array: Float32Array | undefined, heads: number) =>
          array && part(array, heads, first, end, layout);
          const { decay, beta } = given;
          const step = await engine.linearAttention({
            ...given,
            ...{
              q: of(given.q, 6)!,
              k: of(given.k, 2)!,
              v: of(given.v, 2)!,
              length: end - first,
              state: state!,
            },
            ...(decay && { decay: of(decay, 2)! }),
            ...(beta && { beta: of(beta, 1)! }),
          });
          expect(step.out).toEqual(part(all.out, 6, first, end, layout));
          state = step.state;
        }
        expect(state).toEqual(all.state);
      }
    },
  );

  test('finds the shape from the lengths, and from either of two sizes', async () => {
    const { length, ...given } = request({ rule: 'linear' });
    const all = await engine.linearAttention({ ...given, length: length! });
    expect(await engine.linearAttention({ ...given, headDim: 4 })).toEqual(all);
    const one = Float32Array.of(2);
    const { out, state } = await engine.linearAttention({ q: one, k: one, v: one, heads: 1 });
    expect([out[0], state[0]]).toEqual([8, 4]);
  });

  test('no tokens leave the state as it is', async () => {
    const none = new Float32Array(0);
    const given = request({ rule: 'gated-delta' }, { q: none, k: none, v: none, decay: none, beta: none });
    const { out, state } = await engine.linearAttention({ ...given, length: 0, headDim: 4, valueDim: 3 });
    expect(out.length).toBe(0);
    expect(state).toEqual(given.state);
  });

  test('a long sequence is computed in slices, and can be aborted between them', async () => {
    const [heads, length, headDim] = [12, 4000, 64];
    const [q, k, v] = [0, 1, 2].map((phase) => wave(heads * length * headDim, phase, 0.125));
    const beta = new Float32Array(heads * length).fill(0.5);
    const given = { q: q!, k: k!, v: v!, beta, heads, length, rule: 'delta' as const };
    const { live } = await engine.memory();
    const controller = new AbortController();
    const aborted = engine.linearAttention(given, { signal: controller.signal });
    setTimeout(() => controller.abort(), 0);
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    const { out, state } = await engine.linearAttention(given);
    expect(out.every(Number.isFinite)).toBe(true);
    // The first tokens by themselves, which are one slice.
    const few = {
      q: q!.slice(0, 7680),
      k: k!.slice(0, 7680),
      v: v!.slice(0, 7680),
      beta: beta.slice(0, 120),
    };
    const short = await engine.linearAttention({ ...given, ...few, length: 10 });
    expect(short.out).toEqual(out.slice(0, 7680));
    expect(short.state).not.toEqual(state);
    expect((await engine.memory()).live).toBe(live);
  });

  const wrong = (value: unknown): never => value as never;
  const none = wrong(undefined);
  test.each<[Partial<LinearAttentionRequest>, string, string]>([
    [{ q: wrong(new Float64Array(240)) }, 'invalid-value', 'q is a Float64Array; a Float32Array'],
    [{ k: wrong([1]) }, 'invalid-value', 'k is a Array'],
    [{ v: none }, 'invalid-value', 'v is a Undefined'],
    [{ decay: wrong(new Int32Array(80)) }, 'invalid-value', 'decay is a Int32Array'],
    [{ heads: 0 }, 'invalid-shape', 'heads is 0'],
    [{ kvHeads: 1.5 }, 'invalid-shape', 'kvHeads is 1.5'],
    [{ batch: wrong('2') }, 'invalid-shape', 'batch is "2"'],
    [{ length: none }, 'invalid-shape', 'say length or headDim'],
    [{ length: 7 }, 'invalid-shape', 'headDim would be'],
    [{ length: -1 }, 'invalid-shape', 'length is -1'],
    [{ q: new Float32Array(239) }, 'invalid-shape', 'headDim would be'],
    [{ k: new Float32Array(79) }, 'invalid-shape', 'k has 79 numbers; its shape needs 80'],
    [{ v: new Float32Array(59) }, 'invalid-shape', 'valueDim would be'],
    [{ valueDim: 4 }, 'invalid-shape', 'v has 60 numbers; its shape needs 80'],
    [{ decay: new Float32Array(79) }, 'invalid-shape', 'decay has 79 numbers; its shape needs 80'],
    [{ beta: new Float32Array(30) }, 'invalid-shape', 'beta has 30 numbers; its shape needs 20'],
    [{ state: new Float32Array(47) }, 'invalid-shape', 'state has 47 numbers; its shape needs 48'],
    [{ heads: 3, length: 10, valueDim: 3 }, 'invalid-shape', 'k has 80 numbers; its shape needs 160'],
    [
      {
        kvHeads: 4,
        k: new Float32Array(160),
        v: new Float32Array(120),
        state: none,
        decay: none,
        beta: none,
      },
      'invalid-shape',
      '6 query heads are no multiple of 4',
    ],
    [{ scale: Number.NaN }, 'invalid-value', 'scale is NaN'],
    [{ layout: wrong('columns') }, 'invalid-option', 'layout is "columns"'],
    [{ rule: wrong('gated_delta') }, 'invalid-option', 'rule is "gated_delta"'],
    [{ rule: 'linear' }, 'invalid-option', 'decay is given: the linear rule has none'],
    [{ rule: 'gated' }, 'invalid-option', 'beta is given: the gated rule has none'],
    [{ rule: 'delta' }, 'invalid-option', 'decay is given: the delta rule has none'],
    [{ decay: none }, 'invalid-option', 'decay is not given: the gated delta rule needs it'],
    [{ beta: none }, 'invalid-option', 'beta is not given: the gated delta rule needs it'],
    [wrong({ causal: true }), 'invalid-option', 'the request has no "causal"'],
  ])('refuses %o', async (changes, code, words) => {
    const error = await engine
      .linearAttention(request({ rule: 'gated-delta' }, changes))
      .catch((reason) => reason);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect((await engine.linearAttention(request({ rule: 'gated-delta' }))).out.length).toBe(180);
  });
});
