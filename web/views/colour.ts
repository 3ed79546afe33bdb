// Colour scales: straight lines in OKLab, so that equal steps of the value are equal steps to the eye, cut into 201
// colours of which no two are alike: a colour read off the screen gives the value back.

export type Rgb = readonly [red: number, green: number, blue: number];
export type Lab = readonly [lightness: number, a: number, b: number];

/** Half a percent each; odd, so that zero has a colour of its own in the middle of a signed scale. */
export const kSteps = 201;

/** OKLab to sRGB bytes (Ottosson 2020); what lies outside the gamut is clipped. */
export function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const encode = (linear: number) => {
    const x = Math.min(1, Math.max(0, linear));
    return Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
  };
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** sRGB bytes to OKLab. */
function toLab([red, green, blue]: Rgb): Lab {
  const decode = (byte: number) => {
    const x = byte / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [decode(red), decode(green), decode(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** 201 colours along OKLab lines through the stops, evenly spaced. */
export function ramp(stops: readonly Rgb[]): readonly Rgb[] {
  const labs = stops.map(toLab);
  return Array.from({ length: kSteps }, (_, step) => {
    const at = (step / (kSteps - 1)) * (labs.length - 1);
    const left = Math.min(Math.floor(at), labs.length - 2);
    const share = at - left;
    const [from, to] = [labs[left]!, labs[left + 1]!];
    const mix = (i: 0 | 1 | 2) => from[i] + (to[i] - from[i]) * share;
    return toRgb([mix(0), mix(1), mix(2)]);
  });
}

/** What values a scale covers, from its first colour to its last. */
export type Domain = readonly [low: number, high: number];

export function stepOf(value: number, domain: Domain): number {
  const low = domain[0];
  const high = domain[1];
  if (high === low) return 0;
  const step = Math.round(((value - low) / (high - low)) * (kSteps - 1));
  return Math.min(kSteps - 1, Math.max(0, step));
}

const packedOf = new WeakMap<readonly Rgb[], Uint32Array>();

/** A scale's colours as the pixels of an image, opaque, in the byte order of this machine. */
export function packed(colours: readonly Rgb[]): Uint32Array {
  const known = packedOf.get(colours);
  if (known) return known;
  const bytes = new Uint8ClampedArray(colours.length * 4);
  colours.forEach(([red, green, blue], step) => {
    bytes.set([red, green, blue, 255], step * 4);
  });
  const pixels = new Uint32Array(bytes.buffer);
  packedOf.set(colours, pixels);
  return pixels;
}

export function colourOf(value: number, colours: readonly Rgb[], domain: Domain): Rgb {
  return colours[stepOf(value, domain)]!;
}

/** The value whose colour is nearest to the one given: the scale read backwards. */
export function valueOfColour([red, green, blue]: Rgb, colours: readonly Rgb[], [low, high]: Domain): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  colours.forEach(([r, g, b], step) => {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) {
      least = distance;
      best = step;
    }
  });
  return low + (best / (kSteps - 1)) * (high - low);
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** The theme's colours as canvases need them, read from the custom properties of the page. */
export interface Palette {
  ground: Rgb;
  ink: Rgb;
  quiet: Rgb;
  query: Rgb;
  key: Rgb;
  hidden: Rgb;
  /** Weights, from none to all. */
  weight: readonly Rgb[];
  /** Scores, from the most negative over zero to the most positive. */
  signed: readonly Rgb[];
}

/** The bytes of any colour that CSS can write: a canvas paints it, so the spelling of the style sheet does not matter. */
function readColour(pen: CanvasRenderingContext2D, text: string): Rgb {
  pen.fillStyle = text;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return [red!, green!, blue!];
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('this browser draws no canvas');
  const colour = (name: string) => readColour(pen, style.getPropertyValue(`--${name}`).trim());
  return {
    ground: colour('ground'),
    ink: colour('ink'),
    quiet: colour('quiet'),
    query: colour('query'),
    key: colour('key'),
    hidden: colour('hidden'),
    weight: ramp(['weight-0', 'weight-1', 'weight-2'].map(colour)),
    signed: ramp(['negative-2', 'negative-1', 'signed-0', 'positive-1', 'positive-2'].map(colour)),
  };
}
