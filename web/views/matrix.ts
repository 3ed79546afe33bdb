// One head as a matrix: the row asks, the column answers. Stages cross-fade in place as t moves; the colour bar below is
// the same scale, with ticks. What a row may not see is hatched, which is not the same as zero.
import type { MatrixPart } from '../engine/types.ts';
import { pixelRatio, prepare, present, remPixels, type Surface } from './canvas.ts';
import { css, type Domain, type Palette, type Rgb, stepOf } from './colour.ts';
import { createMemo, el, keepChildren, setAttribute, setStyle, setText, watchWidth } from './dom.ts';
import { domainOf, ticksOf } from './domain.ts';
import { formatNumber, formatShare, formatShareTick, formatTick } from './format.ts';
import { createMatrixTable } from './matrix-table.ts';
import type { Look, PointHandlers, Scene } from './scene.ts';
import { nameOf } from './select.ts';
import { kChosenCell, kChosenRow, type MatrixStage, matrixBlend, paceOf, piece } from './stages.ts';

export interface MatrixStrings {
  label: string;
  keys: string;
  hidden: string;
  stage: Record<MatrixStage, string>;
  /** "him (row) asks, thank (column) answers: weight 44 %" */
  cell(asks: string, answers: string, stage: string, value: string): string;
  corner: string;
}

export interface Matrix {
  draw(scene: Scene, look: Look, palette: Palette): void;
  /** A table of the same numbers beside the picture. */
  showTable(shown: boolean): void;
}

/** Where the cells lie, in device pixels. */
export interface Layout {
  /** Space for the row words (left) and the column words (top). */
  left: number;
  top: number;
  /** Side of a cell, gap included: whole pixels, so that every cell is alike. */
  cell: number;
  gap: number;
}

/** The largest whole-pixel cells that fit `size`; a gap between cells only where they are large enough to spare it. */
export function layout(
  count: number,
  size: number,
  left: number,
  top: number,
  ratio: number,
  largest = 40 * ratio,
): Layout {
  const cell = Math.max(1, Math.floor(Math.min(largest, (size - left) / Math.max(1, count))));
  const gap =
    cell >= 10 * ratio ? Math.max(1, Math.round(1.5 * ratio)) : cell >= 5 * ratio ? Math.round(ratio) : 0;
  return { left, top, cell, gap };
}

/** The cell under a point, or undefined beside the matrix. */
export function cellAt(
  { left, top, cell }: Layout,
  count: number,
  x: number,
  y: number,
): { row: number; column: number } | undefined {
  const row = Math.floor((y - top) / cell);
  const column = Math.floor((x - left) / cell);
  return row >= 0 && column >= 0 && row < count && column < count ? { row, column } : undefined;
}

