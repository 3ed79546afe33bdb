// What the benchmark needs of its place, in Node.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** User and system time of this thread where Node tells it, of the process elsewhere (compilers and collectors too). */
function cpuSeconds() {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1e6;
}

export function nodeHost(settings) {
  return {
    ...settings,
    clock: () => ({ cpu: cpuSeconds(), wall: performance.now() / 1e3 }),
    importPackage: () => import(pathToFileURL(path.join(settings.packageFolder, 'index.js')).href),
    async importPeer(name) {
      if (name === 'ort') {
        const file = 'onnxruntime-web/dist/ort.node.min.mjs';
        return import(pathToFileURL(path.join(settings.peersFolder, file)).href);
      }
      const require = createRequire(path.join(settings.peersFolder, 'x.cjs'));
      const tf = require('@tensorflow/tfjs-core');
      return { tf, wasm: require('@tensorflow/tfjs-backend-wasm') };
    },
    peerUrl: (file) => path.join(settings.peersFolder, file),
    probeBytes: (build) => fs.readFileSync(path.join(settings.probeFolder, `limelight-probe-${build}.wasm`)),
  };
}
