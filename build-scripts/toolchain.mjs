// Finds the tools that build Limelight, or makes them: emcc (>= 3.1.60), cmake (>= 3.21), ninja or make, python3
// (emcc is a Python program) and the C++ headers xsimd (>= 13), doctest and CLI11.
//
// What the machine has is used. What it lacks comes, on Debian and Ubuntu, from Debian 13's packages, unpacked into
// .toolchain/ without root and without touching the system (debian.mjs); elsewhere one sentence says what to install.
//
//   node build-scripts/toolchain.mjs            set up what is missing and print where everything is
//   node build-scripts/toolchain.mjs --json     the same, as JSON
//
// Layout of .toolchain/ (ignored by git, safe to delete at any time):
//   toolchain.json     what was found; written last, so its absence means "not finished"
//   emscripten.cmake   the CMake toolchain file that the presets name
//   include/           xsimd, doctest, CLI and nothing else: a folder that a wasm compiler may search
//   bin/               links to the tools that came from packages
//   debian/            those packages, patched in place: this folder cannot be moved
//   docs/debian/       Doxygen's packages, where `npm run docs` had to fetch it

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isMain, lastLines, main, run, Sentence, say } from './console.mjs';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const kDirectory = resolveLink(path.join(root, '.toolchain')); // may be a link: then several checkouts share one
const kStamp = path.join(kDirectory, 'toolchain.json');

export const kEmccVersion = [3, 1, 60];
export const kCmakeVersion = [3, 21, 0]; // presets with toolchainFile
export const kPythonVersion = [3, 8, 0];
const kXsimdMajor = 13; // the first with a wasm architecture that has everything the kernels use

function resolveLink(file) {
  return fs.existsSync(file) ? fs.realpathSync(file) : file;
}

// ---------------------------------------------------------------------------------------------- small pure parts

/** The first `a.b.c` or `a.b` in a text, as three numbers; undefined when there is none. */
export function parseVersion(text) {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)] : undefined;
}

/** Whether version `have` is `want` or newer. */
export function atLeast(have, want) {
  if (!have) return false;
  for (let i = 0; i < 3; ++i) if (have[i] !== want[i]) return have[i] > want[i];
  return true;
}

/** Where emcc may be, best first: EMSDK, then PATH. */
export function emccCandidates(env = process.env) {
  const candidates = [];
  if (env.EMSDK) {
    const inside = path.join(env.EMSDK, 'upstream', 'emscripten', 'emcc');
    if (fs.existsSync(inside)) candidates.push(inside);
  }
  const onPath = findOnPath('emcc', env.PATH);
  if (onPath && !candidates.includes(onPath)) candidates.push(onPath);
  return candidates;
}

