#!/usr/bin/env node
// The program of the npm package: limelight run MODEL TEXT. Uses what every developer has, the engine's public API.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Build } from '../engine/index.ts';
import { LimelightError } from '../engine/index.ts';
import { run } from './run.ts';

const kHelp = `limelight run MODEL TEXT [options]

Runs a text through a model and prints its tokens and what the model predicts.

  MODEL   tiny-gpt, tiny-bert, or the path or URL of a folder with config.json, tokenizer.json and model.safetensors
  TEXT    what the model reads; it fills in [MASK] where it has such a token, and else says what comes next

  --top N         predictions for each place, 1 to 1000 (5)
  --json          everything as JSON: model, tokens, predictions at every token, attention weights [layer][head][row][column]
  --threads N     most threads
  --build NAME    simd, relaxed or threads; the best that Node runs if it is left out
  --no-worker     run in the program's own thread
  --help, --version
`;

const kOptions = {
  top: { type: 'string', default: '5' },
  json: { type: 'boolean', default: false },
  threads: { type: 'string' },
  build: { type: 'string' },
  worker: { type: 'boolean', default: true },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** Wrong use: the program ends with 2 instead of 1. */
class UsageError extends Error {}

function whole(name: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > most)
    throw new UsageError(`--${name} is "${text}"; it has to be an integer from 1 to ${most}`);
  return number;
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: kOptions, allowPositionals: true, allowNegative: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  if (values.help) return void process.stdout.write(kHelp);
  if (values.version) {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    return void process.stdout.write(`${version}\n`);
  }
  const [command, model, text, ...more] = positionals;
  if (command !== 'run')
    throw new UsageError(command === undefined ? 'a command is missing' : `there is no command "${command}"`);
  if (model === undefined || text === undefined)
    throw new UsageError(`the ${model === undefined ? 'model' : 'text'} is missing`);
  if (more.length > 0) throw new UsageError(`"${more[0]}" is one argument too many: is the text in quotes?`);
  const { build, threads } = values;
  await run(model, text, {
    top: whole('top', values.top, 1000),
    json: values.json,
    engine: {
      worker: values.worker,
      ...(threads === undefined ? {} : { threads: whole('threads', threads, 64) }),
      ...(build === undefined ? {} : { build: build as Build }), // checked by the engine
    },
  });
}

// Who reads the output may have enough of it: limelight run ... | head
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError;
  if (!usage && !(error instanceof LimelightError)) throw error;
  process.stderr.write(`limelight: ${error.message}${usage ? ' (limelight --help says more)' : ''}\n`);
  process.exitCode = usage ? 2 : 1;
}
