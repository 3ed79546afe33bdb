// A worker's side of the wire: a host behind messages. What is said is written in remote.ts.

import { toMessage } from './errors.ts';
import { nodeModule } from './platform.ts';
import type { CallContext } from './protocol.ts';
import type { FromWorker, ToWorker } from './remote.ts';

const parent = nodeModule('node:worker_threads')?.parentPort;
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

const send = (message: FromWorker, transfer: Transferable[] = []): void => {
  (parent ?? scope).postMessage(message, transfer);
};

/** What answers the calls. */
export interface Served {
  onLost: (() => void) | undefined;
  call(name: never, asks: never, context: CallContext): Promise<unknown>;
}
/** Starts it, when the other side asks for it. `send`: to say more than answers. */
export type Start = (
  options: never,
  context: CallContext,
  send: (message: FromWorker) => void,
) => Promise<Served>;

let start: Start;
let host: Served | undefined;
const underWay = new Map<number, AbortController>();

async function hear(message: ToWorker): Promise<void> {
  if (message.kind === 'abort') return underWay.get(message.id)?.abort();
  if (message.kind === 'ping') return send({ kind: 'pong' });
  const { id } = message;
  const controller = new AbortController();
  underWay.set(id, controller);
  const context = {
    signal: controller.signal,
    onProgress: message.progress
      ? (progress: object) => send({ kind: 'progress', id, progress } as FromWorker)
      : undefined,
  };
  try {
    if (message.kind === 'start') {
      await holdLock(message.lock);
      host = await start(message.options as never, context, send);
      host.onLost = () => send({ kind: 'lost' });
      send({ kind: 'value', id, value: undefined });
    } else {
      const value: unknown = await host!.call(message.name as never, message.asks as never, context);
      send({ kind: 'value', id, value }, buffersIn(value));
    }
  } catch (error) {
    send({ kind: 'error', id, error: toMessage(error) });
  } finally {
    underWay.delete(id);
  }
}

/** Held for as long as this worker lives; who waits for it learns of its end, however it ends. */
function holdLock(name: string | undefined): Promise<void> {
  return new Promise((granted, failed) => {
    if (name === undefined) return granted();
    navigator.locks
      .request(name, () => {
        granted();
        return new Promise(() => {});
      })
      .catch(failed);
  });
}

/** The memory behind every typed array in a value, to be handed over instead of copied. */
function buffersIn(value: unknown, found = new Set<Transferable>()): Transferable[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const member of Object.values(value)) buffersIn(member, found);
  return [...found];
}

/** To be called once, when the worker begins. */
export function serve(starting: Start): void {
  start = starting;
  if (parent) parent.on('message', (message) => void hear(message as ToWorker));
  else scope.onmessage = ({ data }) => void hear(data as ToWorker);
}
