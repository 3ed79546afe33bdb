// The native program's evaluate and passports: what they print, against the float64 reference, and what they refuse.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPreset } from '../../build-scripts/build.mjs';
import { TokenWriter } from '../../build-scripts/data/formats/tokens.mjs';
import { ensureToolchain } from '../../build-scripts/toolchain.mjs';
import { forward } from '../reference/model.ts';
import { shippedCheckpoint, tokenText } from '../reference/shipped.ts';
import { type Ended, start } from './programs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'build/native/limelight');
const gpt = join(root, 'web/models/tiny-gpt');
const bert = join(root, 'web/models/tiny-bert');

let folder: string;
const limelight = (...args: string[]): Promise<Ended> => start(program, args, { cwd: folder });
const put = (name: string, content: string): void => writeFileSync(join(folder, name), content);
const putTexts = (name: string, ...texts: object[]): void =>
  put(name, texts.map((text) => `${JSON.stringify(text)}\n`).join(''));

async function json(...args: string[]): Promise<Record<string, number>> {
  const ended = await limelight(...args, '--json');
  expect(ended.err).toBe('');
  return JSON.parse(ended.out) as Record<string, number>;
}

function expectRefused(ended: Ended, words: RegExp | string, code = 1): void {
  expect(ended.err).toMatch(/^limelight: .+\n$/);
  expect(ended.err).toMatch(words);
  expect(ended.code).toBe(code);
  expect(ended.out).toBe('');
}

