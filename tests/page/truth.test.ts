// Every number that the page shows, and the colours of its cells, against the float64 reference: to the digits shown.
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../build-scripts/serve.mjs';
import { softmax } from '../reference/math.ts';
import { forward, type HeadChange, type Recording, rowArithmetic } from '../reference/model.ts';
import { ranked } from '../reference/sampling.ts';
import { encode, type ShippedModel, shippedCheckpoint } from '../reference/shipped.ts';
import {
  canvasColours,
  go,
  nearestStep,
  type Place,
  pixels,
  type Reading,
  readings,
  scaleColours,
} from './desk.ts';
import { kBuiltPage } from './host.ts';
import { complaintAbout } from './shown.ts';
import { launchBrowser, type Theme, type Visitor, visit } from './stage.ts';

/** As tests/truth: of the largest magnitude of what is compared. */
const kTolerance = 1e-4;

interface View {
  model: ShippedModel;
  text: string;
  /** From 0, unlike the address. */
  layer: number;
  head: number;
  row: number;
  column: number;
  temperature?: number;
  changes?: readonly HeadChange[];
}

const kViews: readonly View[] = [
  {
    model: 'tiny-gpt',
    text: 'The old man gave his daughter a book, and she thanked him',
    layer: 0,
    head: 2,
    row: 12,
    column: 10,
  },
  {
    model: 'tiny-gpt',
    text: 'The old man gave his daughter a book, and she thanked him',
    layer: 3,
    head: 5,
    row: 4,
    column: 9,
  },
  {
    model: 'tiny-gpt',
    text: 'In the beginning, 1851 whales & a ship — naïve café!',
    layer: 2,
    head: 0,
    row: 8,
    column: 0,
    temperature: 0.6,
  },
  {
    model: 'tiny-gpt',
    text: 'She said that she would not go there again',
    layer: 1,
    head: 3,
    row: 6,
    column: 5,
    changes: [
      { layer: 0, head: 1, gate: 0 },
      { layer: 1, head: 3, gate: 0.5, temperature: 2.5 },
    ],
  },
  {
    model: 'tiny-bert',
    text: 'the king said to his [MASK] , go to the land',
    layer: 0,
    head: 1,
    row: 6,
    column: 7,
  },
  {
    model: 'tiny-bert',
    text: 'the king said to his [MASK] , go to the land',
    layer: 3,
    head: 4,
    row: 0,
    column: 12,
  },
  {
    model: 'tiny-bert',
    text: 'Unbelievably, the PRESIDENT was there',
    layer: 1,
    head: 0,
    row: 3,
    column: 3,
    temperature: 1.7,
  },
  {
    model: 'tiny-bert',
    text: 'and the [MASK] of the sea',
    layer: 2,
    head: 2,
    row: 3,
    column: 1,
    changes: [{ layer: 2, head: 2, gate: 1.5, temperature: 0.4 }],
  },
];

function placeOf(view: View, more: Place = {}): Place {
  return {
    model: view.model,
    text: view.text,
    layer: view.layer + 1,
    head: view.head + 1,
    row: view.row + 1,
    column: view.column + 1,
    tables: 'yes',
    ...(view.temperature === undefined ? {} : { temperature: view.temperature }),
    ...(view.changes === undefined
      ? {}
      : {
          changes: view.changes
            .map((c) => `${c.layer + 1}.${c.head + 1}*${c.gate ?? 1}@${c.temperature ?? 1}`)
            .join(','),
        }),
    ...more,
  };
}

function recordingOf(view: View): Recording {
  return forward(shippedCheckpoint(view.model), encode(view.model, view.text), view.changes);
}