export function createMatrix(host: HTMLElement, strings: MatrixStrings, handlers: PointHandlers): Matrix {
  const canvas = el('canvas', { class: 'matrix-canvas', 'data-matrix': true });
  // Drawn outside the document: a font set on a canvas inside it makes the browser settle every style that waits.
  const sheet = document.createElement('canvas');
  const tip = el('output', { class: 'matrix-tip', 'data-cell': true, 'aria-hidden': 'true' });
  const frame = el(
    'div',
    {
      class: 'matrix-frame',
      tabindex: 0,
      role: 'application',
      'aria-label': strings.label,
      'aria-description': strings.keys,
    },
    canvas,
    tip,
  );
  const bar = el('div', { class: 'colour-bar' });
  const barCanvas = el('canvas', { 'data-colour-bar': true, 'aria-hidden': 'true' });
  const ticks = el('div', { class: 'ticks', 'data-ticks': true });
  const unit = el('span', { class: 'unit', 'data-unit': true });
  const hidden = el(
    'span',
    { class: 'hidden-key', 'data-hidden-key': true },
    el('i', { class: 'hatch' }),
    strings.hidden,
  );
  bar.append(el('div', { class: 'scale' }, barCanvas, ticks), unit, hidden);
  const numbers = createMatrixTable(strings, formatCell);
  const table = el(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': strings.label, hidden: true },
    numbers.node,
  );
  host.append(frame, bar, table);

  const width = watchWidth(frame);
  const changed = createMemo();
  let place: Layout | undefined;
  let count = 0;
  let look: Look | undefined;
  let tableShown = false;
  let barOf: readonly Rgb[] | undefined;

  function under(event: PointerEvent | MouseEvent): { row: number; column: number } | undefined {
    if (!place) return undefined;
    const box = canvas.getBoundingClientRect();
    const ratio = canvas.width / box.width;
    return cellAt(place, count, (event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio);
  }

  let hovered = '';
  frame.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'mouse') return;
    const cell = under(event);
    const key = cell ? `${cell.row}.${cell.column}` : '';
    if (key === hovered) return;
    hovered = key;
    handlers.preview(cell ?? null);
  });
  frame.addEventListener('pointerleave', () => {
    if (hovered) handlers.preview(null);
    hovered = '';
  });
  frame.addEventListener('click', (event) => {
    const cell = under(event);
    if (cell) handlers.choose(cell);
  });
  frame.addEventListener('keydown', (event) => {
    const steps: Record<string, readonly [number, number]> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      Home: [0, -count],
      End: [0, count],
      PageUp: [-count, 0],
      PageDown: [count, 0],
    };
    const step = steps[event.key];
    if (!step || !look) return;
    event.preventDefault();
    const within = (index: number) => Math.min(count - 1, Math.max(0, index));
    const cell = { row: within(look.row + step[0]), column: within(look.column + step[1]) };
    // The next key may come before the next picture.
    look = { ...look, ...cell };
    handlers.choose(cell);
  });

  function drawBar(colours: readonly Rgb[], domain: Domain, stage: MatrixStage, anyHidden: boolean): void {
    if (barOf !== colours) {
      barOf = colours;
      const { context, width, height } = prepare(barCanvas, colours.length, 1);
      colours.forEach((colour, step) => {
        context.fillStyle = css(colour);
        const from = Math.round((step / colours.length) * width);
        context.fillRect(from, 0, Math.round(((step + 1) / colours.length) * width) - from, height);
      });
    }
    setAttribute(bar, 'data-low', domain[0]);
    setAttribute(bar, 'data-high', domain[1]);
    setAttribute(bar, 'data-stage', stage);
    const marks = ticksOf(domain, 4);
    const nodes = keepChildren(ticks, marks.length, () => el('span'));
    marks.forEach((mark, index) => {
      setText(nodes[index]!, stage === 'weight' ? formatShareTick(mark) : formatTick(mark));
      setStyle(nodes[index]!, '--at', String((mark - domain[0]) / (domain[1] - domain[0])));
    });
    setText(unit, strings.stage[stage]);
    setAttribute(hidden, 'hidden', !anyHidden);
  }

  return {
    draw(scene, nextLook, palette) {
      look = nextLook;
      const causal = scene.model.causal;
      const blend = matrixBlend(look.t, causal);
      const from = scene.matrices[blend.from];
      const to = scene.matrices[blend.to];
      if (!from || !to) return;
      const fonts = document.fonts?.status;
      const seen = [
        from,
        to,
        scene.tokens,
        look.row,
        look.column,
        look.t,
        palette,
        width(),
        devicePixelRatio,
        fonts,
      ];
      if (!changed(...seen, tableShown)) return;
      count = from.rows;
      const settled = blend.share < 0.5 ? from : to;
      const words = scene.tokens.map((_, index) => nameOf(scene, index));
      const size = width();
      const surface = prepareMatrix(sheet, size, words);
      place = surface.place;
      // The chosen cell first, then its row, then every row: before its turn a cell is still empty.
      const pace = paceOf('dot', look.t, causal);
      const turns = {
        cell: piece(pace, kChosenCell - 0.06, kChosenCell),
        row: piece(pace, kChosenCell, kChosenRow),
        all: piece(pace, kChosenRow, 1),
      };
      const paint = (matrix: MatrixPart): ((cell: number) => Rgb) => {
        const domain = domainOf(matrix);
        const colours = matrix.stage === 'weight' ? palette.weight : palette.signed;
        return (cell) => colours[stepOf(matrix.values[cell]!, domain)]!;
      };
      drawCells(surface, { from, to, share: blend.share, paint, palette, look, turns, causal });
      drawWords(surface, words, look, palette);
      setStyle(canvas, 'height', `${surface.height / surface.ratio}px`);
      present(surface, canvas);
      const colours = settled.stage === 'weight' ? palette.weight : palette.signed;
      drawBar(colours, domainOf(settled), settled.stage, causal);
      setAttribute(frame, 'data-layer', settled.layer + 1);
      setAttribute(frame, 'data-head', settled.head + 1);
      setAttribute(frame, 'data-count', count);
      setAttribute(frame, 'data-stage', settled.stage);
      // Places of the cells in CSS pixels from the canvas's corner, for whoever reads the picture.
      for (const name of ['left', 'top', 'cell'] as const) {
        setAttribute(frame, `data-${name}`, place[name] / surface.ratio);
      }
      drawTip(settled, words, look, turns.cell);
      if (tableShown) numbers.draw(settled, words);
    },
    showTable(shown) {
      tableShown = shown;
      setAttribute(table, 'hidden', !shown);
      changed();
    },
  };

  function drawTip(matrix: MatrixPart, words: readonly string[], at: Look, shown: number): void {
    const index = at.row * matrix.cols + at.column;
    const value = matrix.values[index];
    if (value === undefined) return;
    const word = (i: number) => words[i] ?? '';
    const text =
      matrix.hidden[index] && matrix.stage !== 'dot' && matrix.stage !== 'scaled'
        ? strings.hidden
        : formatCell(matrix.stage, value);
    setText(
      tip,
      strings.cell(word(at.row), word(at.column), strings.stage[matrix.stage], shown > 0 ? text : '…'),
    );
    setAttribute(tip, 'data-value', value);
    setAttribute(tip, 'data-row', at.row);
    setAttribute(tip, 'data-column', at.column);
  }
}

