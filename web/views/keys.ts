// The row of the word that asks, key by key: first the score, then the share. Pointing at a key previews it.
import { createMemo, el, keepChildren, setAttribute, setStyle, setText, setValue } from './dom.ts';
import { formatNumber, formatShare } from './format.ts';
import type { Look, PointHandlers, Scene } from './scene.ts';
import { nameOf } from './select.ts';
import {
  kChosenCell,
  kChosenRow,
  type MatrixStage,
  matrixBlend,
  paceOf,
  piece,
  progressOf,
} from './stages.ts';

/** So many letters fit into their column in any script. */
const kShort = 5;

export interface KeysStrings {
  label: string;
  word: string;
  share: string;
  hidden: string;
  score: Record<Exclude<MatrixStage, 'weight'>, string>;
}

export interface Keys {
  draw(scene: Scene, look: Look): void;
}

export function createKeys(host: HTMLElement, strings: KeysStrings, handlers: PointHandlers): Keys {
  const scoreHead = el('th', { scope: 'col', class: 'number' });
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'keys', 'data-keys': true },
    el('caption', { class: 'unseen' }, strings.label),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, strings.word),
        el('th', { class: 'bar-head', 'aria-hidden': 'true' }),
        scoreHead,
        el('th', { scope: 'col', class: 'number' }, strings.share),
      ),
    ),
    body,
  );
  const scroll = el(
    'div',
    { class: 'keys-scroll', tabindex: 0, role: 'region', 'aria-label': strings.label },
    table,
  );
  host.append(scroll);
  scroll.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const lines = Array.from(body.children);
    const at = lines.findIndex((line) => line.hasAttribute('data-chosen'));
    const next = lines[Math.min(lines.length - 1, Math.max(0, at + step))];
    if (!(next instanceof HTMLElement)) return;
    lines[at]?.removeAttribute('data-chosen');
    setAttribute(next, 'data-chosen', true);
    next.scrollIntoView({ block: 'nearest' });
    handlers.choose({ column: Number(next.dataset.column) });
  });

  const at = (event: Event) => {
    const line = event.target instanceof Element ? event.target.closest('tr') : null;
    return line?.dataset.column === undefined ? undefined : { column: Number(line.dataset.column) };
  };
  let hovered: number | undefined;
  body.addEventListener('pointerover', (event) => {
    if (event.pointerType !== 'mouse') return;
    const place = at(event);
    if (place?.column === hovered) return;
    hovered = place?.column;
    handlers.preview(place ?? null);
  });
  body.addEventListener('pointerleave', () => {
    hovered = undefined;
    handlers.preview(null);
  });
  body.addEventListener('click', (event) => {
    const place = at(event);
    if (place) handlers.choose(place);
  });

  const changed = createMemo();
  const create = () =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('button', { type: 'button', class: 'word', tabindex: -1 })),
      el('td', { class: 'bar-cell', 'aria-hidden': 'true' }, el('div', { class: 'bar' })),
      el('td', { class: 'number score' }),
      el('td', { class: 'number share' }),
    );

  return {
    draw(scene, look) {
      const { row } = scene;
      if (!row || row.token !== look.row || row.keys !== scene.tokens.length) return;
      if (!changed(row, scene.tokens, look.column, look.t, look.order)) return;
      const { causal } = scene.model;
      const blend = matrixBlend(look.t, causal);
      // Beside the share stands the score that went into it.
      const stage = blend.share < 0.5 ? blend.from : blend.to;
      const scoreStage = stage === 'weight' ? (causal ? 'masked' : 'scaled') : stage;
      const scores = row[scoreStage];
      setText(scoreHead, strings.score[scoreStage]);
      setAttribute(table, 'data-score-stage', scoreStage);
      setAttribute(table, 'data-row', row.token);
      const dotPace = paceOf('dot', look.t, causal);
      const chosenShown = piece(dotPace, kChosenCell - 0.1, kChosenCell);
      const othersShown = piece(dotPace, kChosenCell, kChosenRow) * row.keys;
      const share = progressOf('weight', look.t, causal);

      const order = Array.from({ length: row.keys }, (_, j) => j);
      if (look.order === 'weight') order.sort((a, b) => row.weight[b]! - row.weight[a]! || a - b);
      const lines = keepChildren(body, row.keys, create);
      order.forEach((key, place) => {
        const line = lines[place]!;
        const [word, bar, score, weight] = line.children as unknown as [Element, Element, Element, Element];
        const hidden = row.masked[key] === Number.NEGATIVE_INFINITY;
        setAttribute(line, 'data-column', key);
        setAttribute(line, 'data-chosen', key === look.column);
        setAttribute(line, 'data-hidden', hidden);
        const name = nameOf(scene, key);
        setText(word.firstElementChild!, name);
        setAttribute(word.firstElementChild!, 'data-long', name.length > kShort);
        const shown = key === look.column ? chosenShown : piece(othersShown, place, place + 1);
        if (hidden && scoreStage === 'masked') setValue(score, scores[key]!, strings.hidden);
        else setValue(score, scores[key]!, formatNumber(scores[key]!));
        setAttribute(score, 'data-not-yet', shown < 0.5);
        setValue(weight, row.weight[key]!, hidden ? strings.hidden : formatShare(row.weight[key]!));
        setAttribute(weight, 'data-not-yet', share < 0.5);
        setStyle(bar.firstElementChild as HTMLElement, '--share', (row.weight[key]! * share).toFixed(4));
      });
    },
  };
}