/** What is wrong with a number on the page: its digits, or the full value that it carries. */
function complaints(at: string, reading: Reading | undefined, value: number, magnitude: number): string[] {
  if (!reading) return [`${at}: not on the page`];
  const found: string[] = [];
  const complaint =
    reading.text === 'hidden' ? undefined : complaintAbout(reading.text, value, kTolerance * magnitude);
  if (complaint) found.push(`${at}: ${complaint}`);
  if (!Object.is(reading.value, value) && !(Math.abs(reading.value - value) <= kTolerance * magnitude))
    found.push(`${at}: carries ${reading.value}, but it is ${value}`);
  return found;
}

const largest = (values: Iterable<number>) =>
  Array.from(values).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );

describe('the numbers on the page are those of the reference', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await serve({ dir: kBuiltPage });
    browser = await launchBrowser();
    visitor = await visit(browser, server.url);
  });
  afterAll(async () => {
    expect(visitor.complaints).toEqual([]);
    await browser.close();
    await server.close();
  });

  describe.each(kViews)('$model, layer $layer, head $head: $text', (view) => {
    const checkpoint = shippedCheckpoint(view.model);
    let recording: Recording;
    let n: number;
    beforeAll(async () => {
      recording = recordingOf(view);
      n = recording.ids.length;
      await go(visitor.page, placeOf(view));
    });

    test('the table of the matrix', async () => {
      const { weight, masked } = recording.scores[view.layer]![view.head]!;
      const cells = await readings(visitor.page, '[data-matrix-table="weight"] td');
      expect(cells.length).toBe(n * n);
      const found = cells.flatMap((cell, i) => {
        expect([Number(cell.data.row), Number(cell.data.column)]).toEqual([Math.floor(i / n), i % n]);
        const isHidden = masked[i] === Number.NEGATIVE_INFINITY;
        expect(cell.text === 'hidden').toBe(isHidden);
        return complaints(`cell ${i}`, cell, weight[i]!, 1);
      });
      expect(found).toEqual([]);
    });

    test('the arithmetic of the chosen cell, step by step and component by component', async () => {
      const at = { layer: view.layer, head: view.head, token: view.row };
      const gate = view.changes?.find((c) => c.layer === view.layer && c.head === view.head)?.gate ?? 1;
      const row = rowArithmetic(checkpoint, recording, { ...at, gate });
      const steps = new Map(
        (await readings(visitor.page, '[data-step]')).map((step) => [step.data.step, step]),
      );
      const j = view.column;
      const found = [
        ...complaints('dot', steps.get('dot'), row.dot[j]!, largest(row.dot)),
        ...complaints('scaled', steps.get('scaled'), row.scaled[j]!, largest(row.scaled)),
        ...complaints('exponent', steps.get('exponent'), row.exponent[j]!, 1),
        ...complaints('weight', steps.get('weight'), row.weight[j]!, 1),
      ];
      const [total] = await readings(visitor.page, '[data-stage-line="weight"] dt');
      if (!(Math.abs(total!.value - row.total) <= kTolerance * row.total))
        found.push(`total: carries ${total!.value}, but it is ${row.total}`);
      const [tip] = await readings(visitor.page, '.matrix-tip');
      found.push(...complaints('the cell pointed at', { ...tip!, text: 'hidden' }, row.weight[j]!, 1));
      const masked = steps.get('masked')!;
      const isHidden = row.masked[j] === Number.NEGATIVE_INFINITY;
      if (checkpoint.family === 'gpt2') expect(masked.text).toBe(isHidden ? 'hidden' : 'yes');
      if (!isHidden)
        expect(Math.abs(masked.value - row.masked[j]!)).toBeLessThan(kTolerance * largest(row.masked));

      const dim = checkpoint.headDim;
      const vectors: Record<string, Float64Array> = {
        q: row.q,
        k: row.k.subarray(j * dim, (j + 1) * dim),
        products: row.products.subarray(j * dim, (j + 1) * dim),
        v: row.v.subarray(j * dim, (j + 1) * dim),
        weighted: row.weighted.subarray(j * dim, (j + 1) * dim),
        out: row.out,
      };
      const components = await readings(visitor.page, '[data-arithmetic-table] td');
      expect(components.length).toBe(6 * dim);
      for (const component of components) {
        const name = component.data.vector ?? '';
        const all = vectors[name]!;
        const i = Number(component.data.component);
        found.push(
          ...complaints(`${name} ${i}`, component, all[i]!, largest(name === 'weighted' ? row.v : all)),
        );
      }
      expect(found).toEqual([]);
    });

    test('the words of the row: scores and shares, in the order of their shares', async () => {
      const row = rowArithmetic(checkpoint, recording, {
        layer: view.layer,
        head: view.head,
        token: view.row,
      });
      const lines = await visitor.page.$$eval('[data-keys] tbody tr', (nodes) =>
        nodes.map((node) => {
          const read = (selector: string) => {
            const cell = node.querySelector<HTMLElement>(selector)!;
            return { text: cell.textContent ?? '', carried: cell.dataset.value };
          };
          return {
            column: Number((node as HTMLElement).dataset.column),
            score: read('.score'),
            share: read('.share'),
          };
        }),
      );
      expect(lines.length).toBe(n);
      const reading = ({ text, carried }: { text: string; carried: string | undefined }) => ({
        text,
        value: Number(carried),
        data: {},
      });
      const found = lines.flatMap(({ column, score, share }) => [
        ...complaints(`score of ${column}`, reading(score), row.masked[column]!, largest(row.masked)),
        ...complaints(`share of ${column}`, reading(share), row.weight[column]!, 1),
        ...[score, share]
          .filter(({ text }) => (text === 'hidden') !== (row.masked[column] === Number.NEGATIVE_INFINITY))
          .map(({ text }) => `${column}: ${text}`),
      ]);
      expect(found).toEqual([]);
      lines.slice(1).forEach(({ column }, i) => {
        expect(row.weight[column]!).toBeLessThanOrEqual(row.weight[lines[i]!.column]! + kTolerance);
      });
    });

    test('the light on the words, and the sentence about them', async () => {
      const { weight } = recording.scores[view.layer]![view.head]!;
      const lit = await visitor.page.$$eval(
        '[data-words] [data-weight], [data-added] [data-weight]',
        (nodes) =>
          nodes.map((node) => ({
            tokens: (node as HTMLElement).dataset.token!.split(' ').map(Number),
            weight: Number((node as HTMLElement).dataset.weight),
          })),
      );
      const tokens = lit.flatMap(({ tokens }) => tokens).sort((a, b) => a - b);
      expect(tokens).toEqual(Array.from({ length: n }, (_, i) => i));
      for (const { tokens, weight: shown } of lit) {
        const expected = Math.max(...tokens.map((token) => weight[view.row * n + token]!));
        expect(Math.abs(shown - expected)).toBeLessThan(kTolerance);
      }
      const sentence = await visitor.page.$eval('#say', (node) => node.textContent ?? '');
      const shares = sentence.match(/[<>]?[\s\u202f]*[\d.]+[\s\u202f]%/g) ?? [];
      const cell = weight[view.row * n + view.column]!;
      const isHidden =
        recording.scores[view.layer]![view.head]!.masked[view.row * n + view.column] === -Infinity;
      if (isHidden) expect(sentence).toContain('cannot see');
      else expect(complaintAbout(shares[0] ?? 'nothing', cell, kTolerance)).toBe(undefined);
      expect(sentence).toContain(`ayer ${view.layer + 1}, head ${view.head + 1}`);
    });

    test('the predictions: the right tokens in the right order with their shares', async () => {
      const shown = await visitor.page.$eval('[data-predictions]', (list) => ({
        token: Number((list as HTMLElement).dataset.token),
        items: Array.from(list.querySelectorAll<HTMLElement>('button'), (button) => {
          const number = button.querySelector<HTMLElement>('.number')!;
          return {
            id: Number(button.dataset.id),
            logit: Number(button.dataset.logit),
            share: { text: number.textContent ?? '', value: Number(number.dataset.value), data: {} },
          };
        }),
      }));
      expect(shown.token).toBe(view.row);
      const start = shown.token * checkpoint.vocabulary;
      const logits = recording.logits.subarray(start, start + checkpoint.vocabulary);
      const shares = softmax(logits.map((logit) => logit / (view.temperature ?? 1)));
      const best = ranked(logits).slice(0, shown.items.length);
      expect(shown.items.length).toBeGreaterThanOrEqual(5);
      // Two candidates nearer to each other than the tolerance may stand either way around.
      shown.items.forEach(({ id }, i) => {
        if (id !== best[i])
          expect(Math.abs(logits[id]! - logits[best[i]!]!)).toBeLessThan(kTolerance * largest(logits));
      });
      const found = shown.items.flatMap(({ id, share }) =>
        complaints(`share of ${id}`, share, shares[id]!, 1),
      );
      for (const { id, logit } of shown.items)
        expect(Math.abs(logit - logits[id]!)).toBeLessThan(kTolerance * largest(logits));
      expect(found).toEqual([]);
    });
  });
});

