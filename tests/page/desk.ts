// The page as a person uses it and as a test reads it: everything here goes through the document, nothing through code.
import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import type { ShippedModel } from '../reference/shipped.ts';

export const kText = '[data-text]';

/** What the address can say, as people write it: layers, heads and words count from 1. */
export interface Place {
  model?: ShippedModel;
  text?: string;
  layer?: number;
  head?: number;
  row?: number;
  column?: number;
  t?: number;
  tables?: 'yes' | 'no';
  temperature?: number;
  changes?: string;
  theme?: 'light' | 'dark';
}

export function fragment(place: Place): string {
  return `#${new URLSearchParams(Object.entries(place).map(([key, value]) => [key, String(value)]))}`;
}

/** Waits until the figures show the text that stands in the box, of the model that is chosen, whole. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const main = document.querySelector('main');
      const text = document.querySelector<HTMLTextAreaElement>('[data-text]')?.value ?? '';
      const arithmetic = document.querySelector<HTMLElement>('#arithmetic')?.dataset;
      const matrix = document.querySelector<HTMLElement>('.matrix-frame')?.dataset;
      const tip = document.querySelector<HTMLElement>('.matrix-tip')?.dataset;
      return (
        main?.getAttribute('aria-busy') === 'false' &&
        main.dataset.drawn?.startsWith(`${text.length}:`) &&
        main.dataset.later === undefined &&
        matrix?.count !== undefined &&
        arithmetic?.layer === matrix.layer &&
        arithmetic?.head === matrix.head &&
        arithmetic?.row === tip?.row &&
        document.querySelector('[data-predictions] li') !== null
      );
    },
    { timeout: 20_000 },
  );
  // What was asked for with the last picture may still be on its way: two frames without a new picture.
  await page.waitForFunction(
    () =>
      new Promise<boolean>((resolve) => {
        const drawn = () => document.querySelector('main')?.dataset.drawn;
        const before = drawn();
        setTimeout(() => resolve(before === drawn()), 80);
      }),
    { timeout: 20_000 },
  );
}

/** Goes to a place by changing the address of the open page, as a link within it would. */
export async function go(page: Page, place: Place): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, fragment(place));
  await page.waitForFunction(
    (text, model) =>
      document.querySelector<HTMLTextAreaElement>('[data-text]')?.value === text &&
      document.querySelector(`[data-model="${model}"]`)?.getAttribute('aria-checked') === 'true',
    {},
    place.text,
    place.model,
  );
  await settled(page);
}

/** Puts a text into the box as a paste does: one input event. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.$eval(
    kText,
    (node, content) => {
      const area = node as HTMLTextAreaElement;
      area.focus();
      area.setRangeText(content, 0, area.value.length, 'end');
      area.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));
    },
    text,
  );
}

export function textIn(page: Page): Promise<string> {
  return page.$eval(kText, (node) => (node as HTMLTextAreaElement).value);
}

/** The plain sentence that the page says when something is not as it should be. */
export function messageOn(page: Page): Promise<string> {
  return page.$eval('#messages', (node) => node.textContent ?? '');
}

export async function expectMessage(page: Page, pattern: RegExp): Promise<void> {
  await expect.poll(() => messageOn(page), { timeout: 20_000 }).toMatch(pattern);
}

/** Text and full value of every element that a selector finds, with its data attributes. */
export interface Reading {
  text: string;
  value: number;
  data: Record<string, string | undefined>;
}
export async function readings(page: Page, selector: string): Promise<Reading[]> {
  // Values travel as text: JSON knows no infinities.
  const found = await page.evaluate(
    (wanted) =>
      Array.from(document.querySelectorAll<HTMLElement>(wanted), (node) => ({
        text: node.textContent ?? '',
        data: { ...node.dataset },
      })),
    selector,
  );
  return found.map(({ text, data }) => ({ text, data, value: Number(data.value) }));
}

/** The red, green and blue of points of the screen, as painted; points are in CSS pixels of the viewport. */
export async function pixels(page: Page, points: readonly (readonly [x: number, y: number])[]) {
  const shot = await page.screenshot({ encoding: 'base64' });
  // Decoded in an empty page, which has no content security policy.
  const decoder = await page.browser().newPage();
  try {
    return await decoder.evaluate(
      async (png, at) => {
        const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
        const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
        context.drawImage(image, 0, 0);
        return at.map(([x, y]) => {
          const [red, green, blue] = context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data;
          return [red!, green!, blue!] as const;
        });
      },
      shot,
      points as [number, number][],
    );
  } finally {
    await decoder.close();
  }
}

/** The colours of points of a canvas, given in shares of its width and height; the canvas itself is only copied from. */
export function canvasColours(
  page: Page,
  selector: string,
  points: readonly (readonly [x: number, y: number])[],
): Promise<(readonly [number, number, number])[]> {
  return page.$eval(
    selector,
    (node, at) => {
      const canvas = node as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {
        willReadFrequently: true,
      })!;
      copy.drawImage(canvas, 0, 0);
      return at.map(([x, y]) => {
        // The first pixel at or after the point; a hair less, so that 3.0000001 is 3.
        const place = [Math.ceil(x * canvas.width - 1e-6), Math.ceil(y * canvas.height - 1e-6)] as const;
        const [red, green, blue] = copy.getImageData(...place, 1, 1).data;
        return [red!, green!, blue!] as const;
      });
    },
    points as [number, number][],
  );
}

/** Every colour of the colour bar, from its lowest value to its highest. */
export async function scaleColours(page: Page): Promise<(readonly [number, number, number])[]> {
  const steps = await page.$eval('[data-colour-bar]', (node) => (node as HTMLCanvasElement).width);
  return canvasColours(
    page,
    '[data-colour-bar]',
    Array.from({ length: steps }, (_, step) => [step / steps, 0]),
  );
}

/** The step of a scale whose colour is nearest, and how far its colour is. */
export function nearestStep(
  scale: readonly (readonly [number, number, number])[],
  [red, green, blue]: readonly [number, number, number],
): { step: number; distance: number } {
  const distances = scale.map(([r, g, b]) => Math.hypot(r - red, g - green, b - blue));
  const distance = Math.min(...distances);
  return { step: distances.indexOf(distance), distance };
}
