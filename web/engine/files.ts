// Where the engine's own files lie, and how files are read. The literals here and in the files of the modules are in the form
// that bundlers find (`new URL('…', import.meta.url)`, `import('…')`), one for each file; building the package rewrites their
// folders.

import type { CreateModule } from './core.ts';
import { LimelightError, throwIfAborted } from './errors.ts';
import { nodeModule } from './platform.ts';

/** A module of the engine: its script, and its WebAssembly, which lies as `name`.wasm in a folder of the caller's. */
export interface ModuleFiles<Module> {
  name: string;
  script(): Promise<{ default: CreateModule<Module> }>;
  wasm(): URL;
}

/**
 * Fetches a module's script and compiles its WebAssembly; `folder`: where that lies, if not beside the engine.
 * Errors: load-failed with the address, aborted.
 */
export async function fetchModule<Module>(
  files: ModuleFiles<Module>,
  folder: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ create: CreateModule<Module>; module: WebAssembly.Module }> {
  const url = folder === undefined ? files.wasm() : new URL(`${files.name}.wasm`, folder);
  const [script, module] = await Promise.all([
    files.script().catch((error) => {
      const address = url.href.replace(/\.wasm$/, '.js');
      throw new LimelightError('load-failed', `${address}: ${(error as Error).message}`);
    }),
    compile(url, signal),
  ]);
  return { create: script.default, module };
}

/** The files of a checkpoint. */
export interface Checkpoint<T> {
  config: T;
  tokenizer: T;
  weights: T;
  /** The tokenizer of what an encoder-decoder writes, where it has a vocabulary of its own. */
  target?: T | undefined;
}

export const kCheckpointNames = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  weights: 'model.safetensors',
  target: 'target_tokenizer.json',
} satisfies Checkpoint<string>;

const kShipped: Record<string, () => Checkpoint<URL>> = {
  'tiny-gpt': () => ({
    config: new URL('../models/tiny-gpt/config.json', import.meta.url),
    tokenizer: new URL('../models/tiny-gpt/tokenizer.json', import.meta.url),
    weights: new URL('../models/tiny-gpt/model.safetensors', import.meta.url),
  }),
  'tiny-bert': () => ({
    config: new URL('../models/tiny-bert/config.json', import.meta.url),
    tokenizer: new URL('../models/tiny-bert/tokenizer.json', import.meta.url),
    weights: new URL('../models/tiny-bert/model.safetensors', import.meta.url),
  }),
  'toy-induction': () => ({
    config: new URL('../models/toy-induction/config.json', import.meta.url),
    tokenizer: new URL('../models/toy-induction/tokenizer.json', import.meta.url),
    weights: new URL('../models/toy-induction/model.safetensors', import.meta.url),
  }),
};

/** The files of a model that ships with the engine, or lies in `folder` under that name. */
export function shippedModel(name: string, folder: string | undefined): Checkpoint<URL> {
  if (folder !== undefined) return checkpointIn(new URL(`${name}/`, folder));
  const shipped = Object.hasOwn(kShipped, name) ? kShipped[name] : undefined;
  if (!shipped)
    throw new LimelightError(
      'invalid-option',
      `there is no shipped model "${name}"; there are ${Object.keys(kShipped).join(' and ')}`,
    );
  return shipped();
}

export function checkpointIn(folder: URL): Checkpoint<URL> {
  return {
    config: new URL(kCheckpointNames.config, folder),
    tokenizer: new URL(kCheckpointNames.tokenizer, folder),
    weights: new URL(kCheckpointNames.weights, folder),
    target: new URL(kCheckpointNames.target, folder),
  };
}

/** A file that the user picked; its name apart, because Node loses it when the file goes to a worker. */
export interface NamedBlob {
  name: string;
  blob: Blob;
}

export interface Piece {
  bytes: Uint8Array;
  /** Bytes of the whole file; undefined when the server did not say. */
  total: number | undefined;
}

