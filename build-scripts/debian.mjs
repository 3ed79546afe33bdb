// A private prefix made of Debian 13 (trixie) packages, on Debian, Ubuntu and their descendants: no root, nothing of
// the system is changed. apt downloads into folders of our own; the packages are unpacked, and their
// programs are patched to find their loader and libraries inside the prefix, so they run beside any older system.
//
// Trust. Every package is verified before it is unpacked: its checksum stands in an index whose checksum stands in a
// release file that Debian's archive keys signed. The keys come from the keyring package of the system. Ubuntu has
// none installed, so there Debian's keyring package is fetched first and accepted only if it has the SHA-256 below,
// which was itself read from Debian's signed index. No key that the system holds for other archives is trusted here.
//
// An interrupted download goes on where it stopped (apt resumes). An interrupted unpacking starts over: `complete.json`
// is written last, and a prefix without it is deleted.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { findOnPath, lastLines, progress, run, Sentence, say } from './console.mjs';

const kSuite = 'trixie';
const kDefaultMirror = 'http://deb.debian.org/debian';
const kDebianSuites = /^(stable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)$/;
const kSystemKeyrings = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
];
const kKeyringPackage = {
  file: 'pool/main/d/debian-archive-keyring/debian-archive-keyring_2025.1_all.deb',
  sha256: '9ea7778e443144ca490668737a8ab22dd3e748bb99e805e22ec055abeb3c7fac',
};

// libstdc++ and libgcc_s serve everything; the C library is the one all of it was built against.
const kBase = ['libc6', 'libgcc-s1', 'libstdc++6', 'zlib1g', 'patchelf'];
const kGroups = {
  emscripten: [
    ...['emscripten', 'node-acorn', 'binaryen', 'clang-19', 'libclang-common-19-dev', 'lld-19', 'llvm-19'],
    ...['llvm-19-linker-tools', 'libllvm19', 'libclang-cpp19', 'libedit2', 'libbsd0', 'libmd0', 'libtinfo6'],
    ...['libffi8', 'libz3-4', 'libzstd1', 'libxml2', 'liblzma5', 'libicu76'],
  ],
  // Found through apt's own resolver (closure) because their libraries are many: cmake links curl and libarchive.
  python: ['python3'],
  cmake: ['cmake'],
  ninja: ['ninja-build'],
  xsimd: ['libxsimd-dev'],
  doctest: ['doctest-dev'],
  CLI: ['libcli11-dev'],
  doxygen: ['doxygen'],
  texts: ['r-cran-janeaustenr', 'sword-text-web'], // read as they are: no program of theirs runs
};
const kClosed = new Set(['python', 'cmake', 'ninja', 'doxygen']);
const kPlainGroups = new Set(['xsimd', 'doctest', 'CLI', 'texts']);

// Of Emscripten's 1.6 GB of system libraries, the variants that this project never links; and what no build reads.
const kLeftOut = [
  './usr/share/doc*',
  './usr/share/man*',
  './usr/share/lintian*',
  './usr/share/locale*',
  './usr/share/emscripten/test/*',
  './usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/pic/*',
  './usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/lto-pic/*',
  './usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/*-asan*',
  './usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/*-ww*',
  './usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/*libwasmfs*',
];

/** Of some groups: a prefix made by an older recipe is made anew. */
function recipeOf(groups) {
  const packages = groups.map((group) => kGroups[group]);
  return createHash('sha256')
    .update(JSON.stringify([kSuite, kBase, packages, kLeftOut]))
    .digest('hex');
}

// ---------------------------------------------------------------------------------------------- small pure parts

/** Whether os-release text is Debian's, Ubuntu's or a descendant's. */
export function isDebianLike(osRelease) {
  const values = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) =>
    match[1].split(/\s+/),
  );
  return values.includes('debian') || values.includes('ubuntu');
}

/**
 * The Debian mirrors that apt sources name (one-line and deb822 format), in their order: archives that serve a Debian
 * release by http(s) with the component main; not security archives, not other vendors'.
 */
