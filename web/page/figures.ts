// The figures of one head, each in its panel under its heading: heads, matrix, arithmetic, keys.
import { createArithmetic } from '../views/arithmetic.ts';
import type { Palette } from '../views/colour.ts';
import { el, setAttribute } from '../views/dom.ts';
import { createHeads } from '../views/heads.ts';
import { createKeys } from '../views/keys.ts';
import { createMatrix } from '../views/matrix.ts';
import { showPhrase } from '../views/phrase.ts';
import type { Look, Order, PointHandlers, Scene } from '../views/scene.ts';
import { createChangePanel } from './change-panel.ts';
import { button } from './controls.ts';
import type { Store } from './state.ts';
import type { Strings } from './strings.ts';

export interface FigureHosts {
  heads: HTMLElement;
  matrix: HTMLElement;
  arithmetic: HTMLElement;
  keys: HTMLElement;
}

/** A panel of the page; drawing what it already shows costs next to nothing. */
export interface Panel {
  readonly host: HTMLElement;
  draw(scene: Scene, look: Look, palette: Palette): void;
}

export interface Figures {
  readonly panels: readonly Panel[];
  showTables(shown: boolean): void;
}

export function createFigures(
  hosts: FigureHosts,
  strings: Strings,
  store: Store,
  point: PointHandlers,
): Figures {
  hosts.heads.append(el('h2', { class: 'heading' }, strings.heads.heading));
  const heads = createHeads(hosts.heads, strings.heads, point);
  const changePanel = createChangePanel(strings.change, store);
  hosts.heads.append(changePanel.node);

  const matrixHeading = el('h2', { class: 'heading' });
  showPhrase(matrixHeading, strings.matrix.heading);
  hosts.matrix.append(matrixHeading);
  const matrix = createMatrix(hosts.matrix, strings.matrix, point);
  const arithmetic = createArithmetic(hosts.arithmetic, strings.arithmetic);

  const orderButtons = (['weight', 'position'] as const).map((order: Order) => {
    const node = button(strings.keys.order[order], () => store.change({ order }), { 'data-order': order });
    return { order, node };
  });
  hosts.keys.append(
    el(
      'div',
      { class: 'heading-line' },
      el('h2', { class: 'heading' }, strings.keys.heading),
      el(
        'div',
        { class: 'choices', role: 'group', 'aria-label': strings.keys.orderLabel },
        ...orderButtons.map(({ node }) => node),
      ),
    ),
  );
  const keys = createKeys(hosts.keys, strings.keys, point);

  return {
    panels: [
      {
        host: hosts.heads,
        draw(scene, look, palette) {
          heads.draw(scene, look, palette);
          changePanel.draw(look);
        },
      },
      { host: hosts.matrix, draw: matrix.draw },
      { host: hosts.arithmetic, draw: arithmetic.draw },
      {
        host: hosts.keys,
        draw(scene, look) {
          keys.draw(scene, look);
          for (const { order, node } of orderButtons)
            setAttribute(node, 'aria-pressed', String(order === store.state.order));
        },
      },
    ],
    showTables(shown) {
      matrix.showTable(shown);
      arithmetic.showTable(shown);
    },
  };
}
