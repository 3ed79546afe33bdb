// A sentence whose words keep the colour of their role: the one that asks and the one that answers.
import { el } from './dom.ts';

export type Phrase = readonly (string | { query: string } | { key: string })[];

export function phraseText(phrase: Phrase): string {
  return phrase.map((part) => (typeof part === 'string' ? part : Object.values(part)[0])).join('');
}

/** Writes the phrase into `host`, anew only if it reads differently. */
export function showPhrase(host: HTMLElement, phrase: Phrase): void {
  if (host.textContent === phraseText(phrase)) return;
  host.replaceChildren(
    ...phrase.map((part) =>
      typeof part === 'string'
        ? part
        : 'query' in part
          ? el('b', { class: 'query' }, part.query)
          : el('b', { class: 'key' }, part.key),
    ),
  );
}
