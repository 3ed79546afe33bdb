// The three buttons at the top: share the address, show tables, change the theme.
import { setAttribute, setText } from '../views/dom.ts';
import { button } from './controls.ts';
import { kThemes, type Store } from './state.ts';
import type { Strings } from './strings.ts';

/** How long the button says that the address is copied, in milliseconds. */
const kSharedFor = 1800;

export interface ToolHandlers {
  /** Brings the address up to date. */
  writeAddress(): void;
  /** Called when the tables come or go. */
  showTables(shown: boolean): void;
}

export function createTools(
  host: HTMLElement,
  strings: Strings,
  store: Store,
  handlers: ToolHandlers,
): { draw(): void } {
  const theme = button(
    '',
    () => store.change({ theme: kThemes[(kThemes.indexOf(store.state.theme) + 1) % kThemes.length]! }),
    { 'data-theme-toggle': '' },
  );
  const tables = button(strings.tablesShort, () => store.change({ tables: !store.state.tables }), {
    'data-tables-toggle': '',
    'aria-label': strings.tables,
  });
  const share = button(
    strings.shareShort,
    () => {
      handlers.writeAddress();
      void navigator.clipboard?.writeText(location.href).then(
        () => {
          setText(share, strings.shared);
          window.setTimeout(() => setText(share, strings.shareShort), kSharedFor);
        },
        () => undefined,
      );
    },
    { 'aria-label': strings.share, 'data-share': '' },
  );
  host.append(share, tables, theme);

  let shown: boolean | undefined;
  return {
    draw() {
      const { state } = store;
      setText(theme, strings.themeShort[state.theme]);
      setAttribute(theme, 'aria-label', strings.theme[state.theme]);
      setAttribute(tables, 'aria-pressed', String(state.tables));
      if (shown === state.tables) return;
      shown = state.tables;
      handlers.showTables(shown);
    },
  };
}
