// A host in another thread: a worker of the browser or of Node, spoken to in messages with numbers. Notices when the
// worker ends, however it ends: by an error event, by Node's exit event, by the Web Lock that it held, or, where pages
// have no locks, by its silence.

import { aborted, type ErrorMessage, fromMessage, LimelightError, throwIfAborted } from './errors.ts';
import { nodeModule } from './platform.ts';
import type { Answers, Backend, CallContext, Calls, CallTable, HostOptions } from './protocol.ts';
import type { Progress } from './types.ts';

export type ToWorker =
  | { kind: 'start'; id: number; options: unknown; lock: string | undefined; progress: boolean }
  | { kind: 'call'; id: number; name: string; asks: unknown; progress: boolean }
  | { kind: 'abort'; id: number }
  | { kind: 'ping' };

export type FromWorker =
  | { kind: 'value'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorMessage }
  | { kind: 'progress'; id: number; progress: Progress }
  | { kind: 'threads'; threads: number }
  | { kind: 'lost' }
  | { kind: 'pong' };

/** The script of a worker, where bundlers for browsers find it and where it lies for Node. */
export interface WorkerScript {
  inBrowser(): Worker;
  /** Its final name, beside this file. */
  inNode: string;
}

/** What workers of the browser and of Node have in common. */
interface Thread {
  post(message: ToWorker): void;
  end(): void;
  /** Whether the program has to stay for its answers; only Node asks. */
  stay(needed: boolean): void;
}
interface Events {
  heard(message: FromWorker): void;
  gone(reason: string): void;
}

interface Pending {
  resolve(value: never): void;
  reject(error: Error): void;
  onProgress: ((progress: Progress) => void) | undefined;
  /** Forgets the caller's signal. */
  settle(): void;
}

const kPingMilliseconds = 5_000;
const kSilenceMilliseconds = 30_000;

export class RemoteHost<Table extends CallTable<Table>> implements Answers<Table> {
  onLost: (() => void) | undefined;
  threads = 1;
  readonly #thread: Thread;
  readonly #pending = new Map<number, Pending>();
  readonly #closing = new AbortController();
  #next = 0;
  readonly #shares: boolean;
  #ended: LimelightError | undefined;
  #ready = false;
  #lastHeard = 0;

  private constructor(script: WorkerScript, shares: boolean) {
    this.#shares = shares;
    const events: Events = { heard: (message) => this.#hear(message), gone: (reason) => this.#lose(reason) };
    this.#thread = startInNode(script, events) ?? startInBrowser(script, events);
  }

  /**
   * `options` are for the host there; `shares`: whether long arrays go to it in shared memory. Errors: those of the
   * host's start, and load-failed when the worker's own script does not load.
   */
  static async start<Table extends CallTable<Table>>(
    script: WorkerScript,
    options: unknown,
    shares: boolean,
    context: CallContext,
  ): Promise<RemoteHost<Table>> {
    throwIfAborted(context.signal);
    let host: RemoteHost<Table>;
    try {
      host = new RemoteHost(script, shares);
    } catch (error) {
      throw new LimelightError('load-failed', `the worker beside ${kHere}: ${(error as Error).message}`);
    }
    const lock =
      globalThis.navigator?.locks && !nodeModule('node:worker_threads')
        ? `limelight ${crypto.randomUUID()}`
        : undefined;
    try {
      await host.#ask(
        (id) => ({ kind: 'start', id, options, lock, progress: !!context.onProgress }),
        context,
      );
    } catch (error) {
      host.close();
      throw error;
    }
    host.#ready = true;
    if (lock !== undefined) host.#waitForLock(lock);
    else if (!nodeModule('node:worker_threads')) host.#watchSilence();
    return host;
  }