describe.each<Theme>(['dark', 'light'])('the colours in the %s theme', (theme) => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await serve({ dir: kBuiltPage });
    browser = await launchBrowser(['--force-color-profile=srgb']);
    visitor = await visit(browser, server.url, { theme, height: 1600 });
  });
  afterAll(async () => {
    expect(visitor.complaints).toEqual([]);
    await browser.close();
    await server.close();
  });

  /** The cells' centres on the screen and the scale that the colour bar shows. */
  async function look() {
    const { page } = visitor;
    await page.$eval('[data-matrix]', (canvas) => canvas.scrollIntoView({ block: 'center' }));
    const frame = await page.$eval('.matrix-frame', (node) => {
      const { left, top } = node.querySelector('canvas')!.getBoundingClientRect();
      const data = (node as HTMLElement).dataset;
      return {
        left: left + Number(data.left),
        top: top + Number(data.top),
        cell: Number(data.cell),
        count: Number(data.count),
        stage: data.stage,
      };
    });
    const bar = await page.$eval('.colour-bar', (node) => {
      const { low, high, stage } = (node as HTMLElement).dataset;
      return { low: Number(low), high: Number(high), stage };
    });
    const scale = await scaleColours(page);
    expect(new Set(scale.map(String)).size).toBe(scale.length); // no colour stands for two values
    const centre = (index: number) => Math.floor((index + 0.45) * frame.cell);
    const points = Array.from({ length: frame.count ** 2 }, (_, i) => {
      const [row, column] = [Math.floor(i / frame.count), i % frame.count];
      return [frame.left + centre(column), frame.top + centre(row)] as const;
    });
    return { frame, bar, scale, painted: await pixels(page, points) };
  }

  test.each(kViews.filter((view) => !view.changes))(
    'of $model, layer $layer, head $head give the weights back',
    async (view) => {
      await go(visitor.page, placeOf(view, { tables: 'no' }));
      const { frame, bar, scale, painted } = await look();
      const recording = recordingOf(view);
      const { weight, masked } = recording.scores[view.layer]![view.head]!;
      expect(frame.count).toBe(recording.ids.length);
      expect([frame.stage, bar.stage]).toEqual(['weight', 'weight']);
      const step = (bar.high - bar.low) / (scale.length - 1);
      painted.forEach((colour, i) => {
        if (masked[i] === Number.NEGATIVE_INFINITY) return; // hatched: see below
        const nearest = nearestStep(scale, colour);
        expect(nearest.distance).toBeLessThan(2.5); // it is a colour of the scale
        expect(Math.abs(bar.low + nearest.step * step - weight[i]!)).toBeLessThanOrEqual(
          step * 1.001 + kTolerance,
        );
      });
    },
  );

  test('of scores, in the middle of the story, give the scores back', async () => {
    const view = kViews.find(({ model }) => model === 'tiny-bert')!;
    await go(visitor.page, placeOf(view, { tables: 'no', t: 0.48 }));
    const { frame, bar, scale, painted } = await look();
    expect([frame.stage, bar.stage]).toEqual(['scaled', 'scaled']);
    const { scaled } = recordingOf(view).scores[view.layer]![view.head]!;
    const step = (bar.high - bar.low) / (scale.length - 1);
    painted.forEach((colour, i) => {
      const nearest = nearestStep(scale, colour);
      expect(nearest.distance).toBeLessThan(2.5);
      expect(Math.abs(bar.low + nearest.step * step - scaled[i]!)).toBeLessThanOrEqual(step * 1.001 + 1e-3);
    });
  });

  test('of the small pictures of all heads give their weights back', async () => {
    const view = kViews[0]!;
    await go(visitor.page, placeOf(view, { tables: 'no' }));
    const recording = recordingOf(view);
    const n = recording.ids.length;
    // These pictures have no colour bar of their own: they use the matrix's colours, from 0 to 1.
    const scale = await scaleColours(visitor.page);
    const step = 1 / (scale.length - 1);
    for (const [layer, head] of [
      [0, 0],
      [2, 3],
      [3, 5],
    ] as const) {
      const cells = await canvasColours(
        visitor.page,
        `.head[data-layer="${layer + 1}"][data-head="${head + 1}"] canvas`,
        Array.from({ length: n * n }, (_, i) => [(i % n) / n, Math.floor(i / n) / n]),
      );
      cells.forEach((colour, i) => {
        const nearest = nearestStep(scale, colour);
        expect(nearest.distance).toBeLessThan(2.5);
        const weight = recording.scores[layer]![head]!.weight[i]!;
        expect(Math.abs(nearest.step * step - weight)).toBeLessThanOrEqual(step * 1.001 + kTolerance);
      });
    }
  });

  test('a hidden cell does not look like a weight of zero', async () => {
    const view = kViews[0]!;
    await go(visitor.page, placeOf(view, { tables: 'no' }));
    const { frame } = await look();
    const at = (row: number, column: number, dx: number) =>
      [frame.left + column * frame.cell + dx, frame.top + row * frame.cell + frame.cell * 0.4] as const;
    const width = Array.from({ length: Math.floor(frame.cell * 0.8) }, (_, dx) => dx);
    const hatched = await pixels(
      visitor.page,
      width.map((dx) => at(2, 9, dx)),
    );
    const plain = await pixels(
      visitor.page,
      width.map((dx) => at(9, 2, dx + 1)),
    );
    expect(new Set(hatched.map(String)).size).toBeGreaterThan(1);
    expect(new Set(plain.slice(2, -3).map(String)).size).toBe(1);
  });
});

describe('a page shown wrongly', () => {
  test('would be noticed: digits that differ from the value are complained about', () => {
    expect(complaintAbout('44\u202f%', 0.4449, 0)).toBe(undefined);
    expect(complaintAbout('44\u202f%', 0.4451, 0)).toContain('stands for');
    expect(complaintAbout('\u22121.20', -1.2049, 0)).toBe(undefined);
    expect(complaintAbout('\u22121.20', 1.2, 0)).toContain('stands for');
    expect(complaintAbout('<\u202f0.01\u202f%', 0.00002, 0)).toBe(undefined);
    expect(complaintAbout('<\u202f0.01\u202f%', 0.0002, 0)).toContain('stands for');
    expect(complaintAbout('4.56e\u22127', 4.564e-7, 0)).toBe(undefined);
    expect(complaintAbout('1,234', 1234.4, 0)).toBe(undefined);
    expect(() => complaintAbout('…', 0, 0)).toThrow();
  });
});