/** -ln p(id) at a row of the reference's logits. */
function lossAt(logits: Float64Array, row: number, id: number, vocabulary: number): number {
  const all = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
  const most = all.reduce((a, b) => Math.max(a, b));
  return Math.log(all.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most - all[id]!;
}

const kIds = [5, 17, 300, 17, 2, 999, 41, 300, 17, 8, 8, 1200, 64, 77];

beforeAll(async () => {
  await buildPreset(await ensureToolchain(), 'native', { targets: ['limelight-cli'] });
  folder = mkdtempSync(join(tmpdir(), 'limelight-judging-'));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('limelight evaluate', () => {
  it('gives a stream the loss that the reference finds in the same windows, and bits for its bytes', async () => {
    const writer = new TokenWriter(join(folder, 'some.tokens'), 4096);
    writer.add(kIds);
    writer.add([3000, 2000]);
    writer.close();
    const some = [
      'evaluate',
      gpt,
      '--tokens',
      'some.tokens',
      '--count',
      '14',
      '--window',
      '8',
      '--stride',
      '3',
    ];
    const printed = await json(...some);
    const checkpoint = shippedCheckpoint('tiny-gpt');
    let loss = 0;
    for (let i = 1; i < kIds.length; i++) {
      let first = 0;
      while (first + 8 <= i) first += 3;
      const { logits } = forward(checkpoint, kIds.slice(first, i));
      loss += lossAt(logits, i - 1 - first, kIds[i]!, 4096);
    }
    expect(printed).toMatchObject({ tokens: 14, window: 8, stride: 3, predictions: 13 });
    expect(printed['loss']).toBeCloseTo(loss / 13, 4);
    const text = kIds.slice(1).map((id) => tokenText('tiny-gpt', id));
    const bytes = text.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
    expect(printed['bytes']).toBe(bytes);
    expect(printed['bits_per_byte']).toBeCloseTo(loss / Math.LN2 / bytes, 4);
    const lines = (await limelight(...some)).out.trim().split('\n');
    expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(Object.keys(printed));
  });

  it('counts the hidden words that are found', async () => {
    const ids = [2, 700, 800, 900, 1000, 3];
    const masked = [[2, 4, 4, 900, 4, 3]];
    putTexts('hidden.jsonl', { ids, special: [0, 5], masked });
    const printed = await json('evaluate', bert, '--texts', 'hidden.jsonl');
    const { logits } = forward(shippedCheckpoint('tiny-bert'), masked[0]!);
    const loss = [1, 2, 4].reduce((sum, i) => sum + lossAt(logits, i, ids[i]!, 4096), 0) / 3;
    expect(printed).toMatchObject({ texts: 1, predictions: 3, words: 2 });
    expect(printed['loss']).toBeCloseTo(loss, 4);
  });

  it('lets a translator write, and says how often it writes what is right', async () => {
    const recipe = {
      task: { name: 'translation' },
      model: { layers: 1, width: 16, heads: 2, mlp_width: 16 },
      training: { batch: 4, steps: 2 },
    };
    put('translation.json', JSON.stringify(recipe));
    expect(await limelight('train', 'translation.json', '--out', 'translator')).toMatchObject({ code: 0 });
    putTexts('one.jsonl', { ids: [0, 5, 6, 1], source: [7, 8, 9] });
    const first = await json('evaluate', 'translator', '--texts', 'one.jsonl', '--each');
    const written = (first as unknown as { written: number[][] }).written[0]!;
    expect(written[0]).toBe(0);
    expect(first['exact']).toBe(0);
    // What it writes itself is right; a limit of its length may leave the end token out, and is written like that.
    putTexts('own.jsonl', { ids: [0, 5, 6, 1], source: [7, 8, 9] }, { ids: written, source: [7, 8, 9] });
    expect((await json('evaluate', 'translator', '--texts', 'own.jsonl'))['exact']).toBe(0.5);
    const link = { kind: 'alignment', attention: 'cross', at: 1, of: [[0]], others: [[2]] };
    putTexts('linked.jsonl', { ids: [0, 5, 6, 1], source: [7, 8, 9], links: [link] });
    const made = (await json('passports', 'translator', '--texts', 'linked.jsonl')) as unknown as {
      heads: {
        attention: string;
        links: Record<string, { uniform: number; compared: number; chance: number }>;
      }[];
    };
    expect(made.heads.map(({ attention }) => attention)).toEqual(
      ['encoder', 'self', 'cross'].flatMap((kind) => [kind, kind]),
    );
    const { alignment } = made.heads[4]!.links;
    expect(alignment).toMatchObject({ compared: 1, chance: 0.5 });
    expect(alignment!.uniform).toBeCloseTo(1 / 3, 12);
  });

  it('refuses what is neither, or both, or no such file', async () => {
    putTexts('plain.jsonl', { ids: [1, 2] });
    expectRefused(await limelight('evaluate', gpt), 'either --tokens or --texts');
    expectRefused(
      await limelight('evaluate', gpt, '--texts', 'plain.jsonl', '--tokens', 'some.tokens'),
      'either --tokens or --texts',
    );
    expectRefused(await limelight('evaluate', gpt, '--tokens', 'plain.jsonl'), 'plain.jsonl');
    expectRefused(await limelight('evaluate', bert, '--tokens', 'some.tokens'), 'causal');
    expectRefused(await limelight('evaluate', bert, '--texts', 'plain.jsonl'), 'no masked versions');
    expectRefused(await limelight('evaluate', gpt, '--tokens', 'some.tokens', '--window', '300'), '300');
    expectRefused(await limelight('evaluate', gpt, '--tokens', 'some.tokens', '--count', '0'), '--count', 2);
    expectRefused(
      await limelight('evaluate', gpt, '--tokens', 'some.tokens', '--count', '1'),
      'of 1 tokens none',
    );
  });
});

describe('limelight passports', () => {
  it('says what the reference sees a head look at', async () => {
    putTexts('text.jsonl', { ids: kIds });
    const { heads } = (await json('passports', gpt, '--texts', 'text.jsonl', '--keep-heads')) as unknown as {
      heads: {
        layer: number;
        head: number;
        previous: { mean: number; count: number };
        loss_increase: null;
      }[];
    };
    expect(heads).toHaveLength(24);
    const { scores } = forward(shippedCheckpoint('tiny-gpt'), kIds);
    const n = kIds.length;
    for (const { layer, head, previous, loss_increase } of heads) {
      const { weight } = scores[layer]![head]!;
      let sum = 0;
      for (let i = 1; i < n; i++) sum += weight[i * n + i - 1]!;
      expect(previous.count).toBe(n - 1);
      expect(previous.mean).toBeCloseTo(sum / (n - 1), 5);
      expect(loss_increase).toBeNull();
    }
    const { out } = await limelight('passports', gpt, '--texts', 'text.jsonl', '--keep-heads');
    expect(out.trim().split('\n')).toHaveLength(25);
    expect(out).toMatch(/^self layer 3 head 5: {2}previous 0\.\d{3} \(0\.\d{3}\)/m);
  });

  it.each([
    ['no JSON', '{"ids":', 'line 1: '],
    ['no object', '[1]', 'a text is an object'],
    ['an unknown member', '{"ids":[1],"idx":[1]}', 'idx'],
    ['ids that are none', '{"ids":[1.5]}', 'whole numbers'],
    ['no list', '{"ids":1}', '"ids" has to be a list'],
    ['an unknown attention', '{"ids":[1],"links":[{"attention":"all"}]}', 'all'],
    ['nothing at all', '', 'holds no text'],
    ['ids beyond the vocabulary', '{"ids":[1,4096]}', '4096'],
  ])('refuses a text with %s', async (_, content, words) => {
    put('bad.jsonl', content);
    expectRefused(await limelight('passports', gpt, '--texts', 'bad.jsonl'), words);
  });
});
