import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  colourOf,
  kSteps,
  type Lab,
  type Rgb,
  ramp,
  stepOf,
  toRgb,
  valueOfColour,
} from '../../web/views/colour.ts';

const css = readFileSync(new URL('../../web/page/theme.css', import.meta.url), 'utf8');

/** The custom properties of a theme, as the page's own style sheet gives them. */
function themeOf(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('\n}', start));
  return new Map([...block.matchAll(/--([\w-]+): (oklch\([^)]*\))/g)].map((match) => [match[1]!, match[2]!]));
}

/** `oklch(93% 0.13 110)` in OKLab. */
function parseOklch(text: string): Lab {
  const [lightness, chroma, hue] = [...text.matchAll(/[\d.]+/g)].map(([digits]) => Number(digits)) as [
    number,
    number,
    number,
  ];
  const angle = (hue * Math.PI) / 180;
  return [lightness / 100, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

const themes = { dark: themeOf(':root'), light: themeOf(':root[data-theme="light"]') };

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((byte) => {
    const x = byte / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

it('OKLCH is converted as the specification says', () => {
  expect(toRgb(parseOklch('oklch(100% 0 0)'))).toEqual([255, 255, 255]);
  expect(toRgb(parseOklch('oklch(0% 0 0)'))).toEqual([0, 0, 0]);
  // sRGB red, from the examples of CSS Color 4.
  expect(toRgb(parseOklch('oklch(62.796% 0.25768 29.234)'))).toEqual([255, 0, 0]);
});

describe.each(['dark', 'light'] as const)('the %s theme', (name) => {
  const theme = themes[name];
  const colour = (role: string) => toRgb(parseOklch(theme.get(role)!));
  const weight = ramp(['weight-0', 'weight-1', 'weight-2'].map(colour));
  const signed = ramp(['negative-2', 'negative-1', 'signed-0', 'positive-1', 'positive-2'].map(colour));

  it.each(['ink', 'quiet', 'dim', 'query', 'key', 'value', 'output', 'alarm', 'lit-ink'])(
    '%s can be read on the ground: 4.5 to 1 at least',
    (role) => {
      expect(contrast(colour(role), colour('ground'))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('quiet text can be read on a raised surface too', () => {
    expect(contrast(colour('quiet'), colour('raised'))).toBeGreaterThanOrEqual(4.5);
  });

  it('no two steps of a scale have the same colour', () => {
    for (const scale of [weight, signed]) {
      expect(new Set(scale.map(String)).size).toBe(kSteps);
    }
  });

  it('weights grow steadily lighter, or steadily darker', () => {
    const steps = weight.map(luminance);
    const direction = Math.sign(steps.at(-1)! - steps[0]!);
    for (let i = 1; i < steps.length; i++)
      expect((steps[i]! - steps[i - 1]!) * direction).toBeGreaterThan(-0.002);
  });

  it('a colour read off a scale gives the value back within half a step', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.2, 1, 12), (share, high) => {
        const value = share * high;
        const back = valueOfColour(colourOf(value, weight, [0, high]), weight, [0, high]);
        expect(Math.abs(back - value)).toBeLessThanOrEqual((0.5001 * high) / (kSteps - 1));
        const score = (2 * share - 1) * high;
        const scoreBack = valueOfColour(colourOf(score, signed, [-high, high]), signed, [-high, high]);
        expect(Math.abs(scoreBack - score)).toBeLessThanOrEqual((0.5001 * 2 * high) / (kSteps - 1));
      }),
    );
  });
});

it('values beyond the scale get its ends', () => {
  expect(stepOf(-3, [0, 1])).toBe(0);
  expect(stepOf(7, [0, 1])).toBe(kSteps - 1);
  expect(stepOf(Number.NEGATIVE_INFINITY, [-1, 1])).toBe(0);
});
