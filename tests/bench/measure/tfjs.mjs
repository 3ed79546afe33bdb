// TensorFlow.js, WebAssembly backend, one thread: two matMuls and a softmax for each head, which is how it is fastest
// (its batched product is slower, and so is its
// product with a transposed operand: the keys are transposed first).

import { causalMask } from './ort.mjs';
import { headsFirst } from './problem.mjs';

export async function loadTfjs(host) {
  const { tf, wasm } = await host.importPeer('tfjs');
  wasm.setWasmPaths(host.peerUrl('@tensorflow/tfjs-backend-wasm/dist/'));
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}

export function tfjsAttention(tf, problem) {
  const { heads, dim, queries, keys, causal } = problem;
  const make = async () => {
    const parts = ['q', 'k', 'v'].map((name) => headsFirst(problem[name], heads, dim));
    const mask = causal ? tf.tensor2d(causalMask(queries, keys), [queries, keys]) : undefined;
    const out = new Float32Array(heads * queries * dim);
    const head = (values, h, rows) =>
      tf.tensor2d(values.subarray(h * rows * dim, (h + 1) * rows * dim), [rows, dim]);
    const run = () => {
      for (let h = 0; h < heads; h++) {
        tf.tidy(() => {
          const [q, k, v] = [head(parts[0], h, queries), head(parts[1], h, keys), head(parts[2], h, keys)];
          const scaled = tf.mul(tf.matMul(q, tf.transpose(k)), 1 / Math.sqrt(dim));
          const weights = tf.softmax(mask ? tf.add(scaled, mask) : scaled);
          out.set(tf.matMul(weights, v).dataSync(), h * queries * dim);
        });
      }
      return out;
    };
    return { layout: 'heads-first', run, release: () => mask?.dispose() };
  };
  return { name: 'tfjs per head', peer: true, make };
}

/** a times b, b kept in the backend. */
export function tfjsProduct(tf, { size, a, b }) {
  const make = async () => {
    const weights = tf.tensor2d(b, [size, size]);
    const run = () => {
      const left = tf.tensor2d(a, [size, size]);
      const product = tf.matMul(left, weights);
      const out = product.dataSync();
      tf.dispose([left, product]);
      return out;
    };
    return { layout: 'product', run, release: () => weights.dispose() };
  };
  return { name: 'tfjs matMul', peer: true, make };
}
