// What the scripts share for talking: one-sentence failures, calm progress, child processes.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** A failure whose message is all that a person needs to read: one sentence, no stack. */
export class Sentence extends Error {}

/** Runs a script's main function; prints a Sentence as it is, anything unexpected with its stack. */
export async function main(body) {
  try {
    await body(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Sentence ? error.message : error);
    process.exitCode = 1;
  }
}

/** Whether `moduleUrl` is the script that node was started with. */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && moduleUrl === pathToFileURL(fs.realpathSync(process.argv[1])).href;
}

export function say(line) {
  console.log(line);
}

const kMegabyte = 1e6;

/** A progress line: rewritten in place on a terminal, a line per tenth elsewhere. */
export function progress(label) {
  const terminal = process.stdout.isTTY;
  let shown = '';
  let tenth = -1;
  const show = (text, final) => {
    if (terminal) {
      process.stdout.write(`\r${text.padEnd(shown.length)}${final ? '\n' : ''}`);
      shown = text;
    } else {
      console.log(text);
    }
  };
  return {
    bytes(done, total) {
      const step = Math.floor((10 * done) / Math.max(1, total));
      const text = `${label}: ${Math.round(done / kMegabyte)} of ${Math.round(total / kMegabyte)} MB`;
      if (text === shown || (!terminal && step === tenth)) return;
      tenth = step;
      show(text, false);
    },
    count(done, total) {
      const step = Math.floor((10 * done) / Math.max(1, total));
      if (!terminal && (step === tenth || step % 5 !== 0)) return;
      tenth = step;
      show(`${label}: ${done} of ${total}`, false);
    },
    end() {
      if (terminal && shown) process.stdout.write('\n');
    },
  };
}

/**
 * Runs a program to its end. Resolves to { code, output }: stdout and stderr together, kept only when
 * `quiet`; otherwise they go to the terminal. A program that cannot be started gives code 127.
 */
export function run(program, args, { cwd, env, quiet = false, input } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: env ?? process.env,
      stdio: [
        input === undefined ? 'ignore' : 'pipe',
        quiet ? 'pipe' : 'inherit',
        quiet ? 'pipe' : 'inherit',
      ],
    });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: String(error.message) }));
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 128, output: signal ? `${output}${signal}` : output }),
    );
    if (input !== undefined) child.stdin.end(input);
  });
}

/** The last lines of a program's output, for a failure message. */
export function lastLines(text, count = 12) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** The first executable file called one of `names` in the folders of `searchPath`. */
export function findOnPath(names, searchPath = process.env.PATH ?? '') {
  for (const name of [names].flat()) {
    for (const folder of searchPath.split(path.delimiter)) {
      if (!folder) continue;
      const file = path.join(folder, name);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        if (fs.statSync(file).isFile()) return file;
      } catch {
        // not here: look on
      }
    }
  }
  return undefined;
}
