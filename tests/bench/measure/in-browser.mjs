// The benchmark's place in a browser: the page's driver calls runBench(settings) and hears of results through benchTell.

import { runSuite } from './suite.mjs';

/** A classic script, which leaves its library in a global. */
function addScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${url} did not load`));
    document.head.append(script);
  });
}

const kPeers = '/peers/';

function hostOf(settings) {
  const tell = (message) => globalThis.benchTell(JSON.stringify(message));
  return {
    ...settings,
    // The wall is read on the near side of the driver's answer.
    async clock(end = false) {
      const before = performance.now();
      const cpu = settings.cpuClock ? await globalThis.benchCpu() : 0;
      return { cpu, wall: (end ? before : performance.now()) / 1e3 };
    },
    report: (result) => tell({ result }),
    note: (note) => tell({ note }),
    importPackage: () => import(new URL('/dist/index.js', location.href).href),
    async importPeer(name) {
      if (name === 'ort') return import(`${kPeers}onnxruntime-web/dist/ort.wasm.bundle.min.mjs`);
      await addScript(`${kPeers}@tensorflow/tfjs-core/dist/tf-core.min.js`);
      await addScript(`${kPeers}@tensorflow/tfjs-backend-cpu/dist/tf-backend-cpu.min.js`);
      await addScript(`${kPeers}@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js`);
      const { tf } = globalThis;
      return { tf, wasm: tf.wasm };
    },
    peerUrl: (file) => new URL(`${kPeers}${file}`, location.href).href,
    probeBytes: async (build) => (await fetch(`/probes/limelight-probe-${build}.wasm`)).arrayBuffer(),
  };
}

globalThis.runBench = (settings) => runSuite(hostOf(settings), settings.cases);
globalThis.coldBench = async (settings) => {
  const { coldStart } = await import('./cold.mjs');
  return coldStart(hostOf(settings), settings.contestant);
};
document.title = 'ready';
