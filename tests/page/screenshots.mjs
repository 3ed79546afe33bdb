// npm run screenshots -- FOLDER: pictures of the built page for looking at, one by one: three widths, both themes, both
// models, at the beginning, in the middle and at the end of the story.

import fs from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { ensureBrowser, kBrowserArgs } from '../../build-scripts/browser.mjs';
import { buildPage } from '../../build-scripts/build.mjs';
import { isMain, main, Sentence, say } from '../../build-scripts/console.mjs';
import { serve } from '../../build-scripts/serve.mjs';
import { root } from '../../build-scripts/toolchain.mjs';

const kScreens = { phone: [360, 740], desk: [1280, 840], wall: [2560, 1400] };
const kPlaces = {
  'tiny-gpt': {
    text: 'The old man gave his daughter a book, and she thanked him for the book',
    layer: 1,
    head: 3,
    row: 14,
  },
  'tiny-bert': { text: 'the king said to his [MASK] , go to the land', layer: 1, head: 2, row: 7 },
};
const kTimes = [0, 0.36, 1];

async function photograph([folder]) {
  if (!folder) throw new Sentence('usage: npm run screenshots -- FOLDER');
  fs.mkdirSync(folder, { recursive: true });
  await buildPage();
  const server = await serve({ dir: path.join(root, 'build/page'), port: 0, isolated: true });
  const browser = await puppeteer.launch({
    executablePath: await ensureBrowser(),
    args: [...kBrowserArgs, '--force-color-profile=srgb'],
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => say(`console: ${message.text()}`));
    page.on('pageerror', (error) => say(`thrown: ${error.message}`));
    for (const theme of ['dark', 'light']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      for (const [screen, [width, height]] of Object.entries(kScreens)) {
        await page.setViewport({ width, height });
        for (const [model, place] of Object.entries(kPlaces)) {
          for (const t of kTimes) {
            await page.goto('about:blank');
            await page.goto(`${server.url}#${new URLSearchParams({ model, ...place, t: String(t) })}`);
            await page.waitForFunction(() => {
              const { layer, head } = document.querySelector('#arithmetic')?.dataset ?? {};
              const busy = document.querySelector('main')?.getAttribute('aria-busy');
              return layer && head && busy === 'false' && document.querySelector('[data-predictions] li');
            });
            await page.evaluate(() => document.fonts.ready);
            await new Promise((resolve) => setTimeout(resolve, 300));
            const file = path.join(folder, `${screen}-${theme}-${model}-${t}.png`);
            // As tall as the page, so that what sticks to the window's edge lies at the page's.
            const tall = await page.evaluate(() => document.documentElement.scrollHeight);
            await page.setViewport({ width, height: Math.max(height, tall) });
            await new Promise((resolve) => setTimeout(resolve, 150));
            await page.screenshot({ path: file });
            await page.setViewport({ width, height });
            say(file);
          }
        }
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

if (isMain(import.meta.url)) main(photograph);
