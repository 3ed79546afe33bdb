// Training in a browser: on a plain page beside the package, under the policy that the page has.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../build-scripts/serve.mjs';
import { readSafetensors } from '../reference/safetensors.ts';
import { launchBrowser, leave, type Visitor, visit } from './stage.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const kPatience = { timeout: 60_000 };

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let visitor: Visitor;
let page: Page;
let asked: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'limelight-training-'));
  cpSync(join(here, 'training.html'), join(folder, 'index.html'));
  cpSync(join(here, 'training.js'), join(folder, 'training.js'));
  symlinkSync(join(here, '../../dist'), join(folder, 'dist'));
  server = await serve({ dir: folder });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  asked = [];
  visitor = await visit(browser, server.url, {
    before: async (fresh) => {
      fresh.on('request', (request) => asked.push(new URL(request.url()).pathname));
    },
  });
  page = visitor.page;
  await page.waitForSelector('[data-ready]');
});
afterEach(async () => {
  const { complaints } = visitor;
  await leave(visitor);
  expect(complaints).toEqual([]);
});

const textOf = (id: string): Promise<string> => page.$eval(`#${id}`, (node) => node.textContent ?? '');
const state = (): Promise<string> => textOf('state');
const dataOf = (id: string, name: string): Promise<number> =>
  page.$eval(`#${id}`, (node, key) => Number((node as HTMLElement).dataset[key]), name);
const stepsTaken = (): Promise<number> => dataOf('numbers', 'steps');
const losses = (): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as { losses: number[] }).losses);

/** Presses a button and waits until its command is answered. */
async function press(id: string): Promise<void> {
  const done = () => page.$eval('body', (body) => Number(body.dataset.commands ?? 0));
  const before = await done();
  await page.click(`#${id}`);
  await expect.poll(done, kPatience).toBe(before + 1);
}

async function start(recipe: string): Promise<void> {
  await page.select('#recipe', recipe);
  await press('start');
}

const trainingWorkers = () => page.workers().filter((worker) => /training-worker/.test(worker.url()));

