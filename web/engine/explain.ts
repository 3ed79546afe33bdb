// engine.explain and engine.margins: any rectangle of the matrices that attention never stores, made in slices.

import { type ArraysCore, kPools } from './arrays-module.ts';
import { type Block, kRequest, kSliceWork, lay, lseLength, shapeOf } from './attention.ts';
import * as check from './checks.ts';
import { kEveryHead, kStages } from './core.ts';
import { LimelightError } from './errors.ts';
import type { Pace } from './schedule.ts';
import type { ExplainRequest, Margins, MarginsRequest, Progress } from './types.ts';

const kMargins = [...kRequest, 'lse', 'at', 'pooled'];
const kExplain = [...kMargins, 'stage'];

type OnProgress = ((progress: Progress) => void) | undefined;

export async function explain(
  core: ArraysCore,
  request: ExplainRequest,
  pace: Pace,
  onProgress?: OnProgress,
): Promise<Float32Array> {
  check.members(request, kExplain, 'the request');
  return (await picture(core, request, false, pace, onProgress)).cells;
}

export async function margins(
  core: ArraysCore,
  request: MarginsRequest,
  pace: Pace,
  onProgress?: OnProgress,
): Promise<Margins> {
  check.members(request, kMargins, 'the request');
  return picture(core, { ...request, stage: 'weight' }, true, pace, onProgress);
}

async function picture(
  core: ArraysCore,
  request: ExplainRequest,
  sums: boolean,
  pace: Pace,
  onProgress: OnProgress,
): Promise<Margins> {
  const shape = shapeOf(request);
  const stage = check.choice(request.stage, kStages, 'stage');
  check.members(request.at, ['batch', 'head', 'rows', 'cols'], 'at');
  const atBatch = check.index(request.at.batch ?? 0, shape.batch, 'at.batch');
  const { atHead, atHeads } = headsOf(request.at.head, shape.heads);
  const [firstRow, endRow] = check.range(request.at.rows, shape.qLength, 'at.rows');
  const [firstCol, endCol] = check.range(request.at.cols, shape.kvLength, 'at.cols');
  const rows = endRow - firstRow;
  const cols = endCol - firstCol;
  const { pooled } = request;
  if (pooled) check.members(pooled, ['rows', 'cols', 'pool'], 'pooled');
  // Pooled to nothing where there is nothing: as it is.
  const reduced = pooled && rows > 0 && cols > 0;
  const pooledRows = pooled ? Math.min(rows, check.size(pooled.rows, 'pooled.rows')) : 0;
  const pooledCols = pooled ? Math.min(cols, check.size(pooled.cols, 'pooled.cols')) : 0;
  const pool = kPools.indexOf(check.choice(pooled?.pool ?? 'mean', kPools, 'pooled.pool'));
  const lse = request.lse && check.typedArray(request.lse, Float32Array, 'lse');
  if (lse) check.length(lse, lseLength(shape), 'lse');

  const [shownRows, shownCols] = reduced ? [pooledRows, pooledCols] : [rows, cols];
  const room = {
    cells: shownRows * shownCols,
    ...(sums ? { rowSums: shownRows, colSums: shownCols, colMeans: shownCols } : {}),
    ...(stage === 'weight' && lse ? { lse: lse.length } : {}),
    ...(atHeads ? { atHeads: atHeads.length } : {}),
  };
  const kept = stage === 'weight' ? lse : undefined;
  const { v: _, ...needed } = request; // no stage needs values: they are not copied
  return lay(
    core,
    needed,
    shape,
    async (block) => {
      if (kept) core.floats(block.at('lse'), kept.length).set(kept);
      if (atHeads) core.integers(block.at('atHeads'), atHeads.length).set(atHeads);
      block.set({ atBatch, atHead, atHeadCount: atHeads?.length ?? 0, firstRow, rows, firstCol, cols, pool });
      block.set({ stage: kStages.indexOf(stage) });
      if (reduced) block.set({ pooledRows, pooledCols });
      await make(block, shape.headDim, pace, onProgress);
      const take = (name: keyof Margins, length: number) =>
        core.takeFloats(block.at(name), sums || name === 'cells' ? length : 0);
      return {
        cells: take('cells', room.cells),
        rowSums: take('rowSums', shownRows),
        colSums: take('colSums', shownCols),
        colMeans: take('colMeans', shownCols),
      };
    },
    room,
  );
}

async function make(block: Block, headDim: number, pace: Pace, onProgress: OnProgress): Promise<void> {
  const { calls } = block.core;
  const explanation = block.core.made(calls.explainBegin(block.address));
  try {
    const slice = Math.ceil(kSliceWork / headDim);
    for (;;) {
      const done = calls.explainAdvance(explanation, slice);
      onProgress?.({ phase: 'explain', done, total: 1 });
      if (done === 1) return;
      await pace.breathe();
    }
  } finally {
    calls.explainRelease(explanation);
  }
}

/** One head, or the mean of several. */
function headsOf(
  head: ExplainRequest['at']['head'],
  heads: number,
): { atHead: number; atHeads?: Int32Array } {
  if (head === 'mean') return { atHead: kEveryHead };
  if (!Array.isArray(head)) return { atHead: check.index(head, heads, 'at.head') };
  if (head.length === 0) throw new LimelightError('invalid-shape', 'at.head is empty; a mean needs a head');
  for (const one of head) check.index(one, heads, 'one of at.head');
  return { atHead: kEveryHead, atHeads: Int32Array.from(head) };
}
