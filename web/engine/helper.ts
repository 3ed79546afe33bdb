// The entry of a helper thread: the module once more, over the memory that it shares with the host (threads.ts). It calls
// no JavaScript, so what it imports beside the memory is never reached.

import { nodeModule } from './platform.ts';
import type { ToHelper } from './threads.ts';

const parent = nodeModule('node:worker_threads')?.parentPort;
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

function help({ module, memory, entry, stack }: ToHelper): void {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === 'memory' ? memory : unreachable;
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  const table = Object.values(exports).find((value) => value instanceof WebAssembly.Table)!;
  (parent ?? scope).postMessage('ready', []);
  table.get(entry)(stack); // for as long as this thread lives
}

function unreachable(): never {
  throw new Error('a helper called JavaScript');
}

if (parent) parent.on('message', (message) => help(message as ToHelper));
else scope.onmessage = ({ data }) => help(data as ToHelper);
