// Small controls that several places use.
import { el } from '../views/dom.ts';

export function button(
  text: string,
  action: () => void,
  attributes: Record<string, string> = {},
): HTMLButtonElement {
  const node = el('button', { type: 'button', class: 'quiet-button', ...attributes }, text);
  node.addEventListener('click', action);
  return node;
}

export interface Slider {
  readonly node: HTMLElement;
  readonly input: HTMLInputElement;
  set(value: number, text: string): void;
}

/** A labelled slider with its value beside it. */
export function slider(
  label: string,
  hint: string,
  range: { min: number; max: number; step: number },
  change: (value: number) => void,
  attributes: Record<string, string> = {},
): Slider {
  const input = el('input', { type: 'range', ...range, title: hint, ...attributes });
  const shown = el('output', { class: 'number' });
  const node = el('label', { class: 'slider' }, el('span', {}, label), input, shown);
  input.addEventListener('input', () => change(Number(input.value)));
  return {
    node,
    input,
    set(value, text) {
      if (Number(input.value) !== value) input.value = String(value);
      if (shown.textContent !== text) shown.textContent = text;
      input.setAttribute('aria-valuetext', text);
    },
  };
}
