// The engine always puts [CLS] and [SEP] around a text for BERT, so a run of one token exists only behind it: here the
// module is asked directly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { forward } from '../reference/model.ts';
import { kShippedModels, modelFolder, shippedCheckpoint } from '../reference/shipped.ts';
import { kTolerance, Worst } from './compare.ts';

/** The calls of cpp/bindings that this needs; addresses and handles are numbers, 0 is none; texts end with a NUL. */
interface Core {
  allocate(bytes: number): number;
  lastMessage(): number;
  loaderCreate(): number;
  loaderConfigure(loader: number, json: number, bytes: number): number;
  loaderFeed(loader: number, data: number, bytes: number): number;
  loaderFinish(loader: number): number;
  runCreate(model: number, ids: number, count: number, json: number, bytes: number, base: number): number;
  runAdvance(run: number, milliseconds: number): number;
  runSites(run: number): number;
  runRows(
    run: number,
    site: number,
    bytes: number,
    first: number,
    count: number,
    head: number,
    out: number,
    room: number,
  ): number;
  runExplain(
    run: number,
    kind: number,
    layer: number,
    head: number,
    row: number,
    rows: number,
    col: number,
    cols: number,
    stage: number,
    out: number,
  ): number;
  runLogits(run: number, token: number, out: number): number;
}

const kModule = fileURLToPath(new URL('../../build/wasm/limelight-simd', import.meta.url));
/** With their numbers in the C++ header. */
const kStages = { dot: 0, scaled: 1, masked: 3, weight: 4 } as const;

let core: Core;
let memory: WebAssembly.Memory;
beforeAll(async () => {
  memory = new WebAssembly.Memory({ initial: 256, maximum: 65536 });
  const { default: create } = (await import(/* @vite-ignore */ `${kModule}.js`)) as {
    default(module: object): Promise<Record<string, unknown>>;
  };
  const module = await create({ wasmMemory: memory, wasmBinary: readFileSync(`${kModule}.wasm`) });
  core = Object.fromEntries(
    Object.entries(module).map(([name, call]) => [name.replace(/^_/, ''), call]),
  ) as unknown as Core;
});

function put(bytes: Uint8Array): number {
  const address = core.allocate(bytes.length);
  new Uint8Array(memory.buffer).set(bytes, address);
  return address;
}
function textAt(address: number): string {
  const bytes = new Uint8Array(memory.buffer);
  return new TextDecoder().decode(bytes.subarray(address, bytes.indexOf(0, address)));
}
const message = () => textAt(core.lastMessage());
const text = (content: string) => new TextEncoder().encode(content);
const ok = (code: number) => expect(code, message()).toBe(0);

describe.each(kShippedModels)('%s on a single token', (name) => {
  test('agrees with the reference at every site, score and logit', () => {
    const loader = core.loaderCreate();
    const config = readFileSync(join(modelFolder(name), 'config.json'));
    ok(core.loaderConfigure(loader, put(config), config.length));
    const file = readFileSync(join(modelFolder(name), 'model.safetensors'));
    ok(core.loaderFeed(loader, put(file), file.length));
    const model = core.loaderFinish(loader);
    expect(model, message()).not.toBe(0);

    const checkpoint = shippedCheckpoint(name);
    const expected = forward(checkpoint, [1234]);
    const options = text('{}');
    const ids = put(new Uint8Array(Int32Array.of(1234).buffer));
    const run = core.runCreate(model, ids, 1, put(options), options.length, 0);
    expect(run, message()).not.toBe(0);
    ok(core.runAdvance(run, 60_000));

    const room = checkpoint.vocabulary;
    const out = core.allocate(4 * room);
    const numbers = (count: number) => new Float32Array(memory.buffer, out, count);
    const worst = new Worst();
    expect(textAt(core.runSites(run)).split('\n').sort()).toEqual([...expected.sites.keys()].sort());
    for (const [site, { data, features }] of expected.sites) {
      const called = text(site);
      expect(core.runRows(run, put(called), called.length, 0, 1, -1, out, room), message()).toBe(features);
      worst.see(numbers(features), data, site);
    }
    ok(core.runLogits(run, 0, out));
    worst.see(numbers(checkpoint.vocabulary), expected.logits, 'logits');
    expected.scores.forEach((heads, layer) => {
      heads.forEach((matrices, head) => {
        for (const [stage, code] of Object.entries(kStages) as [keyof typeof kStages, number][]) {
          ok(core.runExplain(run, 0, layer, head, 0, 1, 0, 1, code, out));
          worst.see(numbers(1), matrices[stage], `${stage}, layer ${layer} head ${head}`);
        }
      });
    });
    console.info(`note: ${name} n = 1: ${worst}`);
    expect(worst.error, worst.at).toBeLessThan(kTolerance);
  });
});
