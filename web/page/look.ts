// What is looked at: the state and the pointer together, brought inside the scene.
import { tokenAt } from '../engine/places.ts';
import type { Look, Pointing, Scene } from '../views/scene.ts';
import { lastWord, strongestKey } from '../views/select.ts';
import { type MatrixStage, matrixBlend } from '../views/stages.ts';
import type { First, Wish } from './session.ts';
import type { State } from './state.ts';

/** Whether the model reads left to right; of one that has not run yet, by its name. */
export function isCausal(state: State, scene: Scene | undefined): boolean {
  return scene?.model.causal ?? state.model === 'tiny-gpt';
}

/** The pointer goes before the choice, and where nothing is chosen the last word asks the one it looks at most. */
export function lookOf(state: State, preview: Pointing, scene: Scene | undefined): Look {
  const count = scene?.tokens.length ?? 0;
  const within = (index: number) => Math.max(0, Math.min(index, count - 1));
  const layer = preview.layer ?? state.layer;
  const head = preview.head ?? state.head;
  const row = within(preview.row ?? state.row ?? (scene ? lastWord(scene.tokens) : 0));
  const matrix = scene?.matrices.weight;
  const chosen = preview.column ?? (preview.row === undefined ? state.column : null);
  const column = within(chosen ?? (matrix && row < matrix.rows ? strongestKey(matrix, row) : row));
  return { layer, head, row, column, t: state.t, order: state.order };
}

/** The parts of the run that this look needs; all stages of the matrix where time moves. */
export function wishOf(look: Look, state: State, scene: Scene | undefined, playing: boolean): Wish {
  const blend = matrixBlend(state.t, isCausal(state, scene));
  const stages = new Set<MatrixStage>(['weight', blend.from, blend.to]);
  if (playing || state.t < 1) for (const stage of ['dot', 'scaled', 'masked'] as const) stages.add(stage);
  return {
    layer: look.layer,
    head: look.head,
    row: look.row,
    stages: [...stages],
    predictions: { token: predictedAt(state, scene), temperature: state.temperature },
  };
}

/** What the run of a new text brings along: all that its first picture shows. */
export function firstOf(look: Look, state: State, scene: Scene | undefined, asker: Asker | undefined): First {
  const { layer, head } = look;
  const known = scene && scene.model.name === state.model ? scene : undefined;
  let at = Number.POSITIVE_INFINITY; // the last word
  if (asker && 'caret' in asker && asker.caret < state.text.length) at = asker.caret;
  else if (!asker && state.row !== null && known?.text === state.text) at = known.tokens[look.row]?.end ?? at;
  const blank = known?.model.mask === undefined ? -1 : state.text.indexOf(known.model.mask);
  const token = { at: blank >= 0 && at === Number.POSITIVE_INFINITY ? blank + 1 : at };
  return { layer, head, row: { at }, predictions: { token, temperature: state.temperature } };
}

/** Predictions stay with the chosen word (or the blank); they do not follow the pointer. */
function predictedAt(state: State, scene: Scene | undefined): number {
  if (!scene) return 0;
  const row = state.row ?? lastWord(scene.tokens);
  const { mask } = scene.model;
  if (mask === undefined || scene.tokens[row]?.text === mask) return Math.min(row, scene.tokens.length - 1);
  const blank = scene.tokens.findIndex((token) => token.text === mask);
  return blank >= 0 && state.row === null ? blank : Math.min(row, scene.tokens.length - 1);
}

/** Who is to ask in a new run: a word, or the token at the caret. */
export type Asker = { word: string } | { caret: number };

/** The state for a new run: what lies outside the model is brought inside, and the asker is found. */
export function settled(state: State, scene: Scene, asker: Asker | undefined): State {
  const { layers, heads } = scene.model;
  const changes = state.changes.filter((one) => one.layer < layers && one.head < heads);
  const inside: State = {
    ...state,
    layer: Math.min(state.layer, layers - 1),
    head: Math.min(state.head, heads - 1),
    changes: changes.length === state.changes.length ? state.changes : changes,
  };
  if (!asker) return inside;
  return {
    ...inside,
    row: 'word' in asker ? rowOfWord(scene, asker.word) : rowAt(scene, asker.caret),
    column: null,
  };
}

function rowOfWord(scene: Scene, word: string): number | null {
  const found = scene.tokens.map((token) => token.text.trim()).lastIndexOf(word);
  return found < 0 ? null : found;
}

/** At the end of the text it is the last word that asks, whichever comes to be the last. */
function rowAt(scene: Scene, caret: number): number | null {
  return caret >= scene.text.length ? null : tokenAt(scene.tokens, caret);
}
