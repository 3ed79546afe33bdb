// Finding things: the strongest key of a row, the last word, the text cut into tokens.
import type { MatrixPart, Token } from '../engine/types.ts';
import { formatWord } from './format.ts';

/** What a token is called in labels: its word; for a part of a character, such as one byte of an emoji, the character. */
export function nameOf({ text, tokens }: { text: string; tokens: readonly Token[] }, index: number): string {
  const token = tokens[index];
  if (!token) return '';
  const whole = token.text.includes('\ufffd') ? text.slice(token.start, token.end).trim() : '';
  return whole || formatWord(token.text);
}

/** The visible key with the largest weight in a row of the matrix; the row itself where there is none. */
export function strongestKey(matrix: MatrixPart, row: number): number {
  let best = Math.min(row, matrix.cols - 1);
  let most = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < matrix.cols; j++) {
    const cell = row * matrix.cols + j;
    if (matrix.hidden[cell]) continue;
    const value = matrix.values[cell]!;
    if (value > most) {
      most = value;
      best = j;
    }
  }
  return best;
}

/** The last token that the text gave: where a reader who has chosen nothing is taken to look; 0 without one. */
export function lastWord(tokens: readonly Token[]): number {
  for (let index = tokens.length - 1; index > 0; index--) {
    if (tokens[index]!.start < tokens[index]!.end) return index;
  }
  return 0;
}

/** A stretch of text: of one token, of several that share it (bytes of one emoji), or of none (a gap). */
export interface Segment {
  text: string;
  tokens: readonly number[];
  /** Goes on from the token before it without a space: a piece of a word. */
  piece: boolean;
}

/** Cuts `text` into tokens and gaps: the segments' texts, joined, are exactly the text. */
export function segments(text: string, tokens: readonly Token[]): Segment[] {
  const result: Segment[] = [];
  let place = 0;
  const gap = (end: number) => {
    if (end > place) result.push({ text: text.slice(place, end), tokens: [], piece: false });
    place = Math.max(place, end);
  };
  let open: { tokens: number[] } | undefined;
  tokens.forEach((token, index) => {
    const start = Math.max(token.start, place);
    const end = Math.min(token.end, text.length);
    if (end <= start) {
      // A byte of a character that the token before has already taken.
      if (token.end > token.start && open) open.tokens.push(index);
      return;
    }
    const spaces = /^\s*/.exec(text.slice(start, end))?.[0].length ?? 0;
    const wordStart = start + spaces < end ? start + spaces : start;
    gap(wordStart);
    const before = text[wordStart - 1] ?? ' ';
    const piece =
      wordStart > 0 && /[\p{L}\p{N}\p{M}]/u.test(before) && /[\p{L}\p{N}\p{M}]/u.test(text[wordStart]!);
    const segment = { text: text.slice(wordStart, end), tokens: [index], piece };
    result.push(segment);
    open = segment;
    place = end;
  });
  gap(text.length);
  return result;
}
