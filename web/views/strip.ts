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

export function createStrip(role: Role, point: (component: number | null, lock: boolean) => void): Strip {
  const bars = svg('g', { class: 'bars' });
  const zero = svg('line', { class: 'zero', x1: 0, y1: kHeight / 2, y2: kHeight / 2 });
  const cursor = svg('rect', { class: 'cursor', y: 0, height: kHeight, width: kStep });
  const node = svg(
    'svg',
    { class: `strip ${role}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', 'data-strip': role },
    cursor,
    zero,
    bars,
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
        bars.replaceChildren(
          ...Array.from({ length }, (_, i) => svg('rect', { x: i * kStep + 1.5, width: kStep - 3, rx: 1 })),
        );
      }
      setAttribute(node, 'data-most', most);
      for (let i = 0; i < length; i++) {
        const bar = bars.children[i]!;
        const value = height(i) ?? 0;
        const size = (Math.min(1, Math.abs(value) / most) * kHeight) / 2;
        setAttribute(bar, 'y', (value > 0 ? kHeight / 2 - size : kHeight / 2).toFixed(2));
        setAttribute(bar, 'height', size.toFixed(2));
        setAttribute(bar, 'class', value < 0 ? 'negative' : 'positive');
      }
      setAttribute(cursor, 'x', chosen * kStep);
      setAttribute(cursor, 'class', chosen >= 0 ? 'cursor shown' : 'cursor');
    },
  };
}

export function axisText(most: number): string {
  return `±${formatTick(most)}`;
}
