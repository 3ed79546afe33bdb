// What can go wrong around the page: hosts without headers, missing files, an engine that dies, a browser that lacks
// something. The page says so in a plain sentence, and what was typed is still there.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../build-scripts/serve.mjs';
import { forward } from '../reference/model.ts';
import { encode, shippedCheckpoint } from '../reference/shipped.ts';
import { expectMessage, fragment, go, messageOn, paste, readings, settled, textIn } from './desk.ts';
import { builtAs, type Host, type HostOptions, hostPage, kBuiltPage } from './host.ts';
import { launchBrowser, leave, type Visit, type Visitor, visit } from './stage.ts';

const kTyped = 'The old man gave his daughter a book';

let browser: Browser;
const hosts: Host[] = [];
const visitors: Visitor[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  for (const visitor of visitors.splice(0)) await leave(visitor);
  for (const host of hosts.splice(0)) await host.close();
});
afterAll(() => browser.close());

async function host(options: HostOptions = {}): Promise<Host> {
  const made = await hostPage(options);
  hosts.push(made);
  return made;
}
async function open(url: string, options: Visit = {}): Promise<Visitor> {
  const made = await visit(browser, url, options);
  visitors.push(made);
  return made;
}

/** The matrix on the page is that of the text in the box and of the head that the page names. */
async function expectTruth(page: Page): Promise<void> {
  const ids = encode('tiny-gpt', await textIn(page));
  const at = await page.$eval('.matrix-frame', (frame) => ({ ...(frame as HTMLElement).dataset }));
  const { scores } = forward(shippedCheckpoint('tiny-gpt'), ids);
  const { weight } = scores[Number(at.layer) - 1]![Number(at.head) - 1]!;
  const cells = await readings(page, '[data-matrix-table="weight"] td');
  expect(cells.length).toBe(weight.length);
  const worst = cells.reduce((most, { value }, i) => Math.max(most, Math.abs(value - weight[i]!)), 0);
  expect(worst).toBeLessThan(1e-4);
}
const kPlace = { model: 'tiny-gpt', text: kTyped, layer: 1, head: 1, tables: 'yes' } as const;

/** What a browser itself writes to the console when a file is missing; nothing else may be there. */
const kBrowserSays = /^console error: Failed to load resource: the server responded with a status of 404/;

