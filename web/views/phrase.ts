// A sentence whose words keep the colour of their role: the one that asks and the one that answers.
import { el, setText } from './dom.ts';

export type Phrase = readonly (string | { query: string } | { key: string })[];

export function phraseText(phrase: Phrase): string {
  return phrase.map((part) => (typeof part === 'string' ? part : Object.values(part)[0])).join('');
}

function roleOf(part: Phrase[number]): string {
  return typeof part === 'string' ? '' : Object.keys(part)[0]!;
}

/** Writes the phrase into `host`; where only words have changed, only those. */
export function showPhrase(host: HTMLElement, phrase: Phrase): void {
  const nodes = Array.from(host.childNodes);
  const fits = (part: Phrase[number], index: number) => {
    const node = nodes[index];
    return node !== undefined && (node instanceof Element ? node.className : '') === roleOf(part);
  };
  if (nodes.length === phrase.length && phrase.every(fits)) {
    phrase.forEach((part, index) => {
      setText(nodes[index]!, phraseText([part]));
    });
    return;
  }
  host.replaceChildren(
    ...phrase.map((part) =>
      typeof part === 'string' ? part : el('b', { class: roleOf(part) }, phraseText([part])),
    ),
  );
}
