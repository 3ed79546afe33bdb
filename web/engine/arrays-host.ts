// The half of the engine that computes on arrays which the caller brings, and on caches of them. A page that only runs
// models never asks for it: it is fetched with the first call that does, or with the engine (EngineOptions.preload).

import { type ArraysCore, kArraysFiles } from './arrays-module.ts';
import { attention } from './attention.ts';
import { attentionGradient } from './attention-gradient.ts';
import { Cache } from './caches.ts';
import { LimelightError } from './errors.ts';
import { explain, margins } from './explain.ts';
import { linearAttention } from './linear-attention.ts';
import { measure } from './measure.ts';
import type { ArrayCalls, Half, Work } from './protocol.ts';
import { rotaryTable, rotate } from './rotary.ts';

export class ArraysHost implements Half {
  static readonly files = kArraysFiles;
  readonly core: ArraysCore;
  readonly #caches = new Map<number, Cache>();
  readonly #afterwards: (release: () => void) => void;

  /** `afterwards` lets go of something when what is under way, which may use it, is done. */
  constructor(core: ArraysCore, afterwards: (release: () => void) => void) {
    this.core = core;
    this.#afterwards = afterwards;
  }

  readonly work: Work<ArrayCalls> = {
    attention: (request, pace) => attention(this.core, request, pace),
    explain: (request, pace, { onProgress }) => explain(this.core, request, pace, onProgress),
    margins: (request, pace, { onProgress }) => margins(this.core, request, pace, onProgress),
    attentionGradient: (request, pace) => attentionGradient(this.core, request, pace),
    linearAttention: (request, pace) => linearAttention(this.core, request, pace),
    rotaryTable: async (request) => rotaryTable(this.core, request),
    rotate: async (request) => rotate(this.core, request),
    measure: ({ variant, shape }, pace, { onProgress }) =>
      measure(this.core, variant, shape, pace, onProgress),

    createCache: async ({ cache, options }) => {
      this.#caches.set(cache, new Cache(this.core, options));
      return undefined;
    },
    appendCache: async ({ cache, tokens }) => ({ length: await this.#cache(cache).append(tokens) }),
    attendCache: async ({ cache, request }, pace) => {
      const open = this.#cache(cache);
      return { ...(await open.attention(request, pace)), length: open.length };
    },
    truncateCache: async ({ cache, length }) => ({ length: this.#cache(cache).truncate(length) }),
    releaseCache: async ({ cache }) => {
      const open = this.#caches.get(cache);
      this.#caches.delete(cache);
      if (open) this.#afterwards(() => open.release());
    },
  };

  #cache(cache: number): Cache {
    const open = this.#caches.get(cache);
    if (!open) throw new LimelightError('disposed', 'this cache has been disposed');
    return open;
  }
}
