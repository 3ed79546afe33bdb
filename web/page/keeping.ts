// What outlives the page: the state in the address, and the text beside it.
import { fromFragment, type State, type Store, toFragment } from './state.ts';

/** A text is kept here besides the address, so that it survives a closed tab and a failed start. */
const kKeptText = 'limelight:text';
/** The address is written when the reader has been still for so long. */
const kWriteDelay = 400;

function keptText(): string | null {
  try {
    return sessionStorage.getItem(kKeptText);
  } catch {
    // Storage may be forbidden.
    return null;
  }
}

function keepText(text: string): void {
  try {
    sessionStorage.setItem(kKeptText, text);
  } catch {
    // Storage may be forbidden; the address still has the text.
  }
}

/** Whether the address names a state. */
export function isAddressed(): boolean {
  return location.hash.length > 1;
}

/** The state that the page opens with: the address's, or else the defaults with the kept text. */
export function openingState(defaults: State): State {
  if (isAddressed()) return fromFragment(location.hash, defaults);
  return { ...defaults, text: keptText() || defaults.text };
}

export interface Keeping {
  /** Writes address and text soon. */
  soon(): void;
  writeAddress(): void;
}

/** Also puts what a reader writes into the address bar. */
export function createKeeping(store: Store, defaults: State): Keeping {
  let timer = 0;
  /** The fragment that was last read or written here. Any other was put there by a link whose event is on its way. */
  let known = location.hash;

  function writeAddress(): void {
    const fragment = toFragment(store.state, defaults);
    history.replaceState(null, '', fragment ? `#${fragment}` : location.pathname + location.search);
    known = location.hash;
  }

  function readAddress(): void {
    if (location.hash === known) return;
    known = location.hash;
    const next = fromFragment(location.hash, defaults);
    if (toFragment(next, defaults) !== toFragment(store.state, defaults)) store.put(next);
  }

  /** Writing over an address that was not read yet would swallow the link that led to it. */
  function write(): void {
    if (location.hash === known) writeAddress();
    else readAddress();
    keepText(store.state.text);
  }

  window.addEventListener('hashchange', readAddress);
  window.addEventListener('pagehide', write);

  return {
    soon() {
      window.clearTimeout(timer);
      timer = window.setTimeout(write, kWriteDelay);
    },
    writeAddress,
  };
}
