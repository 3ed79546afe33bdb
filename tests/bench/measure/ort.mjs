// ONNX Runtime Web, one thread, WebAssembly: its fused operator MultiHeadAttention, the ONNX operator Attention (23), and
// the graph that an exporter writes (two products and a softmax). Tensors are made and read at every call, as users do.

import { constant, contrib, model, node, value } from './onnx.mjs';
import { headsFirst } from './problem.mjs';

export async function loadOrt(host) {
  const ort = await host.importPeer('ort');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = host.peerUrl('onnxruntime-web/dist/');
  ort.env.logLevel = 'fatal';
  // The module itself is only loaded with the first session.
  const [x, out] = ['x', 'out'].map((name) => value(name, [1]));
  const bytes = model({ nodes: [node('Identity', ['x'], ['out'])], inputs: [x], outputs: [out] });
  await (await session(ort, bytes)).release();
  return ort;
}

export function session(ort, bytes) {
  return ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
}

/** Runs a model of the inputs q, k, v and the output `out`. */
async function attentionOf(ort, bytes, inputs, layout) {
  const made = await session(ort, bytes);
  const run = async () => {
    const feeds = {};
    for (const [name, { data, dims }] of Object.entries(inputs))
      feeds[name] = new ort.Tensor('float32', data, dims);
    return (await made.run(feeds)).out.data;
  };
  return { layout, run, release: () => made.release() };
}

function flatInputs({ heads, dim, queries, keys, q, k, v }) {
  const width = heads * dim;
  return {
    q: { data: q, dims: [1, queries, width] },
    k: { data: k, dims: [1, keys, width] },
    v: { data: v, dims: [1, keys, width] },
  };
}

const described = (inputs) => Object.entries(inputs).map(([name, { dims }]) => value(name, dims));

const kVariants = {
  MultiHeadAttention: (problem) => {
    const inputs = flatInputs(problem);
    const attributes = { num_heads: problem.heads, unidirectional: problem.causal ? 1 : 0 };
    const nodes = [contrib('MultiHeadAttention', ['q', 'k', 'v'], ['out'], attributes)];
    const outputs = [value('out', inputs.q.dims)];
    return { inputs, layout: 'seq-first', bytes: model({ nodes, inputs: described(inputs), outputs }) };
  },
  'Attention-23': (problem) => {
    const inputs = flatInputs(problem);
    const attributes = {
      q_num_heads: problem.heads,
      kv_num_heads: problem.heads,
      is_causal: problem.causal ? 1 : 0,
    };
    const nodes = [node('Attention', ['q', 'k', 'v'], ['out'], attributes)];
    const outputs = [value('out', inputs.q.dims)];
    return { inputs, layout: 'seq-first', bytes: model({ nodes, inputs: described(inputs), outputs }) };
  },
  decomposed: (problem) => {
    const { heads, dim, queries, keys, causal } = problem;
    const laid = (data) => headsFirst(data, heads, dim);
    const inputs = {
      q: { data: laid(problem.q), dims: [1, heads, queries, dim] },
      k: { data: laid(problem.k), dims: [1, heads, keys, dim] },
      v: { data: laid(problem.v), dims: [1, heads, keys, dim] },
    };
    const constants = [constant('scale', [1], Float32Array.of(1 / Math.sqrt(dim)))];
    if (causal) constants.push(constant('mask', [queries, keys], causalMask(queries, keys)));
    const nodes = [
      node('Transpose', ['k'], ['turned'], { perm: [0, 1, 3, 2] }),
      node('MatMul', ['q', 'turned'], ['dot']),
      node('Mul', ['dot', 'scale'], ['scaled']),
      ...(causal ? [node('Add', ['scaled', 'mask'], ['masked'])] : []),
      node('Softmax', [causal ? 'masked' : 'scaled'], ['weights'], { axis: 3 }),
      node('MatMul', ['weights', 'v'], ['out']),
    ];
    const outputs = [value('out', inputs.q.dims)];
    return {
      inputs,
      layout: 'heads-first',
      bytes: model({ nodes, constants, inputs: described(inputs), outputs }),
    };
  },
};

export function causalMask(queries, keys) {
  const mask = new Float32Array(queries * keys);
  for (let i = 0; i < queries; i++) mask.fill(-1e30, i * keys + i + 1 + keys - queries, (i + 1) * keys);
  return mask;
}

/** The contestants of an attention problem. */
export function ortAttention(ort, problem) {
  return Object.entries(kVariants).map(([variant, describe]) => ({
    name: `ORT ${variant}`,
    peer: true,
    make: async () => {
      const { bytes, inputs, layout } = describe(problem);
      return attentionOf(ort, bytes, inputs, layout);
    },
  }));
}

/** a times a constant b, which ONNX Runtime packs beforehand. */
export function ortProduct(ort, { size, a, b }) {
  return {
    name: 'ORT MatMul',
    peer: true,
    make: () =>
      attentionOf(
        ort,
        model({
          nodes: [node('MatMul', ['a', 'b'], ['out'])],
          constants: [constant('b', [size, size], b)],
          inputs: [value('a', [size, size])],
          outputs: [value('out', [size, size])],
        }),
        { a: { data: a, dims: [size, size] } },
        'product',
      ),
  };
}
