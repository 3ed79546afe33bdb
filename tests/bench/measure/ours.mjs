// Limelight as a user calls it: the package's loadEngine in the calling thread, typed arrays in and out.

/** An engine for every build that the package has and this machine runs. */
export async function loadOurs(host) {
  const { loadEngine } = await host.importPackage();
  const engines = [];
  for (const build of host.builds) {
    try {
      engines.push(await loadEngine({ worker: false, build }));
    } catch (error) {
      host.note(`the build "${build}" does not run here: ${error.message}`);
    }
  }
  return engines;
}

const contestant = (engine, name, make) => ({ name, ours: true, build: engine.build, engine, make });

export function ourAttention(engine, problem) {
  const { q, k, v, heads, causal, dim } = problem;
  return contestant(engine, `Limelight ${engine.build}`, async () => ({
    layout: 'seq-first',
    run: async () => (await engine.attention({ q, k, v, heads, causal, headDim: dim })).out,
    release() {},
  }));
}

/** Decoding with keys and values that stay in the module. */
export function ourResidentAttention(engine, problem) {
  const { q, k, v, heads, dim, keys } = problem;
  return contestant(engine, `Limelight ${engine.build}, resident keys`, async () => {
    const cache = await engine.keyValueCache({ heads, headDim: dim, capacity: keys });
    await cache.append({ k, v });
    return {
      layout: 'seq-first',
      run: async () => (await cache.attention({ q })).out,
      release: () => cache.dispose(),
    };
  });
}
