import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatFull,
  formatNumber,
  formatShare,
  formatShareTick,
  formatTick,
  formatToken,
  formatWord,
} from '../../web/views/format.ts';

/** Reads a shown number back. */
function read(text: string): number {
  return Number(text.replaceAll('\u2212', '-').replaceAll(',', ''));
}

const kPercent = '\u202f%';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [12.3456, '12.3'],
    [-1.2, '\u22121.20'],
    [0.045612, '0.0456'],
    [9.996, '10.0'],
    [99.96, '100'],
    [1234.5, '1,230'],
    [4.5612e-7, '4.56e\u22127'],
    [-2.5e9, '\u22122.50e+9'],
    [Number.NEGATIVE_INFINITY, '\u2212∞'],
    [Number.POSITIVE_INFINITY, '∞'],
  ])('%d is shown as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('what is shown differs from the value by half a step of its third digit at most', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) }),
        (value) => {
          const shown = read(formatNumber(value));
          expect(Math.abs(shown - value)).toBeLessThanOrEqual(Math.abs(value) * 0.00501 + 1e-45);
        },
      ),
    );
  });

  it('the full value is the 32-bit float itself', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(read(formatFull(value)))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('shares', () => {
  it.each([
    [0, `0${kPercent}`],
    [1, `100${kPercent}`],
    [0.444, `44${kPercent}`],
    [0.0444, `4.4${kPercent}`],
    [0.00444, `0.44${kPercent}`],
    [0.000444, `0.044${kPercent}`],
    [0.00001, `<\u202f0.01${kPercent}`],
    [0.0996, `10${kPercent}`],
    [0.99949, `99.9${kPercent}`],
    [0.98966, `99.0${kPercent}`],
    [0.99999, `>\u202f99.9${kPercent}`],
  ])('%d is shown as %s', (value, text) => {
    expect(formatShare(value)).toBe(text);
  });

  it('only a whole share is shown as 100 %', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: Math.fround(0.9999999), noNaN: true }), (value) => {
        expect(formatShare(value)).not.toBe(`100${kPercent}`);
      }),
    );
  });
});

describe('ticks', () => {
  it('say no digit more than they need', () => {
    expect([4, 0.25, -1.5, 50].map(formatTick)).toEqual(['4', '0.25', '\u22121.5', '50']);
    expect([0, 0.025, 1].map(formatShareTick)).toEqual([`0${kPercent}`, `2.5${kPercent}`, `100${kPercent}`]);
  });
});

describe('tokens', () => {
  it('show the spaces that belong to them', () => {
    expect(formatToken(' the')).toBe('␣the');
    expect(formatToken('a b ')).toBe('a b␣');
    expect(formatToken('\n')).toBe('↵');
    expect(formatToken('')).toBe('∅');
  });

  it('are words in a sentence without them, unless they are nothing else', () => {
    expect(formatWord(' the')).toBe('the');
    expect(formatWord('  ')).toBe('␣␣');
  });
});
