// Limelight as a user calls it: the package's loadEngine in the calling thread (with threads in a worker, which they need,
// so that arrays are also copied to and fro), typed arrays in and out.

/** What loadEngine takes for a build; the half for models comes when one is loaded. */
export const engineOptions = (build) => ({ build, worker: build === 'threads', preload: 'arrays' });

/** Helpers start behind the engine. */
async function settled(engine) {
  let before = 0;
  do {
    before = engine.threads;
    await new Promise((resolve) => setTimeout(resolve, 500));
  } while (engine.threads !== before);
}

/** An engine for every build that the package has and this machine runs. */
export async function loadOurs(host) {
  const { loadEngine } = await host.importPackage();
  const engines = [];
  for (const build of host.builds) {
    try {
      const engine = await loadEngine(engineOptions(build));
      engines.push(engine);
      if (build !== 'threads') continue;
      await settled(engine);
      host.note(`Limelight threads works with ${engine.threads} of them, by the wall's clock`);
    } catch (error) {
      host.note(`the build "${build}" does not run here: ${error.message}`);
    }
  }
  return engines;
}

const contestant = (engine, name, make) => ({ name, ours: true, build: engine.build, engine, make });

export function ourAttention(engine, problem) {
  const { q, k, v, heads, causal, dim, window: keys } = problem;
  const window = keys ? { window: { left: keys - 1 } } : {};
  return contestant(engine, `Limelight ${engine.build}`, async () => ({
    layout: 'seq-first',
    run: async () => (await engine.attention({ q, k, v, heads, causal, headDim: dim, ...window })).out,
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
