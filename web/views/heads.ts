// Every head at once: a small picture of each, layers downwards, heads across. Pointing previews a head everywhere.
import type { OverviewPart } from '../engine/types.ts';
import { prepare } from './canvas.ts';
import { colourOf, type Domain, type Palette } from './colour.ts';
import { el, setAttribute } from './dom.ts';
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
  let drawn: { values: Float32Array; palette: Palette; size: number } | undefined;

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

  return {
    draw(scene, look, palette) {
      const { overview } = scene;
      if (!overview) return;
      if (overview.layers !== layers || overview.heads !== heads) {
        ({ layers, heads } = overview);
        build();
        drawn = undefined;
      }
      setAttribute(grid, 'data-high', overviewDomain(overview)[1]);
      const list = buttons();
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
      const size = list[0]?.clientWidth ?? 0;
      if (drawn?.values === overview.values && drawn.palette === palette && drawn.size === size) return;
      drawn = { values: overview.values, palette, size };
      list.forEach((button, index) => {
        const canvas = button.firstElementChild;
        if (canvas instanceof HTMLCanvasElement) thumbnail(canvas, size, overview, index, palette);
      });
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
  const known = domains.get(overview) ?? [0, roundUp(overview.values.reduce((a, b) => Math.max(a, b), 0))];
  domains.set(overview, known);
  return known;
}

/** The head's pooled weights. */
function thumbnail(
  canvas: HTMLCanvasElement,
  size: number,
  overview: OverviewPart,
  index: number,
  palette: Palette,
): void {
  const { rows, cols, values } = overview;
  const { context, width, height } = prepare(canvas, size, size);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const first = index * rows * cols;
  const domain = overviewDomain(overview);
  for (let y = 0; y < height; y++) {
    const row = first + Math.floor((y * rows) / height) * cols;
    for (let x = 0; x < width; x++) {
      const [r, g, b] = colourOf(values[row + Math.floor((x * cols) / width)]!, palette.weight, domain);
      pixels[y * width + x] = (255 << 24) | (b << 16) | (g << 8) | r;
    }
  }
  context.putImageData(image, 0, 0);
}