function formatCell(stage: MatrixStage, value: number): string {
  return stage === 'weight' ? formatShare(value) : formatNumber(value);
}

interface Prepared extends Surface {
  place: Layout;
  count: number;
  /** Font size of the words, device pixels; 0 where there is no room for them. */
  font: number;
}

/** Widths that are remembered. */
const kMeasured = 2000;

const kFont = "'Inter Variable', system-ui, sans-serif";

let measured = { font: '', widths: new Map<string, number>() };

/** The words' widths in the pen's font, remembered: most words of a text are those of the last keystroke. */
function widthsOf(words: readonly string[], pen: CanvasRenderingContext2D): number[] {
  const font = `${pen.font} ${document.fonts?.status}`;
  if (measured.font !== font || measured.widths.size > kMeasured) measured = { font, widths: new Map() };
  const { widths } = measured;
  return words.map((word) => {
    const width = widths.get(word) ?? pen.measureText(word).width;
    widths.set(word, width);
    return width;
  });
}

/** Measures the words, lays the cells out and gives the canvas its size. */
function prepareMatrix(canvas: HTMLCanvasElement, size: number, words: readonly string[]): Prepared {
  const ratio = pixelRatio();
  const rem = remPixels() * ratio;
  const probe = canvas.getContext('2d')!;
  const most = Math.round(rem * 5.2);
  const full = Math.round(size * ratio);
  // As bold as a chosen word: choosing must neither cut it nor move the cells.
  probe.font = `600 ${0.75 * rem}px ${kFont}`;
  const widths = widthsOf(words, probe).map((width) => Math.min(most, width));
  const label = Math.round(Math.max(rem, ...widths) + 0.6 * rem);
  const count = words.length;
  const within = (room: number) => layout(count, room, label, 0, ratio, 2.6 * rem);
  // The words on top lean to the right: the last of them may need room beyond the cells.
  const lean = (cell: number) =>
    widths.reduce((over, width, j) => Math.max(over, width / 2 + 0.4 * rem - (count - j - 0.5) * cell), 0);
  const place = within(full - lean(within(full).cell));
  const font = Math.min(0.8125 * rem, place.cell * 0.95);
  const readable = font >= 9 * ratio;
  place.top = Math.round(readable ? label * 0.94 : Math.min(label, most));
  const height = place.top + count * place.cell + ratio;
  const width = full;
  // Centred where the cells, at their largest, leave room.
  const spare = full - place.left - count * place.cell;
  place.left += Math.max(0, Math.floor(Math.min(spare, spare / 2)));
  return { ...prepare(canvas, width / ratio, height / ratio), place, count, font: readable ? font : 0 };
}

