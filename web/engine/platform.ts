// Where the engine runs: what Node has in place of a browser's worker and fetch. Nothing here is touched on import, and
// no `node:` module is named in an import, so bundlers for browsers and servers alike can take this file as it is.

/** The little of Node that the engine uses. */
interface NodeProcess {
  versions?: { node?: string };
  getBuiltinModule?<Name extends keyof NodeModules>(name: Name): NodeModules[Name];
  cwd(): string;
}
export interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', heard: (message: unknown) => void): void;
  on(event: 'error', heard: (error: Error) => void): void;
  on(event: 'exit', heard: (code: number) => void): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}
export interface NodePort {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', heard: (message: unknown) => void): void;
}
interface NodeFile {
  read(into: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }>;
  stat(): Promise<{ size: number }>;
  close(): Promise<void>;
}
interface NodeModules {
  'node:worker_threads': {
    Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker;
    parentPort: NodePort | null;
  };
  'node:fs/promises': { open(url: URL): Promise<NodeFile> };
  'node:os': { availableParallelism(): number };
  'node:url': { pathToFileURL(path: string): URL };
}

function nodeProcess(): NodeProcess | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.versions?.node === undefined ? undefined : process;
}

/** A module of Node, or undefined elsewhere. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return nodeProcess()?.getBuiltinModule?.(name);
}

/** How many threads run at a time. */
export function processors(): number {
  return nodeModule('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** An address that a caller wrote: a URL, or relative to the page; in Node also a path. */
export function resolveUrl(address: string | URL): URL {
  if (address instanceof URL) return address;
  const node = nodeModule('node:url');
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(address); // two letters at least: "c:" is a drive
  if (node && !isUrl) return node.pathToFileURL(address);
  const page = globalThis as { document?: { baseURI: string }; location?: { href: string } };
  return new URL(address, page.document?.baseURI ?? page.location?.href);
}

/** The folder of that address: what lies in it is found by `new URL(name, folder)`. */
export function resolveFolder(address: string | URL): URL {
  const url = resolveUrl(address);
  if (url.pathname.endsWith('/')) return url;
  const folder = new URL(url);
  folder.pathname += '/';
  return folder;
}

/**
 * Resolves after everything that is already waiting for this thread (messages, timers) had its turn; unlike setTimeout,
 * browsers do not clamp it to 4 ms.
 */
export function macrotask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (task: () => void) => void };
  if (setImmediate) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    bell ??= new MessageChannel();
    bell.port1.onmessage = () => ringing.shift()?.();
    ringing.push(resolve);
    bell.port2.postMessage(null);
  });
}
let bell: MessageChannel | undefined;
const ringing: (() => void)[] = [];
