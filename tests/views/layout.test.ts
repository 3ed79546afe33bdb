import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenAt } from '../../web/engine/places.ts';
import type { MatrixPart, Token } from '../../web/engine/types.ts';
import { domainOf, roundUp, ticksOf } from '../../web/views/domain.ts';
import { cellAt, layout } from '../../web/views/matrix.ts';
import { lastWord, segments, strongestKey } from '../../web/views/select.ts';

function token(text: string, start: number, end: number, special = false): Token {
  return { id: 0, text, start, end, special };
}

function matrix(values: number[], hidden: number[] = [], stage: MatrixPart['stage'] = 'weight'): MatrixPart {
  const rows = Math.sqrt(values.length);
  return {
    layer: 0,
    head: 0,
    stage,
    rows,
    cols: rows,
    values: Float32Array.from(values),
    hidden: Uint8Array.from(values, (_, i) => hidden[i] ?? 0),
  };
}

describe('the layout of a matrix', () => {
  it('fits its space with whole-pixel cells, and finds every cell again by its centre', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 400, max: 3000 }),
        fc.integer({ min: 0, max: 80 }),
        fc.constantFrom(1, 1.5, 2, 3),
        (count, size, margin, ratio) => {
          const place = layout(count, size, margin, margin, ratio);
          expect(Number.isInteger(place.cell)).toBe(true);
          expect(place.gap).toBeLessThan(place.cell);
          if (count <= size - margin) expect(place.left + count * place.cell).toBeLessThanOrEqual(size);
          for (const i of [0, Math.floor(count / 2), count - 1]) {
            const x = place.left + (i + 0.45) * place.cell;
            const y = place.top + (count - 1 - i + 0.45) * place.cell;
            expect(cellAt(place, count, x, y)).toEqual({ row: count - 1 - i, column: i });
          }
        },
      ),
    );
  });

  it('has no cell beside the matrix', () => {
    const place = layout(4, 200, 40, 40, 1);
    expect(cellAt(place, 4, 39, 60)).toBeUndefined();
    expect(cellAt(place, 4, 60, 39)).toBeUndefined();
    expect(cellAt(place, 4, 40 + 4 * place.cell, 60)).toBeUndefined();
  });
});

describe('the values that a scale covers', () => {
  it('are rounded up to a number one can say, and never below the largest', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (value) => {
        expect(roundUp(value)).toBeGreaterThanOrEqual(value * (1 - 1e-9));
        expect(roundUp(value)).toBeLessThanOrEqual(value * 1.5);
      }),
    );
  });

  it('start at zero for weights and are symmetric for scores, hidden cells left out', () => {
    expect(domainOf(matrix([0.1, 0.37, 0, 0.2]))).toEqual([0, 0.4]);
    expect(domainOf(matrix([1, -11.3, Number.NEGATIVE_INFINITY, 2], [0, 0, 1, 0], 'masked'))).toEqual([
      -12, 12,
    ]);
  });

  it('have ticks at both ends and none that crowd them', () => {
    expect(ticksOf([0, 1], 4)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    const ticks = ticksOf([-12, 12], 4);
    expect([ticks[0], ticks.at(-1)]).toEqual([-12, 12]);
    expect(ticks).toContain(0);
  });
});

describe('the strongest key of a row', () => {
  it('is the visible one with the largest weight', () => {
    expect(strongestKey(matrix([1, 0, 0, 0.2, 0.8, 0, 0.1, 0.6, 0.3], [0, 1, 1, 0, 0, 1]), 1)).toBe(1);
    expect(strongestKey(matrix([1, 9, 0, 0], [0, 1, 0, 0]), 0)).toBe(0);
  });
});

describe('the token at the caret', () => {
  const tokens = [
    token('[CLS]', 0, 0, true),
    token('she', 0, 3),
    token('was', 4, 7),
    token('[SEP]', 7, 7, true),
  ];

  it('is the one that the caret stands in or behind', () => {
    expect([0, 1, 3, 4, 5, 7].map((caret) => tokenAt(tokens, caret))).toEqual([1, 1, 1, 2, 2, 2]);
    const apart = [token('she', 2, 5), token('was', 9, 12), token('here', 13, 17)];
    expect([0, 7, 9, 40, Infinity].map((caret) => tokenAt(apart, caret))).toEqual([0, 0, 1, 2, 2]);
  });

  it('is never one that the model added, unless there is no other', () => {
    expect(lastWord(tokens)).toBe(2);
    expect(lastWord([token('[CLS]', 0, 0, true), token('[SEP]', 0, 0, true)])).toBe(0);
    expect(lastWord([])).toBe(0);
  });
});

describe('a text cut into tokens', () => {
  it('is the same text when joined, wherever the tokens lie', () => {
    const cases = fc.string({ unit: 'grapheme', maxLength: 60 }).chain((text) =>
      fc.record({
        text: fc.constant(text),
        cuts: fc.array(fc.tuple(fc.nat(text.length), fc.nat(text.length)), { maxLength: 12 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ text, cuts }) => {
        const tokens = cuts
          .map(([a, b]) => token('x', Math.min(a, b), Math.max(a, b)))
          .sort((a, b) => a.start - b.start || a.end - b.end);
        expect(
          segments(text, tokens)
            .map((segment) => segment.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  it('leaves the space before a word out of its light', () => {
    expect(segments('so it', [token('so', 0, 2), token(' it', 2, 5)])).toEqual([
      { text: 'so', tokens: [0], piece: false },
      { text: ' ', tokens: [], piece: false },
      { text: 'it', tokens: [1], piece: false },
    ]);
  });

  it('marks the pieces of a word', () => {
    const pieces = segments('thanked,', [token('thank', 0, 5), token('ed', 5, 7), token(',', 7, 8)]);
    expect(pieces.map(({ piece }) => piece)).toEqual([false, true, false]);
  });

  it('gives the bytes of one character to one segment', () => {
    const bytes = [token('\ud83d', 0, 2), token('\ufffd', 0, 2), token('\ufffd', 0, 2)];
    expect(segments('🎭', bytes)).toEqual([{ text: '🎭', tokens: [0, 1, 2], piece: false }]);
  });
});
