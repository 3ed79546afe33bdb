// The native program: what it trains, how it stops and goes on, what it refuses.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPreset } from '../../build-scripts/build.mjs';
import { ensureToolchain } from '../../build-scripts/toolchain.mjs';
import { forward, readCheckpoint } from '../reference/model.ts';
import { readSafetensors } from '../reference/safetensors.ts';
import { shippedCheckpoint } from '../reference/shipped.ts';
import { type Ended, start } from './programs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'build/native/limelight');

const kRecipe = {
  task: { name: 'induction', vocabulary: 16, length: 16 },
  model: { layers: 2, width: 32, heads: 2, mlp_width: 48, dropout: 0.1 },
  training: { batch: 16, steps: 400, warmup: 4 },
};

let folder: string;

const limelight = (...args: string[]): Promise<Ended> => start(program, args, { cwd: folder });
const file = (name: string): Buffer => readFileSync(join(folder, name));
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);

/** Where this cannot be read the processor is another kind, or the system is. */
function hasAvx2(): boolean {
  const cpu = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return /\bavx2\b/.test(cpu) && /\bfma\b/.test(cpu);
}

/** One sentence on stderr and nothing else; no signal ended it. */
function expectRefused(ended: Ended, words: RegExp | string, code = 1): void {
  expect(ended.err).toMatch(/^limelight: .+\n$/);
  expect(ended.err).toMatch(words);
  expect(ended.code).toBe(code);
  expect(ended.out).toBe('');
}

