// npm run bench:train: how quickly the shipped recipes learn in the browser that this machine has, and what typing costs
// while one does.
//
//   npm run bench:train                                 every recipe, three seeds each
//   npm run bench:train -- --recipes induction --seeds 5
//   npm run bench:train -- --typing                     only the typing
//
//   steps, seconds   until so many of 512 held-out examples are right: 90 % (induction) or 98 % (dates, translation).
//                    Looked at every 20 steps; seconds are those of training alone
//   heads            the best head's mean weight on the token before, and on what the task aligns
//   a keystroke      from a key to the snapshot of everything in sight at 64 tokens, in an engine beside the training, in
//                    turns without and with it; the ratio is of the medians

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { ensureBrowser, kBrowserArgs } from '../../build-scripts/browser.mjs';
import { buildPackage } from '../../build-scripts/build.mjs';
import { isMain, main, Sentence, say } from '../../build-scripts/console.mjs';
import { serve } from '../../build-scripts/serve.mjs';
import { root } from '../../build-scripts/toolchain.mjs';
import { table } from './report.mjs';
import { quantile } from './statistics.mjs';

const kGoals = { induction: 0.9, dates: 0.98, translation: 0.98 };
const kEvery = 20;
const kTyping = { rounds: 6, keys: 12, pause: 40 };

/** { recipes, seeds, typing, training }; throws a Sentence that names what it does not understand. */
export function parseTrainArguments(args) {
  const options = { recipes: Object.keys(kGoals), seeds: 3, typing: true, training: true };
  for (let i = 0; i < args.length; i++) {
    const [name, attached] = args[i].split(/=(.*)/s);
    const value = () => attached ?? args[++i] ?? '';
    if (name === '--recipes') {
      options.recipes = value().split(',');
      options.typing = false;
      const unknown = options.recipes.find((recipe) => !Object.hasOwn(kGoals, recipe));
      if (unknown !== undefined)
        throw new Sentence(`There is no recipe "${unknown}": ${Object.keys(kGoals).join(', ')}.`);
    } else if (name === '--seeds') {
      const given = value();
      options.seeds = Number(given);
      if (!Number.isInteger(options.seeds) || options.seeds < 1)
        throw new Sentence(`--seeds is "${given}"; a number from 1 is needed.`);
    } else if (name === '--typing') options.training = false;
    else throw new Sentence(`There is no option "${args[i]}": --recipes, --seeds, --typing.`);
  }
  return options;
}

/** A folder to serve, made of links: the package and what measures it. */
function makeSite() {
  const site = path.join(root, 'build/bench/train-site');
  fs.rmSync(site, { recursive: true, force: true });
  fs.mkdirSync(site, { recursive: true });
  fs.symlinkSync(path.join(root, 'dist'), path.join(site, 'dist'));
  fs.symlinkSync(path.join(root, 'tests/bench/measure'), path.join(site, 'measure'));
  fs.writeFileSync(
    path.join(site, 'index.html'),
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">\n' +
      '<script type="module" src="/measure/train-in-browser.mjs"></script>\n',
  );
  return site;
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

async function measureRecipe(page, recipe, seeds) {
  const goal = kGoals[recipe];
  const rows = [
    [`${recipe} to ${percent(goal)}`, 'steps', 'seconds', 'ms a step', 'right', 'before', 'aligned', 'MB'],
  ];
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await page.evaluate((asked) => globalThis.trainTo(asked), {
      recipe,
      seed,
      goal,
      every: kEvery,
    });
    rows.push([
      `  seed ${seed}${result.reached ? '' : ', not reached'}`,
      String(result.taken),
      result.seconds.toFixed(2),
      ((1000 * result.seconds) / result.taken).toFixed(2),
      percent(result.score),
      result.previous.toFixed(2),
      result.alignment.toFixed(2),
      (result.live / 1e6).toFixed(1),
    ]);
  }
  return table(rows);
}

async function measureTyping(page) {
  const times = await page.evaluate((asked) => globalThis.typeBeside(asked), {
    recipe: 'induction',
    ...kTyping,
  });
  const [alone, beside] = times.map((all) => ({ median: quantile(all, 0.5), high: quantile(all, 0.95) }));
  const line = (name, { median, high }) => [`  ${name}`, median.toFixed(2), high.toFixed(2)];
  return table([
    ['a keystroke of tiny-gpt', 'median ms', '95 % ms'],
    line('alone', alone),
    line('beside a training', beside),
    ['  ratio', (beside.median / alone.median).toFixed(2), (beside.high / alone.high).toFixed(2)],
  ]);
}

async function benchmark(args) {
  const { recipes, seeds, typing, training } = parseTrainArguments(args);
  await buildPackage();
  const server = await serve({ dir: makeSite() });
  const browser = await puppeteer.launch({
    executablePath: await ensureBrowser(),
    args: kBrowserArgs,
    protocolTimeout: 0,
  });
  try {
    say(`${os.cpus()[0].model}, ${os.availableParallelism()} cores, ${await browser.version()}\n`);
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.trainTo !== undefined);
    if (training) for (const recipe of recipes) say(`${await measureRecipe(page, recipe, seeds)}\n`);
    if (typing) say(await measureTyping(page));
  } finally {
    await browser.close();
    await server.close();
  }
}

if (isMain(import.meta.url)) main(benchmark);
