// engine.rotaryTable and engine.rotate against their formula, and what they refuse.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, RotateRequest } from '../../web/engine/types.ts';
import { kPlaces, start } from './engines.ts';

const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(3 * i + 1));

describe.each(kPlaces)('rotary positions, %o', (place) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start(place);
  });
  afterAll(() => engine.dispose());

  test('a table holds cosines and sines, its frequencies scaled as asked', async () => {
    const asked = [
      { request: {}, scale: () => 1 },
      { request: { base: 500, linearScaling: 4 }, scale: () => 1 / 4 },
      {
        request: { llama3: { factor: 8, low: 1, high: 4, originalPositions: 64 } },
        scale: (frequency: number) => {
          const turns = (64 * frequency) / (2 * Math.PI);
          const kept = Math.min(1, Math.max(0, (turns - 1) / 3));
          return kept + (1 - kept) / 8;
        },
      },
    ];
    for (const { request, scale } of asked) {
      const { cos, sin } = await engine.rotaryTable({ positions: 50, rotaryDim: 16, ...request });
      expect(cos.length).toBe(50 * 8);
      for (let n = 0; n < cos.length; n++) {
        const frequency = (request.base ?? 10_000) ** (-(n % 8) / 8);
        const angle = Math.floor(n / 8) * frequency * scale(frequency);
        expect(Math.abs(cos[n]! - Math.cos(angle))).toBeLessThanOrEqual(2 ** -24);
        expect(Math.abs(sin[n]! - Math.sin(angle))).toBeLessThanOrEqual(2 ** -24);
      }
    }
  });

  test('vectors turn by their positions in either layout and pairing, and back', async () => {
    const [batch, heads, length, headDim] = [2, 3, 4, 10];
    const x = wave(batch * heads * length * headDim);
    const table = await engine.rotaryTable({ positions: 20, rotaryDim: 6 });
    const positions = Int32Array.of(3, 1, 19, 0, 7, 7, 2, 11);
    for (const layout of ['seq-first', 'heads-first'] as const)
      for (const pairs of ['halves', 'interleaved'] as const)
        for (const where of [{ first: 5 }, { positions }, {}]) {
          const request: RotateRequest = {
            x,
            batch,
            heads,
            length,
            layout,
            table,
            rotaryDim: 6,
            pairs,
            ...where,
          };
          const y = await engine.rotate(request);
          for (let row = 0; row < batch * heads * length; row++) {
            const headsFirst = layout === 'heads-first';
            const token = headsFirst ? row % length : Math.floor(row / heads) % length;
            const b = Math.floor(row / heads / length);
            const position = where.positions ? positions[b * length + token]! : (where.first ?? 0) + token;
            const at = (d: number) => row * headDim + d;
            for (let i = 0; i < 3; i++) {
              const [one, two] = pairs === 'halves' ? [at(i), at(i + 3)] : [at(2 * i), at(2 * i + 1)];
              const angle = position * 10_000 ** (-i / 3);
              const [c, s] = [Math.cos(angle), Math.sin(angle)];
              expect(Math.abs(y[one]! - (c * x[one]! - s * x[two]!))).toBeLessThan(3e-7);
              expect(Math.abs(y[two]! - (s * x[one]! + c * x[two]!))).toBeLessThan(3e-7);
            }
            for (let d = 6; d < headDim; d++) expect(y[at(d)]).toBe(x[at(d)]);
          }
          const back = await engine.rotate({ ...request, x: y, inverse: true });
          for (let n = 0; n < x.length; n++) expect(Math.abs(back[n]! - x[n]!)).toBeLessThan(1e-6);
        }
  });

  test('what does not fit is refused by name', async () => {
    const table = await engine.rotaryTable({ positions: 4, rotaryDim: 4 });
    const good = { x: wave(24), heads: 2, headDim: 4, table };
    expect(await engine.rotate(good)).toHaveLength(24);
    const bad: [Partial<RotateRequest>, string, RegExp][] = [
      [{ first: 2 }, 'invalid-value', /first is 2/],
      [{ positions: Int32Array.of(0, 1, 4) }, 'invalid-value', /positions\[2\] is 4/],
      [{ positions: Int32Array.of(0, 1) }, 'invalid-shape', /positions has 2 numbers/],
      [{ positions: Int32Array.of(0, 1, 2), first: 1 }, 'invalid-option', /first/],
      [{ rotaryDim: 3 }, 'invalid-shape', /rotary_dim is 3/],
      [{ headDim: 5 }, 'invalid-shape', /length is 2.4/],
      [{ table: { cos: table.cos, sin: table.sin.slice(1) } }, 'invalid-shape', /table.sin has 7 numbers/],
      [{ pairs: 'thirds' as 'halves' }, 'invalid-option', /pairs is "thirds"/],
      [{ x: [1] as unknown as Float32Array }, 'invalid-value', /x is a/],
    ];
    for (const [changes, code, message] of bad)
      await expect(engine.rotate({ ...good, ...changes })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    await expect(engine.rotaryTable({ positions: 4, rotaryDim: 5 })).rejects.toMatchObject({
      code: 'invalid-shape',
    });
    await expect(engine.rotaryTable({ positions: 4, rotaryDim: 4, base: -1 })).rejects.toMatchObject({
      code: 'invalid-value',
    });
  });
});
