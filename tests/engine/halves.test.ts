// The two halves of an engine, models and arrays: each is fetched when it is first needed and not before; one that is
// missing leaves the other as it is.
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine, EngineOptions } from '../../web/engine/types.ts';
import { kDist, kPlaces, kSentence, request, start } from './engines.ts';

const kModels = '/limelight-simd.wasm';
const kArrays = '/limelight-arrays-simd.wasm';

describe.each(kPlaces)('an engine (worker: $worker)', ({ worker }) => {
  let server: Server;
  let url: string;
  /** Files that were asked for, in order. */
  let asked: string[];
  /** What answers instead of the files. */
  let instead: { [path: string]: RequestListener };
  let engine: Engine;
  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      const path = incoming.url ?? '';
      asked.push(path);
      if (instead[path]) return instead[path](incoming, outgoing);
      outgoing.writeHead(200, { 'content-type': 'application/wasm' });
      outgoing.end(readFileSync(new URL(path.slice(1), kDist)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    instead = {};
  });
  afterEach(() => engine.dispose());
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const begin = async (options: EngineOptions = {}): Promise<void> => {
    engine = await start({ worker, wasmUrl: url, ...options });
  };
  const attend = async (): Promise<number> => (await engine.attention(request())).out.length;
  const tokens = async (): Promise<number> => {
    const model = await engine.loadModel('tiny-gpt');
    return (await model.run(kSentence)).tokens.length;
  };

  test('fetches the half for arrays with the first call on arrays, and once', async () => {
    await begin();
    expect(await tokens()).toBeGreaterThan(10);
    expect(asked).toEqual([kModels]);
    const numbers = new Float32Array(4);
    const [out, turned] = await Promise.all([
      attend(),
      engine.rotate({ x: numbers, heads: 1, headDim: 4, table: await table() }),
    ]);
    expect([out, turned.length]).toEqual([24, 4]);
    expect(asked).toEqual([kModels, kArrays]);
  });
  const table = () => engine.rotaryTable({ positions: 1, rotaryDim: 4 });

  test.each<[string, () => Promise<unknown>]>([
    ['explain', () => engine.explain({ ...request(), stage: 'weight', at: { head: 0 } })],
    ['margins', () => engine.margins({ ...request(), at: { head: 0 } })],
    ['attentionGradient', () => engine.attentionGradient({ ...request(), dOut: new Float32Array(24) })],
    ['linearAttention', () => engine.linearAttention({ ...arrays(), heads: 1, headDim: 4 })],
    ['rotaryTable', () => table()],
    ['measure', () => engine.measure('fused', { tokens: 2, heads: 1, headDim: 4 })],
    ['keyValueCache', () => engine.keyValueCache({ heads: 1, headDim: 4 })],
  ])('%s may be the first call', async (_name, call) => {
    await begin();
    await call();
    expect(asked).toEqual([kModels, kArrays]);
  });
  const arrays = () => ({ q: new Float32Array(8), k: new Float32Array(8), v: new Float32Array(8) });

  test('with preload: "arrays" never fetches the half for models, until one is loaded', async () => {
    await begin({ preload: 'arrays' });
    expect(await attend()).toBe(24);
    const cache = await engine.keyValueCache({ heads: 1, headDim: 4 });
    cache.dispose();
    expect(asked).toEqual([kArrays]);
    expect(await tokens()).toBeGreaterThan(10);
    expect(asked).toEqual([kArrays, kModels]);
  });

  test('says with both halves how much memory it holds', async () => {
    await begin();
    const { wasm } = await engine.memory();
    const cache = await engine.keyValueCache({ heads: 1, headDim: 64, capacity: 1024 });
    const both = await engine.memory();
    expect(both.wasm).toBe(2 * wasm);
    expect(both.live).toBeGreaterThanOrEqual(2 * 4 * 1024 * 64);
    await engine.loadModel('tiny-gpt');
    expect((await engine.memory()).live).toBeGreaterThan(both.live + 2 ** 20);
    cache.dispose();
  });

  test.each<[string, RegExp, RequestListener]>([
    ['missing', /limelight-arrays-simd\.wasm: answered 404/, (_, to) => to.writeHead(404).end()],
    [
      'a web page',
      /limelight-arrays-simd\.wasm: is not WebAssembly/,
      (_, to) => to.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
    ],
    [
      'cut off',
      /limelight-arrays-simd\.wasm: /,
      (_, to) => {
        const bytes = readFileSync(new URL(kArrays.slice(1), kDist)).subarray(0, 999);
        to.writeHead(200, { 'content-type': 'application/wasm' }).end(bytes);
      },
    ],
  ])(
    'whose half for arrays is %s says so by its address, and runs models',
    async (_name, message, answer) => {
      await begin();
      instead[kArrays] = answer;
      for (let i = 0; i < 2; i++) {
        await expect(attend()).rejects.toMatchObject({
          name: 'LimelightError',
          code: 'load-failed',
          message: expect.stringMatching(message),
        });
        await expect(engine.keyValueCache({ heads: 1, headDim: 4 })).rejects.toMatchObject({
          code: 'load-failed',
        });
        expect(await tokens()).toBeGreaterThan(10);
      }
      instead = {};
      expect(await attend()).toBe(24); // once it is there
    },
  );

  test('whose half for models is missing says so by its address, and computes on arrays', async () => {
    await begin({ preload: 'arrays' });
    instead[kModels] = (_, to) => to.writeHead(404).end();
    await expect(tokens()).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining(`${kModels}: answered 404`),
    });
    expect(await attend()).toBe(24);
    instead = {};
    expect(await tokens()).toBeGreaterThan(10);
  });

  describe('while the half for arrays is fetched', () => {
    let release: () => void;
    beforeEach(async () => {
      await begin();
      instead[kArrays] = (_, to) => {
        release = () =>
          to
            .writeHead(200, { 'content-type': 'application/wasm' })
            .end(readFileSync(new URL(kArrays.slice(1), kDist)));
      };
    });
    const fetching = () => expect.poll(() => asked).toContain(kArrays);

    test('runs models', async () => {
      const waiting = attend();
      await fetching();
      expect(await tokens()).toBeGreaterThan(10);
      release();
      expect(await waiting).toBe(24);
    });

    test('ends a call that is aborted, and no other', async () => {
      const controller = new AbortController();
      const one = engine.attention(request(), { signal: controller.signal });
      const other = attend();
      await fetching();
      controller.abort();
      await expect(one).rejects.toMatchObject({ code: 'aborted' });
      release();
      expect(await other).toBe(24);
      expect(asked).toEqual([kModels, kArrays]);
    });

    test('is disposed of with the calls that wait', async () => {
      const waiting = attend();
      await fetching();
      engine.dispose();
      await expect(waiting).rejects.toMatchObject({ code: 'disposed' });
    });
  });
});

test('a worker that was lost comes back with the half for models, and with the other when it is asked for', async () => {
  const threads = process.getBuiltinModule('node:worker_threads');
  const original = threads.Worker;
  const alive: Worker[] = [];
  threads.Worker = class extends original {
    constructor(...given: ConstructorParameters<typeof original>) {
      super(...given);
      alive.push(this);
    }
  };
  const engine = await start({ worker: true });
  try {
    const model = await engine.loadModel('tiny-gpt');
    const before = await engine.attention(request());
    const both = (await engine.memory()).wasm;
    await alive.at(-1)!.terminate();
    expect((await model.run(kSentence)).tokens.length).toBeGreaterThan(10);
    expect((await engine.memory()).wasm).toBeLessThan(both);
    expect(await engine.attention(request())).toEqual(before);
    expect((await engine.memory()).wasm).toBe(both);
    expect(alive.length).toBe(2);
  } finally {
    engine.dispose();
    threads.Worker = original;
  }
});