  call<Name extends keyof Table & string>(
    name: Name,
    asks: Table[Name]['asks'],
    context: CallContext = {},
  ): Promise<Table[Name]['gives']> {
    return this.#ask((id) => {
      const given = this.#shares ? inSharedMemory(asks) : asks;
      return { kind: 'call', id, name, asks: given, progress: !!context.onProgress };
    }, context);
  }

  close(): void {
    this.#end(new LimelightError('disposed', 'this engine has been disposed'));
  }

  #ask<T>(message: (id: number) => ToWorker, { signal, onProgress }: CallContext): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(aborted());
      const id = this.#next++;
      const abort = (): void => {
        this.#settle(id)?.reject(aborted());
        this.#thread.post({ kind: 'abort', id });
      };
      try {
        this.#thread.post(message(id));
      } catch (error) {
        return reject(
          new LimelightError(
            'invalid-value',
            `what was given cannot be sent to the worker: ${(error as Error).message}`,
          ),
        );
      }
      signal?.addEventListener('abort', abort, { once: true });
      const settle = (): void => signal?.removeEventListener('abort', abort);
      this.#pending.set(id, { resolve, reject, onProgress, settle });
      if (this.#pending.size === 1) this.#lastHeard = performance.now();
      this.#thread.stay(true);
    });
  }

  #hear(message: FromWorker): void {
    this.#lastHeard = performance.now();
    if (message.kind === 'threads') this.threads = message.threads;
    else if (message.kind === 'lost') this.#lose("the engine's core stopped");
    else if (message.kind === 'progress') this.#pending.get(message.id)?.onProgress?.(message.progress);
    else if (message.kind === 'value') this.#settle(message.id)?.resolve(message.value as never);
    else if (message.kind === 'error') this.#settle(message.id)?.reject(fromMessage(message.error));
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    pending?.settle();
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#thread.stay(false);
    return pending;
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.#end(
      this.#ready
        ? new LimelightError('engine-lost', `the worker ended: ${reason}`)
        : new LimelightError('load-failed', `the worker beside ${kHere}: ${reason}`),
    );
    this.onLost?.();
  }

  #end(error: LimelightError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#closing.abort();
    this.#thread.end();
    for (const id of [...this.#pending.keys()]) this.#settle(id)!.reject(error);
  }

  #waitForLock(name: string): void {
    navigator.locks
      .request(name, { signal: this.#closing.signal }, () => this.#lose('it was ended'))
      .catch(() => {});
  }

  #watchSilence(): void {
    const timer = setInterval(() => {
      if (this.#pending.size === 0) return;
      if (performance.now() - this.#lastHeard > kSilenceMilliseconds) this.#lose('it does not answer');
      else this.#thread.post({ kind: 'ping' });
    }, kPingMilliseconds);
    this.#closing.signal.addEventListener('abort', () => clearInterval(timer));
  }
}

/** Shorter arrays are quicker in the message itself. */
const kLongArray = 1 << 14;

/** The same with long arrays copied into shared memory: once, where a message that grows copies them several times. */
function inSharedMemory(value: unknown): unknown {
  if (value instanceof Float32Array && value.length >= kLongArray) {
    const copy = new Float32Array(new SharedArrayBuffer(value.byteLength));
    copy.set(value);
    return copy;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inSharedMemory(member)]));
}

// In a variable, so that bundlers, which find workers by the literals in their scripts, take the address for Node, where a
// worker lies under its final name, for nothing.
const kHere: string = import.meta.url;

function startInBrowser(script: WorkerScript, events: Events): Thread {
  const worker = script.inBrowser();
  worker.onmessage = ({ data }) => events.heard(data as FromWorker);
  worker.onerror = (event) => events.gone(event.message ?? 'it could not be loaded');
  worker.onmessageerror = () => events.gone('a message could not be read');
  return { post: (message) => worker.postMessage(message), end: () => worker.terminate(), stay() {} };
}

function startInNode(script: WorkerScript, events: Events): Thread | undefined {
  const threads = nodeModule('node:worker_threads');
  if (!threads) return undefined;
  const worker = new threads.Worker(new URL(script.inNode, kHere), { execArgv: [] });
  worker.on('message', (message) => events.heard(message as FromWorker));
  worker.on('error', (error) => events.gone(error.message));
  worker.on('exit', (code) => events.gone(`it exited with ${code}`));
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    end: () => void worker.terminate(),
    stay: (needed) => (needed ? worker.ref() : worker.unref()),
  };
}

const kEngineScript: WorkerScript = {
  inBrowser: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'limelight' }),
  inNode: 'worker.js',
};

/** The engine's host in a worker. */
export function startRemoteHost(options: HostOptions, context: CallContext): Promise<Backend> {
  return RemoteHost.start<Calls>(kEngineScript, options, options.build === 'threads', context);
}
