// Helpers of the host: threads that instantiate the same module over the same memory and take part in its work. One that
// does not start, or ends, only leaves the others more to do. They end with the thread that started them.

import type { BaseModule, Core } from './core.ts';
import { nodeModule } from './platform.ts';

/** All that a helper is told. */
export interface ToHelper {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** In the module's table. */
  entry: number;
  stack: number;
}

/** Starts helpers, so that the core works with up to `threads`; `changed` is called with how many there are. */
export function startHelpers(
  core: Core<BaseModule>,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  threads: number,
  changed: (threads: number) => void,
): void {
  const { threadsBegin, helperEntry, helperStack } = core.calls;
  threadsBegin!(threads);
  let running = 1;
  const entry = helperEntry!();
  for (let started = 1; started < threads; started++) {
    const stack = helperStack!();
    if (stack === 0) return;
    let ready = false;
    const events = {
      ready: () => {
        ready = true;
        changed(++running);
      },
      gone: () => {
        if (ready) changed(--running);
        ready = false;
      },
    };
    try {
      const post = startInNode(events) ?? startInBrowser(events);
      post({ module, memory, entry, stack });
    } catch {
      return; // no workers inside workers here: one more would not start either
    }
  }
}

interface Events {
  ready(): void;
  gone(): void;
}

function startInBrowser(events: Events): (message: ToHelper) => void {
  const worker = new Worker(new URL('./helper.ts', import.meta.url), {
    type: 'module',
    name: 'limelight helper',
  });
  worker.onmessage = events.ready;
  worker.onerror = (event) => {
    event.preventDefault(); // nothing was lost but a share of the speed
    events.gone();
  };
  return (message) => worker.postMessage(message);
}

// As in remote.ts: not where bundlers for browsers look.
const kHere: string = import.meta.url;

function startInNode(events: Events): ((message: ToHelper) => void) | undefined {
  const threads = nodeModule('node:worker_threads');
  if (!threads) return undefined;
  const worker = new threads.Worker(new URL('helper.js', kHere), { execArgv: [] });
  worker.on('message', events.ready);
  worker.on('error', events.gone);
  worker.on('exit', events.gone);
  worker.unref();
  return (message) => worker.postMessage(message);
}
