// Every head at once: a small picture of each, layers downwards, heads across. Pointing previews a head everywhere.
import type { OverviewPart } from '../engine/types.ts';
import { pixelRatio } from './canvas.ts';
import { type Domain, kSteps, type Palette, packed } from './colour.ts';
import { createMemo, el, setAttribute } from './dom.ts';
import { roundUp } from './domain.ts';
import type { Look, PointHandlers, Scene } from './scene.ts';

export interface HeadsStrings {
  label: string;
  head(layer: number, head: number): string;
  changed: string;
  layer: string;
  headShort: string;
}

export interface Heads {
  draw(scene: Scene, look: Look, palette: Palette): void;
}

export function createHeads(host: HTMLElement, strings: HeadsStrings, handlers: PointHandlers): Heads {
  const grid = el('div', {
    class: 'heads-grid',
    role: 'radiogroup',
    'aria-label': strings.label,
    'data-heads': true,
  });
  host.append(grid);
  let layers = 0;
  let heads = 0;
  const marksChanged = createMemo();
  const picturesChanged = createMemo();
  let size = 0;
  const observer = new ResizeObserver((entries) => {
    size = entries[0]?.contentRect.width ?? size;
  });

  const buttons = () => grid.querySelectorAll<HTMLButtonElement>('.head');

  function build(): void {
    grid.replaceChildren();
    grid.style.setProperty('--heads', String(heads));
    const corner = el('span', { class: 'axis corner', 'aria-hidden': 'true' }, strings.headShort);
    grid.append(corner);
    for (let h = 0; h < heads; h++)
      grid.append(el('span', { class: 'axis', 'aria-hidden': 'true' }, String(h + 1)));
    for (let l = 0; l < layers; l++) {
      const name = l === 0 ? `${strings.layer} 1` : String(l + 1);
      grid.append(el('span', { class: 'axis layer', 'aria-hidden': 'true' }, name));
      for (let h = 0; h < heads; h++) {
        const button = el(
          'button',
          { type: 'button', class: 'head', role: 'radio', 'data-layer': l + 1, 'data-head': h + 1 },
          el('canvas', { 'aria-hidden': 'true' }),
        );
        button.addEventListener('pointerenter', (event) => {
          if (event.pointerType === 'mouse') handlers.preview({ layer: l, head: h });
        });
        button.addEventListener('pointerleave', () => handlers.preview(null));
        button.addEventListener('click', () => handlers.choose({ layer: l, head: h }));
        grid.append(button);
      }
    }
  }

  grid.addEventListener('keydown', (event) => {
    const steps: Record<string, readonly [number, number]> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
    };
    const step = steps[event.key];
    const button = event.target instanceof HTMLButtonElement ? event.target : undefined;
    if (!step || !button) return;
    event.preventDefault();
    const layer = Math.min(layers - 1, Math.max(0, Number(button.dataset.layer) - 1 + step[0]));
    const head = Math.min(heads - 1, Math.max(0, Number(button.dataset.head) - 1 + step[1]));
    handlers.choose({ layer, head });
    buttons()[layer * heads + head]?.focus();
  });

  function mark(list: NodeListOf<HTMLButtonElement>, scene: Scene, look: Look): void {
    const changed = new Set(scene.interventions.map(placeOf));
    list.forEach((button, index) => {
      const [layer, head] = [Math.floor(index / heads), index % heads];
      const chosen = layer === look.layer && head === look.head;
      setAttribute(button, 'aria-checked', chosen ? 'true' : 'false');
      setAttribute(button, 'tabindex', chosen ? 0 : -1);
      const isChanged = changed.has(`${layer}.${head}`);
      setAttribute(button, 'data-changed', isChanged);
      const name = strings.head(layer + 1, head + 1);
      setAttribute(button, 'aria-label', isChanged ? `${name}, ${strings.changed}` : name);
    });
  }

  return {
    draw(scene, look, palette) {
      const { overview } = scene;
      if (!overview) return;
      if (overview.layers !== layers || overview.heads !== heads) {
        ({ layers, heads } = overview);
        build();
        observer.disconnect();
        const first = grid.querySelector('.head');
        if (first) observer.observe(first);
        size = first?.clientWidth ?? 0;
      }
      setAttribute(grid, 'data-high', overviewDomain(overview)[1]);
      const list = buttons();
      if (marksChanged(list[0], scene.interventions, look.layer, look.head)) mark(list, scene, look);
      if (!picturesChanged(list[0], overview, palette, size)) return;
      const canvases = Array.from(list, (button) => button.firstElementChild as HTMLCanvasElement);
      drawThumbnails(canvases, size, overview, palette);
    },
  };
}

function placeOf(intervention: Scene['interventions'][number]): string {
  const at = Object.values(intervention)[0] as { layer?: number; head?: number };
  return `${at.layer}.${at.head}`;
}

const domains = new WeakMap<OverviewPart, Domain>();

/** One scale for all heads, so that they can be compared: up to the largest of their pooled weights. */
export function overviewDomain(overview: OverviewPart): Domain {
  const known = domains.get(overview);
  if (known) return known;
  let most = 0;
  const { values } = overview;
  // By index: an array's iterator costs ten times as much here.
  for (let cell = 0; cell < values.length; cell++) if (values[cell]! > most) most = values[cell]!;
  // A weight of one may be rounded up by a few units in the last place: the scale still ends at one.
  const domain: Domain = [0, Math.min(1, roundUp(most))];
  domains.set(overview, domain);
  return domain;
}

/** Every head's pooled weights, on its canvas: sides of the same `size`, so that one image serves for all. */
function drawThumbnails(
  canvases: readonly HTMLCanvasElement[],
  size: number,
  overview: OverviewPart,
  palette: Palette,
): void {
  const { rows, cols, values } = overview;
  // Cells by the ten thousand, once a keystroke: a loop that runs this seldom is hardly compiled, so it does the least.
  const factor = (kSteps - 1) / overviewDomain(overview)[1];
  const side = Math.max(1, Math.round(size * pixelRatio()));
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const columns = Int32Array.from({ length: side }, (_, x) => Math.floor((x * cols) / side));
  const colours = packed(palette.weight);
  canvases.forEach((canvas, index) => {
    let drawn = -1;
    for (let y = 0; y < side; y++) {
      const row = (index * rows + Math.floor((y * rows) / side)) * cols;
      if (row === drawn) pixels.copyWithin(y * side, (y - 1) * side, y * side);
      else
        for (let x = 0; x < side; x++)
          pixels[y * side + x] = colours[(values[row + columns[x]!]! * factor + 0.5) | 0]!;
      drawn = row;
    }
    if (canvas.width !== side) canvas.width = canvas.height = side;
    canvas.getContext('2d')?.putImageData(image, 0, 0);
  });
}
