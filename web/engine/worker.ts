// The worker's entry: the engine's host behind messages.

import { Host } from './host.ts';
import type { HostOptions } from './protocol.ts';
import { serve } from './wire.ts';

serve(async (options: HostOptions, context, send) => {
  const host = await Host.start(options, context);
  host.onThreads = (threads) => send({ kind: 'threads', threads });
  return host;
});
