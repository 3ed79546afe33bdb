// The examples of the chosen model: a row of buttons, and the state that each of them sets up.
import { el, setAttribute } from '../views/dom.ts';
import { button } from './controls.ts';
import type { ModelName, State, Store } from './state.ts';
import type { Example, Strings } from './strings.ts';

export function exampleState(
  model: ModelName,
  example: Example,
): Pick<State, 'model' | 'text' | 'layer' | 'head' | 'row' | 'column'> {
  return {
    model,
    text: example.text,
    layer: example.layer - 1,
    head: example.head - 1,
    row: null,
    column: null,
  };
}

/** The example that the state shows, as it was set up; undefined for anything of the reader's own. */
export function exampleOf(strings: Strings, state: State): Example | undefined {
  return strings.models[state.model].examples.find(
    ({ text, layer, head }) => text === state.text && layer === state.layer + 1 && head === state.head + 1,
  );
}

export function createExamples(host: HTMLElement, strings: Strings, store: Store): { draw(): void } {
  const label = el('span', { class: 'examples-label' }, strings.examples);
  let shown: ModelName | undefined;
  let buttons: { node: HTMLButtonElement; example: Example }[] = [];

  function show(model: ModelName): void {
    shown = model;
    buttons = strings.models[model].examples.map((example) => ({
      example,
      node: button(
        example.name,
        () => store.put({ ...exampleState(model, example), changes: [] }, example.ask),
        { 'data-example': example.name },
      ),
    }));
    host.replaceChildren(label, ...buttons.map(({ node }) => node));
  }

  return {
    draw() {
      const { model, text } = store.state;
      if (shown !== model) show(model);
      for (const { node, example } of buttons)
        setAttribute(node, 'aria-pressed', String(example.text === text));
    },
  };
}
