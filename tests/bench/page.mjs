// npm run bench:page: how quickly the built page answers in the browser that this machine has.
//
//   keystroke   from the input event to the drawn picture of everything in sight: worker, message and drawing, 64
//               tokens, at the end of the text and in its middle, and the frames until the one that shows the picture
//               (1: the next). A key is held as long as a person holds it, and nothing else on the page asks for
//               frames: after an event of the keyboard Chromium keeps messages back until the next frame has begun, so
//               a key let go of at once, or frames that only measure, would be measured in place of the page.
//   cold        from navigation to the first real figure, in a browser that has never seen the page
//   download    what was fetched until then, brotli
//
// The page marks its own work: limelight:input, limelight:drawn, limelight:first-figure (performance.mark).

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import puppeteer from 'puppeteer-core';
import { ensureBrowser, kBrowserArgs } from '../../build-scripts/browser.mjs';
import { buildPage } from '../../build-scripts/build.mjs';
import { isMain, main, say } from '../../build-scripts/console.mjs';
import { serve } from '../../build-scripts/serve.mjs';
import { root } from '../../build-scripts/toolchain.mjs';

const kKeystrokes = 40;
/** A key is down for about so long, in milliseconds, and this is the time between two of them. */
const kHeld = 80;
const kPause = 60;
/** Between two frames of the screen that a browser without one has. */
const kFrame = 1000 / 60;
const kColdStarts = 7;
const kModels = ['tiny-gpt', 'tiny-bert'];
// 60-odd tokens in both models' eyes, so that the insertions below happen around 64.
const kText =
  'The old man gave his daughter a book, and she thanked him for the book. He said that he had found it in the ' +
  'house of his father, where nobody had read it for a long time, and that she should keep it as long as she liked. ' +
  'She opened it and saw';
const kTyped = 'then the night came and all of them';

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   '),
    )
    .join('\n');
}

function address(url, model, text) {
  return `${url}#${new URLSearchParams({ model, text })}`;
}

/** Waits until the page has drawn what the text box holds. */
async function firstFigure(page) {
  await page.waitForFunction(() => performance.getEntriesByName('limelight:first-figure').length > 0, {
    timeout: 60_000,
  });
}

/** One key, and what it cost: milliseconds from input to drawn, and frames until the one that shows it. */
async function keystroke(page, key) {
  await page.evaluate(() => globalThis.awaitPicture());
  await page.keyboard.press(key, { delay: kHeld });
  return page.evaluate(() => globalThis.picture);
}

/** In the page: from awaitPicture() on, `picture` is what the next text costs until it is drawn and its frame begins. */
function watchPictures(frame) {
  const mark = performance.mark.bind(performance);
  let told = () => {};
  let input;
  globalThis.awaitPicture = () => {
    globalThis.picture = new Promise((resolve) => {
      told = resolve;
    });
  };
  performance.mark = (name, options) => {
    const entry = mark(name, options);
    if (name === 'limelight:input') input = entry.startTime;
    if (name === 'limelight:drawn' && input !== undefined) {
      const from = input;
      input = undefined;
      requestAnimationFrame((time) =>
        told({ work: entry.startTime - from, frames: Math.max(1, Math.ceil((time - from) / frame)) }),
      );
    }
    return entry;
  };
}

async function measureKeystrokes(browser, url, model, place) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  await page.evaluateOnNewDocument(watchPictures, kFrame);
  await page.goto(address(url, model, kText));
  await firstFigure(page);
  await page.focus('textarea');
  await page.$eval(
    'textarea',
    (area, middle) => {
      const at = middle ? area.value.indexOf(' ', area.value.length / 2) : area.value.length;
      area.setSelectionRange(at, at);
    },
    place === 'middle',
  );
  const results = [];
  for (let i = 0; i < kKeystrokes; i++) {
    results.push(await keystroke(page, kTyped[i % kTyped.length]));
    await new Promise((resolve) => setTimeout(resolve, kPause)); // out of step with the frames
  }
  await page.close();
  const warm = results.slice(5);
  return {
    median: quantile(
      warm.map(({ work }) => work),
      0.5,
    ),
    p95: quantile(
      warm.map(({ work }) => work),
      0.95,
    ),
    frames: quantile(
      warm.map(({ frames }) => frames),
      0.95,
    ),
  };
}

async function measureColdStart(executablePath, url) {
  const browser = await puppeteer.launch({ executablePath, args: kBrowserArgs });
  try {
    const page = await browser.newPage();
    const asked = new Set();
    page.on('request', (request) => asked.add(new URL(request.url()).pathname));
    await page.goto(url);
    await firstFigure(page);
    const time = await page.evaluate(
      () => performance.getEntriesByName('limelight:first-figure')[0].startTime,
    );
    return { time, asked };
  } finally {
    await browser.close();
  }
}

function downloads(asked) {
  const folder = path.join(root, 'build/page');
  const sizes = [...asked].map((name) => {
    const file = path.join(folder, name.endsWith('/') ? `${name}index.html` : name);
    return { name, bytes: zlib.brotliCompressSync(fs.readFileSync(file)).length };
  });
  return sizes.sort((a, b) => b.bytes - a.bytes);
}

async function benchmark() {
  await buildPage();
  const executablePath = await ensureBrowser();
  const server = await serve({ dir: path.join(root, 'build/page'), port: 0, isolated: true });
  try {
    say(`${os.cpus()[0].model}, ${os.availableParallelism()} cores\n`);
    const browser = await puppeteer.launch({ executablePath, args: kBrowserArgs });
    const rows = [['a keystroke at 64 tokens', 'median ms', '95 % ms', '95 % frames']];
    for (const model of kModels) {
      for (const place of ['end', 'middle']) {
        const { median, p95, frames } = await measureKeystrokes(browser, server.url, model, place);
        rows.push([`${model}, at the ${place}`, median.toFixed(1), p95.toFixed(1), String(frames)]);
      }
    }
    await browser.close();
    say(`${table(rows)}\n`);

    const starts = [];
    for (let i = 0; i < kColdStarts; i++) starts.push(await measureColdStart(executablePath, server.url));
    const times = starts.map(({ time }) => time);
    say(
      `navigation to first figure, cold: median ${quantile(times, 0.5).toFixed(0)} ms, ` +
        `slowest of ${kColdStarts} ${Math.max(...times).toFixed(0)} ms\n`,
    );

    const files = downloads(new Set(starts.flatMap(({ asked }) => [...asked])));
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
    say(
      table([
        ['downloaded before it', 'KB, brotli'],
        ...files.map(({ name, bytes }) => [name, kilobytes(bytes)]),
        ['together', kilobytes(total)],
      ]),
    );
  } finally {
    await server.close();
  }
}

if (isMain(import.meta.url)) main(benchmark);
