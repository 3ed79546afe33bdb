import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  matrixBlend,
  nextMark,
  paceOf,
  piece,
  previousMark,
  progressOf,
  stageAt,
  stageMarks,
} from '../../web/views/stages.ts';

const times = fc.double({ min: 0, max: 1, noNaN: true });

describe.each([true, false])('the story of a row (causal: %s)', (causal) => {
  const marks = stageMarks(causal);

  it('runs from 0 to 1 and never back', () => {
    expect(marks[0]!.at).toBe(0);
    expect(marks.at(-1)!.at).toBe(1);
    for (let i = 1; i < marks.length; i++) expect(marks[i]!.at).toBeGreaterThan(marks[i - 1]!.at);
  });

  it('has every stage complete at its mark, and none begun before the one ahead of it is complete', () => {
    marks.forEach(({ name, at }, i) => {
      expect(progressOf(name, at, causal)).toBe(1);
      if (i > 0) expect(progressOf(name, marks[i - 1]!.at, causal)).toBe(0);
    });
  });

  it('never takes a stage back as t goes on', () => {
    fc.assert(
      fc.property(times, times, fc.constantFrom(...marks), (a, b, { name }) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(paceOf(name, early, causal)).toBeLessThanOrEqual(paceOf(name, late, causal));
      }),
    );
  });

  it('steps on through every mark and back again', () => {
    const forward = [0];
    while (forward.at(-1)! < 1) forward.push(nextMark(forward.at(-1)!, causal));
    expect(forward).toEqual(marks.map(({ at }) => at));
    const back = [1];
    while (back.at(-1)! > 0) back.push(previousMark(back.at(-1)!, causal));
    expect(back.reverse()).toEqual(forward);
  });

  it('shows weights alone at the end, and scores alone where their stage is complete', () => {
    expect(matrixBlend(1, causal)).toEqual({ from: 'weight', to: 'weight', share: 1 });
    const dot = marks.find(({ name }) => name === 'dot')!;
    expect(matrixBlend(dot.at, causal)).toMatchObject({ from: 'dot', to: 'dot' });
  });

  it('blends only neighbouring stages, and continuously', () => {
    const order = causal ? ['dot', 'scaled', 'masked', 'weight'] : ['dot', 'scaled', 'weight'];
    const height = (t: number) => {
      const { from, to, share } = matrixBlend(t, causal);
      const gap = order.indexOf(to) - order.indexOf(from);
      expect(gap === 0 || gap === 1).toBe(true);
      return order.indexOf(from) + gap * share;
    };
    for (let t = 0; t < 1; t += 0.001) expect(Math.abs(height(t + 0.001) - height(t))).toBeLessThan(0.05);
  });
});

it('a model that hides nothing has no mask in its story', () => {
  expect(stageMarks(true).map(({ name }) => name)).toContain('masked');
  expect(stageMarks(false).map(({ name }) => name)).not.toContain('masked');
});

it('names the stage under way, and the first one at the start', () => {
  expect(stageAt(0, true)).toBe('vectors');
  expect(stageAt(0.1, true)).toBe('dot');
  expect(stageAt(0.28, true)).toBe('dot');
  expect(stageAt(1, true)).toBe('output');
});

it('a piece of a stage goes from 0 to 1 between its bounds', () => {
  expect([0.1, 0.2, 0.3, 0.4, 0.5].map((pace) => piece(pace, 0.2, 0.4))).toEqual([
    0,
    0,
    expect.closeTo(0.5),
    1,
    1,
  ]);
});
