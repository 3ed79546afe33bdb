// What a user downloads of each library for attention in the calling thread: the package's own files, and brotli.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const kPeerFiles = {
  ort: ['onnxruntime-web/dist/ort.wasm.bundle.min.mjs', 'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'],
  tfjs: [
    '@tensorflow/tfjs-core/dist/tf-core.min.js',
    '@tensorflow/tfjs-backend-cpu/dist/tf-backend-cpu.min.js',
    '@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js',
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  ],
};

/** Scripts that the package's entry for a build reaches for attention, and the build's own two files. */
function ownFiles(folder, build) {
  const scripts = new Set();
  const follow = (name) => {
    if (scripts.has(name) || !fs.existsSync(path.join(folder, name))) return;
    scripts.add(name);
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    for (const [, next] of text.matchAll(/["']\.\/((?:shared-)[\w-]+\.js)["']/g)) follow(next);
  };
  follow('index.js');
  const inWorker = build === 'threads';
  if (inWorker) for (const name of ['worker.js', 'helper.js']) follow(name);
  // The models' tokenizer is nobody's here; the other two are the worker's.
  const unused = inWorker ? /^shared-(tokenizers|esm)\.js$/ : /^shared-(remote|threads|tokenizers|esm)\.js$/;
  return [
    ...[...scripts].filter((name) => !unused.test(name)),
    `limelight-arrays-${build}.js`,
    `limelight-arrays-${build}.wasm`,
  ];
}

/** Bytes after brotli; kept in `memory` (a file) by content, because 14 MB take half a minute. */
function packedSize(bytes, memory) {
  const known = fs.existsSync(memory) ? JSON.parse(fs.readFileSync(memory, 'utf8')) : {};
  const key = createHash('sha256').update(bytes).digest('hex');
  if (known[key] === undefined) {
    known[key] = zlib.brotliCompressSync(bytes).length;
    fs.writeFileSync(memory, JSON.stringify(known));
  }
  return known[key];
}

export function shippedBytes(contestant, { packageFolder, peersFolder }) {
  const peer = kPeerFiles[contestant];
  const files = peer
    ? peer.map((name) => path.join(peersFolder, name))
    : ownFiles(packageFolder, contestant).map((name) => path.join(packageFolder, name));
  const memory = path.join(peersFolder, '../../packed-sizes.json');
  const contents = files.map((file) => fs.readFileSync(file));
  return {
    raw: contents.reduce((sum, { length }) => sum + length, 0),
    brotli: contents.reduce((sum, bytes) => sum + packedSize(bytes, memory), 0),
  };
}
