// That the page is at work: a bar while the engine or a model loads, and a mark on a picture that has grown old.
import type { Progress } from '../engine/types.ts';
import { el, setAttribute, setText } from '../views/dom.ts';
import type { Strings } from './strings.ts';

/** A picture older than this is marked as old. */
const kStaleAfter = 150;

/** Shown while the engine or the model of that name loads; runs are too short for a bar. */
export function createLoading(
  host: HTMLElement,
  strings: Strings['loading'],
): { show(progress: Progress | undefined, modelName: string): void } {
  const bar = el('progress', { max: 1 });
  const text = el('span');
  host.append(text, bar);
  setAttribute(host, 'hidden', true);

  return {
    show(progress, modelName) {
      setAttribute(host, 'hidden', progress === undefined || progress.phase === 'run');
      if (!progress || progress.phase === 'run') return;
      setText(text, progress.phase === 'engine' ? strings.engine : strings.model(modelName));
      if (progress.total) bar.value = progress.done / progress.total;
      else bar.removeAttribute('value');
      bar.setAttribute('aria-label', text.textContent ?? '');
    },
  };
}

/** Marks `main` as busy at once, and as stale where that lasts. */
export function createBusyMark(main: HTMLElement): (busy: boolean) => void {
  let timer = 0;
  return (busy) => {
    setAttribute(main, 'aria-busy', String(busy));
    window.clearTimeout(timer);
    if (busy) timer = window.setTimeout(() => setAttribute(main, 'data-stale', true), kStaleAfter);
    else setAttribute(main, 'data-stale', false);
  };
}
