// The story of one row of attention, from query and keys to the output, as a function of t in [0, 1]. Every view asks
// here what is to be seen at t; nothing else knows about time.
import { easeCubicInOut } from 'd3-ease';

/** Each stage is complete at its mark. 'vectors': q and k are there; 'output': the weighted values are added up. */
export type StageName = 'vectors' | 'dot' | 'scaled' | 'masked' | 'weight' | 'weighted' | 'output';

export interface StageMark {
  name: StageName;
  at: number;
}

const kCausal: readonly StageMark[] = [
  { name: 'vectors', at: 0 },
  { name: 'dot', at: 0.28 },
  { name: 'scaled', at: 0.42 },
  { name: 'masked', at: 0.56 },
  { name: 'weight', at: 0.74 },
  { name: 'weighted', at: 0.88 },
  { name: 'output', at: 1 },
];
const kOpen: readonly StageMark[] = [
  { name: 'vectors', at: 0 },
  { name: 'dot', at: 0.32 },
  { name: 'scaled', at: 0.48 },
  { name: 'weight', at: 0.7 },
  { name: 'weighted', at: 0.86 },
  { name: 'output', at: 1 },
];

/** The stages and where they are complete; a model that hides nothing has no mask. */
export function stageMarks(causal: boolean): readonly StageMark[] {
  return causal ? kCausal : kOpen;
}

/** Share of the way to a mark that is motion; the rest is a pause, in which the reader can look. */
const kMotion = 0.62;

/** How far the stage is, 0 before it starts to 1 when complete, at a steady pace: for things that come one by one. */
export function paceOf(name: StageName, t: number, causal: boolean): number {
  const marks = stageMarks(causal);
  const index = marks.findIndex((mark) => mark.name === name);
  if (index < 0) return paceOf('scaled', t, causal);
  if (index === 0) return 1;
  const from = marks[index - 1]!.at;
  const length = (marks[index]!.at - from) * kMotion;
  return Math.min(1, Math.max(0, (t - from) / length));
}

/** The same, eased: for things that move or fade as one. */
export function progressOf(name: StageName, t: number, causal: boolean): number {
  return easeCubicInOut(paceOf(name, t, causal));
}

/** The part of the way from `start` to `end` that `pace` has gone: a piece of a stage. */
export function piece(pace: number, start: number, end: number): number {
  return Math.min(1, Math.max(0, (pace - start) / (end - start)));
}

/** "Slow once, then fast": the chosen cell takes the first part of the stage, its row the next, all rows the last. */
export const kChosenCell = 0.66;
export const kChosenRow = 0.86;

/** The stage that the reader is looking at: the one under way, or the last complete one. */
export function stageAt(t: number, causal: boolean): StageName {
  const marks = stageMarks(causal);
  return marks.find((mark) => t <= mark.at)?.name ?? 'output';
}

export function nextMark(t: number, causal: boolean): number {
  return stageMarks(causal).find((mark) => mark.at > t + 1e-6)?.at ?? 1;
}

export function previousMark(t: number, causal: boolean): number {
  return stageMarks(causal).reduce((last, mark) => (mark.at < t - 1e-6 ? mark.at : last), 0);
}

/** Two stages of the matrix and how far the second has replaced the first. */
export interface MatrixBlend {
  from: MatrixStage;
  to: MatrixStage;
  share: number;
}
export type MatrixStage = 'dot' | 'scaled' | 'masked' | 'weight';

export function matrixBlend(t: number, causal: boolean): MatrixBlend {
  const order: readonly MatrixStage[] = causal
    ? ['dot', 'scaled', 'masked', 'weight']
    : ['dot', 'scaled', 'weight'];
  let from: MatrixStage = 'dot';
  for (const to of order.slice(1)) {
    const share = progressOf(to, t, causal);
    if (share < 1) return { from, to: share > 0 ? to : from, share };
    from = to;
  }
  return { from, to: from, share: 1 };
}