/** XSIMD_VERSION_MAJOR of the xsimd headers in a folder; 0 when they are not there. */
export function xsimdMajor(includeFolder) {
  try {
    const config = fs.readFileSync(path.join(includeFolder, 'xsimd/config/xsimd_config.hpp'), 'utf8');
    return Number(/XSIMD_VERSION_MAJOR\s+(\d+)/.exec(config)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const kHeaders = {
  xsimd: (folder) => xsimdMajor(folder) >= kXsimdMajor,
  doctest: (folder) => fs.existsSync(path.join(folder, 'doctest/doctest.h')),
  CLI: (folder) => fs.existsSync(path.join(folder, 'CLI/CLI.hpp')),
};

/** The folder of the system that has each header library, undefined where none does. */
export function findHeaders(folders) {
  return Object.fromEntries(
    Object.entries(kHeaders).map(([name, suits]) => [name, folders.find((folder) => suits(folder))]),
  );
}

function systemIncludeFolders(env = process.env) {
  const own = (env.CPATH ?? '').split(path.delimiter).filter(Boolean);
  return [...own, '/usr/local/include', '/opt/homebrew/include', '/opt/local/include', '/usr/include'];
}

// --------------------------------------------------------------------------------------------------- the machine

async function versionOf(program, args = ['--version'], env = process.env) {
  if (!program) return undefined;
  const { code, output } = await run(program, args, { quiet: true, env });
  return code === 0 ? parseVersion(output) : undefined;
}

/** An emcc of the machine that is new enough: { root, version }. */
async function findEmscripten() {
  for (const emcc of emccCandidates()) {
    const version = await versionOf(emcc);
    if (!atLeast(version, kEmccVersion)) continue;
    const config = path.join(path.dirname(emcc), 'em-config');
    const { code, output } = await run(config, ['EMSCRIPTEN_ROOT'], { quiet: true });
    const folder = code === 0 ? output.trim().split('\n').at(-1) : path.dirname(fs.realpathSync(emcc));
    if (fs.existsSync(path.join(folder, 'cmake/Modules/Platform/Emscripten.cmake'))) {
      return { root: folder, version: version.join('.') };
    }
  }
  return undefined;
}

async function findMachineTools() {
  const python = findOnPath('python3');
  const cmake = findOnPath('cmake');
  const make = findOnPath(['ninja', 'ninja-build', 'make', 'gmake']);
  const [pythonVersion, cmakeVersion] = await Promise.all([versionOf(python), versionOf(cmake)]);
  const havePython = atLeast(pythonVersion, kPythonVersion);
  return {
    python: havePython ? python : undefined,
    cmake: atLeast(cmakeVersion, kCmakeVersion) ? cmake : undefined,
    make,
    emscripten: await findEmscripten(),
    headers: findHeaders(systemIncludeFolders()),
  };
}

/** The names of the package groups that fill what `found` lacks. */
export function missingGroups(found) {
  const groups = [];
  if (!found.emscripten) groups.push('emscripten');
  if (!found.python) groups.push('python');
  if (!found.cmake) groups.push('cmake');
  if (!found.make) groups.push('ninja');
  for (const name of Object.keys(kHeaders)) if (!found.headers[name]) groups.push(name);
  return groups;
}

const kInstallNames = {
  emscripten: 'Emscripten 3.1.60 or newer (emcc on PATH, or EMSDK set)',
  python: 'Python 3.8 or newer',
  cmake: 'CMake 3.21 or newer',
  ninja: 'ninja or make',
  xsimd: 'the xsimd headers, 13 or newer',
  doctest: 'the doctest headers',
  CLI: 'the CLI11 headers',
};

/** The one sentence for a machine that packages cannot be fetched for. */
export function installSentence(groups) {
  const names = groups.map((group) => kInstallNames[group]);
  const list = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0];
  return `Please install ${list}, then run this again: on this system they cannot be fetched automatically (on Debian and Ubuntu they can).`;
}

// -------------------------------------------------------------------------------------------------- the stamp

/** What the stamp depends on besides the files it names: these scripts, the place of the tools and EMSDK. */
function stampKey() {
  const hash = createHash('sha256');
  for (const script of ['toolchain.mjs', 'debian.mjs']) {
    hash.update(fs.readFileSync(path.join(root, 'build-scripts', script)));
  }
  return hash.update(`\0${kDirectory}\0${process.env.EMSDK ?? ''}`).digest('hex');
}

/** The finished toolchain, or undefined when it has to be set up (again). Costs some file checks. */
export function loadToolchain() {
  try {
    const tools = JSON.parse(fs.readFileSync(kStamp, 'utf8'));
    const paths = [tools.emcc, tools.cmake, tools.make, tools.python, tools.cmakeToolchain, tools.include];
    return tools.key === stampKey() && paths.every((file) => fs.existsSync(file)) ? tools : undefined;
  } catch {
    return undefined;
  }
}

/** The environment in which cmake and emcc run: the tools first on PATH, and no other Emscripten's settings. */
export function toolEnvironment(tools, env = process.env) {
  const result = {
    ...env,
    PATH: [path.join(kDirectory, 'bin'), env.PATH].filter(Boolean).join(path.delimiter),
  };
  if (tools.private) {
    result.EM_CONFIG = path.join(path.dirname(tools.emcc), '.emscripten');
    for (const key of ['EM_LLVM_ROOT', 'EM_BINARYEN_ROOT', 'EM_CACHE', 'EM_FROZEN_CACHE']) delete result[key];
    result.EM_NODE_JS = process.execPath;
  }
  result.EMSDK_PYTHON = tools.python;
  return result;
}

// ----------------------------------------------------------------------------------------------- setting it up

function link(target, file) {
  fs.rmSync(file, { recursive: true, force: true });
  fs.symlinkSync(target, file);
}

/** One process at a time sets the toolchain up; the others wait for it. A dead owner's lock is taken over. */
async function withLock(body) {
  const lock = path.join(kDirectory, 'lock');
  let waited = false;
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!ownerLives(lock)) {
        fs.rmSync(lock, { force: true });
        continue;
      }
      if (!waited) say('Waiting for another setup of the toolchain to finish.');
      waited = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  try {
    return await body();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function ownerLives(lock) {
  try {
    const pid = Number(fs.readFileSync(lock, 'utf8'));
    // An empty file is a lock that is being written at this moment.
    if (!pid) return Date.now() - fs.statSync(lock).mtimeMs < 2000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The tools, set up now if need be. */
export async function ensureToolchain() {
  const ready = loadToolchain();
  if (ready) return ready;
  fs.mkdirSync(kDirectory, { recursive: true });
  return withLock(async () => loadToolchain() ?? (await setUp()));
}

async function setUp() {
  fs.rmSync(kStamp, { force: true });
  const found = await findMachineTools();
  const groups = missingGroups(found);
  let packages;
  if (groups.length > 0) {
    const debian = await import('./debian.mjs');
    if (!debian.isSupported()) throw new Sentence(installSentence(groups));
    packages = await debian.ensurePackages(
      groups,
      kDirectory,
      'the C++ compiler for WebAssembly (once; about 350 MB to fetch, 800 MB on disk, under .toolchain/)',
    );
  }

  // Emscripten's own scripts are CommonJS; without this, the project's "type": "module" would reach them.
  fs.writeFileSync(path.join(kDirectory, 'package.json'), '{ "type": "commonjs" }\n');
  const bin = path.join(kDirectory, 'bin');
  const include = path.join(kDirectory, 'include');
  for (const folder of [bin, include]) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder);
  }
  const tool = (own, group, program) => {
    if (own) return own;
    link(packages.program(program), path.join(bin, group === 'python' ? 'python3' : program));
    return packages.program(program);
  };
  const python = tool(found.python, 'python', 'python3.13');
  const cmake = tool(found.cmake, 'cmake', 'cmake');
  const make = tool(found.make, 'ninja', 'ninja');
  for (const [name, folder] of Object.entries(found.headers)) {
    link(path.join(folder ?? packages.include, name), path.join(include, name));
  }
  if (!found.emscripten) await packages.configureEmscripten(python);
  const emscripten = found.emscripten ?? packages.emscripten;

  const cmakeToolchain = path.join(kDirectory, 'emscripten.cmake');
  const quote = (text) => `"${text.replace(/[\\"$]/g, '\\$&')}"`;
  fs.writeFileSync(
    cmakeToolchain,
    `# Written by build-scripts/toolchain.mjs.\nset(EMSCRIPTEN_ROOT_PATH ${quote(emscripten.root)})\n` +
      `include(${quote(path.join(emscripten.root, 'cmake/Modules/Platform/Emscripten.cmake'))})\n`,
  );
  const tools = {
    key: stampKey(),
    private: !found.emscripten,
    emcc: path.join(emscripten.root, 'emcc'),
    emccVersion: emscripten.version,
    python,
    cmake,
    make,
    generator: /ninja/.test(path.basename(make)) ? 'Ninja' : 'Unix Makefiles',
    cmakeToolchain,
    include,
  };
  await prove(tools);
  fs.writeFileSync(`${kStamp}.new`, `${JSON.stringify(tools, undefined, 2)}\n`);
  fs.renameSync(`${kStamp}.new`, kStamp);
  return tools;
}

/** Compiles, links and runs a small program, so that a toolchain called ready is one that works. */
async function prove(tools) {
  const folder = fs.mkdtempSync(path.join(kDirectory, 'proof-'));
  try {
    const source = path.join(folder, 'proof.cpp');
    const script = path.join(folder, 'proof.cjs');
    fs.writeFileSync(
      source,
      '#include <cstdio>\n#include <vector>\n#include <xsimd/xsimd.hpp>\n' +
        'int main() { std::vector<float> v(4, 10.5f); auto b = xsimd::load_unaligned(v.data());\n' +
        '  std::printf("%d\\n", static_cast<int>(xsimd::reduce_add(b))); }\n',
    );
    const args = [
      source,
      '-std=c++20',
      '-O2',
      '-msimd128',
      `-I${tools.include}`,
      '-sENVIRONMENT=node',
      '-o',
      script,
    ];
    const compiled = await run(tools.emcc, args, { quiet: true, env: toolEnvironment(tools) });
    const ran = compiled.code === 0 ? await run(process.execPath, [script], { quiet: true }) : compiled;
    if (ran.code !== 0 || ran.output.trim() !== '42') {
      throw new Sentence(
        `The C++ compiler for WebAssembly (${tools.emcc}) does not work:\n${lastLines(ran.output)}`,
      );
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    const tools = await ensureToolchain();
    if (args.includes('--json')) return say(JSON.stringify(tools, undefined, 2));
    for (const name of ['emcc', 'cmake', 'make', 'python', 'include'])
      say(`${name.padEnd(8)} ${tools[name]}`);
  });
}
