// How large the wasm memories of a library are: the memories that appear while it loads are noted as its own.

let owner;
const kMemories = new Map();

function keep(memory) {
  if (owner !== undefined && memory instanceof WebAssembly.Memory) kMemories.get(owner).add(memory);
}

/** Watches every memory that is made or exported from now on. */
export function watchMemories() {
  const { Memory, instantiate, instantiateStreaming } = WebAssembly;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, args) {
      const memory = new target(...args);
      keep(memory);
      return memory;
    },
  });
  const watched =
    (original) =>
    async (...args) => {
      const result = await original.apply(WebAssembly, args);
      const { exports } = result.instance ?? result;
      for (const value of Object.values(exports)) keep(value);
      return result;
    };
  WebAssembly.instantiate = watched(instantiate);
  if (instantiateStreaming) WebAssembly.instantiateStreaming = watched(instantiateStreaming);
}

/** Loads a library; its memories are found under `name` afterwards. */
export async function loadWatched(name, load) {
  kMemories.set(name, new Set());
  owner = name;
  try {
    return await load();
  } finally {
    owner = undefined;
  }
}

/** Bytes of the memories of `name` now; undefined where none was seen. */
export function memoryOf(name) {
  const memories = [...(kMemories.get(name) ?? [])];
  return memories.length > 0 ? memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) : undefined;
}
