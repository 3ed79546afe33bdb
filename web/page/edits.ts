// What the page itself writes into the text: a blank, or a predicted word.
import type { Scene } from '../views/scene.ts';

/** Whether a blank can stand there: the model knows one, and the token is a piece of the text. */
export function canBlank(scene: Scene, row: number): boolean {
  const token = scene.tokens[row];
  return scene.model.mask !== undefined && token !== undefined && token.end > token.start && !token.special;
}

/** The text with the model's mask where the token stands: the whole word, all its pieces. */
export function withBlank(scene: Scene, row: number): string | undefined {
  const { text, tokens, model } = scene;
  if (!canBlank(scene, row)) return undefined;
  const isWord = (at: number) => /[\p{L}\p{N}\p{M}]/u.test(text[at] ?? '');
  let { start, end } = tokens[row]!;
  while (isWord(start) && isWord(start - 1)) start--;
  while (isWord(end - 1) && isWord(end)) end++;
  return text.slice(0, start) + model.mask + text.slice(end);
}

/** The text with a predicted word after its token (next) or in place of it (fill). */
export function withPrediction(scene: Scene, word: string): string | undefined {
  const { text, tokens, predictions } = scene;
  const token = predictions && tokens[predictions.token];
  if (!token) return undefined;
  const before = predictions.kind === 'next' ? token.end : token.start;
  return text.slice(0, before) + word + text.slice(token.end);
}
