// Dark or light, and the colours that canvases draw with.
import { type Palette, readPalette } from '../views/colour.ts';
import type { Store } from './state.ts';

export interface Appearance {
  readonly palette: Palette;
  /** Follows the state's theme. */
  apply(): void;
}

/** `changed` is called when the system's preference changes. */
export function createAppearance(store: Store, changed: () => void): Appearance {
  const prefersLight = matchMedia('(prefers-color-scheme: light)');
  let palette: Palette;

  function apply(): void {
    const { theme } = store.state;
    const shown = theme === 'auto' ? (prefersLight.matches ? 'light' : 'dark') : theme;
    document.documentElement.dataset.theme = shown;
    palette = readPalette(document.documentElement);
  }

  prefersLight.addEventListener('change', () => {
    apply();
    changed();
  });
  apply();
  return {
    get palette() {
      return palette;
    },
    apply,
  };
}
