// A WebAssembly module of the engine as TypeScript sees it: its calls with types (models-module.ts, arrays-module.ts,
// training-module.ts), its memory, its failures as LimelightError.

import { LimelightError } from './errors.ts';
import type { ErrorCode } from './types.ts';

/** An address in wasm memory, or a handle; 0 is none. */
export type Address = number;
/** 0: it went well; anything else: lastCode() and lastMessage() say what happened. */
export type StatusCode = number;
/** Address of a text that the core made, for Core.text(). */
export type TextAddress = number;

/** What every module has: bindings/memory.cpp and, in the build with threads, bindings/threads.cpp. */
export interface BaseModule {
  lastCode(): TextAddress;
  lastMessage(): TextAddress;
  allocate(bytes: number): Address;
  release(block: Address, bytes: number): void;
  liveBytes(): number;
  threadsBegin?(threads: number): void;
  helperStack?(): Address;
  helperEntry?(): number;
}

interface ModuleOptions {
  wasmMemory: WebAssembly.Memory;
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
  print(text: string): void;
  printErr(text: string): void;
}
/** Emscripten puts an underscore before the names that C++ exports. */
type Exports<Module> = { readonly [Name in keyof Module as `_${Name & string}`]: Module[Name] };
export type CreateModule<Module> = (options: ModuleOptions) => Promise<Exports<Module>>;

function callsOf<Module>(exports: Exports<Module>): Module {
  const own = Object.entries(exports).filter(([name]) => name.startsWith('_'));
  return Object.fromEntries(own.map(([name, call]) => [name.slice(1), call])) as Module;
}

const kPage = 65536;
const kInitialPages = 256; // what the module is linked with (INITIAL_MEMORY)
const kMostPages = 65536;

const kEncoder = new TextEncoder();
const kDecoder = new TextDecoder();

/** Instead of a head: the mean over heads. */
export const kEveryHead = -1;
/** Order of AttentionKind, Stage and WeightFormat in the C++ headers. */
export const kAttentionKinds = ['self', 'cross', 'encoder'] as const;
export const kStages = ['dot', 'scaled', 'capped', 'masked', 'weight'] as const;
export const kWeightFormats = ['auto', 'as-stored', 'f32', 'f16', 'int8'] as const;

/**
 * Memory for the module; `maxMemoryBytes`: what it may grow to, at most 4 GiB and at least the 16 MiB that it starts with.
 */
export function newMemory(maxMemoryBytes: number | undefined, shared: boolean): WebAssembly.Memory {
  const most = Math.floor((maxMemoryBytes ?? kMostPages * kPage) / kPage);
  if (!(most >= kInitialPages))
    throw new LimelightError(
      'invalid-option',
      `maxMemoryBytes is ${maxMemoryBytes}; the engine starts with ${kInitialPages * kPage}`,
    );
  try {
    return new WebAssembly.Memory({ initial: kInitialPages, maximum: Math.min(most, kMostPages), shared });
  } catch (error) {
    throw new LimelightError('out-of-memory', `no memory for the engine: ${(error as Error).message}`);
  }
}

export class Core<Module extends BaseModule> {
  readonly calls: Module;
  /** Threads that a call may be spread over. */
  threads = 1;
  readonly #memory: WebAssembly.Memory;

  private constructor(calls: Module, memory: WebAssembly.Memory) {
    this.calls = calls;
    this.#memory = memory;
  }

  static start<Module extends BaseModule>(
    create: CreateModule<Module>,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
  ): Promise<Core<Module>> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void =>
        reject(new LimelightError('load-failed', `the engine's WebAssembly did not start: ${String(error)}`));
      create({
        wasmMemory: memory,
        instantiateWasm(imports, done) {
          WebAssembly.instantiate(module, imports).then((instance) => done(instance, module), failed);
          return {};
        },
        print() {},
        printErr() {},
      }).then((exports) => resolve(new Core(callsOf(exports), memory)), failed);
    });
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Throws what the core reported, unless `status` says that all went well. */
  check(status: StatusCode): void {
    if (status !== 0) throw this.failure();
  }

  /** The handle or size, or what the core reported when it is 0. */
  made(result: number): number {
    if (result === 0) throw this.failure();
    return result;
  }

  failure(): LimelightError {
    return new LimelightError(
      this.text(this.calls.lastCode()) as ErrorCode,
      this.text(this.calls.lastMessage()),
    );
  }

  allocate(bytes: number): Address {
    return this.made(this.calls.allocate(bytes));
  }

  release(block: Address, bytes: number): void {
    this.calls.release(block, bytes);
  }

  /** Lends `bytes` of wasm memory for the length of a call; 0 bytes are address 0. */
  lend<T>(bytes: number, use: (block: Address) => T): T {
    if (bytes === 0) return use(0);
    const block = this.allocate(bytes);
    try {
      return use(block);
    } finally {
      this.release(block, bytes);
    }
  }

  lendText<T>(text: string, use: (block: Address, bytes: number) => T): T {
    const bytes = kEncoder.encode(text);
    return this.lendBytes(bytes, use);
  }

  lendBytes<T>(bytes: Uint8Array, use: (block: Address, bytes: number) => T): T {
    return this.lend(bytes.length, (block) => {
      this.bytes(block, bytes.length).set(bytes);
      return use(block, bytes.length);
    });
  }

  lendIds<T>(ids: readonly number[], use: (block: Address, count: number) => T): T {
    return this.lend(ids.length * 4, (block) => {
      this.integers(block, ids.length).set(ids);
      return use(block, ids.length);
    });
  }

  /** The text that the core made at an address. */
  text(at: TextAddress): string {
    const memory = new Uint8Array(this.#memory.buffer);
    return kDecoder.decode(memory.slice(at, memory.indexOf(0, at))); // a copy: shared memory is not decoded;
  }

  // Views into the memory: good until the next call of the core, which may grow the memory and detach them.
  bytes(at: Address, count: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, count);
  }
  floats(at: Address, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, count);
  }
  halves(at: Address, count: number): Uint16Array {
    return new Uint16Array(this.#memory.buffer, at, count);
  }
  integers(at: Address, count: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, count);
  }
  doubles(at: Address, count: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, count);
  }

  /** A copy that is the caller's to keep or to transfer, which no slice of a shared buffer would be. */
  takeFloats(at: Address, count: number): Float32Array<ArrayBuffer>;
  /** The same, put where the caller says. */
  takeFloats(at: Address, count: number, into: Float32Array | undefined): Float32Array;
  takeFloats(at: Address, count: number, into?: Float32Array): Float32Array {
    if (!into) return new Float32Array(this.floats(at, count));
    into.set(this.floats(at, count));
    return into;
  }
}
