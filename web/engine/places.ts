// Tokens by their place in the text: where a caret stands says which token is meant, before anyone knows the tokens.

import { LimelightError } from './errors.ts';
import type { SnapshotNeeds, Token, TokenRef } from './types.ts';

/** The token that a caret at this UTF-16 index stands in or behind, the first where there is none; 0 without tokens. */
export function tokenAt(tokens: readonly Token[], caret: number): number {
  let before: number | undefined;
  for (const [index, token] of tokens.entries()) {
    if (token.start === token.end) continue; // put there by the model, not by the text
    if (caret <= token.end) return caret < token.start ? (before ?? index) : index;
    before = index;
  }
  return before ?? 0;
}

/** What a snapshot needs where its run's tokens are known. */
export type PlacedNeeds = Omit<SnapshotNeeds, 'row' | 'predictions'> & {
  row?: NonNullable<SnapshotNeeds['row']> & { token: number };
  predictions?: NonNullable<SnapshotNeeds['predictions']> & { token: number };
};

/** Needs with every place in the text replaced by the index of its token. Errors: invalid-value. */
export function placed({ row, predictions, ...rest }: SnapshotNeeds, tokens: readonly Token[]): PlacedNeeds {
  const index = (ref: TokenRef) => (typeof ref === 'object' ? tokenAt(tokens, offset(ref)) : ref);
  return {
    ...rest,
    ...(row && { row: { ...row, token: index(row.token) } }),
    ...(predictions && { predictions: { ...predictions, token: index(predictions.token) } }),
  };
}

function offset(ref: { at: number } | null): number {
  const at = ref?.at;
  if (typeof at === 'number' && at >= 0) return at;
  throw new LimelightError('invalid-value', `token.at is ${at}; a place in the text, from 0, is needed`);
}
