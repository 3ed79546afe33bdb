// A vector as bars around zero, with a scale: the shape of thirty-odd numbers at one glance, each of them readable.
import { setAttribute, svg } from './dom.ts';
import { formatTick } from './format.ts';

export type Role = 'query' | 'key' | 'value' | 'output' | 'signed';

export interface Strip {
  readonly node: SVGSVGElement;
  /** `height` gives each component's height on the scale [-most, most]; undefined: not there yet. */
  draw(count: number, most: number, height: (component: number) => number | undefined, chosen: number): void;
}

const kHeight = 44;
const kStep = 10;
/** Between a bar and the edge of its step. */
const kMargin = 1.5;

export function createStrip(role: Role, point: (component: number | null, lock: boolean) => void): Strip {
  // All bars of one sign are one path: a keystroke changes them all, and elements cost more than their outlines.
  const positive = svg('path', { class: 'positive' });
  const negative = svg('path', { class: 'negative' });
  const zero = svg('line', { class: 'zero', x1: 0, y1: kHeight / 2, y2: kHeight / 2 });
  const cursor = svg('rect', { class: 'cursor', y: 0, height: kHeight, width: kStep });
  const node = svg(
    'svg',
    { class: `strip ${role}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', 'data-strip': role },
    cursor,
    zero,
    svg('g', { class: 'bars' }, positive, negative),
  );
  let count = 0;
  const under = (event: PointerEvent | MouseEvent) => {
    const box = node.getBoundingClientRect();
    return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
  };
  node.addEventListener('pointermove', (event) => point(under(event), false));
  node.addEventListener('pointerleave', () => point(null, false));
  node.addEventListener('click', (event) => point(under(event), true));

  return {
    node,
    draw(length, most, height, chosen) {
      if (length !== count) {
        count = length;
        setAttribute(node, 'viewBox', `0 0 ${length * kStep} ${kHeight}`);
        setAttribute(zero, 'x2', length * kStep);
      }
      setAttribute(node, 'data-most', most);
      let up = '';
      let down = '';
      for (let i = 0; i < length; i++) {
        const value = height(i) ?? 0;
        const size = (Math.min(1, Math.abs(value) / most) * kHeight) / 2;
        if (value > 0) up += outline(i * kStep + kMargin, kHeight / 2 - size, size);
        else if (value < 0) down += outline(i * kStep + kMargin, kHeight / 2, size);
      }
      setAttribute(positive, 'd', up);
      setAttribute(negative, 'd', down);
      setAttribute(cursor, 'x', chosen * kStep);
      setAttribute(cursor, 'class', chosen >= 0 ? 'cursor shown' : 'cursor');
    },
  };
}

/** A bar with softly rounded corners. */
function outline(x: number, y: number, height: number): string {
  const round = (length: number) => Math.round(length * 100) / 100;
  const r = round(Math.min(1, height / 2));
  const across = kStep - 2 * kMargin - 2;
  const along = round(height - 2 * r);
  return (
    `M${x} ${round(y + r)}a1 ${r} 0 0 1 1 -${r}h${across}a1 ${r} 0 0 1 1 ${r}` +
    `v${along}a1 ${r} 0 0 1 -1 ${r}h-${across}a1 ${r} 0 0 1 -1 -${r}z`
  );
}

export function axisText(most: number): string {
  return `±${formatTick(most)}`;
}
