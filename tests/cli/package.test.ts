// The package's program: what it prints of a run, and what it refuses. Needs dist/ (npm run build:package).
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelInfo, PredictionsPart, Token } from '../../web/engine/index.ts';
import { forward } from '../reference/model.ts';
import { encode, modelFolder, type ShippedModel, shippedCheckpoint } from '../reference/shipped.ts';
import { kTolerance, relativeError } from '../truth/compare.ts';
import { type Ended, start } from './programs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limelight-program-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const limelight = (...args: string[]): Promise<Ended> =>
  start(process.execPath, [join(root, 'dist/cli.js'), ...args], { cwd: folder });

interface Everything {
  build: string;
  threads: number;
  model: ModelInfo;
  text: string;
  tokens: Token[];
  predictions: PredictionsPart[];
  weights: number[][][][];
}

function expectRefused(ended: Ended, words: RegExp | string, code = 1): void {
  expect(ended.err).toMatch(/^limelight: .+\n$/);
  expect(ended.err).toMatch(words);
  expect(ended.code).toBe(code);
  expect(ended.out).toBe('');
}

const kText: Record<ShippedModel, string> = {
  'tiny-gpt': 'The old man and the',
  'tiny-bert': 'The old [MASK] sat by the sea.',
};

/** Ids of the vocabulary by what the reference thinks of them at a token, best first. */
function ranked(name: ShippedModel, ids: readonly number[], token: number): number[] {
  const { logits } = forward(shippedCheckpoint(name), ids);
  const vocabulary = logits.length / ids.length;
  const row = Array.from(logits.subarray(token * vocabulary, (token + 1) * vocabulary));
  return row.map((_, id) => id).sort((a, b) => row[b]! - row[a]!);
}

describe('limelight run', () => {
  it.each(['tiny-gpt', 'tiny-bert'] as const)(
    'gives as JSON the tokens, predictions and weights that the reference finds for %s',
    async (name) => {
      const ended = await limelight('run', name, kText[name], '--json', '--top', '4');
      expect(ended.err).toBe('');
      expect(ended.code).toBe(0);
      const all = JSON.parse(ended.out) as Everything;
      const ids = encode(name, kText[name]);
      expect(all.text).toBe(kText[name]);
      expect(all.model.name).toBe(name);
      expect(all.tokens.map(({ id }) => id)).toEqual(ids);
      const recording = forward(shippedCheckpoint(name), ids);
      for (const [token, { candidates }] of all.predictions.entries())
        expect(candidates.map(({ id }) => id)).toEqual(ranked(name, ids, token).slice(0, 4));
      for (const [layer, heads] of all.weights.entries()) {
        for (const [head, matrix] of heads.entries()) {
          const error = relativeError(matrix.flat(), recording.scores[layer]![head]!.weight);
          expect(error, `layer ${layer}, head ${head}`).toBeLessThan(kTolerance);
        }
      }
    },
  );

  it('prints what comes next, and what stands in a blank', async () => {
    const gpt = await limelight('run', 'tiny-gpt', kText['tiny-gpt'], '--top', '3');
    expect(gpt.err).toBe('');
    expect(gpt.out).toMatch(/^tiny-gpt: [\d,]+ parameters, build \w+, \d+ threads?$/m);
    expect(gpt.out).toMatch(/^\d+ tokens: "The" " old"/m);
    expect(gpt.out).toMatch(/^after " the", token \d+:\n( {2,}\d+\.\d % {2}".*"\n){3}$/m);
    const bert = await limelight('run', 'tiny-bert', kText['tiny-bert'], '--top', '2');
    expect(bert.out).toMatch(/^in place of "\[MASK\]", token 3:\n( {2,}\d+\.\d % {2}".*"\n){2}$/m);
  });

  it('takes a folder, also one that is called as a shipped model may be, and runs in its own thread', async () => {
    cpSync(modelFolder('tiny-gpt'), join(folder, 'mine'), { recursive: true });
    const ended = await limelight(
      'run',
      'mine',
      kText['tiny-gpt'],
      '--json',
      '--no-worker',
      '--build',
      'simd',
    );
    expect(ended.err).toBe('');
    const own = JSON.parse(ended.out) as Everything;
    expect(own).toMatchObject({ build: 'simd', threads: 1, model: { name: 'mine' } });
    const ids = encode('tiny-gpt', kText['tiny-gpt']);
    expect(own.predictions.at(-1)!.candidates[0]!.id).toBe(ranked('tiny-gpt', ids, ids.length - 1)[0]);
  });

  it('names in one sentence what it cannot do', async () => {
    expectRefused(await limelight('run', 'huge-gpt', 'x'), 'there is no shipped model "huge-gpt"');
    expectRefused(await limelight('run', './nowhere', 'x'), /nowhere\/(config|tokenizer|model)/);
    expectRefused(await limelight('run', 'tiny-gpt', 'word '.repeat(5000)), 'token');
    expectRefused(await limelight('run', 'tiny-gpt', 'x', '--build', 'mmx'), 'mmx');
    expectRefused(await limelight('run', 'tiny-gpt', 'x', '--top', '0'), '--top is "0"', 2);
    expectRefused(await limelight('run', 'tiny-gpt', 'x', '--threads', 'many'), '--threads is "many"', 2);
    expectRefused(await limelight('run', 'tiny-gpt'), 'the text is missing', 2);
    expectRefused(await limelight('run', 'tiny-gpt', 'two', 'words'), '"words"', 2);
    expectRefused(await limelight('fly'), 'there is no command "fly"', 2);
    expectRefused(await limelight(), 'a command is missing', 2);
    expectRefused(await limelight('run', 'tiny-gpt', 'x', '--wings'), '--wings', 2);
  });
});

describe('limelight', () => {
  it('tells how it is used, and its version', async () => {
    const help = await limelight('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('limelight run MODEL TEXT');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await limelight('--version')).out).toBe(`${version}\n`);
  });
});
