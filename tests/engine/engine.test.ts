// What engines, models and runs do when all goes well, in the calling thread and in a worker.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, Model, Progress, TokenRef } from '../../web/engine/types.ts';
import { referenceAttention } from '../reference/attention.ts';
import { filesOf, kLongText, kModelsFolder, kPlaces, kSentence, request, start } from './engines.ts';

describe.each(kPlaces)('an engine (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  let gpt: Model;
  let bert: Model;
  beforeAll(async () => {
    engine = await start({ worker });
    [gpt, bert] = await Promise.all([engine.loadModel('tiny-gpt'), engine.loadModel('tiny-bert')]);
  });
  afterAll(() => engine.dispose());

  describe('attention on typed arrays', () => {
    test('leaves the arrays that it was given as they were', async () => {
      const given = request();
      const copies = [given.q.slice(), given.k.slice(), given.v.slice()];
      await engine.attention(given);
      expect([given.q, given.k, given.v]).toEqual(copies);
    });

    test.each(['qLength', 'kvLength', 'headDim'] as const)(
      'finds the shape from the lengths and %s',
      async (name) => {
        const { q, k, v, heads } = request();
        const known = { qLength: 3, kvLength: 5, headDim: 4 };
        const { out, lse } = await engine.attention({ q, k, v, heads, [name]: known[name] });
        expect([out.length, lse.length]).toEqual([24, 6]);
      },
    );

    test('puts the output where it is told, the same bits as without', async () => {
      const expected = await engine.attention(request());
      const into = new Float32Array(24).fill(7);
      const result = await engine.attention({ ...request(), into });
      expect(result.out).toBe(into);
      expect(result).toEqual(expected);
    });

    test.each(['seq-first', 'heads-first'] as const)(
      'a past before the keys is as good as keys in one piece, and is given back as one (%s)',
      async (layout) => {
        const whole = request();
        const { k, v } = whole as { k: Float32Array; v: Float32Array };
        const shape = { ...whole, layout, headDim: 4, qLength: 3, causal: true };
        // 5 tokens of 2 heads of 4 numbers; the first 2 of each batch or head are the past.
        const pick = (array: Float32Array, wanted: (token: number) => boolean) =>
          array.filter((_, i) => wanted(layout === 'seq-first' ? Math.floor(i / 8) : Math.floor(i / 4) % 5));
        const parts = (wanted: (token: number) => boolean) => ({ k: pick(k, wanted), v: pick(v, wanted) });
        const expected = await engine.attention(shape);
        const split = { ...shape, ...parts((token) => token >= 2), past: parts((token) => token < 2) };
        const { present, ...result } = await engine.attention({ ...split, present: true });
        expect(result).toEqual(expected);
        expect(present).toEqual({ k, v });
      },
    );

    test('takes f16 as its bits, and as Float16Array where there is one', async () => {
      const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff); // 1, -2, 2^-24, 65504
      const numbers = Float32Array.of(1, -2, 2 ** -24, 65504);
      const ones = Float32Array.of(1, 1, 1, 1);
      const of = (v: Float32Array | Uint16Array) =>
        engine.attention({ q: ones, k: ones, v, heads: 4, headDim: 1, qLength: 1 });
      expect((await of(halves)).out).toEqual(numbers);
      expect((await of(Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0))).out).toEqual(
        Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0),
      );
      const { Float16Array: Kind } = globalThis as unknown as {
        Float16Array?: { from(numbers: Float32Array): Uint16Array };
      };
      if (Kind) expect((await of(Kind.from(numbers))).out).toEqual(numbers);
    });

    test('one query, one key, one number need no shape', async () => {
      const one = Float32Array.of(2);
      expect((await engine.attention({ q: one, k: one, v: one, heads: 1 })).out).toEqual(one);
    });

    test('explains weights with the kept log-sum-exp and without, to the same bits', async () => {
      const given = request({ causal: true, pastLength: 2 });
      const { lse } = await engine.attention(given);
      const at = { head: 1, rows: [1, 3] as [number, number] };
      const kept = await engine.explain({ ...given, lse, stage: 'weight', at });
      expect(await engine.explain({ ...given, stage: 'weight', at })).toEqual(kept);
      expect(kept.length).toBe(10);
    });

    test('pools a rectangle to fewer cells, and never to more than there are', async () => {
      const given = request();
      const cells = (rows: number, cols: number) =>
        engine.explain({ ...given, stage: 'weight', at: { head: 0 }, pooled: { rows, cols } });
      expect((await cells(1, 1)).length).toBe(1);
      expect((await cells(1, 1))[0]).toBeCloseTo(1 / 5, 6); // the mean of rows that each sum to one
      expect((await cells(99, 99)).length).toBe(15);
    });

    test('rows that see a NaN become NaN, and no bit of the others changes', async () => {
      const clean = request({ causal: true, pastLength: 0, qLength: 5, q: request().k });
      const { out } = await engine.attention(clean);
      for (const name of ['k', 'v'] as const) {
        const poisoned = clean[name].slice();
        poisoned[3 * 8] = Number.NaN; // key 3, head 0, number 0: seen from query 3 on
        const { out: answer } = await engine.attention({ ...clean, [name]: poisoned });
        expect(answer.subarray(0, 3 * 8)).toEqual(out.subarray(0, 3 * 8));
        for (const row of [3, 4]) {
          expect(answer[row * 8]).toBeNaN();
          expect(answer.subarray(row * 8 + 4, row * 8 + 8)).toEqual(out.subarray(row * 8 + 4, row * 8 + 8));
        }
      }
      const asks = clean.q.slice();
      asks[8] = Number.NaN; // query 1, head 0
      const { out: answer } = await engine.attention({ ...clean, q: asks });
      expect(answer.subarray(8, 12).every(Number.isNaN)).toBe(true);
      expect([...answer.subarray(0, 8), ...answer.subarray(12)]).toEqual([
        ...out.subarray(0, 8),
        ...out.subarray(12),
      ]);
    });

    test('a large problem is computed in slices with the same result as by the formula', async () => {
      const [heads, length, headDim] = [2, 700, 16];
      const wave = (phase: number) =>
        Float32Array.from({ length: heads * length * headDim }, (_, i) => Math.sin(7 * i + phase));
      const given = { q: wave(0), k: wave(1), v: wave(2), heads, headDim, causal: true };
      const { out } = await engine.attention(given);
      const reference = referenceAttention({
        ...given,
        ...{ batch: 1, kvHeads: heads, qLength: length, kvLength: length, valueDim: headDim },
      });
      for (let i = 0; i < out.length; i++)
        expect(Math.abs(out[i]! - reference.out[i]!)).toBeLessThanOrEqual(1e-5 * reference.absoluteOut[i]!);
    });
  });

  describe('a model', () => {
    test('says what it is', () => {
      expect(gpt.info).toMatchObject({
        name: 'tiny-gpt',
        family: 'gpt2',
        causal: true,
        layers: 4,
        heads: 6,
        headDim: 32,
      });
      expect(gpt.info).toMatchObject({
        positions: 256,
        vocabulary: 4096,
        parameters: 2615424,
        mask: undefined,
      });
      expect(bert.info).toMatchObject({
        name: 'tiny-bert',
        family: 'bert',
        causal: false,
        mask: '[MASK]',
        parameters: 2657344,
      });
    });

    test('loads from files, with the progress of its bytes', async () => {
      const seen: Progress[] = [];
      const model = await engine.loadModel(filesOf('tiny-gpt'), {
        onProgress: (progress) => seen.push(progress),
      });
      expect(model.info).toMatchObject({ family: 'gpt2', parameters: 2615424 });
      expect(seen.every(({ phase, total }) => phase === 'model' && total === 5235728)).toBe(true);
      expect(seen.at(-1)!.done).toBe(5235728);
      expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b));
      model.dispose();
    });

    test.each(['', '/'])('loads from the URL of a folder ending in "%s", over http', async (slash) => {
      const server = await serve(kModelsFolder);
      const model = await engine.loadModel(`${server.url}/tiny-bert${slash}`);
      expect(model.info).toMatchObject({ name: 'tiny-bert', parameters: 2657344 });
      model.dispose();
      server.close();
    });

    test('tokenizes as it runs', async () => {
      for (const model of [gpt, bert]) {
        const run = await model.run(kSentence);
        expect(await model.tokenize(kSentence)).toEqual(run.tokens);
        run.dispose();
      }
    });

    test('runs an empty text: GPT from the token that begins a text, BERT between its own two', async () => {
      const [first, second] = [await gpt.run(''), await bert.run('')];
      expect(first.tokens).toEqual([{ id: 0, text: '<|endoftext|>', start: 0, end: 0, special: true }]);
      expect(second.tokens.map(({ text, start, end }) => [text, start, end])).toEqual([
        ['[CLS]', 0, 0],
        ['[SEP]', 0, 0],
      ]);
      expect((await first.predict()).candidates.length).toBe(10);
      first.dispose();
      second.dispose();
    });

    test.each(['😀 👩‍👩‍👧‍👦', 'שלום עולם', '\u0000\u0007\u001b', '\ud800', '   ', '\r\n\r\n'])(
      'runs %j',
      async (text) => {
        for (const model of [gpt, bert]) {
          const run = await model.run(text);
          const weights = await run.weights({ layer: 3, head: 5, rows: [0, 1] });
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
          run.dispose();
        }
      },
    );
  });

  describe('a snapshot', () => {
    test('holds what was asked for and nothing else', async () => {
      const run = await gpt.run(kSentence);
      expect(Object.keys(await run.snapshot({})).sort()).toEqual([
        'interventions',
        'model',
        'text',
        'tokens',
      ]);
      const { matrix, overview } = await run.snapshot({ matrix: { layer: 1, head: 2, stage: 'masked' } });
      expect(overview).toBeUndefined();
      const n = run.tokens.length;
      expect([matrix!.rows, matrix!.cols, matrix!.values.length]).toEqual([n, n, n * n]);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          expect(matrix!.hidden[i * n + j]).toBe(j > i ? 1 : 0);
          expect(matrix!.values[i * n + j] === Number.NEGATIVE_INFINITY).toBe(j > i);
        }
      run.dispose();
    });

    test('averages the weights of a layer over its heads', async () => {
      for (const model of [gpt, bert]) {
        const run = await model.run(kSentence);
        const { heads } = model.info;
        const sums = new Float64Array(run.tokens.length ** 2);
        for (let head = 0; head < heads; head++)
          (await run.weights({ layer: 1, head })).forEach((weight, i) => {
            sums[i]! += weight;
          });
        (await run.weights({ layer: 1, head: 'mean' })).forEach((weight, i) => {
          expect(weight).toBeCloseTo(sums[i]! / heads, 6);
        });
        run.dispose();
      }
    });

    test('finds a token by its place in the text, before and after the tokens are known', async () => {
      const needs = (row: TokenRef, predicted: TokenRef) => ({
        row: { layer: 1, head: 0, token: row },
        predictions: { token: predicted, count: 3 },
      });
      for (const model of [gpt, bert]) {
        const places = needs({ at: kSentence.indexOf(' ') }, { at: Number.POSITIVE_INFINITY });
        const run = await model.run(kSentence, { needs: places });
        const words = [...run.tokens.keys()].filter((i) => run.tokens[i]!.start < run.tokens[i]!.end);
        const [first, last] = [words[0]!, words.at(-1)!];
        expect(run.first).toEqual(await run.snapshot(needs(first, last)));
        expect(await run.snapshot(places)).toEqual(run.first);
        await expect(run.snapshot(needs({ at: Number.NaN }, 0))).rejects.toThrow(/token\.at is NaN/);
        run.dispose();
      }
    });

    test('asked for with the run is the one that is asked for later', async () => {
      const needs = {
        matrix: { layer: 2, head: 1 },
        overview: { pixels: 8 },
        row: { layer: 2, head: 1, token: 4 },
        predictions: { token: 4, count: 3, temperature: 0.5 },
      };
      for (const model of [gpt, bert]) {
        const run = await model.run(kSentence, { needs });
        expect(run.first).toEqual(await run.snapshot(needs));
        expect(run.first!.matrix!.values).toEqual(await run.weights({ layer: 2, head: 1 }));
        expect(run.first!.row!.q).toEqual(await run.vector('blocks.2.attn.q', { token: 4, head: 1 }));
        expect(run.first!.row!.v.subarray(32, 64)).toEqual(
          await run.vector('blocks.2.attn.v', { token: 1, head: 1 }),
        );
        expect(run.first!.predictions!.candidates).toEqual(
          (await run.predict({ token: 4, count: 3, temperature: 0.5 })).candidates,
        );
        run.dispose();
      }
    });

    test('says by how much a changed head was changed', async () => {
      const run = await gpt.run(kSentence, {
        interventions: [
          { scale: { layer: 1, head: 2, by: -0.5 } },
          { temperature: { head: 2, value: 4 } },
          { silence: { layer: 3 } },
        ],
      });
      const rowOf = async (layer: number, head: number) =>
        (await run.snapshot({ row: { layer, head, token: 3 } })).row!;
      expect(await rowOf(1, 2)).toMatchObject({ gate: -0.5, temperature: 4 });
      expect(await rowOf(0, 0)).toMatchObject({ gate: 1, temperature: 1 });
      expect(await rowOf(3, 0)).toMatchObject({ gate: 0, temperature: 1 });
      expect((await rowOf(3, 0)).out.every((value) => value === 0)).toBe(true);
      run.dispose();
    });

    test('is made of arrays that can be handed on to another thread', async () => {
      const run = await gpt.run(kSentence);
      const { matrix } = await run.snapshot({ matrix: { layer: 0, head: 0 } });
      expect(matrix!.values.byteOffset).toBe(0);
      expect(matrix!.values.buffer.byteLength).toBe(matrix!.values.byteLength);
      expect(() => structuredClone(matrix!, { transfer: [matrix!.values.buffer] })).not.toThrow();
      run.dispose();
    });
  });

  describe('a run', () => {
    test('records the sites that it is told to, and says so', async () => {
      const run = await gpt.run(kSentence, { record: ['blocks.1.mlp.post'] });
      expect(await run.sites()).toContain('blocks.1.mlp.post');
      await expect(run.vector('blocks.1.mlp.pre', { token: 0 })).rejects.toMatchObject({
        code: 'not-recorded',
      });
      expect((await run.vector('blocks.1.mlp.post', { token: 0 })).length).toBe(768);
      run.dispose();
    });

    test('that takes over a prefix has the same bits as one that does not', async () => {
      const words = kSentence.split(' ');
      const texts = words.map((_, i) => words.slice(0, i + 1).join(' '));
      const fresh = await engine.loadModel('tiny-gpt'); // a model of its own has nothing to take over
      for (const text of texts) (await gpt.run(text)).dispose();
      const taken = await gpt.run(`${kSentence} again`);
      const full = await fresh.run(`${kSentence} again`);
      expect([taken.reused, full.reused]).toEqual([full.tokens.length - 1, 0]);
      for (const site of await full.sites())
        for (const token of [0, full.tokens.length - 1])
          expect(await taken.vector(site, { token }), site).toEqual(await full.vector(site, { token }));
      expect(await taken.weights({ layer: 3, head: 0 })).toEqual(await full.weights({ layer: 3, head: 0 }));
      expect(await taken.logits()).toEqual(await full.logits());
      fresh.dispose();
      taken.dispose();
    });

    test('takes nothing over from a run with other interventions, nor in a model that reads to both sides', async () => {
      (await gpt.run(kSentence)).dispose();
      expect((await gpt.run(kSentence, { interventions: [{ silence: { layer: 0 } }] })).reused).toBe(0);
      (await bert.run(kSentence)).dispose();
      expect((await bert.run(kSentence)).reused).toBe(0);
    });

    test('tells how far it has come', async () => {
      const shares: number[] = [];
      const run = await bert.run(kLongText, {
        overflow: 'window',
        onProgress: ({ done }) => shares.push(done),
      });
      expect(shares.at(-1)).toBe(1);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      run.dispose();
    });
  });

  describe('a text that is too long', () => {
    test('is refused with its length and the limit', async () => {
      await expect(gpt.run(kLongText)).rejects.toMatchObject({
        code: 'text-too-long',
        message: expect.stringMatching(/the text has \d{3} tokens; tiny-gpt takes 256/),
      });
    });

    test.each([0, 700, undefined])('runs as the window around the caret at %s', async (caret) => {
      for (const model of [gpt, bert]) {
        const at = caret ?? kLongText.length;
        const run = await model.run(kLongText, {
          overflow: 'window',
          ...(caret === undefined ? {} : { caret }),
        });
        const { start, end, totalTokens, limit } = run.window!;
        expect(limit).toBe(256);
        expect(totalTokens).toBe((await model.tokenize(kLongText)).length);
        expect(run.tokens.length).toBeLessThanOrEqual(256);
        expect(run.tokens.length).toBeGreaterThan(256 - 33);
        expect(start).toBeLessThanOrEqual(at);
        expect(end).toBeGreaterThanOrEqual(Math.min(at, kLongText.trimEnd().length));
        expect(run.tokens[0]!.start).toBe(start);
        expect(run.tokens.at(-1)!.end).toBe(end);
        const inside = run.tokens.filter(({ special }) => !special);
        const whole = (await model.tokenize(kLongText)).filter(({ special }) => !special);
        const first = whole.findIndex((token) => token.start === start);
        expect(inside).toEqual(whole.slice(first, first + inside.length));
        run.dispose();
      }
    });

    test('keeps its window while one types on, so that what was computed is taken over', async () => {
      const first = await gpt.run(kLongText, { overflow: 'window' });
      const second = await gpt.run(`${kLongText}old`, { overflow: 'window' });
      expect(second.reused).toBeGreaterThan(200);
      first.dispose();
      second.dispose();
    });

    test('of 100,000 characters is tokenized and run', async () => {
      for (const text of ['word '.repeat(20_000), 'a'.repeat(100_000), '😀'.repeat(50_000)]) {
        const run = await gpt.run(text, { overflow: 'window' });
        expect(run.window!.end).toBe(text.length);
        run.dispose();
        (await bert.run(text, { overflow: 'window' })).dispose();
      }
    });
  });

  describe('generation', () => {
    test('grows one run, whose snapshot comes with each step', async () => {
      const needs = { predictions: { token: 0, count: 1 } };
      let tokens = (await gpt.tokenize(kSentence)).length;
      const runs = new Set<unknown>();
      for await (const { token, text, run } of gpt.generate(kSentence, { maxTokens: 5, needs })) {
        tokens += 1;
        expect([run.tokens.length, run.text]).toEqual([tokens, text]);
        expect(run.tokens.at(-1)).toEqual(token);
        expect(text.slice(token.start, token.end)).toBe(token.text);
        expect(run.first!.tokens).toEqual(run.tokens);
        expect((await run.snapshot({ matrix: { layer: 0, head: 0 } })).matrix!.rows).toBe(tokens);
        runs.add(run);
      }
      expect(runs.size).toBe(1);
    });

    test('lets go of its run at the end, unless it is kept', async () => {
      for (const keep of [false, true]) {
        let last: Awaited<ReturnType<Model['run']>> | undefined;
        for await (const { run } of gpt.generate('It was', { maxTokens: 2 })) {
          last = run;
          if (keep) run.keep();
        }
        if (keep) expect((await last!.logits()).length).toBe(4096);
        else await expect(last!.logits()).rejects.toMatchObject({ code: 'disposed' });
        last!.dispose();
      }
    });

    test('goes no further than the context', async () => {
      const text = (await gpt.run(kLongText, { overflow: 'window' })).window!;
      const prompt = kLongText.slice(0, text.end - text.start - 20);
      let length = 0;
      for await (const { run } of gpt.generate(prompt, { temperature: 1, seed: 5 }))
        length = run.tokens.length;
      expect(length).toBeLessThanOrEqual(256);
      expect(length).toBeGreaterThan(0);
    });

    test('begins from nothing', async () => {
      let text = '';
      for await (const step of gpt.generate('', { maxTokens: 4 })) text = step.text;
      expect(text.length).toBeGreaterThan(0);
    });

    test('stops at once when the loop is left or the signal fires', async () => {
      for await (const _ of gpt.generate('It was')) break;
      const controller = new AbortController();
      let steps = 0;
      const loop = async () => {
        for await (const _ of gpt.generate('It was', { signal: controller.signal }))
          if (++steps === 3) controller.abort();
      };
      await expect(loop()).rejects.toMatchObject({ code: 'aborted' });
      expect(steps).toBe(3);
    });

    test('is refused by a model that fills in blanks', async () => {
      const first = bert.generate('It was')[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringContaining('tiny-bert'),
      });
    });
  });
});

async function serve(folder: string): Promise<{ url: string; close(): void }> {
  const server: Server = createServer(sirv(folder, { dev: true }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