export function debianMirrors(sources) {
  const mirrors = [];
  const add = (uri, suites, components) => {
    const serves = suites.some((suite) => kDebianSuites.test(suite)) && components.includes('main');
    const plain = /^https?:\/\//.test(uri) && !/security/.test(uri);
    const mirror = uri.replace(/\/+$/, '');
    if (serves && plain && !mirrors.includes(mirror)) mirrors.push(mirror);
  };
  for (const line of sources.split('\n')) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.replace(/#.*/, ''));
    if (match) add(match[1], [match[2]], match[3].trim().split(/\s+/));
  }
  for (const stanza of sources.replace(/^#.*\n/gm, '').split(/\n\s*\n/)) {
    const field = (name) =>
      new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t]+.*)*)$`, 'im').exec(stanza)?.[1].trim().split(/\s+/) ?? [];
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') continue;
    for (const uri of field('URIs')) add(uri, field('Suites'), field('Components'));
  }
  return mirrors;
}

/** Lines of `apt-get --print-uris` as { file, size, sha256 }. */
export function parseUris(text) {
  return [...text.matchAll(/^'[^']+' (\S+) (\d+) SHA256:([0-9a-f]{64})$/gm)].map((match) => ({
    file: match[1],
    size: Number(match[2]),
    sha256: match[3],
  }));
}

/** Package names that `apt-get --simulate install` would install, without those that only serve a whole system. */
export function parseSimulation(text) {
  const names = [...text.matchAll(/^Inst (\S+)/gm)].map((match) => match[1].replace(/:.*/, ''));
  return names.filter((name) => !kSystemOnly.has(name));
}

const kSystemOnly = new Set(
  'dpkg tar debconf tzdata init-system-helpers procps netbase media-types openssl openssl-provider-legacy perl-base gcc-14-base readline-common libsystemd0'.split(
    ' ',
  ),
);

// --------------------------------------------------------------------------------------------------- the machine

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Whether packages can be had here: a Debian-like Linux on a processor that Debian 13 serves, with apt. */
export function isSupported() {
  const processor = process.arch === 'x64' || process.arch === 'arm64';
  const debianLike = isDebianLike(readText('/etc/os-release'));
  return (
    process.platform === 'linux' &&
    processor &&
    debianLike &&
    Boolean(findOnPath('apt-get') && findOnPath('dpkg-deb'))
  );
}

function ownMirrors() {
  const folder = '/etc/apt/sources.list.d';
  const more = fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name))
    : [];
  const files = ['/etc/apt/sources.list', ...more.map((name) => path.join(folder, name))];
  return debianMirrors(files.map(readText).join('\n\n'));
}

function architecture() {
  return process.arch === 'x64'
    ? { name: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'usr/lib64/ld-linux-x86-64.so.2' }
    : { name: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'usr/lib/ld-linux-aarch64.so.1' };
}

// -------------------------------------------------------------------------------------------------- private apt

/** An apt that has its own configuration, sources, keys, state and cache under `folder`. */
class PrivateApt {
  constructor(folder) {
    this.folder = folder;
    this.downloads = path.join(folder, 'packages');
    this.env = {
      ...process.env,
      APT_CONFIG: path.join(folder, 'apt.conf'),
      LC_ALL: 'C',
      DEBIAN_FRONTEND: 'noninteractive',
    };
    for (const inside of [
      'state/lists/partial',
      'cache/archives/partial',
      'etc',
      'empty',
      'trusted',
      'log',
      'packages',
    ]) {
      fs.mkdirSync(path.join(folder, inside), { recursive: true });
    }
    fs.writeFileSync(path.join(folder, 'status'), ''); // as if nothing were installed
  }

  async configure() {
    const at = (name) => `"${path.join(this.folder, name)}"`;
    // The machine's way out to the network (proxies, timeouts) is kept.
    const { output } = await run('apt-config', ['dump'], {
      quiet: true,
      env: { ...process.env, LC_ALL: 'C' },
    });
    const network = output.split('\n').filter((line) => /^Acquire::https?::.*".+";$/.test(line));
    const lines = [
      `Dir ${at('.')};`,
      'Dir::State "state";',
      `Dir::State::status ${at('status')};`,
      'Dir::Cache "cache";',
      'Dir::Log "log";',
      `Dir::Etc ${at('etc')};`,
      `Dir::Etc::sourcelist ${at('sources.list')};`,
      ...['sourceparts', 'parts', 'preferencesparts'].map((name) => `Dir::Etc::${name} ${at('empty')};`),
      'Dir::Etc::trusted "/dev/null";',
      `Dir::Etc::trustedparts ${at('trusted')};`,
      `APT::Architecture "${architecture().name}";`,
      `APT::Architectures { "${architecture().name}"; };`,
      'APT::Install-Recommends "false";',
      'APT::Sandbox::User "root";', // as root, apt would hand downloads to a user who may not read this folder
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
      ...network,
    ];
    fs.writeFileSync(this.env.APT_CONFIG, `${lines.join('\n')}\n`);
  }

  get(args, cwd = this.folder) {
    return run('apt-get', args, { quiet: true, env: this.env, cwd });
  }

  async useMirror(mirror) {
    await this.#trust(mirror);
    fs.writeFileSync(path.join(this.folder, 'sources.list'), `deb ${mirror} ${kSuite} main\n`);
    const { code, output } = await this.get(['update', '-o', 'APT::Update::Error-Mode=any']);
    if (code !== 0) throw new Sentence(lastLines(output, 3));
  }

  async #trust(mirror) {
    const target = path.join(this.folder, 'trusted', 'debian-archive-keyring.gpg');
    const system = kSystemKeyrings.find((file) => fs.existsSync(file));
    if (system) return fs.copyFileSync(system, target);
    const response = await fetch(`${mirror}/${kKeyringPackage.file}`).catch(() => undefined);
    const bytes = response?.ok ? Buffer.from(await response.arrayBuffer()) : Buffer.alloc(0);
    if (createHash('sha256').update(bytes).digest('hex') !== kKeyringPackage.sha256) {
      throw new Sentence(
        "Debian's archive keys could not be fetched: please install the package debian-archive-keyring.",
      );
    }
    const file = path.join(this.folder, 'keyring.deb');
    fs.writeFileSync(file, bytes);
    await unpack(file, path.join(this.folder, 'keyring'), []);
    const inside = kSystemKeyrings
      .map((name) => path.join(this.folder, 'keyring', name))
      .find((name) => fs.existsSync(name));
    fs.copyFileSync(inside, target);
  }

  /** The packages of `groups`, with the libraries of those that are resolved by apt. */
  async resolve(groups) {
    const names = new Set(groups.every((group) => kPlainGroups.has(group)) ? [] : kBase);
    for (const group of groups) for (const name of kGroups[group]) names.add(name);
    const closed = groups.filter((group) => kClosed.has(group)).flatMap((group) => kGroups[group]);
    if (closed.length > 0) {
      const { code, output } = await this.get(['--simulate', 'install', ...closed]);
      if (code !== 0) throw new Sentence(`Debian's packages could not be resolved:\n${lastLines(output, 4)}`);
      for (const name of parseSimulation(output)) names.add(name);
    }
    return [...names];
  }

  /** Downloads packages, going on where an earlier attempt stopped; gives the files, each verified. */
  async download(names) {
    const listing = await this.get(['--print-uris', 'download', ...names], path.join(this.folder, 'empty'));
    const wanted = parseUris(listing.output).map((entry) => ({
      ...entry,
      path: path.join(this.downloads, entry.file),
    }));
    if (listing.code !== 0 || wanted.length !== names.length) {
      throw new Sentence(`Debian's packages could not be listed:\n${lastLines(listing.output, 4)}`);
    }
    const total = wanted.reduce((sum, { size }) => sum + size, 0);
    const have = () => wanted.reduce((sum, entry) => sum + (sizeOf(entry.path) ?? 0), 0);
    const shown = progress("Fetching Debian's packages");
    const timer = setInterval(() => shown.bytes(have(), total), 200);
    let result;
    let damaged;
    try {
      // apt takes a file of an earlier attempt for good when its size is right, and goes on with a shorter one; so all
      // are compared with the signed checksums here, and what differs is fetched once more from its beginning.
      for (let attempt = 0; attempt < 2; ++attempt) {
        result = await this.get(['download', ...names], this.downloads);
        damaged = await differing(wanted);
        if (damaged.length === 0) break;
        for (const { path: file, size } of damaged) if ((sizeOf(file) ?? 0) >= size) fs.rmSync(file);
      }
    } finally {
      clearInterval(timer);
    }
    if (damaged.length > 0) {
      shown.end();
      throw new Sentence(
        `The download from Debian's mirror did not finish; run this again to go on with it.\n${lastLines(result.output, 4)}`,
      );
    }
    shown.bytes(total, total);
    shown.end();
    return wanted.map((entry) => entry.path);
  }
}

function sizeOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.size;
}

/** The entries whose files are not, byte for byte, what the signed index says. */
async function differing(wanted) {
  const wrong = [];
  for (const entry of wanted) {
    const hash = createHash('sha256');
    if (sizeOf(entry.path) === entry.size)
      for await (const chunk of fs.createReadStream(entry.path)) hash.update(chunk);
    if (hash.digest('hex') !== entry.sha256) wrong.push(entry);
  }
  return wrong;
}

// -------------------------------------------------------------------------------------------- unpack and patch

function unpack(file, target, leftOut) {
  fs.mkdirSync(target, { recursive: true });
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Sentence(`${path.basename(file)} could not be unpacked: ${why}.`));
    const deb = spawn('dpkg-deb', ['--fsys-tarfile', file], { stdio: ['ignore', 'pipe', 'ignore'] });
    const excludes = leftOut.map((pattern) => `--exclude=${pattern}`);
    const tar = spawn('tar', ['-x', '-f', '-', '-C', target, '--no-same-owner', ...excludes], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    deb.stdout.pipe(tar.stdin).on('error', () => {}); // tar's own exit code tells
    let message = '';
    tar.stderr.on('data', (chunk) => {
      message += chunk;
    });
    deb.on('error', () => fail('dpkg-deb is missing'));
    tar.on('error', () => fail('tar is missing'));
    const codes = [];
    const done = (code) => {
      if (codes.push(code) < 2) return;
      if (codes.every((value) => value === 0)) resolve();
      else fail(message.trim().split('\n').at(-1) || 'the package is damaged');
    };
    deb.on('close', done);
    tar.on('close', done);
  });
}

