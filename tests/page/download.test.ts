// What a visitor downloads is what the size check (build-scripts/test.mjs) weighs.
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countedFiles } from '../../build-scripts/test.mjs';
import { fragment, settled } from './desk.ts';
import { hostPage, kBuiltPage } from './host.ts';
import { launchBrowser, leave, visit } from './stage.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test.each([false, true])('scripts and wasm are those that are weighed (isolated: %s)', async (isolated) => {
  const host = await hostPage({ isolated });
  const visitor = await visit(browser, host.url + fragment({ text: 'The old man', model: 'tiny-gpt' }));
  try {
    await settled(visitor.page);
    const files = readdirSync(join(kBuiltPage, 'assets')).map((name) => ({
      name: `assets/${name}`,
      bytes: statSync(join(kBuiltPage, 'assets', name)).size,
    }));
    const build = isolated && availableParallelism() > 1 ? 'threads' : 'relaxed';
    const weighed = countedFiles(files, build).map(({ name }) => basename(name));
    const asked = () =>
      host.asked
        .filter((path) => /\.(js|wasm)$/.test(path) && !/tokenizers/.test(path))
        .map((path) => basename(path));
    await expect.poll(() => [...new Set(asked())].sort()).toEqual(weighed.sort());
    expect(visitor.complaints).toEqual([]);
  } finally {
    await leave(visitor);
    await host.close();
  }
});
