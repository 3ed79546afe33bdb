import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeOf,
  fromFragment,
  interventionsOf,
  kLimits,
  kModelNames,
  type State,
  toFragment,
  withChange,
} from '../../web/page/state.ts';

const defaults: State = {
  text: 'The old man',
  model: 'tiny-gpt',
  layer: 0,
  head: 2,
  row: null,
  column: null,
  t: 1,
  speed: 1,
  theme: 'auto',
  order: 'weight',
  temperature: 1,
  greedy: true,
  seed: 1,
  changes: [],
  tables: false,
};

const index = fc.integer({ min: 0, max: 500 });
const decimal = (min: number, max: number) =>
  fc.integer({ min: Math.ceil(min * 1e4), max: Math.floor(max * 1e4) }).map((n) => n / 1e4);
const states: fc.Arbitrary<State> = fc.record({
  text: fc.string({ unit: 'grapheme', maxLength: 300 }),
  model: fc.constantFrom(...kModelNames),
  layer: index,
  head: index,
  row: fc.option(index),
  column: fc.option(index),
  t: decimal(0, 1),
  speed: decimal(0.25, 4),
  theme: fc.constantFrom('auto', 'dark', 'light'),
  order: fc.constantFrom('weight', 'position'),
  temperature: decimal(...kLimits.temperature),
  greedy: fc.boolean(),
  seed: fc.integer({ min: 0, max: kLimits.seed }),
  changes: fc.array(
    fc.record({
      layer: index,
      head: index,
      gain: decimal(...kLimits.gain),
      temperature: decimal(...kLimits.headTemperature),
    }),
    { maxLength: 5 },
  ),
  tables: fc.boolean(),
});

describe('the address', () => {
  it('gives back every state that was written into it', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(fromFragment(`#${toFragment(state, defaults)}`, defaults)).toEqual(state);
      }),
    );
  });

  it('is empty for the state that the page opens with', () => {
    expect(toFragment(defaults, defaults)).toBe('');
    expect(fromFragment('', defaults)).toEqual(defaults);
  });

  it('counts layers, heads and words from 1, as people do', () => {
    const state = fromFragment('#layer=2&head=1&row=5&column=most', defaults);
    expect([state.layer, state.head, state.row, state.column]).toEqual([1, 0, 4, null]);
  });

  it.each([
    '#t=2',
    '#t=-1',
    '#t=NaN',
    '#t=1e-1',
    '#t=',
    '#layer=0',
    '#layer=1.5',
    '#layer=99999999999999999999',
    '#row=-1',
    '#row=Infinity',
    '#model=../../etc',
    '#theme=<script>',
    '#order=constructor',
    '#temperature=0',
    '#seed=-5',
    '#changes=1.3*0',
    '#changes=__proto__',
    '#changes=1.3*9@1',
    '#greedy=1',
    '#%',
    '#%E0%A4%A',
    '#====&&&&',
  ])('with %s opens as if that were not there', (fragment) => {
    expect(fromFragment(fragment, defaults)).toEqual(defaults);
  });

  it('never breaks the page, whatever it holds', () => {
    const keys = fc.constantFrom(...Object.keys(defaults), '__proto__', 'constructor', '');
    const parts = fc.array(fc.tuple(keys, fc.string({ unit: 'binary', maxLength: 40 })), { maxLength: 8 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          parts.map((p) => p.map((kv) => kv.join('=')).join('&')),
        ),
        (text) => {
          const state = fromFragment(text, defaults);
          expect(Object.keys(state).sort()).toEqual(Object.keys(defaults).sort());
          expect(kModelNames).toContain(state.model);
          expect(state.t).toBeGreaterThanOrEqual(0);
          expect(state.t).toBeLessThanOrEqual(1);
          expect(Number.isInteger(state.layer) && state.layer >= 0).toBe(true);
          expect(state.temperature).toBeGreaterThanOrEqual(kLimits.temperature[0]);
          // What was read is itself a state that the address can hold.
          expect(fromFragment(toFragment(state, defaults), defaults)).toEqual(state);
        },
      ),
    );
  });

  it('keeps the beginning of a text that is beyond all bounds', () => {
    const state = fromFragment(`#text=${'a'.repeat(kLimits.text + 50)}`, defaults);
    expect(state.text).toHaveLength(kLimits.text);
  });
});

describe('changes of heads', () => {
  it('become what the engine calls them', () => {
    const changes = [
      { layer: 0, head: 1, gain: 0, temperature: 1 },
      { layer: 1, head: 2, gain: 0.5, temperature: 2 },
    ];
    expect(interventionsOf(changes)).toEqual([
      { silence: { layer: 0, head: 1 } },
      { scale: { layer: 1, head: 2, by: 0.5 } },
      { temperature: { layer: 1, head: 2, value: 2 } },
    ]);
  });

  it('of one head replace each other, and a head as it was trained is none', () => {
    const once = withChange([], { layer: 1, head: 2, gain: 0, temperature: 1 });
    const twice = withChange(once, { layer: 1, head: 2, gain: 0.5, temperature: 1 });
    expect(twice).toEqual([{ layer: 1, head: 2, gain: 0.5, temperature: 1 }]);
    expect(changeOf(twice, 1, 2).gain).toBe(0.5);
    expect(changeOf(twice, 0, 0)).toEqual({ layer: 0, head: 0, gain: 1, temperature: 1 });
    expect(withChange(twice, { layer: 1, head: 2, gain: 1, temperature: 1 })).toEqual([]);
  });
});