describe('a page that trains', () => {
  test('fetches nothing of it before, and a module, a worker and a recipe then', async () => {
    expect(asked.filter((path) => /training-|shared-training|recipes/.test(path))).toEqual([]);
    await start('induction');
    const fetched = asked.filter((path) => /wasm$/.test(path));
    expect(fetched.filter((path) => /training/.test(path))).toEqual([
      '/dist/limelight-training-relaxed.wasm',
    ]);
    expect(asked).toContain('/dist/training-worker.js');
    expect(asked).toContain('/dist/recipes/induction.json');
    expect(trainingWorkers()).toHaveLength(1);
    await press('stop');
  });

  test('learns induction: over 90 %, by a head that finds what came after', async () => {
    await start('induction');
    await expect.poll(state, kPatience).toBe('finished');
    await expect.poll(() => textOf('score'), kPatience).toMatch(/% right/);
    expect(await dataOf('score', 'score')).toBeGreaterThan(0.9);
    const scores = await page.$$eval('figure', (figures) =>
      figures.map(({ dataset }) => [Number(dataset.previous), Number(dataset.alignment)] as const),
    );
    expect(Math.max(...scores.map(([, alignment]) => alignment))).toBeGreaterThan(0.3);
    expect(Math.max(...scores.map(([previous]) => previous))).toBeGreaterThan(0.3);
    const all = await losses();
    expect(all.at(-1)!).toBeLessThan(all[0]!);
    // Each map has light in it, and none above its diagonal.
    const lit = await page.$$eval('figure canvas', (canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
        let below = 0;
        let above = 0;
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++) {
            const light = data[4 * (row * width + column) + 3]!;
            if (column > row) above += light;
            else below += light;
          }
        return { lit: below > 0, above };
      }),
    );
    expect(lit).toHaveLength(scores.length);
    for (const map of lit) expect(map).toEqual({ lit: true, above: 0 });
  });

  test('pauses, steps, goes on, and repeats its losses after a reset; another seed gives others', async () => {
    await start('small');
    await press('pause');
    expect(await state()).toMatch(/paused|finished/);
    await press('reset');
    expect(await stepsTaken()).toBe(0);
    for (let i = 1; i <= 3; i++) {
      await press('step');
      expect(await state()).toBe('paused');
      expect(await stepsTaken()).toBe(i);
    }
    const first = await losses();
    await press('resume');
    await expect.poll(state, kPatience).toBe('finished');
    expect(await stepsTaken()).toBe(300);
    const all = await losses();
    expect(all.slice(0, 3)).toEqual(first);
    expect(await dataOf('maps', 'step')).toBe(300);

    await press('reset');
    expect(await state()).toBe('paused');
    expect(await losses()).toEqual([]);
    await press('resume');
    await expect.poll(state, kPatience).toBe('finished');
    expect(await losses()).toEqual(all);

    await page.$eval('#seed', (input) => {
      (input as HTMLInputElement).value = '2';
    });
    await press('reset');
    await press('step');
    expect((await losses())[0]).not.toBe(all[0]);
  });

  test('follows its learning rate, and gives its model to download', async () => {
    await start('small');
    await press('pause');
    await press('reset');
    await press('step');
    const before = /rate ([\d.e+-]+)/.exec(await textOf('numbers'))![1];
    await press('reset');
    await page.$eval('#rate', (input) => {
      (input as HTMLInputElement).value = '2';
      input.dispatchEvent(new Event('change'));
    });
    await press('step');
    const after = /rate ([\d.e+-]+)/.exec(await textOf('numbers'))![1];
    expect(Number(after) / Number(before)).toBeCloseTo(2, 1);
    const client = await page.createCDPSession();
    await client.send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    await press('download');
    const file = join(folder, 'model.safetensors');
    await expect.poll(() => existsSync(file), kPatience).toBe(true);
    expect(readSafetensors(readFileSync(file)).get('transformer.wte.weight')!.shape).toEqual([16, 32]);
  });

  test('answers keystrokes while it trains', async () => {
    await start('endless');
    await page.focus('#text');
    const typed = 'The old man gave';
    await page.keyboard.type(typed);
    await expect.poll(() => textOf('prediction'), kPatience).toMatch(new RegExp(`^${typed}\\|.+\\|running$`));
    const taken = await stepsTaken();
    await expect.poll(stepsTaken, kPatience).toBeGreaterThan(taken);
    await press('stop');
  });

  test('is aborted at any step, and the engine goes on; trainings leave no workers behind', async () => {
    const workers = page.workers().length;
    for (let i = 0; i < 3; i++) {
      await start('endless');
      await expect.poll(stepsTaken, kPatience).toBeGreaterThan(0);
      await press('stop');
      expect(await state()).toBe('failed');
      await press('step');
      expect(await textOf('numbers')).toMatch(/^aborted: /);
    }
    await expect.poll(() => page.workers().length, kPatience).toBe(workers);
    await page.focus('#text');
    await page.keyboard.type('The');
    await expect.poll(() => textOf('prediction'), kPatience).toMatch(/^The\|.+\|failed$/);
  });

  test('whose worker is killed says so, and goes on from its last checkpoint', async () => {
    await start('endless');
    await expect.poll(stepsTaken, kPatience).toBeGreaterThan(0);
    await press('pause');
    const kept = await stepsTaken();
    await press('step');
    const next = (await losses()).at(-1);
    await press('resume');
    await trainingWorkers()[0]!.close();
    await expect.poll(state, kPatience).toBe('failed');
    await expect
      .poll(() => page.$eval('#state', (node) => (node as HTMLElement).dataset.code))
      .toBe('engine-lost');
    await page.focus('#text');
    await page.keyboard.type('The');
    await expect.poll(() => textOf('prediction'), kPatience).toMatch(/^The\|/);
    await press('restore');
    expect(await state()).toBe('paused');
    await press('step');
    expect(await stepsTaken()).toBe(kept + 1);
    expect((await losses()).at(-1)).toBe(next);
  });

  test('says what is wrong with a recipe', async () => {
    await start('broken');
    expect(await textOf('numbers')).toMatch(/^invalid-shape: .*3/);
    expect(await state()).toBe('');
    await expect.poll(() => trainingWorkers().length, kPatience).toBe(0);
  });
});
