// What is to be seen, as a sentence: written under the text, and spoken once the reader has settled.
import { el, setText } from '../views/dom.ts';
import { formatShare } from '../views/format.ts';
import { type Phrase, showPhrase } from '../views/phrase.ts';
import type { Look, Scene } from '../views/scene.ts';
import { nameOf, strongestKey } from '../views/select.ts';
import { exampleOf } from './examples.ts';
import type { State } from './state.ts';
import type { Strings } from './strings.ts';

/** Previews and every keystroke would be noise to who listens. */
const kSettled = 500;

export interface Sentence {
  draw(scene: Scene, look: Look, state: State): void;
  /** Says the sentence aloud once the reader has settled. */
  announce(): void;
}

export function createSentence(
  hosts: { say: HTMLElement; hint: HTMLElement; spoken: HTMLElement },
  strings: Strings,
): Sentence {
  const words = el('span');
  const where = el('span', { class: 'where' });
  hosts.say.append(words, ' ', where);
  let timer = 0;

  return {
    draw(scene, look, state) {
      showPhrase(words, sentenceOf(scene, look, strings));
      const at = scene.matrices.weight;
      const changed = at && state.changes.find(({ layer, head }) => layer === at.layer && head === at.head);
      const note = changed ? `, ${changed.gain === 0 ? strings.say.silenced : strings.say.changed}` : '';
      setText(where, at ? `${strings.say.where(at.layer + 1, at.head + 1)}${note}.` : '');
      setText(hosts.hint, exampleOf(strings, state)?.look ?? strings.hint);
    },
    announce() {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => setText(hosts.spoken, hosts.say.textContent ?? ''), kSettled);
    },
  };
}

/** Speaks of the drawn matrix, whatever the pointer has asked for since. */
function sentenceOf(scene: Scene, look: Look, strings: Strings): Phrase {
  const matrix = scene.matrices.weight;
  if (!matrix || look.row >= matrix.rows) return [strings.nothing];
  const first = look.row * matrix.cols;
  const share = (column: number) => formatShare(matrix.values[first + column] ?? 0);
  const asks = nameOf(scene, look.row);
  const answers = nameOf(scene, look.column);
  const most = strongestKey(matrix, look.row);
  if (matrix.hidden[first + look.column] === 1) return strings.say.hidden(asks, answers);
  if (look.column === most) return strings.say.most(asks, answers, share(most));
  return strings.say.cell(asks, answers, share(look.column), nameOf(scene, most), share(most));
}
