// What the model holds likely, as bars. Choosing one puts it into the text.
import { createMemo, el, keepChildren, setAttribute, setStyle, setValue } from './dom.ts';
import { formatNumber, formatShare, formatToken } from './format.ts';
import type { Scene } from './scene.ts';

export interface PredictionsStrings {
  label: string;
  put(word: string): string;
  probability: string;
  word: string;
}

export interface Predictions {
  draw(scene: Scene): void;
}

export function createPredictions(
  host: HTMLElement,
  strings: PredictionsStrings,
  put: (text: string) => void,
): Predictions {
  const list = el('ol', { class: 'predictions', 'data-predictions': true, 'aria-label': strings.label });
  host.append(list);
  list.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button?.dataset.text !== undefined) put(button.dataset.text);
  });
  const changed = createMemo();
  const create = () =>
    el(
      'li',
      {},
      el(
        'button',
        { type: 'button', class: 'prediction' },
        el('span', { class: 'word' }),
        el('span', { class: 'bar-cell', 'aria-hidden': 'true' }, el('span', { class: 'bar' })),
        el('span', { class: 'number' }),
      ),
    );
  return {
    draw(scene) {
      const part = scene.predictions;
      if (!part || !changed(part)) return;
      setAttribute(list, 'data-token', part.token);
      setAttribute(list, 'data-kind', part.kind);
      setAttribute(list, 'data-temperature', part.temperature);
      const items = keepChildren(list, part.candidates.length, create);
      part.candidates.forEach((candidate, index) => {
        const button = items[index]!.firstElementChild!;
        const [word, bar, number] = button.children as unknown as [Element, Element, Element];
        const token = formatToken(candidate.text);
        // The leading space is part of the token: shown, but quietly.
        const spaces = /^␣*/.exec(token)![0];
        setAttribute(button, 'data-text', candidate.text);
        setAttribute(button, 'data-id', candidate.id);
        setAttribute(button, 'data-logit', candidate.logit);
        const percent = formatShare(candidate.probability);
        if (word.getAttribute('data-token-text') !== token) {
          setAttribute(word, 'data-token-text', token);
          word.replaceChildren(el('i', {}, spaces), token.slice(spaces.length));
        }
        setAttribute(
          button,
          'title',
          `${strings.put(token.slice(spaces.length))}; logit ${formatNumber(candidate.logit)}`,
        );
        setStyle(bar.firstElementChild as HTMLElement, '--share', candidate.probability.toFixed(4));
        setValue(number, candidate.probability, percent);
      });
    },
  };
}
