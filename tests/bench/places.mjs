// Where the suite runs: a Node of its own, or a headless browser with a page of its own.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';
import { ensureBrowser, kBrowserArgs } from '../../build-scripts/browser.mjs';
import { findOnPath, Sentence } from '../../build-scripts/console.mjs';
import { serve } from '../../build-scripts/serve.mjs';
import { kRelaxedSimdFlags } from '../../build-scripts/setup.mjs';
import { root } from '../../build-scripts/toolchain.mjs';

const kMeasure = path.join(root, 'tests/bench/measure');
const kNodeFlags = [...kRelaxedSimdFlags, '--max-old-space-size=8192'];

function node(script, settings, onMessage) {
  return new Promise((resolve, reject) => {
    const args = [...kNodeFlags, path.join(kMeasure, script), JSON.stringify(settings)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) onMessage(JSON.parse(line));
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Sentence(`The measuring program ended with ${code}.`)),
    );
  });
}

/** A place: { name, run(settings, onMessage), cold(settings) -> seconds, close() }. */
export function inNode() {
  return {
    name: `Node ${process.version}`,
    run: (settings, onMessage) => node('in-node.mjs', settings, onMessage),
    async cold(settings) {
      let seconds;
      await node('cold-in-node.mjs', settings, ({ cold }) => {
        seconds = cold;
      });
      return seconds;
    },
    close: async () => {},
  };
}

function findFirefox(env = process.env) {
  const found = env.FIREFOX_PATH ?? findOnPath(['firefox', 'firefox-esr'], env.PATH);
  if (found) return found;
  throw new Sentence(
    'There is no Firefox on PATH: please install one, or set FIREFOX_PATH to its program file.',
  );
}

/** A folder to serve, made of links: the measuring scripts, the package, the peers, the probes. */
function makeSite({ packageFolder, peersFolder, probeFolder }) {
  const site = path.join(root, 'build/bench/site');
  fs.rmSync(site, { recursive: true, force: true });
  fs.mkdirSync(site, { recursive: true });
  const links = { measure: kMeasure, dist: packageFolder, peers: peersFolder, probes: probeFolder };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(site, name));
  fs.writeFileSync(
    path.join(site, 'index.html'),
    '<!doctype html><meta charset="utf-8"><script type="module" src="/measure/in-browser.mjs"></script>\n',
  );
  return site;
}

export async function inBrowser(kind, folders) {
  const isFirefox = kind === 'firefox';
  const server = await serve({ dir: makeSite(folders), port: 0, isolated: true });
  const launch = async () =>
    puppeteer.launch({
      ...(isFirefox ? { browser: 'firefox', executablePath: findFirefox() } : {}),
      ...(isFirefox ? {} : { executablePath: await ensureBrowser(), args: kBrowserArgs }),
      protocolTimeout: 0,
    });

  async function open(browser) {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.runBench !== undefined);
    return page;
  }

  async function run(settings, onMessage) {
    const browser = await launch();
    try {
      const page = await open(browser);
      let broken;
      page.on('error', (error) => {
        broken = error;
      });
      await page.exposeFunction('benchTell', (text) => onMessage(JSON.parse(text)));
      if (!isFirefox) {
        // The page's main thread, exactly; its compiler's and collector's threads do not count.
        const client = await page.createCDPSession();
        await client.send('Performance.enable');
        await page.exposeFunction('benchCpu', async () => {
          const { metrics } = await client.send('Performance.getMetrics');
          return metrics.find(({ name }) => name === 'ThreadTime').value;
        });
      }
      await page.evaluate((given) => globalThis.runBench(given), { ...settings, cpuClock: !isFirefox });
      if (broken) throw broken;
    } finally {
      await browser.close();
    }
  }

  /** In a browser that has never seen the page. */
  async function cold(settings) {
    const browser = await launch();
    try {
      const page = await open(browser);
      return await page.evaluate((given) => globalThis.coldBench(given), settings);
    } finally {
      await browser.close();
    }
  }

  const browser = await launch();
  const name = await browser.version();
  await browser.close();
  return { name, run, cold, close: () => server.close() };
}
