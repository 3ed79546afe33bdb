// What the model holds likely, as bars. Choosing one puts it into the text.
import type { PredictionsPart } from '../engine/types.ts';
import { createMemo, el, keepChildren, setAttribute, setStyle, setText, setValue } from './dom.ts';
import { formatNumber, formatShare, formatToken, formatWord } from './format.ts';
import { type Phrase, showPhrase } from './phrase.ts';
import type { Scene } from './scene.ts';
import { nameOf } from './select.ts';

const kGuesses = 4;

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

/** The likeliest few in one line, beside the sentence that they belong to. */
export function createGuesses(
  host: HTMLElement,
  heading: (kind: PredictionsPart['kind'], word: string) => Phrase,
  put: (text: string) => void,
): { draw(scene: Scene): void } {
  const label = el('span', { 'data-guesses-label': true });
  host.append(label);
  const buttons = Array.from({ length: kGuesses }, () => {
    const word = el('span', { class: 'word' });
    const number = el('span', { class: 'number' });
    const node = el('button', { type: 'button', class: 'guess', 'data-guess': true }, word, number);
    node.addEventListener('click', () => put(node.dataset.text ?? ''));
    host.append(node);
    return { node, word, number };
  });
  const changed = createMemo();
  return {
    draw(scene) {
      const part = scene.predictions;
      if (!part || part.token >= scene.tokens.length || !changed(part)) return;
      showPhrase(label, heading(part.kind, nameOf(scene, part.token)));
      buttons.forEach(({ node, word, number }, index) => {
        const candidate = part.candidates[index];
        setAttribute(node, 'hidden', candidate === undefined);
        if (!candidate) return;
        setAttribute(node, 'data-text', candidate.text);
        setText(word, formatWord(candidate.text));
        setValue(number, candidate.probability, formatShare(candidate.probability));
      });
    },
  };
}