describe('a host', () => {
  test('without isolation headers serves a page that works', async () => {
    const { page, complaints } = await open((await host()).url + fragment(kPlace));
    await settled(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await expectTruth(page);
    expect(complaints).toEqual([]);
  });

  test('under a sub-path serves a page that works, both models', async () => {
    const { page, complaints } = await open((await host({ base: '/some/where/' })).url + fragment(kPlace));
    await settled(page);
    await expectTruth(page);
    await go(page, { ...kPlace, model: 'tiny-bert' });
    expect(complaints).toEqual([]);
  });

  test('like npm start gives an isolated page that asks nobody else for anything', async () => {
    const proxy = await watchingProxy();
    const server = await serve({ dir: kBuiltPage });
    const watched = await launchBrowser([
      `--proxy-server=http://127.0.0.1:${proxy.port}`,
      '--proxy-bypass-list=<-loopback>',
      '--disable-component-update',
    ]);
    try {
      const visitor = await visit(watched, server.url + fragment(kPlace));
      await settled(visitor.page);
      expect(await visitor.page.evaluate(() => crossOriginIsolated)).toBe(true);
      await go(visitor.page, { ...kPlace, model: 'tiny-bert' });
      await paste(visitor.page, 'some other words');
      await settled(visitor.page);
      expect(visitor.complaints).toEqual([]);
      const own = new URL(server.url).host;
      expect(proxy.asked.filter((name) => name === own).length).toBeGreaterThan(5);
      expect(proxy.asked.filter((name) => name !== own && !kBrowserItself.test(name))).toEqual([]);
    } finally {
      await watched.close();
      await server.close();
      await proxy.close();
    }
  });

  test('that has lost the wasm files is met with a sentence, and the text is kept', async () => {
    const { page, complaints } = await open((await host({ missing: /\.wasm$/ })).url + fragment(kPlace));
    await expectMessage(page, /[A-Z][\w’ ]+\. Your text is kept\./);
    expect(await textIn(page)).toBe(kTyped);
    await paste(page, `${kTyped}, and more`);
    await expectMessage(page, /[A-Z][\w’ ]+\. Your text is kept\./);
    expect(await textIn(page)).toBe(`${kTyped}, and more`);
    expect(complaints.filter((text) => !kBrowserSays.test(text))).toEqual([]);
  });

  test('that answers with a web page instead of wasm is met with a sentence, and the text is kept', async () => {
    const { page, complaints } = await open((await host({ rewritten: /\.wasm$/ })).url + fragment(kPlace));
    await expectMessage(page, /[A-Z][\w’ ]+\. Your text is kept\./);
    expect(await textIn(page)).toBe(kTyped);
    expect(complaints).toEqual([]);
  });

  test.each([
    ['missing', 'model.safetensors'],
    ['missing', 'tokenizer.json'],
    ['rewritten', 'model.safetensors'],
    ['rewritten', 'config.json'],
    ['rewritten', 'tokenizer.json'],
  ] as const)(
    'whose model has a %s %s is met with a sentence; when it is back, trying again brings the figures',
    async (how, file) => {
      const there = await host({ [how]: builtAs(`models/tiny-gpt/${file}`) });
      const { page, complaints } = await open(there.url + fragment(kPlace));
      await expectMessage(page, /[A-Z][\w’ ]+\. Your text is kept\./);
      expect(await textIn(page)).toBe(kTyped);
      there.options = {};
      await page.click('[data-retry]');
      await settled(page);
      expect(await messageOn(page)).toBe('');
      await expectTruth(page);
      expect(complaints.filter((text) => !kBrowserSays.test(text))).toEqual([]);
    },
  );

  test('whose worker ends, even while nobody types, says so in a sentence and goes on', async () => {
    const { page, complaints } = await open((await host()).url + fragment(kPlace));
    await settled(page);
    const [worker] = page.workers();
    worker?.evaluate(() => globalThis.close()).catch(() => undefined);
    await expectMessage(page, /stopped unexpectedly and was started again\. Nothing you typed is lost\./);
    await settled(page);
    expect(await textIn(page)).toBe(kTyped);
    await expectTruth(page);
    expect(await page.$('[data-retry]')).toBeNull();
    await page.focus('textarea');
    await page.keyboard.type(' and');
    await settled(page);
    expect(await messageOn(page)).toBe('');
    await expectTruth(page);
    expect(complaints).toEqual([]);
  });

  test('that loses the second model leaves the first one usable', async () => {
    const there = await host({ missing: builtAs('models/tiny-bert/model.safetensors') });
    const { page, complaints } = await open(there.url + fragment(kPlace));
    await settled(page);
    await page.click('[data-model="tiny-bert"]');
    await expectMessage(page, /[A-Z][\w’ ]+\. Your text is kept\./);
    expect(await textIn(page)).toBe(kTyped);
    await page.click('[data-model="tiny-gpt"]');
    await settled(page);
    expect(await messageOn(page)).toBe('');
    await expectTruth(page);
    expect(complaints.filter((text) => !kBrowserSays.test(text))).toEqual([]);
  });
});

describe('a browser', () => {
  test.each<[string, () => void]>([
    ['SIMD in WebAssembly', () => Object.assign(WebAssembly, { validate: () => false })],
    ['WebAssembly', () => Reflect.deleteProperty(globalThis, 'WebAssembly')],
  ])('without %s is told so in a sentence, and the text is kept', async (_, hide) => {
    const { page, complaints } = await open((await host()).url + fragment(kPlace), {
      before: async (fresh) => {
        await fresh.evaluateOnNewDocument(hide);
      },
    });
    await expectMessage(page, /WebAssembly/);
    expect(await textIn(page)).toBe(kTyped);
    expect(complaints).toEqual([]);
  });

  test('that forbids storage still shows everything', async () => {
    const { page, complaints } = await open((await host()).url + fragment(kPlace), {
      before: async (fresh) => {
        await fresh.evaluateOnNewDocument(() => {
          for (const name of ['sessionStorage', 'localStorage'])
            Object.defineProperty(window, name, {
              get() {
                throw new DOMException('denied', 'SecurityError');
              },
            });
        });
      },
    });
    await settled(page);
    await paste(page, 'typed without storage');
    await settled(page);
    await expectTruth(page);
    expect(complaints).toEqual([]);
  });

  test('that opens the page from a file says what to do instead', async () => {
    const { page } = await open(pathToFileURL(join(kBuiltPage, 'index.html')).href);
    await expect
      .poll(() => page.evaluate(() => document.body.innerText), { timeout: 5000 })
      .toMatch(/opened it as a file.*Serve the\s+folder/s);
  });
});

describe('a worker', () => {
  test('that is killed in mid-run is replaced, and the newest text is computed', async () => {
    const { page, complaints } = await open((await host()).url + fragment(kPlace));
    await settled(page);
    expect(page.workers().length).toBeGreaterThan(0);
    // A key and the end of the worker at once.
    const killed = page.workers().map((worker) => worker.close());
    await paste(page, `${kTyped} and then`);
    await Promise.all(killed);
    await paste(page, `${kTyped} and then some`);
    await settled(page);
    expect(await textIn(page)).toBe(`${kTyped} and then some`);
    await expectTruth(page);
    expect(complaints).toEqual([]);
  });

  test('that is killed while the page rests is replaced at the next keystroke', async () => {
    const { page, complaints } = await open((await host()).url + fragment(kPlace));
    await settled(page);
    await Promise.all(page.workers().map((worker) => worker.close()));
    await paste(page, `${kTyped} twice`);
    await settled(page);
    await expectTruth(page);
    expect(complaints).toEqual([]);
  });
});

/** Asked by Chromium for itself, whatever page is open. */
const kBrowserItself = /(^|\.)(google|googleapis|gstatic|gvt1)\.com(:\d+)?$/;

/** An HTTP proxy that passes everything on to this machine and remembers who was asked. */
async function watchingProxy() {
  const asked: string[] = [];
  const proxy = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const url = new URL(incoming.url ?? '/');
    asked.push(url.host);
    if (!/^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)) return outgoing.writeHead(502).end();
    const passed = request(
      {
        host: url.hostname,
        port: url.port,
        path: url.pathname + url.search,
        method: incoming.method,
        headers: incoming.headers,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => outgoing.destroy());
    return incoming.pipe(passed);
  });
  proxy.on('connect', (incoming, socket) => {
    asked.push(incoming.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  return {
    asked,
    port: (proxy.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        proxy.closeAllConnections();
        proxy.close(() => resolve());
      }),
  };
}
