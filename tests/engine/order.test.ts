// In what order calls are answered: latest wins within a lane, first come first served elsewhere, and aborts are heard.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { macrotask } from '../../web/engine/platform.ts';
import { Schedule } from '../../web/engine/schedule.ts';
import type { Engine, Model } from '../../web/engine/types.ts';
import { kLongText, kPlaces, kSentence, request, start } from './engines.ts';

const settled = async (promises: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(promises)).map((result) =>
    result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code,
  );

describe('the schedule', () => {
  test('calls without a lane start at once and in order', async () => {
    const schedule = new Schedule();
    const order: number[] = [];
    const all = [1, 2, 3].map((n) => schedule.run(async () => order.push(n)));
    expect(order).toEqual([1]);
    await Promise.all(all);
    expect(order).toEqual([1, 2, 3]);
  });

  test("one executes, one waits, and a newer one takes the waiting one's place", async () => {
    const schedule = new Schedule();
    const gate = new AbortController();
    const opened = new Promise((resolve) => gate.signal.addEventListener('abort', resolve));
    const first = schedule.run(() => opened, { lane: 'a' });
    await macrotask();
    await macrotask();
    const second = schedule.run(async () => {}, { lane: 'a' });
    const other = schedule.run(async () => {}, { lane: 'b' });
    const third = schedule.run(async () => {}, { lane: 'a' });
    gate.abort();
    expect(await settled([first, second, other, third])).toEqual(['done', 'superseded', 'done', 'done']);
  });

  test('the newer one keeps the place in the queue', async () => {
    const schedule = new Schedule();
    const order: string[] = [];
    const job = (name: string) => async () => void order.push(name);
    const all = [
      schedule.run(macrotask),
      schedule.run(job('old'), { lane: 'a' }),
      schedule.run(job('plain')),
      schedule.run(job('new'), { lane: 'a' }),
    ];
    expect(await settled(all)).toEqual(['done', 'superseded', 'done', 'done']);
    expect(order).toEqual(['new', 'plain']);
  });

  test('a job that fails does not hold up the next', async () => {
    const schedule = new Schedule();
    const failing = schedule.run(() => Promise.reject({ code: 'mine' }));
    expect(await settled([failing, schedule.run(async () => {})])).toEqual(['mine', 'done']);
  });

  test('an abort takes a waiting job out, ends a running one at its next breath, and refuses one from the start', async () => {
    const schedule = new Schedule();
    const [running, waiting] = [new AbortController(), new AbortController()];
    let breaths = 0;
    const endless = schedule.run(
      async (pace) => {
        for (;;) {
          await macrotask();
          const until = performance.now() + 7;
          while (performance.now() < until);
          if (++breaths === 3) running.abort();
          await pace.breathe();
        }
      },
      { signal: running.signal },
    );
    const ran: string[] = [];
    const never = schedule.run(async () => ran.push('waiting'), { signal: waiting.signal });
    waiting.abort();
    const late = schedule.run(async () => ran.push('late'), { signal: waiting.signal });
    expect(await settled([endless, never, late])).toEqual(['aborted', 'aborted', 'aborted']);
    expect([ran, breaths]).toEqual([[], 3]);
  });
});

describe.each(kPlaces)('an engine at work (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  let bert: Model;
  beforeAll(async () => {
    engine = await start({ worker });
    bert = await engine.loadModel('tiny-bert');
  });
  afterAll(() => engine.dispose());

  test('of fifty runs in one lane few are executed, and the newest is', async () => {
    const texts = Array.from({ length: 50 }, (_, i) => `${kSentence} ${'and '.repeat(i)}`);
    const runs = texts.map((text) => bert.run(text, { lane: 'typing' }));
    const outcomes = await settled(runs);
    expect(outcomes.at(-1)).toBe('done');
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBeLessThan(5);
    expect(new Set(outcomes)).toEqual(new Set(['done', 'superseded']));
    const newest = await runs.at(-1)!;
    expect(newest.text).toBe(texts.at(-1));
  });

  test('the run that executes is finished although newer ones have come', async () => {
    let later: Promise<string[]> | undefined;
    const first = bert.run(kLongText, {
      overflow: 'window',
      lane: 'typing',
      onProgress: () => {
        later ??= settled([1, 2, 3, 4, 5].map((n) => bert.run(`${kSentence} ${n}`, { lane: 'typing' })));
      },
    });
    expect((await first).window).toBeDefined();
    expect(await later).toEqual([...Array(4).fill('superseded'), 'done']);
  });

  test('a run is aborted while it executes, and leaves nothing', async () => {
    const fresh = await start({ worker });
    const model = await fresh.loadModel('tiny-bert');
    const before = (await fresh.memory()).live;
    const controller = new AbortController();
    const shares: number[] = [];
    const run = model.run(kLongText, {
      overflow: 'window',
      signal: controller.signal,
      onProgress: ({ done }) => {
        shares.push(done);
        controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ name: 'LimelightError', code: 'aborted' });
    expect((await fresh.memory()).live).toBe(before); // its turn comes when the run has ended
    expect(shares.length).toBeGreaterThan(0);
    expect(shares.at(-1)).toBeLessThan(1);
    fresh.dispose();
  });

  test('a large attention is aborted between its slices, and leaves nothing', async () => {
    const fresh = await start({ worker });
    const large = new Float32Array(4 * 4096 * 64);
    const controller = new AbortController();
    let finished = false;
    const call = fresh.attention(
      { q: large, k: large, v: large, heads: 4, headDim: 64 },
      { signal: controller.signal },
    );
    const outcome = call.then(() => {
      finished = true;
    });
    setTimeout(() => controller.abort(), 1);
    await expect(outcome).rejects.toMatchObject({ code: 'aborted' });
    expect(finished).toBe(false);
    expect((await fresh.memory()).live).toBe(0);
    fresh.dispose();
  });

  test('a call whose signal has already fired does nothing', async () => {
    const signal = AbortSignal.abort();
    const calls = [
      bert.run(kSentence, { signal }),
      engine.attention(request(), { signal }),
      engine.explain({ ...request(), stage: 'dot', at: { head: 0 } }, { signal }),
      engine.loadModel('tiny-gpt', { signal }),
      bert.run(kSentence).then((run) => run.snapshot({}, { signal })),
    ];
    expect(await settled(calls)).toEqual(Array(calls.length).fill('aborted'));
  });

  test('a model is aborted while it loads, and leaves nothing', async () => {
    const fresh = await start({ worker });
    const controller = new AbortController();
    const model = fresh.loadModel('tiny-gpt', {
      signal: controller.signal,
      onProgress: ({ done }) => done > 1_000_000 && controller.abort(),
    });
    await expect(model).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(async () => (await fresh.memory()).live).toBe(0);
    fresh.dispose();
  });

  test('typing goes on while another model loads', async () => {
    const order: string[] = [];
    const loading = engine.loadModel('tiny-gpt', {
      onProgress: ({ done }) => {
        if (done < 600_000 && order.length === 0) {
          order.push('asked');
          void bert.run(kSentence).then((run) => {
            order.push('ran');
            run.dispose();
          });
        }
      },
    });
    const model = await loading.finally(() => order.push('loaded'));
    expect(order).toEqual(['asked', 'ran', 'loaded']);
    model.dispose();
  });
});
