// The menu of models: a group of radio buttons.
import { el, setAttribute } from '../views/dom.ts';
import { exampleState } from './examples.ts';
import { kModelNames, type ModelName, type Store } from './state.ts';
import type { Strings } from './strings.ts';

export function createModelChoice(host: HTMLElement, strings: Strings, store: Store): { draw(): void } {
  const group = el('div', { role: 'radiogroup', 'aria-label': strings.modelChoice, class: 'model-choice' });
  const buttons = kModelNames.map((name) => {
    const node = el(
      'button',
      { type: 'button', role: 'radio', class: 'model', 'data-model': name },
      el('span', { class: 'model-name' }, strings.models[name].name),
      el('span', { class: 'model-says' }, strings.models[name].says),
    );
    node.addEventListener('click', () => choose(name));
    return { name, node };
  });
  group.append(...buttons.map(({ node }) => node));
  group.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (kModelNames.indexOf(store.state.model) + step + kModelNames.length) % kModelNames.length;
    choose(kModelNames[next]!);
    buttons[next]!.node.focus();
  });
  host.append(group);

  function choose(model: ModelName): void {
    const { state } = store;
    if (model === state.model) return;
    const known = strings.models[state.model].examples.some(({ text }) => text === state.text);
    const first = strings.models[model].examples[0]!;
    const { text, ...place } = exampleState(model, first);
    // A text of one's own goes along; an example makes way for one that shows what this model does.
    if (known) store.put({ ...place, text, changes: [] }, first.ask);
    else store.put({ ...place, changes: [] });
  }

  return {
    draw() {
      for (const { name, node } of buttons) {
        setAttribute(node, 'aria-checked', String(name === store.state.model));
        setAttribute(node, 'tabindex', name === store.state.model ? 0 : -1);
      }
    },
  };
}
