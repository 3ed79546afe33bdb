// How one weight came about, number by number: query and key, their products, the sum, scale, mask, softmax, and what the
// weight does to the value. Everything is read from the row's part of the snapshot; t says how far the story has gone.
import type { RowPart } from '../engine/types.ts';
import { createMemo, el, setAttribute, setStyle, setText, setValue } from './dom.ts';
import { roundUp } from './domain.ts';
import { formatNumber, formatShare } from './format.ts';
import { type Phrase, showPhrase } from './phrase.ts';
import type { Look, Scene } from './scene.ts';
import { nameOf } from './select.ts';
import { kChosenCell, paceOf, piece, progressOf } from './stages.ts';
import { axisText, createStrip, type Role, type Strip } from './strip.ts';

export interface ArithmeticStrings {
  heading(asks: string, answers: string): Phrase;
  query: string;
  key: string;
  product: string;
  value: string;
  weighted: string;
  output: string;
  sum: string;
  scaled(headDim: number, temperature: string): string;
  mask: string;
  seen: string;
  hidden: string;
  exponent(score: string, maximum: string): string;
  share(total: string): string;
  gate(by: string): string;
  component: string;
  componentHint: string;
  scoreParts: string;
  valueParts: string;
  table: string;
}

export interface Arithmetic {
  draw(scene: Scene, look: Look): void;
  showTable(shown: boolean): void;
}

type VectorName = 'q' | 'k' | 'products' | 'v' | 'weighted' | 'out';

interface Line {
  node: HTMLElement;
  label: HTMLElement;
  word: HTMLElement;
  strip: Strip;
  axis: HTMLElement;
}

