// The page for every reader: by keyboard alone, without motion, in both themes, on a phone, with a screen reader.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../build-scripts/serve.mjs';
import { fragment, go, kText, settled, textIn } from './desk.ts';
import { kBuiltPage } from './host.ts';
import { launchBrowser, leave, type Theme, type Visit, type Visitor, visit } from './stage.ts';

const kAxe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kPlace = {
  model: 'tiny-gpt',
  text: 'The old man gave his daughter a book, and she thanked him',
  layer: 1,
  head: 3,
} as const;

let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
const visitors: Visitor[] = [];
beforeAll(async () => {
  server = await serve({ dir: kBuiltPage });
  browser = await launchBrowser();
});
afterEach(async () => {
  const complaints = visitors.flatMap((visitor) => visitor.complaints);
  for (const visitor of visitors.splice(0)) await leave(visitor);
  expect(complaints).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function open(options: Visit = {}, hash = fragment(kPlace)): Promise<Page> {
  const visitor = await visit(browser, server.url + hash, options);
  visitors.push(visitor);
  await settled(visitor.page);
  return visitor.page;
}

const data = (page: Page, selector: string) =>
  page.$eval(selector, (node) => ({ ...(node as HTMLElement).dataset }) as Record<string, string>);

/** Presses Tab until the focused element matches. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 80; i++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${selector}`);
}

describe('by keyboard alone a reader', () => {
  test('types, chooses a word with the caret, a head, a cell, and lets go again', async () => {
    const page = await open();
    await page.focus('body');
    await tabTo(page, kText);
    await page.keyboard.down('Control');
    await page.keyboard.press('Home');
    await page.keyboard.up('Control');
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await settled(page);
    expect((await data(page, '#arithmetic')).row).toBe('1'); // the caret stands in "old"
    await page.keyboard.type('est');
    await settled(page);
    expect(await textIn(page)).toBe(kPlace.text.replace(/^The o/, 'The oest'));

    await tabTo(page, '.head');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await data(page, '.matrix-frame')).toMatchObject({ layer: '2', head: '4' });

    await tabTo(page, '.matrix-frame');
    const before = await data(page, '.matrix-tip');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await settled(page);
    const after = await data(page, '.matrix-tip');
    expect([after.row, after.column]).toEqual([String(Number(before.row) + 2), '0']);
    expect(await data(page, '#arithmetic')).toMatchObject({ row: after.row, column: '0' });

    await page.keyboard.press('Escape');
    await settled(page);
    const count = Number((await data(page, '.matrix-frame')).count);
    expect((await data(page, '.matrix-tip')).row).toBe(String(count - 1)); // the last word asks again
  });

  test('plays, pauses, steps and scrubs', async () => {
    const page = await open();
    await tabTo(page, '[data-play]');
    await page.keyboard.press('Enter');
    const time = () => page.$eval('[data-time]', (node) => Number((node as HTMLInputElement).value));
    // It begins at the beginning, and goes on.
    await expect.poll(time, { timeout: 5000 }).toBeLessThan(900);
    await expect.poll(time, { timeout: 5000 }).toBeGreaterThan(5);
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      () => document.querySelector<HTMLElement>('[data-play]')?.dataset.playing === undefined,
    );
    const paused = await time();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await time()).toBe(paused);
    await tabTo(page, '[data-step-on]');
    await page.keyboard.press('Enter');
    await settled(page);
    const marks = await page.$$eval('[data-marks] [data-at]', (nodes) =>
      nodes.map((node) => Math.round(Number((node as HTMLElement).dataset.at) * 1000)),
    );
    expect(marks).toContain(await time());
    await tabTo(page, '[data-time]');
    await page.keyboard.press('End');
    expect(await time()).toBe(1000);
    await page.keyboard.press('ArrowLeft');
    expect(await time()).toBe(999);
  });

  test('changes the model and reads one component of the arithmetic', async () => {
    const page = await open();
    await tabTo(page, '[data-model]');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      () => document.querySelector('[data-model="tiny-bert"]')?.getAttribute('aria-checked') === 'true',
    );
    await settled(page);
    await tabTo(page, '[data-group="score"]');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const readout = await data(page, '[data-readout="score"]');
    expect(readout.component).toBe('1');
    const [q, k, product] = readout.values!.split(' ').map(Number);
    expect(Math.abs(q! * k! - product!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(product!)));
  });

  test('always sees where the focus is', async () => {
    const page = await open();
    await page.focus('body');
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const node = document.activeElement;
        if (!node || node === document.body) return undefined;
        const ring = (element: Element) => {
          const style = getComputedStyle(element);
          return style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0;
        };
        const visible =
          ring(node) || node.matches('textarea, input[type=range]') || ring(node.parentElement ?? node);
        return { name: `${node.tagName}.${node.className}`, visible };
      });
      if (!focus) break;
      seen.add(focus.name);
      expect(focus, focus.name).toMatchObject({ visible: true });
    }
    expect(seen.size).toBeGreaterThan(6);
  });
});

describe('motion', () => {
  test('does not begin by itself', async () => {
    const page = await open();
    const state = () => page.$eval('main', (node) => (node as HTMLElement).dataset.drawn);
    const before = await state();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await state()).toBe(before);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('goes from stage to stage without what lies between, where it is not wanted', async () => {
    const page = await open({ reducedMotion: true });
    const marks = await page.$$eval('[data-marks] [data-at]', (nodes) =>
      nodes.map((node) => String(Math.round(Number((node as HTMLElement).dataset.at) * 1000))),
    );
    await page.click('[data-play]');
    const times = await page.evaluate(async () => {
      const seen = new Set<string>();
      const end = performance.now() + 4000;
      while (performance.now() < end) {
        seen.add(document.querySelector<HTMLInputElement>('[data-time]')!.value);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return [...seen];
    });
    expect(times.length).toBeGreaterThan(1);
    expect(times.filter((time) => !marks.includes(time))).toEqual([]);
  });

  test('passes through every stage when it is played', async () => {
    const page = await open({}, fragment({ ...kPlace, t: 0 }));
    const stages = await page.evaluate(async () => {
      const slider = document.querySelector<HTMLInputElement>('[data-time]')!;
      const seen: string[] = [];
      for (let t = 0; t <= 1000; t += 20) {
        slider.value = String(t);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const stage = document.querySelector<HTMLElement>('.matrix-frame')!.dataset.stage!;
        if (seen.at(-1) !== stage) seen.push(stage);
      }
      return seen;
    });
    expect(stages).toEqual(['dot', 'scaled', 'masked', 'weight']);
  });
});

describe.each([360, 1280])('at a width of %i', (width) => {
  test.each<Theme>(['dark', 'light'])(
    'nothing is in the way of a screen reader in the %s theme',
    async (theme) => {
      const page = await open(
        { width, theme, height: width === 360 ? 740 : 900 },
        fragment({ ...kPlace, tables: 'yes' }),
      );
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
      // In a world of its own, where the page's content security policy does not forbid it.
      await page.addScriptTag({ path: kAxe }).catch(() => undefined);
      const violations = await axe(page);
      expect(violations).toEqual([]);
    },
  );
});

/** Violations of axe-core's rules on the page as it stands. */
async function axe(page: Page): Promise<string[]> {
  // Evaluated from outside: as a script of the page its content security policy would refuse it.
  await page.evaluate(kAxe);
  const results = (await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<unknown> } }).axe.run(),
  )) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.failureSummary})`),
  );
}

test.each([320, 360, 414, 768, 1280, 2560])('nothing sticks out sideways at %i pixels', async (width) => {
  const page = await open({ width });
  for (const model of ['tiny-gpt', 'tiny-bert'] as const) {
    await go(page, { ...kPlace, model });
    const size = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(size[0]).toBeLessThanOrEqual(size[1]!);
  }
});

test('the theme follows the system until the reader chooses one', async () => {
  const page = await open({ theme: 'light' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(await theme()).toBe('light');
  const light = await ground();
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  await expect.poll(theme).toBe('dark');
  expect(await ground()).not.toBe(light);
  await page.click('[data-theme-toggle]'); // dark
  await page.click('[data-theme-toggle]'); // light
  await expect.poll(theme).toBe('light');
  expect(await ground()).toBe(light);
});