interface CellPaint {
  from: MatrixPart;
  to: MatrixPart;
  share: number;
  paint(matrix: MatrixPart): (cell: number) => Rgb;
  palette: Palette;
  look: Look;
  turns: { cell: number; row: number; all: number };
  causal: boolean;
}

function drawCells({ context, place, count }: Prepared, options: CellPaint): void {
  const { from, to, share, palette, look, turns } = options;
  const image = context.createImageData(count, count);
  const { data } = image;
  const first = options.paint(from);
  const second = options.paint(to);
  const { ground } = palette;
  const covers = (matrix: MatrixPart) => matrix.stage === 'masked' || matrix.stage === 'weight';
  const uncovered = (covers(from) ? 0 : 1 - share) + (covers(to) ? 0 : share);
  // Written without an array or an object for each cell: that would be most of what a keystroke leaves to the collector.
  for (let cell = 0; cell < count * count; cell++) {
    const row = Math.floor(cell / count);
    const old = first(cell);
    const next = second(cell);
    let there = row === look.row ? (cell % count === look.column ? turns.cell : turns.row) : turns.all;
    if (to.hidden[cell] === 1 || from.hidden[cell] === 1) there *= uncovered;
    for (let channel = 0; channel < 3; channel++) {
      const colour = old[channel]! + (next[channel]! - old[channel]!) * share;
      data[cell * 4 + channel] = ground[channel]! + (colour - ground[channel]!) * there;
    }
    data[cell * 4 + 3] = 255;
  }
  const small = scratch(count);
  small.getContext('2d')!.putImageData(image, 0, 0);
  const side = count * place.cell;
  context.imageSmoothingEnabled = false;
  context.drawImage(small, place.left, place.top, side, side);
  const hiding = (covers(from) ? 1 - share : 0) + (covers(to) ? share : 0);
  if (options.causal && hiding > 0) hatch(context, place, count, to, palette, hiding);
  if (place.gap > 0) grid(context, place, count, palette);
}

let scratchCanvas: HTMLCanvasElement | undefined;
function scratch(count: number): HTMLCanvasElement {
  scratchCanvas ??= document.createElement('canvas');
  if (scratchCanvas.width !== count) scratchCanvas.width = scratchCanvas.height = count;
  return scratchCanvas;
}

/** Fine diagonal lines over the cells that their rows may not see. */
function hatch(
  context: CanvasRenderingContext2D,
  place: Layout,
  count: number,
  matrix: MatrixPart,
  palette: Palette,
  share: number,
): void {
  const { left, top, cell } = place;
  context.save();
  context.beginPath();
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (!matrix.hidden[i * count + j]) continue;
      let end = j;
      while (end < count && matrix.hidden[i * count + end]) end++;
      context.rect(left + j * cell, top + i * cell, (end - j) * cell, cell);
      j = end;
    }
  }
  context.clip();
  context.beginPath();
  const side = count * cell;
  const step = Math.max(4, Math.round(cell / 4), Math.round(side / 90));
  for (let x = -side; x < side; x += step) {
    context.moveTo(left + x, top + side);
    context.lineTo(left + x + side, top);
  }
  context.strokeStyle = css(palette.hidden, share);
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

let tileKept: { key: string; tile: HTMLCanvasElement } | undefined;