/** The first bytes of a regular ELF file; undefined for any other. */
function elfHeader(file) {
  const status = fs.lstatSync(file);
  if (!status.isFile() || status.size < 64) return undefined;
  const handle = fs.openSync(file, 'r');
  const header = Buffer.alloc(20);
  fs.readSync(handle, header, 0, header.length, 0);
  fs.closeSync(handle);
  return header.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46])) ? header : undefined;
}

/** Linked to run at one address only (ELF type EXEC): patchelf breaks such programs. Debian's Python is one. */
function hasFixedAddress(file) {
  return elfHeader(file).readUInt16LE(16) === 2;
}

/** Puts a script in a program's place that starts it through the prefix's loader. */
function wrap(file, loader, libraries) {
  fs.renameSync(file, `${file}.bin`);
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const command = [loader, '--argv0', file, '--library-path', libraries, `${file}.bin`].map(quote).join(' ');
  fs.writeFileSync(file, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
}

function elfFiles(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter(elfHeader);
}

/**
 * Makes programs in the prefix run from it. A program gets the prefix's loader and an RPATH (not RUNPATH: an RPATH
 * also holds for what the libraries themselves need, so nothing falls through to an older system library). Libraries
 * that bring a RUNPATH lose it, because it would switch that off. The C library, libstdc++ and libgcc have none; they
 * are also what patchelf runs on and stay untouched.
 */
async function patch(prefix) {
  const { triplet, loader } = architecture();
  const libraries = path.join(prefix, 'usr/lib', triplet);
  const programs = [path.join(prefix, 'usr/bin'), path.join(prefix, 'usr/lib/llvm-19/bin')].flatMap(elfFiles);
  const patchelf = (args) =>
    run(
      path.join(prefix, loader),
      ['--library-path', libraries, path.join(prefix, 'usr/bin/patchelf'), ...args],
      {
        quiet: true,
      },
    );
  const must = async (args) => {
    const { code, output } = await patchelf(args);
    if (code !== 0) throw new Sentence(`The downloaded tools could not be set up:\n${lastLines(output, 4)}`);
  };
  const ownPatchelf = programs.filter((file) => path.basename(file) === 'patchelf');
  const others = programs.filter((file) => !ownPatchelf.includes(file));
  const isDynamic = await Promise.all(
    others.map(async (file) => (await patchelf(['--print-interpreter', file])).code === 0),
  );
  const dynamic = others.filter((_, i) => isDynamic[i]);
  const [fixed, movable] = [
    dynamic.filter(hasFixedAddress),
    dynamic.filter((file) => !hasFixedAddress(file)),
  ];
  for (const file of fixed) wrap(file, path.join(prefix, loader), libraries);
  if (movable.length > 0) {
    await must([
      '--set-interpreter',
      path.join(prefix, loader),
      '--force-rpath',
      '--set-rpath',
      libraries,
      ...movable,
    ]);
  }
  for (const folder of [libraries, path.join(prefix, 'usr/lib/llvm-19/lib')]) {
    for (const file of elfFiles(folder)) {
      if (!/\.so(\.|$)/.test(file) || /\/(ld-linux|lib(c|m|stdc\+\+|gcc_s)\.so)/.test(file)) continue;
      const { code, output } = await patchelf(['--print-rpath', file]);
      if (code === 0 && output.trim()) await must(['--remove-rpath', file]);
    }
  }
}

// ---------------------------------------------------------------------------------------------------- the prefix

/** What the rest of the build needs to know about a finished prefix. */
class Packages {
  constructor(prefix) {
    this.prefix = prefix;
    this.include = path.join(prefix, 'usr/include');
  }

  program(name) {
    return path.join(this.prefix, 'usr/bin', name);
  }

  get emscripten() {
    const root = path.join(this.prefix, 'usr/share/emscripten');
    const version = readText(path.join(root, 'emscripten-version.txt')).replace(/["\s]/g, '');
    return { root, version };
  }

  /** Writes Emscripten's configuration: Debian's own points into /usr. */
  async configureEmscripten() {
    const { root } = this.emscripten;
    const text = (value) => JSON.stringify(value);
    fs.mkdirSync(path.join(root, 'node_modules'), { recursive: true });
    const acorn = path.join(root, 'node_modules/acorn');
    fs.rmSync(acorn, { recursive: true, force: true });
    fs.symlinkSync('../../nodejs/acorn', acorn);
    fs.writeFileSync(
      path.join(root, '.emscripten'),
      `LLVM_ROOT = ${text(path.join(this.prefix, 'usr/lib/llvm-19/bin'))}\n` +
        `BINARYEN_ROOT = ${text(path.join(this.prefix, 'usr'))}\n` +
        `NODE_JS = ${text(process.execPath)}\n` +
        'FROZEN_CACHE = True\n', // the packaged system libraries suffice, and are not written to
    );
  }
}

/** A prefix under `directory` that has all of `groups`; made, or made anew, when there is none. `what` says so. */
export async function ensurePackages(groups, directory, what) {
  const prefix = path.join(directory, 'debian');
  const stamp = path.join(prefix, 'complete.json');
  try {
    const complete = JSON.parse(fs.readFileSync(stamp, 'utf8'));
    const fits = complete.prefix === prefix && complete.recipe === recipeOf(complete.groups);
    if (fits && groups.every((group) => complete.groups.includes(group))) return new Packages(prefix);
  } catch {
    // no prefix yet, or a half-made one
  }
  fs.rmSync(prefix, { recursive: true, force: true });
  say(`Setting up ${what}.`);

  const apt = new PrivateApt(path.join(directory, 'apt'));
  await apt.configure();
  const mirrors = [...new Set([...ownMirrors(), kDefaultMirror])];
  let failure;
  for (const mirror of mirrors) {
    try {
      await apt.useMirror(mirror);
      failure = undefined;
      break;
    } catch (error) {
      failure = error;
    }
  }
  if (failure) {
    throw new Sentence(
      `Debian's packages could not be reached at ${mirrors.join(' or ')}: please connect to the network and run this again.\n${failure.message}`,
    );
  }

  const files = await apt.download(await apt.resolve(groups));
  const shown = progress('Unpacking');
  // Largest first, two at a time: most of the time goes into one big package, the rest fit beside it.
  const queue = files.map((file) => ({ file, size: fs.statSync(file).size })).sort((a, b) => b.size - a.size);
  let unpacked = 0;
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await unpack(next.file, prefix, kLeftOut);
      shown.count(++unpacked, files.length);
    }
  };
  await Promise.all([worker(), worker()]);
  shown.end();
  if (fs.existsSync(path.join(prefix, 'usr/bin/patchelf'))) await patch(prefix);
  fs.writeFileSync(`${stamp}.new`, JSON.stringify({ prefix, groups, recipe: recipeOf(groups) }));
  fs.renameSync(`${stamp}.new`, stamp);
  fs.rmSync(apt.folder, { recursive: true, force: true });
  return new Packages(prefix);
}
