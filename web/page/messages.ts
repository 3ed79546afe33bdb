// The line that says what went wrong or was left out, with a way to try again where there is one.
import type { ErrorCode } from '../engine/types.ts';
import { el, setAttribute } from '../views/dom.ts';
import { button } from './controls.ts';
import type { Strings } from './strings.ts';

export interface Messages {
  /** Of the message that stands there. */
  readonly code: string | undefined;
  /** An empty text takes the message away. */
  say(text: string, code?: string): void;
  /** Says what the code means, and what the engine says as a detail. */
  fail(code: ErrorCode, message: string): void;
}

export function createMessages(host: HTMLElement, strings: Strings, retry: () => void): Messages {
  function say(text: string, code = '', detail = ''): void {
    if (host.firstChild?.textContent === text || host.textContent === text) return;
    setAttribute(host, 'data-code', code || undefined);
    const fatal = code in strings.errors && code !== 'no-webassembly-simd' && code !== 'engine-lost';
    host.replaceChildren(...(text ? [el('span', {}, text)] : []));
    if (text && fatal) host.append(' ', button(strings.retry, retry, { 'data-retry': '' }));
    if (text && detail) host.append(el('span', { class: 'detail' }, detail));
  }

  return {
    get code() {
      return host.dataset.code;
    },
    say: (text, code) => say(text, code),
    fail(code, message) {
      const meaning = strings.errors[code];
      say(meaning ?? message, code, meaning ? message : '');
    },
  };
}
