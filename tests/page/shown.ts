// What a reader can take from a number as the page writes it: its value and how much the digits left out can hide.

export interface Shown {
  value: number;
  /** Half of one unit of the last digit shown. */
  slack: number;
}

/** Reads "−1.20", "1,230", "4.56e−7", "44 %", "< 0.01 %", "> 99.9 %" and "−∞". */
export function readShown(text: string): Shown {
  const plain = text
    .replaceAll('\u2212', '-')
    .replace(/[\s\u202f,]/g, '')
    .replace('∞', 'Infinity');
  const match = /^([<>]?)(-?(?:Infinity|\d+(?:\.(\d+))?(?:e([+-]?\d+))?))(%?)$/.exec(plain);
  if (!match) throw new Error(`"${text}" is no number`);
  const unit = match[5] ? 0.01 : 1;
  const value = Number(match[2]) * unit;
  // These say no more than where the value lies: between nothing and this much, between this much and all.
  if (match[1] === '<') return { value: value / 2, slack: value / 2 };
  if (match[1] === '>') return { value: (value + unit * 100) / 2, slack: (unit * 100 - value) / 2 };
  const last = 10 ** (Number(match[4] ?? 0) - (match[3]?.length ?? 0)) * unit;
  return { value, slack: Number.isFinite(value) ? last / 2 : 0 };
}

/** Why `text` cannot be read as `value` (give or take `tolerance`), or nothing if it can. */
export function complaintAbout(text: string, value: number, tolerance: number): string | undefined {
  const shown = readShown(text);
  if (Object.is(shown.value, value)) return undefined;
  // A hair more than half a unit: the page rounds the float32 next to the value.
  return Math.abs(shown.value - value) <= shown.slack * (1 + 1e-6) + tolerance
    ? undefined
    : `"${text}" stands for ${value}`;
}
