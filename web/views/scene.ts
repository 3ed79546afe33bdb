// What views draw: the parts of one run's snapshots, and what the reader is looking at.
import type {
  Intervention,
  MatrixPart,
  ModelInfo,
  OverviewPart,
  PredictionsPart,
  RowPart,
  RunWindow,
  Token,
} from '../engine/types.ts';
import type { MatrixStage } from './stages.ts';

/** Parts of snapshots of one and the same run. A part that has not arrived yet is not there. */
export interface Scene {
  text: string;
  tokens: readonly Token[];
  model: ModelInfo;
  interventions: readonly Intervention[];
  window: RunWindow | undefined;
  matrices: Partial<Record<MatrixStage, MatrixPart>>;
  overview: OverviewPart | undefined;
  row: RowPart | undefined;
  predictions: PredictionsPart | undefined;
}

/** What the reader is looking at, with previews applied. `row` asks, `column` answers; both index tokens. */
export interface Look {
  layer: number;
  head: number;
  row: number;
  column: number;
  t: number;
  order: Order;
}

/** How the list of a row's keys is sorted. */
export type Order = 'weight' | 'position';

/** What the pointer or keyboard points at. A view reports it; the page decides what it means. */
export interface Pointing {
  layer?: number;
  head?: number;
  row?: number;
  column?: number;
}

export interface PointHandlers {
  /** Shown while pointed at; null: pointing has ended. */
  preview(at: Pointing | null): void;
  /** Chosen for good. */
  choose(at: Pointing): void;
}