beforeAll(async () => {
  await buildPreset(await ensureToolchain(), 'native', { targets: ['limelight-cli'] });
  folder = mkdtempSync(join(tmpdir(), 'limelight-cli-'));
  put('recipe.json', JSON.stringify(kRecipe));
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('limelight train', () => {
  it.skipIf(!hasAvx2())('makes the very files of the toy that is shipped from its recipe', async () => {
    const recipe = join(root, 'web/recipes/induction.json');
    const { code } = await limelight('train', recipe, '--arch', 'avx2', '--out', 'toy', '--every', '400');
    expect(code).toBe(0);
    for (const name of ['model.safetensors', 'config.json'])
      expect(
        file(`toy/${name}`).equals(readFileSync(join(root, 'web/models/toy-induction', name))),
        name,
      ).toBe(true);
  });

  it('tells how far it is and leaves a model, its configuration and a checkpoint', async () => {
    const { code, out, err } = await limelight('train', 'recipe.json', '--steps', '30', '--every', '10');
    expect(err).toBe('');
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(4);
    for (const [i, line] of lines.slice(0, 3).entries()) {
      expect(line).toMatch(
        new RegExp(
          `^step ${10 * (i + 1)} of 30  loss \\d\\.\\d{4}  rate \\S+  held-out loss \\d\\.\\d{4} score \\S+ %  \\d+ tokens/s  \\d+:\\d\\d left$`,
        ),
      );
    }
    expect(readdirSync(join(folder, 'recipe')).sort()).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'model.safetensors',
    ]);
    expect(JSON.parse(file('recipe/config.json').toString())).toMatchObject({
      model_type: 'gpt2',
      n_layer: 2,
      n_embd: 32,
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends a step, saves and says how to go on at %s; going on gives the bytes of never having stopped',
    async (signal) => {
      const name = `stopped-${signal}`;
      const stopped = await start(program, ['train', 'recipe.json', '--out', name, '--every', '7'], {
        cwd: folder,
        heard: (_, kill) => kill(signal),
      });
      expect(stopped.code).toBe(signal === 'SIGINT' ? 130 : 143);
      const [, step] =
        /^limelight: stopped and saved at step (\d+) of 400; to go on: limelight train recipe\.json --out \S+ --resume\n$/.exec(
          stopped.err,
        ) ?? [];
      expect(Number(step)).toBeGreaterThan(0);
      expect(Number(step)).toBeLessThan(400);
      expect(readdirSync(join(folder, name))).toEqual(['checkpoint.safetensors']);

      expect(
        await limelight('train', 'recipe.json', '--out', name, '--resume', '--threads', '2'),
      ).toMatchObject({ code: 0, err: '' });
      const whole = `whole-${signal}`;
      expect(await limelight('train', 'recipe.json', '--out', whole, '--threads', '1')).toMatchObject({
        code: 0,
      });
      for (const each of ['checkpoint.safetensors', 'model.safetensors', 'config.json'])
        expect(file(`${name}/${each}`).equals(file(`${whole}/${each}`)), each).toBe(true);
    },
  );

  it('does not write over a checkpoint unless it is told to go on', async () => {
    const before = file('recipe/checkpoint.safetensors');
    expectRefused(await limelight('train', 'recipe.json'), 'recipe/checkpoint.safetensors is there already');
    expect(file('recipe/checkpoint.safetensors').equals(before)).toBe(true);
    expectRefused(
      await limelight('train', 'recipe.json', '--out', 'nowhere', '--resume'),
      'nowhere/checkpoint.safetensors could not be read',
    );
  });

  it.each([
    ['no JSON', '{"task":', 'no valid JSON'],
    ['an empty file', '', 'no valid JSON'],
    ['an array', '[]', 'recipe'],
    ['no task', '{}', 'task'],
    ['a task that does not exist', '{"task":{"name":"\\u001b[31mnone"}}', 'none'],
    ['an unknown member', JSON.stringify({ ...kRecipe, tasks: {} }), 'tasks'],
    ['a text for a number', JSON.stringify({ ...kRecipe, training: { steps: 'many' } }), 'steps'],
    ['a negative size', JSON.stringify({ ...kRecipe, model: { width: -1 } }), 'width'],
    ['heads that do not divide the width', JSON.stringify({ ...kRecipe, model: { heads: 3 } }), 'heads'],
    [
      'a rate that is no number',
      '{"task":{"name":"induction"},"training":{"learning_rate":1e999}}',
      'double',
    ],
    [
      'a network that no memory holds',
      JSON.stringify({
        ...kRecipe,
        model: { layers: 64, width: 4096, mlp_width: 16384 },
        training: { batch: 4096 },
      }),
      'memory',
    ],
    ['nesting without end', '['.repeat(100_000), 'nested'],
  ])('refuses a recipe with %s in one sentence', async (_, recipe, words) => {
    put('bad.json', recipe);
    const ended = await limelight('train', 'bad.json', '--out', 'bad');
    expectRefused(ended, words);
    expect(ended.err).not.toContain('\u001b');
    expect(existsSync(join(folder, 'bad'))).toBe(false);
  });

  it.each<[string, (bytes: Buffer) => Uint8Array, string]>([
    ['that is empty', () => new Uint8Array(), '0 bytes'],
    ['that is cut', (bytes) => bytes.subarray(0, bytes.length - 1), 'follow'],
    ['that announces a long header', (bytes) => bytes.fill(0xff, 0, 8), 'announces'],
    ['with a number that is none', (bytes) => bytes.fill(0xff, bytes.length - 4), 'nan'],
    [
      'of another recipe',
      (bytes) => Buffer.from(bytes.toString('latin1').replace('\\"width\\":32', '\\"width\\":64'), 'latin1'),
      'another recipe',
    ],
  ])('refuses to go on from a checkpoint %s, and leaves it as it is', async (_, change, words) => {
    mkdirSync(join(folder, 'hostile'), { recursive: true });
    const hostile = change(Buffer.from(file('recipe/checkpoint.safetensors')));
    put('hostile/checkpoint.safetensors', hostile);
    expectRefused(await limelight('train', 'recipe.json', '--out', 'hostile', '--resume'), words);
    expect(file('hostile/checkpoint.safetensors').equals(hostile)).toBe(true);
  });

  it('says which instructions a processor has when asked for others', async () => {
    const ended = await Promise.all(
      ['sse2', 'avx2', 'avx512', 'neon'].map((arch) =>
        limelight('train', 'recipe.json', '--steps', '3', '--arch', arch, '--out', `arch-${arch}`),
      ),
    );
    const runs = ended.filter(({ code }) => code === 0);
    for (const refused of ended.filter(({ code }) => code !== 0))
      expectRefused(refused, /this processor does not run \w+; it runs \w+/);
    // No processor has both.
    expect(runs.length).toBeGreaterThan(0);
    expect(runs.length).toBeLessThan(4);
  });

  it('names folders and files that it cannot use', async () => {
    expectRefused(await limelight('train', 'none.json'), 'none.json could not be read: No such file');
    expectRefused(await limelight('train', '.'), 'could not be read: Is a directory');
    expectRefused(await limelight('train', 'recipe.json', '--out', 'recipe.json/x'), 'could not be made');
  });
});

describe('limelight run', () => {
  it('predicts what the float64 reference does', async () => {
    const ids = [5, 17, 300, 17, 2];
    const ended = await limelight(
      'run',
      join(root, 'web/models/tiny-gpt'),
      '--ids',
      ids.join(),
      '--top',
      '3',
      '--json',
    );
    expect(ended.err).toBe('');
    const printed = JSON.parse(ended.out) as {
      ids: number[];
      causal: boolean;
      predictions: { id: number; logit: number; probability: number }[][];
    };
    expect(printed).toMatchObject({ ids, causal: true });
    const { logits } = forward(shippedCheckpoint('tiny-gpt'), ids);
    const vocabulary = logits.length / ids.length;
    for (const [token, best] of printed.predictions.entries()) {
      const row = Array.from(logits.subarray(token * vocabulary, (token + 1) * vocabulary));
      const order = row.map((_, id) => id).sort((a, b) => row[b]! - row[a]!);
      expect(best.map(({ id }) => id)).toEqual(order.slice(0, 3));
      for (const { id, logit } of best) expect(logit).toBeCloseTo(row[id]!, 3);
    }
  });

  it('runs what limelight train made', async () => {
    const ids = [3, 1, 4, 1, 5, 9, 2, 6];
    const { out, err } = await limelight('run', 'recipe', '--ids', ids.join(), '--top', '16', '--json');
    expect(err).toBe('');
    const { predictions } = JSON.parse(out) as { predictions: { id: number; logit: number }[][] };
    const { logits } = forward(readCheckpoint(join(folder, 'recipe')), ids);
    for (const [token, candidates] of predictions.entries())
      for (const { id, logit } of candidates) expect(logit).toBeCloseTo(logits[16 * token + id]!, 4);
  });

  it('prints a line for each id, and refuses ids and folders that are none', async () => {
    const tiny = join(root, 'web/models/tiny-gpt');
    const { out } = await limelight('run', tiny, '--ids', '1,2', '--top', '2');
    expect(out.trim().split('\n')).toHaveLength(3);
    expect(out).toMatch(/^ {5}1: {2}\d+ 0\.\d{3} {2}\d+ 0\.\d{3}$/m);
    expectRefused(await limelight('run', tiny, '--ids', '1,999999'), '999999');
    expectRefused(await limelight('run', tiny, '--ids', '-1'), '-1');
    expectRefused(await limelight('run', 'nowhere', '--ids', '1'), 'nowhere/config.json could not be read');
    expectRefused(await limelight('run', tiny, '--ids', '1,x'), '1,x', 2);
    expectRefused(await limelight('run', tiny, '--ids', '99999999999'), '99999999999', 2);
    expectRefused(await limelight('run', tiny), '--ids is required', 2);
    mkdirSync(join(folder, 'cut'));
    cpSync(join(tiny, 'config.json'), join(folder, 'cut/config.json'));
    put('cut/model.safetensors', readFileSync(join(tiny, 'model.safetensors')).subarray(0, 100_000));
    expectRefused(await limelight('run', 'cut', '--ids', '1'), 'the file ends');
  });
});

describe('limelight quantise', () => {
  it('makes a model of a quarter of the bytes that predicts nearly the same', async () => {
    const { out, err } = await limelight('quantise', 'recipe', '--out', 'small');
    expect(err).toBe('');
    const [before, after] = ['recipe', 'small'].map((name) => file(`${name}/model.safetensors`).length);
    expect(out).toBe(`small/model.safetensors: ${after} bytes instead of ${before}\n`);
    // A layer's norms and biases stay, and there is a scale for every output.
    expect(after! / before!).toBeLessThan(0.5);
    const ids = [3, 1, 4, 1, 5, 9, 2, 6];
    const predict = async (model: string) =>
      JSON.parse((await limelight('run', model, '--ids', ids.join(), '--top', '16', '--json')).out) as {
        predictions: { id: number; probability: number }[][];
      };
    const [whole, small] = [await predict('recipe'), await predict('small')];
    for (const [token, candidates] of whole.predictions.entries())
      for (const { id, probability } of candidates) {
        const other = small.predictions[token]!.find((candidate) => candidate.id === id)!;
        expect(Math.abs(other.probability - probability)).toBeLessThan(0.05);
      }
  });

  it('refuses what is quantised already, and folders that are none', async () => {
    expectRefused(await limelight('quantise', 'small', '--out', 'smaller'), 'quantised already');
    expectRefused(
      await limelight('quantise', 'nowhere', '--out', 'smaller'),
      'nowhere/config.json could not be read',
    );
    expectRefused(await limelight('quantise', 'recipe'), '--out is required', 2);
    expect(existsSync(join(folder, 'smaller'))).toBe(false);
  });
});

describe('limelight inspect', () => {
  interface Inspected {
    file: string;
    bytes: number;
    parameters: number;
    metadata: Record<string, string>;
    tensors: { name: string; dtype: string; shape: number[]; norm: number | null }[];
  }

  it('lists what another reader finds in the files of a folder', async () => {
    const ended = await limelight('inspect', 'recipe', '--json');
    expect(ended.err).toBe('');
    const [checkpoint, model] = JSON.parse(ended.out) as [Inspected, Inspected];
    expect(checkpoint.file).toBe('recipe/checkpoint.safetensors');
    expect(checkpoint.metadata).toMatchObject({ 'optimizer.steps': '30', recipe: JSON.stringify(kRecipe) });
    expect(model.metadata).toEqual({ format: 'pt' });
    expect(model.parameters).toBe(checkpoint.parameters);
    expect(model.bytes).toBe(file('recipe/model.safetensors').length);
    const tensors = readSafetensors(file('recipe/model.safetensors'));
    expect(model.tensors.map(({ name }) => name).sort()).toEqual([...tensors.keys()].sort());
    let parameters = 0;
    for (const { name, shape, dtype, norm } of model.tensors) {
      const tensor = tensors.get(name)!;
      expect(dtype).toBe('F32');
      expect(shape).toEqual(tensor.shape);
      expect(norm).toBeCloseTo(Math.hypot(...tensor.data), 6);
      parameters += tensor.data.length;
    }
    expect(model.parameters).toBe(parameters);
  });

  it('prints a line for each tensor and piece of metadata', async () => {
    const { out } = await limelight('inspect', 'recipe/model.safetensors');
    expect(out).toMatch(/^recipe\/model\.safetensors: \d+ bytes, \d+ tensors, \d+ parameters$/m);
    expect(out).toMatch(/^ {2}"format": "pt"$/m);
    expect(out).toMatch(/^ {2}"transformer\.wte\.weight" +F32 +\[16, 32\] +norm \d/m);
  });

  it('names what is no such file', async () => {
    expectRefused(await limelight('inspect', 'recipe.json'), 'recipe.json: the safetensors header announces');
    mkdirSync(join(folder, 'empty'));
    expectRefused(await limelight('inspect', 'empty'), 'empty holds no .safetensors file');
  });
});

describe('limelight', () => {
  it('says how it is used, and what is wrong with what it was asked', async () => {
    const help = await limelight('--help');
    expect(help.code).toBe(0);
    for (const command of ['train', 'run', 'inspect']) expect(help.out).toContain(command);
    expect((await limelight('train', '--help')).out).toContain('--resume');
    expect((await limelight('--version')).out).toBe(
      `${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n`,
    );
    expectRefused(await limelight(), 'a command is missing', 2);
    expectRefused(await limelight('fly'), 'fly', 2);
    expectRefused(await limelight('train', 'recipe.json', '--threads', '0'), '--threads', 2);
    expectRefused(await limelight('train', 'recipe.json', '--arch', 'mmx'), '--arch', 2);
  });
});
