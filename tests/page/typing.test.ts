// Typing: quick, long, strange, interrupted. What was typed is never lost, and what is shown is of the newest text.
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serve } from '../../build-scripts/serve.mjs';
import { forward } from '../reference/model.ts';
import { encode, kProse, type ShippedModel, shippedCheckpoint, textOfLength } from '../reference/shipped.ts';
import { expectMessage, fragment, go, kText, messageOn, paste, readings, settled, textIn } from './desk.ts';
import { kBuiltPage } from './host.ts';
import { launchBrowser, leave, type Visitor, visit } from './stage.ts';

let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let visitor: Visitor;
let page: Page;
beforeAll(async () => {
  server = await serve({ dir: kBuiltPage });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
beforeEach(async () => {
  visitor = await visit(browser, server.url);
  page = visitor.page;
});
afterEach(async () => {
  const { complaints } = visitor;
  await leave(visitor);
  expect(complaints).toEqual([]);
});

/** Holds the whole matrix on the page against the reference's, for the text in the box. */
async function expectTruth(model: ShippedModel, text: string, layer: number, head: number): Promise<void> {
  const { weight } = forward(shippedCheckpoint(model), encode(model, text)).scores[layer]![head]!;
  const cells = await readings(page, '[data-matrix-table="weight"] td');
  expect(cells.length).toBe(weight.length);
  const worst = cells.reduce((most, { value }, i) => Math.max(most, Math.abs(value - weight[i]!)), 0);
  expect(worst).toBeLessThan(1e-4);
}

describe('typing', () => {
  test.each<ShippedModel>(['tiny-gpt', 'tiny-bert'])(
    'fifty keystrokes in half a second start far fewer than fifty runs of %s and end on the newest text',
    async (model) => {
      // Long enough that a run takes longer than the time between two keys.
      const start = textOfLength(model, model === 'tiny-gpt' ? 200 : 180);
      await go(page, { model, text: start, layer: 3, head: 3, tables: 'no' });
      await page.focus(kText);
      // In the middle, so that little can be taken over from the run before.
      const middle = start.indexOf(' ', 40);
      await page.$eval(
        kText,
        (node, at) => (node as HTMLTextAreaElement).setSelectionRange(at as number, at as number),
        middle,
      );
      const typed = ' a quick hand types fifty letters in half a second';
      expect(typed.length).toBe(50);
      const counts = await page.evaluate(
        async (letters) => {
          performance.clearMarks();
          const start = performance.now();
          for (const [i, letter] of letters.entries()) {
            // Ten milliseconds apart by the clock: a page that is busy finds the keys waiting.
            const wait = start + 10 * i - performance.now();
            if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
            document.execCommand('insertText', false, letter);
          }
          const inputs = performance.getEntriesByName('limelight:input');
          return { keys: inputs.length, time: inputs.at(-1)!.startTime - inputs[0]!.startTime };
        },
        [...typed],
      );
      expect(counts.keys).toBe(50);
      await settled(page);
      // A run that has started is always drawn when it ends; one that was overtaken while it waited never starts.
      const runs = await page.evaluate(() => performance.getEntriesByName('limelight:drawn').length);
      console.info(`note: ${model}: 50 keystrokes in ${counts.time.toFixed(0)} ms started ${runs} runs`);
      expect(runs).toBeLessThan(30);
      const text = start.slice(0, middle) + typed + start.slice(middle);
      expect(await textIn(page)).toBe(text);
      await page.click('[data-tables-toggle]');
      await settled(page);
      await expectTruth(model, text, 2, 2);
    },
  );

  test('100,000 pasted characters are kept; the page says what it reads and shows that part truly', async () => {
    await go(page, { model: 'tiny-gpt', text: 'short', layer: 1, head: 1, tables: 'no' });
    const long = kProse.repeat(80).slice(0, 100_000);
    await paste(page, long);
    await expectMessage(page, /256/);
    await settled(page);
    expect(await textIn(page)).toBe(long);
    const { count, part } = await page.$eval('main', (main) => {
      const pieces = Array.from(main.querySelector('.mirror')?.childNodes ?? []);
      const lit = pieces.map((piece) => piece instanceof HTMLElement && piece.dataset.token !== undefined);
      return {
        count: Number(main.querySelector<HTMLElement>('.matrix-frame')?.dataset.count),
        part: pieces
          .slice(lit.indexOf(true), lit.lastIndexOf(true) + 1)
          .map((piece) => piece.textContent)
          .join(''),
      };
    });
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThanOrEqual(256);
    // The space before the part may belong to its first token.
    const ids = [part, ` ${part}`]
      .map((text) => encode('tiny-gpt', text))
      .find((found) => found.length === count);
    expect(ids).toBeDefined();
    const row = await readings(page, '[data-keys] .share');
    const { weight } = forward(shippedCheckpoint('tiny-gpt'), ids!).scores[0]![0]!;
    const shares = Array.from(weight.subarray(-count)).sort((a, b) => b - a);
    expect(row.length).toBe(count);
    row.forEach(({ value }, i) => {
      expect(Math.abs(value - shares[i]!)).toBeLessThan(1e-4);
    });
    // Back to something short: the notice goes and the figures are of the short text.
    await paste(page, 'short again');
    await expect.poll(() => messageOn(page), { timeout: 10_000 }).toBe('');
    await settled(page);
  });

  test.each<[string, string]>([
    ['emoji and their joiners', 'a 👩‍👩‍👧‍👦 family 🇫🇷 and 1️⃣ thing'],
    ['right-to-left text', 'שלום עולם and مرحبا بالعالم'],
    ['control characters', 'a\u0000b\u0007c\u001bd\u200be\ufefff'],
    ['a lone surrogate', 'half \ud83d of it'],
    ['combining accents', 'e\u0301a\u0300 Zalgo z\u0334\u0335\u0336'],
    ['line breaks and tabs', 'one\ntwo\n\n\tthree  '],
    ['markup', '<img src=x onerror=alert(1)> <b>&amp;</b>'],
  ])('%s are typed, kept and computed', async (_, text) => {
    for (const model of ['tiny-gpt', 'tiny-bert'] as const) {
      await go(page, { model, text: 'x', layer: 1, head: 1, tables: 'yes' });
      await paste(page, text);
      await settled(page);
      expect(await textIn(page)).toBe(text);
      await expectTruth(model, text, 0, 0);
      expect(await page.$('main img')).toBe(null);
    }
  });

  test('an empty text is not an error, and the next word brings the figures back', async () => {
    await go(page, { model: 'tiny-gpt', text: 'word', layer: 1, head: 1, tables: 'yes' });
    await paste(page, '');
    await page.waitForFunction(() => document.querySelector('main')?.dataset.drawn?.startsWith('0:'));
    expect(await messageOn(page)).toBe('');
    await paste(page, 'The old man');
    await settled(page);
    await expectTruth('tiny-gpt', 'The old man', 0, 0);
  });

  test('what was typed is there again after a reload', async () => {
    await settled(page);
    await paste(page, 'words that nobody wants to lose');
    await page.reload(); // at once: before the address is written
    await settled(page);
    expect(await textIn(page)).toBe('words that nobody wants to lose');
  });

  test('a click on a word makes it ask, a click on a prediction writes it', async () => {
    const text = 'The old man gave his daughter';
    await go(page, { model: 'tiny-gpt', text, layer: 1, head: 1, tables: 'yes' });
    const words = await page.$$('.mirror [data-token]');
    const box = (await words[2]!.boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForFunction(() => document.querySelector<HTMLElement>('#arithmetic')?.dataset.row === '2');
    await page.keyboard.press('Escape');
    await settled(page);
    const put = await page.$eval('[data-predictions] button', (node) => (node as HTMLElement).dataset.text);
    await page.click('[data-predictions] button');
    await page.waitForFunction(
      (length) => (document.querySelector<HTMLTextAreaElement>('[data-text]')?.value.length ?? 0) > length,
      {},
      text.length,
    );
    await settled(page);
    expect(await textIn(page)).toBe(text + put);
    await expectTruth('tiny-gpt', text + put, 0, 0);
  });

  test('writing on appends what the reference would write, greedily, and stops when told', async () => {
    const text = 'The old man gave his daughter';
    await go(page, { model: 'tiny-gpt', text, layer: 1, head: 1, tables: 'yes' });
    await page.click('[data-write]');
    await page.waitForFunction(
      (length) =>
        (document.querySelector<HTMLTextAreaElement>('[data-text]')?.value.length ?? 0) > length + 12,
      {},
      text.length,
    );
    await page.click('[data-write]');
    await settled(page);
    const written = await textIn(page);
    expect(written.startsWith(text)).toBe(true);
    const ids = encode('tiny-gpt', written);
    const checkpoint = shippedCheckpoint('tiny-gpt');
    const { logits } = forward(checkpoint, ids);
    for (let i = encode('tiny-gpt', text).length; i < ids.length; i++) {
      const row = logits.subarray((i - 1) * checkpoint.vocabulary, i * checkpoint.vocabulary);
      expect(row[ids[i]!]! + 1e-3).toBeGreaterThan(row.reduce((most, value) => Math.max(most, value)));
    }
    await expectTruth('tiny-gpt', written, 0, 0);
  });
});

describe('an address', () => {
  test('restores everything that was set, exactly', async () => {
    await settled(page);
    await page.click('[data-model="tiny-bert"]');
    await settled(page);
    await paste(page, 'she looked at [MASK] & the "100 %" café');
    await settled(page);
    await page.click('.head[data-layer="3"][data-head="4"]');
    await settled(page);
    await page.focus('.matrix-frame');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    await page.click('[data-silence]');
    await page.click('[data-order="position"]');
    await page.click('[data-theme-toggle]');
    await page.click('[data-tables-toggle]');
    await page.$eval('[data-time]', (node) => {
      (node as HTMLInputElement).value = '480';
      node.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.$eval('input[data-temperature]', (node) => {
      (node as HTMLInputElement).value = '0.7';
      node.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await settled(page);
    await page.waitForFunction(() => location.hash.includes('temperature'));
    await new Promise((resolve) => setTimeout(resolve, 600));

    const everything = (from: Page) =>
      from.evaluate(() => {
        const data = (selector: string) => ({ ...document.querySelector<HTMLElement>(selector)?.dataset });
        const { drawn, ...main } = data('main');
        return {
          hash: location.hash,
          text: document.querySelector<HTMLTextAreaElement>('[data-text]')?.value,
          model: document.querySelector('[data-model][aria-checked="true"]')?.getAttribute('data-model'),
          root: data('html'),
          matrix: data('.matrix-frame'),
          arithmetic: data('#arithmetic'),
          cell: data('.matrix-tip'),
          predictions: document.querySelector('[data-predictions]')?.textContent,
          keys: document.querySelector('[data-keys]')?.textContent,
          tables: document.querySelector('[data-matrix-table]')?.textContent,
          time: document.querySelector<HTMLInputElement>('[data-time]')?.value,
          said: document.querySelector('#say')?.textContent,
          main,
        };
      });
    const before = await everything(page);
    expect(before).toMatchObject({
      text: 'she looked at [MASK] & the "100 %" café',
      model: 'tiny-bert',
      time: '480',
    });
    const again = await visit(browser, server.url + before.hash);
    await settled(again.page);
    expect(await everything(again.page)).toEqual(before);
    expect(again.complaints).toEqual([]);
    await leave(again);
  });

  // What was typed is written to the address when the reader is still, and when the page is left: here between a click
  // on a link and the event that tells of it.
  test('is not overwritten while a link within the page is on its way', async () => {
    await page.evaluate(() => {
      location.hash = '#text=two%20words&layer=2';
      window.dispatchEvent(new PageTransitionEvent('pagehide'));
    });
    await page.waitForFunction(
      () => document.querySelector<HTMLTextAreaElement>('[data-text]')?.value === 'two words',
    );
    await settled(page);
    expect(await page.$eval('.matrix-frame', (node) => (node as HTMLElement).dataset.layer)).toBe('2');
    expect(await page.evaluate(() => location.hash)).toContain('two');
  });

  test.each([
    '#',
    '#text=',
    '#%',
    '#text=%E0%A4%A',
    '#layer=99&head=99',
    '#layer=0&head=-1&row=0&column=1e9',
    '#layer=abc&t=NaN&speed=Infinity&temperature=-1&theme=blue',
    '#model=no-such-model&text=hello',
    '#model=__proto__&constructor=1',
    '#changes=1.3*0@0,9.9*5@5,*,1.1*1e9@1',
    '#changes=9.9*0@1,1.1*0@1,1.7*1@2',
    '#row=500&column=500&text=two%20words',
    `#${'x'.repeat(5000)}=1`,
  ])('that makes no sense (%s) opens the page all the same', async (hash) => {
    await page.goto('about:blank');
    await page.goto(`${server.url}${hash}`);
    await page.waitForFunction(
      () => {
        const main = document.querySelector('main');
        return main?.dataset.drawn !== undefined && main.getAttribute('aria-busy') === 'false';
      },
      { timeout: 20_000 },
    );
    if (!hash.includes('text=&') && hash !== '#text=') await settled(page);
    expect(await messageOn(page)).toBe('');
  });

  test('does not hold what the reader typed where a server would see it', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto('about:blank');
    await page.goto(`${server.url}${fragment({ text: 'a secret', model: 'tiny-gpt' })}`);
    await settled(page);
    await paste(page, 'another secret');
    await settled(page);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((url) => /secret/.test(url.replace(/#.*/, '')))).toEqual([]);
  });
});
