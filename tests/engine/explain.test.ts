// engine.explain and engine.margins: pictures of any head or of the mean of several, made in slices that can be ended.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, ExplainRequest, Margins } from '../../web/engine/types.ts';
import { referenceAttention } from '../reference/attention.ts';
import { kPlaces, request, start } from './engines.ts';

/** What request() asks for, in float64: weights [heads][3][5]. */
function weightsOfRequest(): number[][][] {
  const { q, k, v } = request();
  const answer = referenceAttention({
    ...{ q, k, v, batch: 1, heads: 2, kvHeads: 2, qLength: 3, kvLength: 5, headDim: 4, valueDim: 4 },
    ...{ causal: true, pastLength: 1, headsFirst: false },
  });
  const row = (head: number, i: number) =>
    Array.from({ length: 5 }, (_, j) => answer.weight[(head * 3 + i) * 5 + j] as number);
  return [0, 1].map((head) => [0, 1, 2].map((i) => row(head, i)));
}

const kSeen = { causal: true, pastLength: 1 } as const;
const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, x) => sum + x, 0);
function expectClose(actual: Iterable<number>, expected: readonly number[]): void {
  const numbers = [...actual];
  expect(numbers.length).toBe(expected.length);
  numbers.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i]!, 5);
  });
}

describe.each(kPlaces)('an engine that explains (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start({ worker });
  });
  afterAll(() => engine.dispose());

  test('needs no values, and gives the same cells with them', async () => {
    const { v: _, ...without } = request(kSeen);
    const ask = { stage: 'weight', at: { head: 1 } } as const;
    const cells = await engine.explain({ ...without, ...ask });
    expect(cells).toEqual(await engine.explain({ ...request(kSeen), ...ask }));
    expectClose(cells, weightsOfRequest()[1]!.flat());
  });

  test('averages over all heads, or over those that are listed', async () => {
    const ask = (head: ExplainRequest['at']['head']) =>
      engine.explain({ ...request(kSeen), stage: 'weight', at: { head, rows: [1, 3] } });
    const [first, second] = weightsOfRequest().map((head) => head.slice(1).flat());
    const mean = first!.map((weight, i) => (weight + second![i]!) / 2);
    expectClose(await ask('mean'), mean);
    expectClose(await ask([0, 1]), mean);
    expect(await ask([1])).toEqual(await ask(1));
  });

  test('sums rows and columns of a rectangle, beside its cells', async () => {
    const at = { head: 0, rows: [0, 3], cols: [1, 4] } as const;
    const { cells, rowSums, colSums, colMeans }: Margins = await engine.margins({ ...request(kSeen), at });
    expect(cells).toEqual(await engine.explain({ ...request(kSeen), stage: 'weight', at }));
    const expected = weightsOfRequest()[0]!.map((row) => row.slice(1, 4));
    const received = [0, 1, 2].map((j) => total(expected.map((row) => row[j]!)));
    expectClose(rowSums, expected.map(total));
    expectClose(colSums, received);
    expectClose(colMeans, [received[0]! / 3, received[1]! / 2, received[2]!]); // key j is seen from row j - 1 on
  });

  test('pools sums as it pools cells', async () => {
    const ask = { ...request(kSeen), at: { head: 0 }, pooled: { rows: 1, cols: 2 } };
    const { cells, rowSums, colSums } = await engine.margins(ask);
    expectClose(rowSums, [1]);
    const columns = (await engine.margins({ ...request(kSeen), at: { head: 0 } })).colSums;
    expectClose(colSums, [total(columns.slice(0, 3)) / 3, total(columns.slice(3)) / 2]);
    expectClose(cells, [colSums[0]! / 3, colSums[1]! / 3]);
  });

  test('samples cells that it also gives when it is asked for all', async () => {
    const given = request(kSeen);
    const all = await engine.explain({ ...given, stage: 'masked', at: { head: 1 } });
    const pooled = { rows: 1, cols: 5, pool: 'sample' } as const;
    const middle = await engine.explain({ ...given, stage: 'masked', at: { head: 1 }, pooled });
    expect(middle).toEqual(all.slice(5, 10));
  });

  test('is ended in the middle of a long rectangle, and leaves nothing', async () => {
    const fresh = await start({ worker });
    const long = Float32Array.from({ length: 4096 * 64 }, (_, i) => Math.sin(i));
    const controller = new AbortController();
    const shares: number[] = [];
    const outcome = fresh.explain(
      {
        q: long,
        k: long,
        heads: 1,
        headDim: 64,
        stage: 'weight',
        at: { head: 0 },
        pooled: { rows: 8, cols: 8 },
      },
      {
        signal: controller.signal,
        onProgress: ({ phase, done }) => {
          expect(phase).toBe('explain');
          shares.push(done);
          controller.abort();
        },
      },
    );
    await expect(outcome).rejects.toMatchObject({ code: 'aborted' });
    expect((await fresh.memory()).live).toBe(0);
    expect(shares.length).toBeGreaterThan(0);
    expect(shares.at(-1)).toBeLessThan(1);
    fresh.dispose();
  });

  test('tells how far it has come', async () => {
    const fresh = await start({ worker });
    const long = Float32Array.from({ length: 1024 * 64 }, (_, i) => Math.sin(i));
    const shares: number[] = [];
    const cells = await fresh.explain(
      {
        q: long,
        k: long,
        heads: 1,
        headDim: 64,
        stage: 'weight',
        at: { head: 0 },
        pooled: { rows: 1, cols: 1 },
      },
      { onProgress: ({ done }) => shares.push(done) },
    );
    expect(cells[0]).toBeCloseTo(1 / 1024, 8); // rows of weights sum to one
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.length).toBeGreaterThan(2);
    expect(shares.at(-1)).toBe(1);
    fresh.dispose();
  });
});