const kPieceBytes = 1 << 18;

/** A file piece by piece, in order. Errors: load-failed with its name, aborted. */
export async function* readPieces(
  file: URL | NamedBlob,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  throwIfAborted(signal);
  try {
    if (!(file instanceof URL)) yield* piecesOf(file.blob.stream(), file.blob.size);
    else if (file.protocol === 'file:' && nodeModule('node:fs/promises')) yield* piecesOnDisk(file);
    else {
      const response = await open(file, signal);
      // content-length counts the compressed bytes when the server compressed; those are not what arrives here
      const coded = response.headers.get('content-encoding');
      const length = coded ? null : response.headers.get('content-length');
      yield* piecesOf(response.body!, length === null ? undefined : Number(length));
    }
  } catch (error) {
    throwIfAborted(signal);
    throw loadFailed(file, error);
  }
}

/** A whole file. Errors: load-failed, aborted. */
export async function readFile(
  file: URL | NamedBlob,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const { bytes } of readPieces(file, signal)) pieces.push(bytes);
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** WebAssembly, compiled while it arrives where the server names its type. Errors: load-failed, aborted. */
async function compile(url: URL, signal: AbortSignal | undefined): Promise<WebAssembly.Module> {
  throwIfAborted(signal);
  try {
    if (url.protocol === 'file:' && nodeModule('node:fs/promises'))
      return await compileBytes(await readFile(url, signal));
    const response = await open(url, signal);
    const type = response.headers.get('content-type');
    if (type?.startsWith('application/wasm') && WebAssembly.compileStreaming)
      return await WebAssembly.compileStreaming(response);
    return await compileBytes(new Uint8Array(await response.arrayBuffer()));
  } catch (error) {
    throwIfAborted(signal);
    throw loadFailed(url, error);
  }
}

function compileBytes(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d; // "\0asm"
  if (!isWasm) throw new Error('is not WebAssembly');
  return WebAssembly.compile(bytes);
}

async function open(url: URL, signal: AbortSignal | undefined): Promise<Response> {
  if (url.protocol === 'data:') return new Response(inlined(url.href));
  const response = await fetch(url, signal ? { signal } : {});
  if (!response.ok) throw new Error(`answered ${response.status} ${response.statusText}`.trimEnd());
  return response;
}

/** What bundlers make of small files: a data: URL, which a page with connect-src 'self' may not fetch. */
function inlined(href: string): Uint8Array<ArrayBuffer> {
  const comma = href.indexOf(',');
  const body = decodeURIComponent(href.slice(comma + 1));
  return href.slice(0, comma).endsWith(';base64')
    ? Uint8Array.from(atob(body), (byte) => byte.charCodeAt(0))
    : new TextEncoder().encode(body);
}

async function* piecesOf(
  stream: ReadableStream<Uint8Array>,
  total: number | undefined,
): AsyncGenerator<Piece> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield { bytes: value, total };
    }
  } finally {
    void reader.cancel().catch(() => {}); // what is left when the reading ended early
  }
}

async function* piecesOnDisk(url: URL): AsyncGenerator<Piece> {
  const file = await nodeModule('node:fs/promises')!.open(url);
  try {
    const { size } = await file.stat();
    for (;;) {
      const bytes = new Uint8Array(kPieceBytes);
      const { bytesRead } = await file.read(bytes, 0, kPieceBytes);
      if (bytesRead === 0) return;
      yield { bytes: bytes.subarray(0, bytesRead), total: size };
    }
  } finally {
    await file.close();
  }
}

function loadFailed(file: URL | NamedBlob, error: unknown): LimelightError {
  if (error instanceof LimelightError) return error;
  const name = file instanceof URL ? file.href : file.name;
  return new LimelightError(
    'load-failed',
    `${name}: ${error instanceof Error ? error.message : String(error)}`,
  );
}
