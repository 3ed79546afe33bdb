// Numbers are shown to two or three digits; pointing at one shows all that a 32-bit float holds.
import { setText } from '../views/dom.ts';
import { formatFull } from '../views/format.ts';

export function createTooltip(node: HTMLElement): void {
  const hide = () => {
    node.hidden = true;
  };
  document.addEventListener('pointerover', (event) => {
    const place = event.target instanceof Element ? event.target.closest('[data-value]') : null;
    const text = place?.getAttribute('data-value');
    if (!place || !text || event.pointerType !== 'mouse') return hide();
    setText(node, formatFull(Number(text)));
    node.hidden = false;
    const at = place.getBoundingClientRect();
    const own = node.getBoundingClientRect();
    const left = Math.min(window.innerWidth - own.width - 8, Math.max(8, at.right - own.width));
    const above = at.top - own.height - 4;
    node.style.left = `${left}px`;
    node.style.top = `${above > 0 ? above : at.bottom + 4}px`;
  });
  document.addEventListener('pointerdown', hide);
  document.addEventListener('scroll', hide, { capture: true, passive: true });
}
