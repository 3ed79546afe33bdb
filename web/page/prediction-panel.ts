// What the model expects: its likeliest words, twice (beside the sentence and as bars), and the controls below them.
import { el, setAttribute, setText } from '../views/dom.ts';
import { formatNumber, formatWord } from '../views/format.ts';
import { showPhrase } from '../views/phrase.ts';
import { createGuesses, createPredictions } from '../views/predictions.ts';
import type { Scene } from '../views/scene.ts';
import { lastWord, nameOf } from '../views/select.ts';
import { button, slider } from './controls.ts';
import { canBlank } from './edits.ts';
import type { Panel } from './figures.ts';
import { kLimits, type Store } from './state.ts';
import type { Strings } from './strings.ts';
import type { Writer } from './writing.ts';

export interface PredictionHandlers {
  /** Puts a predicted word into the text. */
  putWord(word: string): void;
  /** Puts a blank where the asking word stands. */
  blankOut(): void;
}

export function createPredictionPanel(
  hosts: { panel: HTMLElement; guesses: HTMLElement },
  strings: Strings,
  store: Store,
  writer: Writer,
  handlers: PredictionHandlers,
): { readonly panels: readonly Panel[] } {
  let causal = false;
  const heading = el('h2', { class: 'heading', 'data-predictions-heading': true });
  hosts.panel.append(heading);
  const predictions = createPredictions(
    hosts.panel,
    {
      label: strings.predictions.label,
      put: (word) => strings.predictions.put[causal ? 'next' : 'fill'](word),
      probability: strings.predictions.probability,
      word: strings.predictions.word,
    },
    handlers.putWord,
  );
  const guesses = createGuesses(
    hosts.guesses,
    (kind, word) => strings.predictions.short[kind](word),
    handlers.putWord,
  );
  const controls = createControls(strings, store, writer, handlers.blankOut);
  hosts.panel.append(controls.node);

  return {
    panels: [
      { host: hosts.guesses, draw: guesses.draw },
      {
        host: hosts.panel,
        draw(scene) {
          causal = scene.model.causal;
          const part = scene.predictions;
          if (part) showPhrase(heading, strings.predictions.heading[part.kind](nameOf(scene, part.token)));
          predictions.draw(scene);
          controls.draw(scene);
        },
      },
    ],
  };
}

function createControls(
  strings: Strings,
  store: Store,
  writer: Writer,
  blankOut: () => void,
): { readonly node: HTMLElement; draw(scene: Scene): void } {
  const temperature = slider(
    strings.predictions.temperature,
    '',
    { min: 0.1, max: 2, step: 0.05 },
    (value) => store.change({ temperature: value }),
    { 'data-temperature': '' },
  );
  const greedy = el('input', { type: 'checkbox', 'data-greedy': true });
  greedy.addEventListener('change', () => store.change({ greedy: greedy.checked }));
  const seed = el('input', {
    type: 'number',
    min: 0,
    max: kLimits.seed,
    step: 1,
    class: 'seed',
    'data-seed': true,
  });
  seed.addEventListener('change', () => {
    const value = Math.round(Number(seed.value));
    store.change({ seed: Math.min(kLimits.seed, Math.max(0, Number.isFinite(value) ? value : 0)) });
  });
  const seedLabel = el('label', { class: 'seed-label' }, strings.predictions.seed, ' ', seed);
  const write = button(strings.predictions.write, () => writer.toggle(), {
    class: 'primary-button',
    'data-write': '',
  });
  const blank = button('', blankOut, { 'data-blank': '' });
  const writeLine = el(
    'div',
    { class: 'write-line' },
    write,
    el('label', { class: 'check' }, greedy, strings.predictions.greedy),
    seedLabel,
  );
  const node = el('div', { class: 'prediction-controls' }, temperature.node, writeLine, blank);

  return {
    node,
    draw(scene) {
      const { state } = store;
      temperature.set(state.temperature, formatNumber(state.temperature, 2));
      greedy.checked = state.greedy;
      setAttribute(seedLabel, 'hidden', state.greedy);
      if (document.activeElement !== seed) seed.value = String(state.seed);
      setAttribute(writeLine, 'hidden', !scene.model.causal);
      setText(write, writer.writing ? strings.predictions.stop : strings.predictions.write);
      setAttribute(write, 'data-writing', writer.writing);
      const row = state.row ?? lastWord(scene.tokens);
      const token = scene.tokens[row];
      setAttribute(blank, 'hidden', !canBlank(scene, row));
      if (token) setText(blank, strings.blank(formatWord(token.text)));
    },
  };
}
