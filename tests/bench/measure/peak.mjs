// The machine's limits, measured: loops of multiply-adds that touch no memory, tiles of a product that live in the
// first-level cache, and the core's own matrix product, from the small module that tests/bench/cpp builds.

export async function loadProbe(host, build) {
  const module = await WebAssembly.compile(await host.probeBytes(build));
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === 'function') imports[from][name] = () => 0;
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  exports._initialize?.();
  return { build, exports };
}

/** Each with how many FLOPs a call of it does. */
export function peakLoops({ build, exports }) {
  const madd = build === 'relaxed' ? 'relaxed_madd' : 'mul + add';
  const loop = (name, flops, run) => ({
    name: `${name}, ${madd}`,
    ...{ build, flops },
    make: async () => ({ run, release() {} }),
  });
  const [steps, depth, repeats] = [200_000, 256, 400];
  return [
    ...[10, 12, 14].map((chains) =>
      loop(`${chains} accumulators`, 8 * chains * steps, () => exports.bench_chains(chains, steps)),
    ),
    ...[4, 6].map((rows) =>
      loop(`${rows}x8 tile in L1`, 2 * rows * 8 * depth * repeats, () =>
        exports.bench_tile(rows, depth, repeats),
      ),
    ),
  ];
}

/** The core's matrix product, called in the probe: a and the packed b lie in its memory, out is read from there. */
export function ourProduct({ build, exports }, { size, a, b }) {
  const make = async () => {
    const [left, raw, out] = [1, 2, 3].map(() => exports.bench_floats(size * size));
    const floats = (at) => new Float32Array(exports.memory.buffer, at, size * size);
    floats(raw).set(b);
    const weights = exports.bench_pack(raw, size, size);
    const run = () => {
      floats(left).set(a);
      exports.bench_product(left, weights, out, size, size, size);
      return floats(out).slice();
    };
    const release = () => {
      for (const block of [left, out, raw, weights]) exports.bench_free(block);
    };
    return { layout: 'product', run, release };
  };
  return { name: `Limelight ${build}`, ours: true, build, make };
}
