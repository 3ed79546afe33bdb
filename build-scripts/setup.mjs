// What has to be there before anything is built: a Node that is new enough and the npm packages of the lock file.
// Runs with nothing installed.

import fs from 'node:fs';
import path from 'node:path';
import { findOnPath, run, Sentence, say } from './console.mjs';
import { atLeast, parseVersion, root } from './toolchain.mjs';

const kNodeVersion = [20, 19, 0];

/** Node 20 knows relaxed SIMD behind this flag; newer ones have it always and refuse the flag. */
export const kRelaxedSimdFlags =
  parseVersion(process.versions.node)[0] < 22 ? ['--experimental-wasm-relaxed-simd'] : [];

export function checkNode(version = process.versions.node) {
  if (atLeast(parseVersion(version), kNodeVersion)) return;
  throw new Sentence(
    `Limelight needs Node 20.19 or newer, and this is ${version}: please install a newer one (nodejs.org).`,
  );
}

/**
 * Whether node_modules holds what the lock file says: npm leaves its own copy of the lock, written last, and packages
 * for other systems (optional ones) are absent from it.
 */
export function dependenciesMatch(lock, installed) {
  return Object.entries(lock.packages ?? {}).every(
    ([name, wanted]) =>
      name === '' ||
      (installed.packages?.[name] ? installed.packages[name].version === wanted.version : wanted.optional),
  );
}

function dependenciesReady(folder) {
  try {
    const read = (file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
    return dependenciesMatch(read('package-lock.json'), read('node_modules/.package-lock.json'));
  } catch {
    return false;
  }
}

/** What npm said, without its help text. */
function errorLines(output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!) ./.test(line));
  return lines.slice(0, 6).join('\n');
}

/** Installs the npm packages of the lock file in `folder` unless they are there. */
export async function ensureDependencies(folder = root, what = 'npm packages') {
  if (dependenciesReady(folder)) return;
  const own = process.env.npm_execpath; // set when npm started us
  const npm = own?.endsWith('.js') ? [process.execPath, own] : [findOnPath('npm')];
  if (!npm[0]) throw new Sentence('npm was not found on PATH: please install it (it comes with Node).');
  say(`Installing ${what} (once).`);
  // No package that is used here needs an install script.
  const args = [...npm.slice(1), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await run(npm[0], args, { cwd: folder, quiet: true });
  if (code !== 0) {
    throw new Sentence(
      `The npm packages could not be installed; run this again when the network is there.\n${errorLines(output)}`,
    );
  }
}
