// Numbers as people read them: two or three significant digits, a true minus sign, never a digit made up.

const kMinus = '\u2212';
const kThinSpace = '\u202f';

function minus(text: string): string {
  return text.replaceAll('-', kMinus);
}

/** Three significant digits: 12.3, 0.0456, −1.20, 1,230, 4.56e−7, −∞. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value < 0 ? `${kMinus}∞` : '∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return minus(value.toExponential(digits - 1));
  const rounded = Number(value.toPrecision(digits));
  const whole = Math.floor(Math.log10(Math.abs(rounded))) + 1;
  const [integer, fraction] = rounded.toFixed(Math.max(0, digits - whole)).split('.') as [string, string?];
  const grouped = integer.replace(/\B(?=(\d{3})+$)/g, ',');
  return minus(fraction ? `${grouped}.${fraction}` : grouped);
}

/** A share between 0 and 1 as a percentage of two significant digits: 44 %, 4.4 %, 0.44 %, < 0.01 %. */
export function formatShare(value: number): string {
  if (value === 0) return `0${kThinSpace}%`;
  if (Math.abs(value) < 1e-4) return `<${kThinSpace}0.01${kThinSpace}%`;
  const percent = Number((value * 100).toPrecision(2));
  const decimals = percent >= 10 ? 0 : percent >= 1 ? 1 : percent >= 0.1 ? 2 : 3;
  // Above 99 % two digits would round up to a certainty that is not there.
  if (value >= 0.9995 && value < 1) return `>${kThinSpace}99.9${kThinSpace}%`;
  if (percent >= 99 && value < 1) return `${(value * 100).toFixed(1)}${kThinSpace}%`;
  return `${percent.toFixed(decimals)}${kThinSpace}%`;
}

/** Every digit that a 32-bit float holds, for tooltips. */
export function formatFull(value: number): string {
  return Number.isFinite(value) ? minus(String(Number(value.toPrecision(9)))) : formatNumber(value);
}

/** A token as one reads it: leading space, line breaks and the empty token made visible, quietly. */
export function formatToken(text: string): string {
  if (text === '') return '∅';
  return text
    .replace(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length))
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥');
}

/** A token as a word in a sentence or a label: without the spaces around it, unless it is nothing else. */
export function formatWord(text: string): string {
  const word = text.trim();
  return word === '' ? formatToken(text) : word;
}

/** A round number of an axis, without digits that say nothing: 4, 0.25, −1.5. */
export function formatTick(value: number): string {
  return minus(String(Number(value.toPrecision(3))));
}

/** A tick of a scale of shares: 0 %, 2.5 %, 100 %. */
export function formatShareTick(value: number): string {
  return `${formatTick(value * 100)}${kThinSpace}%`;
}