/** One cell's surroundings: the ground everywhere but in the cell. */
function tileOf(cell: number, gap: number, ground: string): HTMLCanvasElement {
  const key = `${cell} ${gap} ${ground}`;
  if (tileKept?.key === key) return tileKept.tile;
  const tile = document.createElement('canvas');
  tile.width = tile.height = cell;
  const pen = tile.getContext('2d')!;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, cell, cell);
  pen.globalCompositeOperation = 'destination-out';
  pen.beginPath();
  pen.roundRect(0, 0, cell - gap, cell - gap, Math.min(cell * 0.14, 3 * gap));
  pen.fill();
  tileKept = { key, tile };
  return tile;
}

/** The gaps between cells, with softly rounded corners, as one repeated tile. */
function grid(context: CanvasRenderingContext2D, place: Layout, count: number, palette: Palette): void {
  const { left, top, cell, gap } = place;
  const tile = tileOf(cell, gap, css(palette.ground));
  const pattern = context.createPattern(tile, 'repeat');
  if (!pattern) return;
  pattern.setTransform(new DOMMatrix().translate(left, top));
  context.fillStyle = pattern;
  context.fillRect(left, top, count * cell, count * cell);
}

function drawWords(surface: Prepared, words: readonly string[], look: Look, palette: Palette): void {
  const { context, place, count, font, ratio } = surface;
  const { left, top, cell, gap } = place;
  const small = Math.max(font, 10.5 * ratio);
  const shorten = (text: string, room: number) => {
    if (context.measureText(text).width <= room) return text;
    let cut = text;
    while (cut.length > 1 && context.measureText(`${cut}…`).width > room) cut = cut.slice(0, -1);
    return `${cut}…`;
  };
  context.textBaseline = 'middle';
  const room = (place.left > 0 ? place.left : left) - 0.6 * small;
  const word = (index: number) => words[index] ?? '';
  for (let i = 0; i < count; i++) {
    const asks = i === look.row;
    const answers = i === look.column;
    if (font === 0 && !asks && !answers) continue;
    const middle = i * cell + (cell - gap) / 2;
    if (font > 0 || asks) {
      context.font = `${asks ? 600 : 400} ${asks ? small : font}px ${kFont}`;
      context.fillStyle = css(asks ? palette.query : palette.quiet);
      context.textAlign = 'right';
      context.fillText(shorten(word(i), Math.min(room, 5.8 * small)), left - 0.5 * small, top + middle);
    }
    if (font > 0 || answers) {
      context.font = `${answers ? 600 : 400} ${answers ? small : font}px ${kFont}`;
      context.fillStyle = css(answers ? palette.key : palette.quiet);
      context.textAlign = 'left';
      context.save();
      context.translate(left + middle, top - 0.45 * small);
      context.rotate(-Math.PI / 3);
      context.fillText(shorten(word(i), (top - 0.6 * small) / Math.sin(Math.PI / 3)), 0, 0);
      context.restore();
    }
  }
  // Crosshair: quiet lines from the words to the cell, and a ring around it.
  const x = left + look.column * cell;
  const y = top + look.row * cell;
  const inner = cell - gap;
  context.lineWidth = Math.max(1, Math.round(ratio));
  const half = context.lineWidth / 2;
  context.strokeStyle = css(palette.query, 0.55);
  context.beginPath();
  context.moveTo(left - 0.3 * small, y - half);
  context.lineTo(x, y - half);
  context.moveTo(left - 0.3 * small, y + inner + half);
  context.lineTo(x, y + inner + half);
  context.stroke();
  context.strokeStyle = css(palette.key, 0.55);
  context.beginPath();
  context.moveTo(x - half, top - 0.2 * small);
  context.lineTo(x - half, y);
  context.moveTo(x + inner + half, top - 0.2 * small);
  context.lineTo(x + inner + half, y);
  context.stroke();
  context.strokeStyle = css(palette.ink);
  context.lineWidth = Math.max(1.5 * ratio, 1);
  context.strokeRect(x - half, y - half, inner + 2 * half, inner + 2 * half);
}