export function createArithmetic(host: HTMLElement, strings: ArithmeticStrings): Arithmetic {
  let scene: Scene | undefined;
  let look: Look | undefined;
  let tableShown = false;
  const changed = createMemo();
  const chosen = { score: -1, value: -1 };
  const locked = { score: -1, value: -1 };
  type Group = keyof typeof chosen;

  function point(group: Group, component: number | null, lock: boolean): void {
    if (lock && component !== null) locked[group] = locked[group] === component ? -1 : component;
    chosen[group] = component ?? locked[group];
    redraw();
  }

  function line(group: Group, name: VectorName, role: Role, label: string): Line {
    const strip = createStrip(role, (component, lock) => point(group, component, lock));
    const labelNode = el('span', { class: `role ${role}` }, label);
    const word = el('span', { class: 'whose' });
    const axis = el('span', { class: 'axis-most' });
    const node = el(
      'div',
      { class: 'vector', 'data-vector': name },
      el('span', { class: 'vector-label' }, labelNode, word),
      strip.node,
      axis,
    );
    return { node, label: labelNode, word, strip, axis };
  }

  const lines: Record<VectorName, Line> = {
    q: line('score', 'q', 'query', strings.query),
    k: line('score', 'k', 'key', strings.key),
    products: line('score', 'products', 'signed', strings.product),
    v: line('value', 'v', 'value', strings.value),
    weighted: line('value', 'weighted', 'value', strings.weighted),
    out: line('value', 'out', 'output', strings.output),
  };

  /** A group of vectors that share their components: focusable, arrow keys walk along them. */
  function vectors(group: Group, label: string, names: readonly VectorName[]): [HTMLElement, HTMLElement] {
    const readout = el('p', { class: 'readout', 'data-readout': group });
    const box = el(
      'div',
      {
        class: 'vectors',
        role: 'slider',
        tabindex: 0,
        'aria-label': label,
        'aria-orientation': 'horizontal',
        'data-group': group,
      },
      ...names.map((name) => lines[name].node),
    );
    box.addEventListener('keydown', (event) => {
      const last = (scene?.row?.headDim ?? 1) - 1;
      const to: Record<string, number> = {
        ArrowRight: Math.min(last, chosen[group] + 1),
        ArrowLeft: Math.max(0, chosen[group] - 1),
        Home: 0,
        End: last,
      };
      const component = to[event.key];
      if (component === undefined) return;
      event.preventDefault();
      locked[group] = component;
      point(group, component, false);
    });
    return [box, readout];
  }

  const heading = el('h2', { class: 'heading', 'data-arithmetic-heading': true });
  const [scoreBox, scoreReadout] = vectors('score', strings.scoreParts, ['q', 'k', 'products']);
  const [valueBox, valueReadout] = vectors('value', strings.valueParts, ['v', 'weighted', 'out']);
  const steps = el('dl', { class: 'steps' });
  const step = (name: string) => {
    const label = el('dt');
    const value = el('dd', { 'data-step': name });
    const node = el('div', { class: 'step', 'data-stage-line': name }, label, value);
    steps.append(node);
    return { node, label, value };
  };
  const dot = step('dot');
  const scaled = step('scaled');
  const masked = step('masked');
  const exponent = step('exponent');
  const weight = step('weight');
  const table = el('div', {
    class: 'table-scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': strings.table,
    hidden: true,
  });
  host.append(heading, scoreBox, scoreReadout, steps, valueBox, valueReadout, table);

  function show(node: HTMLElement, amount: number): void {
    setStyle(node, '--shown', amount.toFixed(3));
    setAttribute(node, 'data-not-yet', amount === 0);
  }

  function numbers(row: RowPart, key: number): Record<VectorName, (i: number) => number> {
    const at = key * row.headDim;
    return {
      q: (i) => row.q[i]!,
      k: (i) => row.k[at + i]!,
      products: (i) => row.products[at + i]!,
      v: (i) => row.v[at + i]!,
      weighted: (i) => row.weighted[at + i]!,
      out: (i) => row.out[i]!,
    };
  }

  function redraw(): void {
    if (scene && look) draw(scene, look);
  }

  function draw(nextScene: Scene, nextLook: Look): void {
    scene = nextScene;
    look = nextLook;
    const { row } = scene;
    // A row that is still on its way leaves the last picture standing.
    if (!row || row.token !== look.row || row.keys !== scene.tokens.length) return;
    const seen = [row, scene.tokens, look.column, look.t, tableShown, chosen.score, chosen.value];
    if (!changed(...seen)) return;
    const { t } = look;
    const { causal } = scene.model;
    const key = Math.min(look.column, row.keys - 1);
    const asks = nameOf(scene, row.token);
    const answers = nameOf(scene, key);
    setAttribute(host, 'data-row', row.token);
    setAttribute(host, 'data-column', key);
    setAttribute(host, 'data-layer', row.layer + 1);
    setAttribute(host, 'data-head', row.head + 1);
    showPhrase(heading, strings.heading(asks, answers));

    const values = numbers(row, key);
    const most = {
      vectors: scaleOf(row.headDim, values.q, values.k),
      products: scaleOf(row.headDim, values.products),
      values: scaleOf(row.headDim, values.v, values.out),
    };
    const dotPace = paceOf('dot', t, causal);
    const byOne = piece(dotPace, 0, kChosenCell - 0.1) * row.headDim;
    const weightedShare = progressOf('weighted', t, causal);
    const outShare = progressOf('output', t, causal);
    const all = (name: VectorName) => (i: number) => values[name](i);
    const draws: Record<VectorName, [number, (i: number) => number]> = {
      q: [most.vectors, all('q')],
      k: [most.vectors, all('k')],
      products: [most.products, (i) => values.products(i) * piece(byOne, i, i + 1)],
      v: [most.values, all('v')],
      // On the scale of the value, so that one sees the value shrink to its share.
      weighted: [most.values, (i) => values.v(i) + (values.weighted(i) - values.v(i)) * weightedShare],
      out: [most.values, (i) => values.out(i) * outShare],
    };
    for (const name of Object.keys(lines) as VectorName[]) {
      const [scale, height] = draws[name];
      const group = name === 'q' || name === 'k' || name === 'products' ? 'score' : 'value';
      lines[name].strip.draw(row.headDim, scale, height, chosen[group]);
      setText(lines[name].axis, axisText(scale));
      setAttribute(lines[name].axis, 'data-value', scale);
    }
    setText(lines.q.word, asks);
    setText(lines.k.word, answers);
    setText(lines.v.word, answers);
    setText(lines.weighted.word, answers);
    setText(lines.weighted.label, formatShare(row.weight[key]!));
    setText(lines.out.word, row.gate === 1 ? asks : strings.gate(formatNumber(row.gate)));
    show(lines.products.node, dotPace > 0 ? 1 : 0);
    show(lines.weighted.node, weightedShare > 0 ? 1 : 0);
    show(lines.out.node, outShare);

    setText(dot.label, strings.sum);
    setValue(dot.value, row.dot[key]!, formatNumber(row.dot[key]!));
    show(dot.node, piece(dotPace, kChosenCell - 0.1, kChosenCell));
    setText(
      scaled.label,
      strings.scaled(row.headDim, row.temperature === 1 ? '' : formatNumber(row.temperature)),
    );
    setValue(scaled.value, row.scaled[key]!, formatNumber(row.scaled[key]!));
    show(scaled.node, progressOf('scaled', t, causal));
    const isHidden = row.masked[key] === Number.NEGATIVE_INFINITY;
    setText(masked.label, strings.mask);
    setValue(masked.value, row.masked[key]!, isHidden ? strings.hidden : strings.seen);
    setAttribute(masked.node, 'hidden', !causal);
    show(masked.node, progressOf('masked', t, causal));
    const softmax = paceOf('weight', t, causal);
    setText(exponent.label, strings.exponent(formatNumber(row.masked[key]!), formatNumber(row.maximum)));
    setValue(exponent.value, row.exponent[key]!, formatNumber(row.exponent[key]!));
    show(exponent.node, piece(softmax, 0, 0.45));
    setText(weight.label, strings.share(formatNumber(row.total)));
    setAttribute(weight.label, 'data-value', row.total);
    setValue(weight.value, row.weight[key]!, formatShare(row.weight[key]!));
    show(weight.node, piece(softmax, 0.55, 1));

    drawReadout('score', scoreBox, scoreReadout, values, ['q', 'k', 'products']);
    drawReadout('value', valueBox, valueReadout, values, ['v', 'weighted', 'out']);
    drawTable(row, values);
  }

  function drawReadout(
    group: Group,
    box: HTMLElement,
    readout: HTMLElement,
    values: Record<VectorName, (i: number) => number>,
    names: readonly [VectorName, VectorName, VectorName],
  ): void {
    const i = chosen[group];
    const headDim = scene?.row?.headDim ?? 1;
    setAttribute(box, 'aria-valuemin', 1);
    setAttribute(box, 'aria-valuemax', headDim);
    setAttribute(box, 'aria-valuenow', Math.max(1, i + 1));
    if (i < 0 || i >= headDim) {
      setText(readout, strings.componentHint);
      setAttribute(readout, 'data-component', undefined);
      setAttribute(box, 'aria-valuetext', strings.componentHint);
      return;
    }
    const [a, b, c] = names.map((name) => values[name](i)) as [number, number, number];
    const text =
      group === 'score'
        ? `${strings.component} ${i + 1}: ${formatNumber(a)} × ${formatNumber(b)} = ${formatNumber(c)}`
        : `${strings.component} ${i + 1}: ${formatNumber(a)} → ${formatNumber(b)}; ${strings.output} ${formatNumber(c)}`;
    setText(readout, text);
    setAttribute(readout, 'data-component', i);
    setAttribute(readout, 'data-values', [a, b, c].join(' '));
    setAttribute(box, 'aria-valuetext', text);
  }

  function drawTable(row: RowPart, values: Record<VectorName, (i: number) => number>): void {
    setAttribute(table, 'hidden', !tableShown);
    if (!tableShown) return;
    const names = Object.keys(lines) as VectorName[];
    const titles: Record<VectorName, string> = {
      q: strings.query,
      k: strings.key,
      products: strings.product,
      v: strings.value,
      weighted: strings.weighted,
      out: strings.output,
    };
    const head = el('tr', {}, el('th', { scope: 'col' }, strings.component));
    for (const name of names) head.append(el('th', { scope: 'col' }, titles[name]));
    const body = el('tbody');
    for (let i = 0; i < row.headDim; i++) {
      const tr = el('tr', {}, el('th', { scope: 'row' }, String(i + 1)));
      for (const name of names) {
        const value = values[name](i);
        tr.append(
          el('td', { 'data-vector': name, 'data-component': i, 'data-value': value }, formatNumber(value)),
        );
      }
      body.append(tr);
    }
    table.replaceChildren(el('table', { 'data-arithmetic-table': true }, el('thead', {}, head), body));
  }

  return {
    draw,
    showTable(shown) {
      tableShown = shown;
      setAttribute(table, 'hidden', !shown);
      redraw();
    },
  };
}

/** A round number that holds every component of the vectors: the scale that they share. */
function scaleOf(count: number, ...vectors: ((i: number) => number)[]): number {
  let most = 0;
  for (const vector of vectors) for (let i = 0; i < count; i++) most = Math.max(most, Math.abs(vector(i)));
  return roundUp(most);
}
