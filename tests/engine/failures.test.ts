// Bad input, broken files, missing files, dead workers: each with the code that it is answered with.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kRelaxedSimdFlags } from '../../build-scripts/setup.mjs';
import { LimelightError } from '../../dist/index.js';
import type {
  AttentionRequest,
  Engine,
  ErrorCode,
  ExplainRequest,
  Model,
  Run,
} from '../../web/engine/types.ts';
import { modelFolder } from '../reference/shipped.ts';
import { filesOf, kDist, kLongText, kPlaces, kSentence, request, start, weightsOf } from './engines.ts';

type Bad = [name: string, code: ErrorCode, message: RegExp];

describe.each(kPlaces)('bad input (worker: $worker)', ({ worker }) => {
  let engine: Engine;
  let gpt: Model;
  let bert: Model;
  let run: Run;
  beforeAll(async () => {
    engine = await start({ worker });
    gpt = await engine.loadModel('tiny-gpt');
    bert = await engine.loadModel('tiny-bert');
    run = await gpt.run(kSentence);
  });
  afterAll(() => engine.dispose());

  /** Refused with that code and message, by a LimelightError; and the engine then does what it did before. */
  async function refused(call: () => Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
    const error = await call().then(
      () => expect.fail('it was not refused'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LimelightError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((await engine.attention(request())).out.length).toBe(24);
  }

  const wrong = (value: unknown): never => value as never;
  const attention: [...Bad, Partial<AttentionRequest>][] = [
    [
      'q as Float64Array',
      'invalid-value',
      /q is a Float64Array; a Float32Array/,
      { q: wrong(new Float64Array(24)) },
    ],
    ['k as an array', 'invalid-value', /k is a Array/, { k: wrong([1, 2]) }],
    ['v left out', 'invalid-value', /v is a Undefined/, { v: wrong(undefined) }],
    ['a q that is too short', 'invalid-shape', /23/, { q: new Float32Array(23) }],
    ['a k that does not divide', 'invalid-shape', /kvLength would be/, { k: new Float32Array(33) }],
    ['a v that does not divide', 'invalid-shape', /valueDim would be/, { v: new Float32Array(39) }],
    [
      'sizes that contradict each other',
      'invalid-shape',
      /q has 24 numbers; its shape needs 48/,
      { headDim: 8, kvLength: 5 },
    ],
    ['no size at all', 'invalid-shape', /say qLength, kvLength or headDim/, { qLength: wrong(undefined) }],
    ['no heads', 'invalid-shape', /heads is 0/, { heads: 0 }],
    ['heads that are no integer', 'invalid-shape', /heads is 1\.5/, { heads: 1.5 }],
    ['heads as text', 'invalid-shape', /heads is "2"/, { heads: wrong('2') }],
    [
      'heads that kvHeads do not divide',
      'invalid-shape',
      /heads/,
      { kvHeads: 4, k: new Float32Array(80), v: new Float32Array(80) },
    ],
    ['a scale of NaN', 'invalid-value', /scale is NaN/, { scale: Number.NaN }],
    ['an infinite scale', 'invalid-value', /scale is Infinity/, { scale: Number.POSITIVE_INFINITY }],
    ['a temperature of 0', 'invalid-value', /temperature/, { temperature: Float32Array.of(1, 0) }],
    ['a temperature of NaN', 'invalid-value', /temperature/, { temperature: Float32Array.of(Number.NaN, 1) }],
    [
      'one temperature for two heads',
      'invalid-shape',
      /temperature has 1 numbers/,
      { temperature: Float32Array.of(1) },
    ],
    ['an infinite gate', 'invalid-value', /gate/, { gate: Float32Array.of(1, Number.NEGATIVE_INFINITY) }],
    ['key lengths beyond the keys', 'invalid-value', /key/, { keyLengths: Int32Array.of(6) }],
    ['negative key lengths', 'invalid-value', /key/, { keyLengths: Int32Array.of(-1) }],
    [
      'key lengths as floats',
      'invalid-value',
      /keyLengths is a Float32Array/,
      { keyLengths: wrong(Float32Array.of(3)) },
    ],
    ['a negative past', 'invalid-shape', /pastLength is -1/, { causal: true, pastLength: -1 }],
    ['a past without causal', 'invalid-option', /past/, { pastLength: 1 }],
    [
      'a past and pasts',
      'invalid-option',
      /past_lens/,
      { causal: true, pastLength: 1, pastLengths: Int32Array.of(1) },
    ],
    ['two pasts for one batch', 'invalid-shape', /pastLengths has 2/, { pastLengths: Int32Array.of(1, 2) }],
    ['a soft cap of 0', 'invalid-value', /softcap is 0/, { softcap: 0 }],
    ['a soft cap of NaN', 'invalid-value', /softcap is NaN/, { softcap: Number.NaN }],
    [
      'a window by another name',
      'invalid-option',
      /window has no "before"/,
      { window: wrong({ before: 1 }) },
    ],
    ['a negative window', 'invalid-value', /window\.left is -1/, { window: { left: -1 } }],
    ['a mask without its shape', 'invalid-option', /mask has no "0"/, { mask: wrong(new Uint8Array(15)) }],
    [
      'a mask as floats',
      'invalid-value',
      /mask\.data is a Float32Array/,
      { mask: wrong({ data: new Float32Array(15), shape: [3, 5] }) },
    ],
    [
      'a mask of another length',
      'invalid-shape',
      /mask\.data has 14 numbers; its shape needs 15/,
      { mask: { data: new Uint8Array(14), shape: [3, 5] } },
    ],
    [
      'a mask for other rows',
      'invalid-shape',
      /mask\.shape is \[2, 5\]/,
      { mask: { data: new Uint8Array(10), shape: [2, 5] } },
    ],
    [
      'a mask longer than the keys',
      'invalid-shape',
      /mask/,
      { mask: { data: new Uint8Array(18), shape: [3, 6] } },
    ],
    [
      'a bias of five sizes',
      'invalid-shape',
      /bias\.shape has to be 1 to 4/,
      { bias: { data: new Float32Array(15), shape: [1, 1, 1, 3, 5] } },
    ],
    ['one slope for two heads', 'invalid-shape', /alibi has 1/, { alibi: Float32Array.of(1) }],
    ['a slope of NaN', 'invalid-value', /alibi/, { alibi: Float32Array.of(1, Number.NaN) }],
    ['an even relative bias', 'invalid-shape', /relative_bias has 4/, { relativeBias: new Float32Array(4) }],
    ['an infinite sink', 'invalid-value', /sinks/, { sinks: Float32Array.of(1, Number.POSITIVE_INFINITY) }],
    ['an edge that is not there', 'invalid-value', /key is 5 of 5/, { edges: [{ row: 0, key: 5 }] }],
    ['an edge of half a row', 'invalid-value', /edges\[0\]\.row is 0\.5/, { edges: [{ row: 0.5, key: 1 }] }],
    [
      'an edge twice',
      'invalid-value',
      /both row 1, key 2/,
      {
        edges: [
          { row: 1, key: 2 },
          { row: 1, key: 2, head: 1 },
        ],
      },
    ],
    [
      'edges that weigh too much',
      'invalid-value',
      /pinned to 1\.2/,
      {
        edges: [
          { row: 1, key: 2, weight: 0.6 },
          { row: 1, key: 3, weight: 0.6 },
        ],
      },
    ],
    [
      'a past that does not divide',
      'invalid-shape',
      /past\.k has 9 numbers/,
      { past: { k: new Float32Array(9), v: new Float32Array(8) } },
    ],
    [
      'a past of unequal halves',
      'invalid-shape',
      /past\.v has 16 numbers; its shape needs 8/,
      { past: { k: new Float32Array(8), v: new Float32Array(16) } },
    ],
    ['a place of another length', 'invalid-shape', /into has 23/, { into: new Float32Array(23) }],
    ['a layout that does not exist', 'invalid-option', /layout is "columns"/, { layout: wrong('columns') }],
    ['an option that does not exist', 'invalid-option', /"casual"/, wrong({ casual: true })],
  ];
  test.each(attention)('attention refuses %s', async (_name, code, message, changes) => {
    await refused(() => engine.attention(request(changes)), code, message);
  });

  const explanations: [...Bad, Partial<ExplainRequest>][] = [
    ['a stage that does not exist', 'invalid-option', /stage is "softmax"/, { stage: wrong('softmax') }],
    [
      'a head that does not exist',
      'invalid-shape',
      /at\.head is 2; it has to be one of 0 to 1/,
      { at: { head: 2 } },
    ],
    ['a mean over no heads', 'invalid-shape', /at\.head is empty/, { at: { head: [] } }],
    ['a mean over a head too many', 'invalid-shape', /at\.head is 2;/, { at: { head: [0, 2] } }],
    ['heads by another name', 'invalid-shape', /at\.head is "all"/, { at: { head: wrong('all') } }],
    ['rows beyond the queries', 'invalid-shape', /at\.rows is \[0, 4\]/, { at: { head: 0, rows: [0, 4] } }],
    ['columns that end before they begin', 'invalid-shape', /at\.cols/, { at: { head: 0, cols: [3, 2] } }],
    ['a log-sum-exp of another length', 'invalid-shape', /lse has 5/, { lse: new Float32Array(5) }],
    [
      'a pool that does not exist',
      'invalid-option',
      /pool/,
      { pooled: { rows: 1, cols: 1, pool: wrong('sum') } },
    ],
    ['no display cells', 'invalid-shape', /pooled\.rows is 0/, { pooled: { rows: 0, cols: 1 } }],
  ];
  test.each(explanations)('explain refuses %s', async (_name, code, message, changes) => {
    await refused(
      () => engine.explain({ ...request(), stage: 'weight', at: { head: 0 }, ...changes }),
      code,
      message,
    );
  });

  test('margins are refused a stage: they are sums of weights', async () => {
    await refused(
      () => engine.margins(wrong({ ...request(), at: { head: 0 }, stage: 'dot' })),
      'invalid-option',
      /"stage"/,
    );
  });
  test('margins of samples are refused', async () => {
    await refused(
      () => engine.margins({ ...request(), at: { head: 0 }, pooled: { rows: 1, cols: 1, pool: 'sample' } }),
      'invalid-option',
      /every cell/,
    );
  });

  const runs: [...Bad, () => Promise<unknown>][] = [
    ['a text that is none', 'invalid-value', /text is 7/, () => gpt.run(wrong(7))],
    ['a text that is too long', 'text-too-long', /256/, () => gpt.run(kLongText)],
    [
      'an option that does not exist',
      'invalid-option',
      /"recrod"/,
      () => gpt.run('a', wrong({ recrod: [] })),
    ],
    [
      'an intervention that does not exist',
      'invalid-option',
      /"mute"/,
      () => gpt.run('a', { interventions: [wrong({ mute: {} })] }),
    ],
    [
      'an intervention with a misspelt member',
      'invalid-option',
      /"haed"/,
      () => gpt.run('a', { interventions: [wrong({ silence: { haed: 1 } })] }),
    ],
    [
      'a head of an intervention that does not exist',
      'invalid-option',
      /0 to 5/,
      () => gpt.run('a', { interventions: [{ silence: { head: 6 } }] }),
    ],
    [
      'a scale of NaN',
      'invalid-option',
      /"by"/,
      () => gpt.run('a', { interventions: [{ scale: { by: Number.NaN } }] }),
    ],
    [
      'a temperature of 0',
      'invalid-value',
      /above 0/,
      () => gpt.run('a', { interventions: [{ temperature: { value: 0 } }] }),
    ],
    [
      'a site to record that does not exist',
      'unknown-site',
      /blocks\.9/,
      () => gpt.run('a', { record: ['blocks.9.*'] }),
    ],
    [
      'a way to overflow that does not exist',
      'invalid-option',
      /overflow is "cut"/,
      () => gpt.run('a', { overflow: wrong('cut') }),
    ],
    [
      'a caret before the text',
      'invalid-value',
      /caret is -1/,
      () => gpt.run(kLongText, { overflow: 'window', caret: -1 }),
    ],
    [
      'needs that do not exist',
      'invalid-option',
      /"matrx"/,
      () => gpt.run('a', { needs: wrong({ matrx: {} }) }),
    ],
    [
      'a layer that does not exist',
      'invalid-shape',
      /layer is 4; it has to be one of 0 to 3/,
      () => run.weights({ layer: 4, head: 0 }),
    ],
    [
      'a head that does not exist',
      'invalid-shape',
      /head is -1/,
      () => run.snapshot({ matrix: { layer: 0, head: -1 } }),
    ],
    [
      'a token that does not exist',
      'invalid-shape',
      /token is 99/,
      () => run.snapshot({ row: { layer: 0, head: 0, token: 99 } }),
    ],
    [
      'rows beyond the text',
      'invalid-shape',
      /rows is \[3, 999\]/,
      () => run.weights({ layer: 0, head: 0, rows: [3, 999] }),
    ],
    ['pixels that are none', 'invalid-shape', /pixels is 0/, () => run.snapshot({ overview: { pixels: 0 } })],
    [
      'a site that does not exist',
      'unknown-site',
      /blocks\.0\.attn\.w/,
      () => run.vector('blocks.0.attn.w', { token: 0 }),
    ],
    [
      'a head of a site without heads',
      'invalid-option',
      /no heads/,
      () => run.vector('blocks.0.mlp.pre', { token: 0, head: 0 }),
    ],
    ['no candidates', 'invalid-shape', /count is 0/, () => run.predict({ count: 0 })],
    [
      'a temperature of NaN',
      'invalid-value',
      /temperature is NaN/,
      () => run.predict({ temperature: Number.NaN }),
    ],
    ['a temperature below 0', 'invalid-value', /temperature/, () => run.predict({ temperature: -1 })],
    [
      'generation by a model that fills in blanks',
      'invalid-option',
      /tiny-bert/,
      () => bert.generate('a')[Symbol.asyncIterator]().next(),
    ],
    [
      'a seed that is no integer',
      'invalid-value',
      /seed is 0\.5/,
      () => gpt.generate('a', { seed: 0.5 })[Symbol.asyncIterator]().next(),
    ],
    [
      'a negative temperature',
      'invalid-value',
      /temperature/,
      () => gpt.generate('a', { temperature: -1 })[Symbol.asyncIterator]().next(),
    ],
    [
      'a model name that does not exist',
      'load-failed',
      /tiny-gtp\/\w+\.\w+: /,
      () => engine.loadModel('tiny-gtp'),
    ],
    ['a source that is none', 'invalid-value', /name, the URL/, () => engine.loadModel(wrong(5))],
  ];
  test.each(runs)('a model refuses %s', async (_name, code, message, call) => {
    await refused(call, code, message);
  });

  test('what has been disposed says so', async () => {
    const model = await engine.loadModel('tiny-gpt');
    const [one, other] = [await model.run('one'), await model.run('two')];
    one.dispose();
    await refused(() => one.logits(), 'disposed', /run/);
    model.dispose();
    await refused(() => model.run('three'), 'disposed', /model/);
    await refused(() => model.tokenize('three'), 'disposed', /model/);
    await refused(() => other.logits(), 'disposed', /run/);
    const ended = await start({ worker });
    const pending = ended.attention(request()).catch((error: unknown) => error);
    ended.dispose();
    if (worker) expect(await pending).toMatchObject({ code: 'disposed' });
    await expect(ended.attention(request())).rejects.toMatchObject({ code: 'disposed' });
  });

  describe('a checkpoint', () => {
    const whole = weightsOf('tiny-gpt');
    const headerLength = Number(new DataView(whole.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(whole.subarray(8, 8 + headerLength));
    const config = JSON.parse(readFileSync(`${modelFolder('tiny-gpt')}/config.json`, 'utf8')) as object;

    /** The file with its header changed as text. */
    function withHeader(change: (header: string) => string): Uint8Array {
      const bytes = new TextEncoder().encode(change(header));
      const file = new Uint8Array(8 + bytes.length + whole.length - 8 - headerLength);
      new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
      file.set(bytes, 8);
      file.set(whole.subarray(8 + headerLength), 8 + bytes.length);
      return file;
    }
    const flipped = (at: number, bit: number): Uint8Array => {
      const file = whole.slice();
      file[at]! ^= 1 << bit;
      return file;
    };
    const weights = (bytes: Uint8Array) => ({ 'model.safetensors': bytes });
    const changed = (changes: object) => ({ 'config.json': JSON.stringify({ ...config, ...changes }) });

    const files: [...Bad, Parameters<typeof filesOf>[1]][] = [
      ['weights of no bytes', 'truncated-file', /model\.safetensors/, weights(new Uint8Array(0))],
      ['weights that end in the length', 'truncated-file', /8 bytes/, weights(whole.subarray(0, 5))],
      ['weights that end in the header', 'truncated-file', /header/, weights(whole.subarray(0, 100))],
      [
        'weights that end in a tensor',
        'truncated-file',
        /tensor/,
        weights(whole.subarray(0, whole.length - 1)),
      ],
      ['weights that go on', 'corrupt-file', /goes on/, weights(concat(whole, Uint8Array.of(0)))],
      ['a length with a flipped bit', 'corrupt-file', /header announces/, weights(flipped(5, 3))],
      ['a header with a flipped bit', 'corrupt-file', /model\.safetensors/, weights(flipped(8, 3))],
      [
        'tensors that overlap',
        'corrupt-file',
        /./,
        weights(
          withHeader((text) =>
            text.replace(/"data_offsets":\s*\[(\d+),/, (_, first) => `"data_offsets":[${Number(first) + 2},`),
          ),
        ),
      ],
      [
        'a tensor that is missing',
        'unknown-tensor',
        /h\.0\.ln_9\.weight/,
        weights(withHeader((text) => text.replace('h.0.ln_1.weight', 'h.0.ln_9.weight'))),
      ],
      [
        'a web page instead of weights',
        'corrupt-file',
        /./,
        weights(new TextEncoder().encode('<!doctype html><p>not found')),
      ],
      ['a config that is no JSON', 'corrupt-file', /config\.json/, { 'config.json': '<!doctype html>' }],
      ['a config of another family', 'unsupported-model', /"?t5/, changed({ model_type: 't5' })],
      [
        'a config with another activation',
        'unsupported-model',
        /mish/,
        changed({ activation_function: 'mish' }),
      ],
      ['a config with more layers', 'missing-tensor', /h\.4\./, changed({ n_layer: 5 })],
      ['a config with fewer layers', 'unknown-tensor', /h\.3\./, changed({ n_layer: 3 })],
      ['a config with another width', 'misshapen-tensor', /shape/, changed({ n_embd: 96 })],
      ['a config with a width that the heads do not divide', 'invalid-shape', /./, changed({ n_head: 7 })],
      ['a tokenizer that is no JSON', 'corrupt-file', /tokenizer\.json/, { 'tokenizer.json': '{"model":' }],
      [
        'no tokenizer at all',
        'load-failed',
        /tokenizer\.json is not among the files/,
        { 'tokenizer.json': undefined },
      ],
      [
        'no config at all',
        'load-failed',
        /config\.json is not among the files/,
        { 'config.json': undefined },
      ],
    ];
    test.each(files)('is refused with %s', async (_name, code, message, changes) => {
      const before = (await engine.memory()).live;
      await refused(() => engine.loadModel(filesOf('tiny-gpt', changes)), code, message);
      expect((await engine.memory()).live).toBe(before);
    });

    test('with a NaN among its weights is refused by the name of the tensor', async () => {
      const file = whole.slice();
      file.set([0xff, 0x7f], file.length - 2); // the last number, in half precision
      await refused(
        () => engine.loadModel(filesOf('tiny-gpt', weights(file))),
        'invalid-value',
        /NaN at element/,
      );
    });
  });
});

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}

const kHalves = [
  { preload: 'models', file: 'limelight-simd.wasm' },
  { preload: 'arrays', file: 'limelight-arrays-simd.wasm' },
] as const;
const kStarts = kPlaces.flatMap((place) => kHalves.map((half) => ({ ...place, ...half })));

describe.each(kStarts)('missing files (worker: $worker, preload: $preload)', ({ worker, preload, file }) => {
  let server: Server;
  let url: string;
  const answer: { now: RequestListener } = { now: () => {} };
  beforeAll(async () => {
    server = createServer((incoming, outgoing) => answer.now(incoming, outgoing));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wasm`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const wasm = readFileSync(new URL(file, kDist));
  const answers: [string, string, RequestListener][] = [
    ['that answers 404', `${file}: answered 404`, (_, to) => to.writeHead(404).end()],
    [
      'that is a web page',
      `${file}: is not WebAssembly`,
      (_, to) => to.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
    ],
    [
      'that calls a web page WebAssembly',
      `${file}: `,
      (_, to) => to.writeHead(200, { 'content-type': 'application/wasm' }).end('<!doctype html>'),
    ],
    [
      'that is cut off',
      `${file}: `,
      (_, to) => to.writeHead(200, { 'content-type': 'application/wasm' }).end(wasm.subarray(0, 999)),
    ],
    ['that breaks the connection', `${file}: `, (_, to) => to.destroy()],
  ];
  test.each(answers)('a server %s gives load-failed with the address', async (_name, message, listener) => {
    answer.now = listener;
    await expect(start({ worker, wasmUrl: url, preload })).rejects.toMatchObject({
      name: 'LimelightError',
      code: 'load-failed',
      message: expect.stringContaining(message),
    });
  });

  test('a wasm file of the right bytes with the wrong type is taken', async () => {
    answer.now = (_, to) => to.writeHead(200, { 'content-type': 'application/octet-stream' }).end(wasm);
    const engine = await start({ worker, wasmUrl: url, preload });
    expect((await engine.memory()).live).toBe(0);
    engine.dispose();
  });

  test('a missing file on disk gives load-failed with its address', async () => {
    const folder = fileURLToPath(new URL('./nowhere', import.meta.url));
    await expect(start({ worker, wasmUrl: folder, preload })).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining(`nowhere/${file}`),
    });
  });

  test('an engine is aborted while it starts', async () => {
    answer.now = () => {}; // never
    const controller = new AbortController();
    const starting = start({ worker, wasmUrl: url, preload, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(starting).rejects.toMatchObject({ code: 'aborted' });
  });

  test.each([
    ['a build that does not exist', 'invalid-option', { build: 'avx' as never }],
    ['a half that does not exist', 'invalid-option', { preload: 'training' as never }],
    ['too little memory to start', 'invalid-option', { maxMemoryBytes: 1000 }],
    ['an option that does not exist', 'invalid-option', { wrkr: false } as never],
  ])('%s is refused', async (_name, code, options) => {
    await expect(start({ worker, preload, ...(options as object) })).rejects.toMatchObject({ code });
  });
});

describe('a worker that is killed', () => {
  const threads = process.getBuiltinModule('node:worker_threads');
  const original = threads.Worker;
  const alive: Worker[] = [];
  beforeAll(() => {
    threads.Worker = class extends original {
      constructor(...given: ConstructorParameters<typeof original>) {
        super(...given);
        alive.push(this);
      }
    };
  });
  afterAll(() => {
    threads.Worker = original;
  });

  test('in mid-run ends its calls with engine-lost; the next call starts it anew with its models, as they were kept, and runs', async () => {
    const engine = await start({ worker: true });
    const model = await engine.loadModel('tiny-gpt', { weights: 'int8' });
    const run = await model.run(kSentence, { interventions: [{ silence: { layer: 1 } }] });
    const before = [await run.weights({ layer: 3, head: 1 }), await run.logits()];

    const pending = [
      model.run(kLongText, { overflow: 'window', onProgress: () => void alive.at(-1)!.terminate() }),
      engine.attention(request()),
    ];
    for (const { status, ...outcome } of await Promise.allSettled(pending)) {
      expect(status).toBe('rejected');
      expect((outcome as { reason: unknown }).reason).toMatchObject({
        name: 'LimelightError',
        code: 'engine-lost',
      });
    }

    expect((await model.run(kSentence)).tokens.length).toBe(run.tokens.length);
    expect([await run.weights({ layer: 3, head: 1 }), await run.logits()]).toEqual(before);
    expect(alive.length).toBe(2);
    expect((await engine.attention(request())).out.length).toBe(24);
    engine.dispose();
  });

  test('takes its caches with it, and says so', async () => {
    const engine = await start({ worker: true });
    const shape = { heads: 1, headDim: 4 };
    const numbers = new Float32Array(4);
    const cache = await engine.keyValueCache(shape);
    await alive.at(-1)!.terminate();
    await expect(cache.append({ k: numbers, v: numbers })).rejects.toMatchObject({ code: 'engine-lost' });
    await expect(cache.attention({ q: numbers })).rejects.toMatchObject({ code: 'engine-lost' });
    cache.dispose();
    const fresh = await engine.keyValueCache(shape);
    await fresh.append({ k: numbers, v: numbers });
    expect((await fresh.attention({ q: numbers })).lse).toEqual(new Float32Array(1));
    engine.dispose();
  });

  test('again and again is started again and again', async () => {
    const engine = await start({ worker: true });
    for (let i = 0; i < 3; i++) {
      expect((await engine.attention(request())).out.length).toBe(24);
      await alive.at(-1)!.terminate();
    }
    engine.dispose();
  });

  test('tells onLost, also while nothing is under way; dispose() does not', async () => {
    let lost = 0;
    const engine = await start({ worker: true, onLost: () => lost++ });
    expect(lost).toBe(0);
    await alive.at(-1)!.terminate();
    await expect.poll(() => lost).toBe(1);
    expect((await engine.attention(request())).out.length).toBe(24);
    const second = alive.at(-1)!;
    engine.dispose();
    await second.terminate();
    expect(lost).toBe(1);
  });

  test('is not started again by dispose()', async () => {
    const engine = await start({ worker: true });
    const model = await engine.loadModel('tiny-gpt');
    const count = alive.length;
    await alive.at(-1)!.terminate();
    model.dispose();
    engine.dispose();
    await expect(engine.memory()).rejects.toMatchObject({ code: 'disposed' });
    expect(alive.length).toBe(count);
  });
});

describe('in a Node of its own', () => {
  const node = async (script: string, flags: string[] = []): Promise<string> =>
    (
      await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', script])
    ).stdout.trim();
  const index = new URL('index.js', kDist).href;

  test('importing touches no global of a browser', async () => {
    const globals = ['window', 'document', 'self', 'navigator', 'location', 'Worker', 'fetch', 'WebAssembly'];
    globals.push('MessageChannel', 'performance', 'setImmediate', 'crypto', 'indexedDB', 'localStorage');
    const touched = await node(`
      const touched = [];
      for (const name of ${JSON.stringify(globals)})
        Object.defineProperty(globalThis, name, { get() { touched.push(name); } });
      const { loadEngine } = await import('${index}');
      console.log(typeof loadEngine, JSON.stringify(touched));
    `);
    expect(touched).toBe('function []');
  });

  test('the build is the best that Node runs, and the program ends although no one disposed', async () => {
    const script = (options: string) => `
      const { loadEngine } = await import('${index}');
      const engine = await loadEngine(${options});
      const one = Float32Array.of(3);
      const { out } = await engine.attention({ q: one, k: one, v: one, heads: 1 });
      console.log(engine.build, out[0]);
    `;
    const flags = kRelaxedSimdFlags;
    expect(await node(script('{ threads: 1 }'), flags)).toBe('relaxed 3');
    expect(await node(script('{ threads: 2 }'), flags)).toBe('threads 3');
    expect(await node(script(''), flags)).toMatch(/^(threads|relaxed) 3$/);
    if (flags.length > 0) expect(await node(script(''))).toBe('simd 3');
  });

  test('without WebAssembly there is one plain sentence', async () => {
    const script = `
      delete globalThis.WebAssembly;
      const { loadEngine } = await import('${index}');
      await loadEngine().catch((error) => console.log(error.name, error.code, error.message));
    `;
    expect(await node(script)).toMatch(/^LimelightError no-webassembly-simd this needs WebAssembly/);
  });
});
