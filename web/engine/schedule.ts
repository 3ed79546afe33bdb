// In what order the host works: one job at a time, first come, first served; "latest wins" within a lane.

import { aborted, LimelightError, throwIfAborted } from './errors.ts';
import { macrotask } from './platform.ts';

/** Milliseconds of work between two looks at the mailbox: an abort or a newer keystroke is heard within a frame. */
export const kSliceMilliseconds = 6;

/** What a job in progress gives way to. */
export class Pace {
  readonly signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  /** To be awaited between pieces of work: lets messages in when a slice is over, and throws when the job was aborted. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#since < kSliceMilliseconds) return;
    await macrotask();
    throwIfAborted(this.signal);
    this.#since = performance.now();
  }
}

interface Job {
  lane: string | undefined;
  start(): Promise<void>;
  drop(error: LimelightError): void;
}

export class Schedule {
  #waiting: Job[] = [];
  #busy = false;

  /**
   * Does `work` when its turn has come. With a lane, it takes the place of the job that waits in that lane (which
   * rejects with superseded). An aborted signal takes it out of the queue, or ends it at its next breath.
   */
  run<T>(
    work: (pace: Pace) => Promise<T>,
    { lane, signal }: { lane?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(aborted());
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== job);
        reject(aborted());
      };
      const job: Job = {
        lane,
        async start() {
          signal?.removeEventListener('abort', leave);
          await work(new Pace(signal)).then(resolve, reject);
        },
        drop(error) {
          signal?.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      const older = lane === undefined ? -1 : this.#waiting.findIndex((other) => other.lane === lane);
      if (older < 0) this.#waiting.push(job);
      else {
        const [replaced] = this.#waiting.splice(older, 1, job);
        replaced!.drop(new LimelightError('superseded', `a newer call in the lane "${lane}" took its place`));
      }
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    // A call without a lane starts at once. One with a lane first lets in what has already been sent, so that of a burst
    // of keystrokes only the newest is computed; and between many short jobs the mailbox is looked at, too.
    let looked = performance.now();
    let fresh = false;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (!fresh && (next.lane !== undefined || performance.now() - looked > kSliceMilliseconds)) {
        await macrotask();
        looked = performance.now();
        fresh = true;
        continue;
      }
      this.#waiting.shift();
      await next.start();
      fresh = false;
    }
    this.#busy = false;
  }

  /** Ends everything that waits. */
  clear(error: LimelightError): void {
    for (const job of this.#waiting.splice(0)) job.drop(error);
  }
}
