// What the reader does to a head: its strength, its temperature, silence, and the way back.
import { el, setAttribute, setText } from '../views/dom.ts';
import { formatNumber } from '../views/format.ts';
import type { Look } from '../views/scene.ts';
import { button, slider } from './controls.ts';
import { changeOf, type Store, withChange } from './state.ts';
import type { Strings } from './strings.ts';

export function createChangePanel(
  strings: Strings['change'],
  store: Store,
): { readonly node: HTMLElement; draw(look: Look): void } {
  const now = () => changeOf(store.state.changes, store.state.layer, store.state.head);
  const set = (patch: { gain?: number; temperature?: number }) =>
    store.change({ changes: withChange(store.state.changes, { ...now(), ...patch }) });

  const heading = el('h3', { class: 'subheading' });
  const gain = slider(
    strings.gain,
    strings.gainHint,
    { min: 0, max: 2, step: 0.05 },
    (value) => set({ gain: value }),
    { 'data-gain': '' },
  );
  // The slider runs over the logarithm: half and double are equally far from 1.
  const temperature = slider(
    strings.temperature,
    strings.temperatureHint,
    { min: -2.3, max: 1.6, step: 0.05 },
    (value) => set({ temperature: Math.abs(value) < 0.026 ? 1 : Number(Math.exp(value).toPrecision(3)) }),
    { 'data-head-temperature': '' },
  );
  const silence = button(strings.silence, () => set({ gain: now().gain === 0 ? 1 : 0 }), {
    'data-silence': '',
  });
  const reset = button(strings.reset, () => set({ gain: 1, temperature: 1 }), { 'data-reset': '' });
  const count = el('span', { class: 'change-count' });
  const resetAll = button(strings.resetAll, () => store.change({ changes: [] }), { 'data-reset-all': '' });
  const total = el('p', { class: 'change-total' }, count, resetAll);
  const node = el(
    'div',
    { class: 'change', 'data-change': true },
    heading,
    gain.node,
    temperature.node,
    el('div', { class: 'choices' }, silence, reset),
    total,
  );

  return {
    node,
    draw(look) {
      const at = now();
      const { changes } = store.state;
      setText(heading, strings.heading(look.layer + 1, look.head + 1));
      gain.set(at.gain, formatNumber(at.gain, 2));
      temperature.set(Math.log(at.temperature), formatNumber(at.temperature, 2));
      setAttribute(silence, 'aria-pressed', String(at.gain === 0));
      setAttribute(reset, 'disabled', at.gain === 1 && at.temperature === 1);
      setAttribute(node, 'data-active', at.gain !== 1 || at.temperature !== 1);
      setAttribute(total, 'hidden', changes.length === 0);
      setText(count, strings.count(changes.length));
    },
  };
}
