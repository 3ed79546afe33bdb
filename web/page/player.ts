// One animation-frame scheduler for the whole page, and the clock that moves t while the reader lets it play.
import { nextMark, previousMark } from '../views/stages.ts';

/** Calls `draw` once in the next frame, however often it is asked to. */
export function createScheduler(draw: () => void): { soon(): void; now(): void } {
  let request = 0;
  const run = () => {
    request = 0;
    draw();
  };
  return {
    soon() {
      request ||= requestAnimationFrame(run);
    },
    now() {
      if (request) cancelAnimationFrame(request);
      run();
    },
  };
}

/** Calls `draw` once the next frame is on the screen, however often it is asked to. */
export function createAfterFrame(draw: () => void): () => void {
  const painted = new MessageChannel();
  let waiting = false;
  painted.port1.onmessage = () => {
    waiting = false;
    draw();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    // Callbacks of a frame run before it is painted; a message that one of them sends arrives afterwards.
    requestAnimationFrame(() => painted.port2.postMessage(undefined));
  };
}

/** From start to end at speed 1. */
const kSeconds = 14;
/** How long a stage stays where motion is not wanted. */
const kStillSeconds = 1.6;

export interface Player {
  readonly playing: boolean;
  toggle(): void;
  stop(): void;
  step(direction: 1 | -1): void;
}

/** Moves t with `set`; where motion is not wanted it goes from stage to stage without what lies between. */
export function createPlayer(
  read: () => { t: number; speed: number; causal: boolean },
  set: (t: number) => void,
  changed: () => void,
): Player {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let playing = false;
  let last: number | undefined;
  let waited = 0;

  function frame(now: number): void {
    if (!playing) return;
    const seconds = last === undefined ? 0 : Math.min(0.1, (now - last) / 1000);
    last = now;
    const { t, speed, causal } = read();
    if (still.matches) {
      waited += seconds * speed;
      if (waited >= kStillSeconds) {
        waited = 0;
        set(nextMark(t, causal));
      }
    } else set(Math.min(1, t + (seconds * speed) / kSeconds));
    if (read().t >= 1) stop();
    else requestAnimationFrame(frame);
  }

  function stop(): void {
    if (!playing) return;
    playing = false;
    changed();
  }

  return {
    get playing() {
      return playing;
    },
    stop,
    toggle() {
      if (playing) return stop();
      playing = true;
      last = undefined;
      waited = 0;
      if (read().t >= 1) set(0);
      changed();
      requestAnimationFrame(frame);
    },
    step(direction) {
      stop();
      const { t, causal } = read();
      set(direction === 1 ? nextMark(t, causal) : previousMark(t, causal));
    },
  };
}
