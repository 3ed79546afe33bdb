// Every word that the page says, in one place.
import type { ErrorCode } from '../engine/types.ts';
import type { Phrase } from '../views/phrase.ts';
import type { ModelName } from './state.ts';

export interface Example {
  name: string;
  text: string;
  layer: number;
  head: number;
  /** The word that asks: the first token whose text, trimmed, is this; its last occurrence. */
  ask: string;
  look: string;
}

const kModels: Record<ModelName, { name: string; says: string; examples: readonly Example[] }> = {
  'tiny-gpt': {
    name: 'GPT',
    says: 'reads left to right and guesses the next word',
    examples: [
      {
        name: 'A gift',
        text: 'The old man gave his daughter a book, and she thanked him for the book',
        layer: 1,
        head: 3,
        ask: 'him',
        look: 'This head looks a word or two back. Click along the sentence: the light follows behind.',
      },
      {
        name: 'A list',
        text: 'He took bread, wine, and fish, and gave bread, wine, and',
        layer: 2,
        head: 3,
        ask: 'fish',
        look: 'Who did it? The things in the list look back at their verb: took at first, later gave.',
      },
      {
        name: 'Once more',
        text: 'The king said to the people, Let the people go. And the king said',
        layer: 1,
        head: 6,
        ask: 'people',
        look: 'The second “people” finds the first one. Try the word before it, too.',
      },
      {
        name: 'Mr. Darcy',
        text: 'Elizabeth looked at Mr. Darcy, and Mr. Darcy looked at Elizabeth',
        layer: 4,
        head: 1,
        ask: 'Darcy',
        look: 'A deep head: for a whole stretch of the sentence, everyone looks at the same word.',
      },
    ],
  },
  'tiny-bert': {
    name: 'BERT',
    says: 'reads both ways and fills in the blank',
    examples: [
      {
        name: 'A blank',
        text: 'i will give you the [MASK] of the earth',
        layer: 2,
        head: 1,
        ask: '[MASK]',
        look: 'The blank looks ahead, to “earth”. In violet: what the model would put there.',
      },
      {
        name: 'She and her',
        text: 'she was very happy to see her sister',
        layer: 2,
        head: 6,
        ask: 'her',
        look: 'Whose sister? “her” finds “she”, six words away.',
      },
      {
        name: 'One behind',
        text: 'the king said to his people , go to the land',
        layer: 1,
        head: 1,
        ask: 'people',
        look: 'Every word looks at the one before it. Now choose head 2, beside it.',
      },
      {
        name: 'One ahead',
        text: 'the ship sailed over the sea and the whale came up',
        layer: 1,
        head: 2,
        ask: 'sea',
        look: 'Every word looks at the one after it, which a model that reads left to right never could.',
      },
    ],
  },
};

const kDamaged = 'The model’s files are not what they should be. Your text is kept.';

const kErrors: Partial<Record<ErrorCode, string>> = {
  'no-webassembly-simd':
    'This browser cannot run WebAssembly with SIMD, which the computation needs. Every current Firefox, Chrome, Edge and Safari can: an update will do.',
  'load-failed': 'A part of the page could not be loaded. Your text is kept.',
  'out-of-memory': 'There is not enough memory for this. Your text is kept; a shorter one will do.',
  'engine-lost': 'The computation stopped unexpectedly and was started again. Nothing you typed is lost.',
  'corrupt-file': kDamaged,
  'truncated-file': kDamaged,
  'unsupported-model': kDamaged,
  'missing-tensor': kDamaged,
  'unknown-tensor': kDamaged,
  'misshapen-tensor': kDamaged,
};

export const strings = {
  title: 'Limelight',
  models: kModels,
  modelChoice: 'Model',
  size: (layers: number, heads: number) => `${layers} layers × ${heads} heads`,

  theme: { auto: 'Theme: auto, as the system', dark: 'Theme: dark', light: 'Theme: light' },
  themeShort: { auto: 'theme: auto', dark: 'theme: dark', light: 'theme: light' },
  tables: 'Show numbers as tables',
  tablesShort: 'tables',
  share: 'Copy link to exactly this',
  shareShort: 'copy link',
  shared: 'link copied',

  spotlight: {
    label: 'Your text. The word at the caret asks; the words that it looks at light up.',
    placeholder: 'Type a sentence…',
    added: (token: string) => `${token}, added by the model`,
  },
  say: {
    most: (asks: string, answers: string, share: string): Phrase => [
      { query: asks },
      ' looks mostly at ',
      { key: answers },
      `: ${share}.`,
    ],
    cell: (asks: string, answers: string, share: string, most: string, mostShare: string): Phrase => [
      { query: asks },
      ' gives ',
      { key: answers },
      ` ${share} of its attention; most goes to ${most}, ${mostShare}.`,
    ],
    hidden: (asks: string, answers: string): Phrase => [
      { query: asks },
      ' cannot see ',
      { key: answers },
      ': it comes later.',
    ],
    where: (layer: number, head: number) => `Layer ${layer}, head ${head}`,
    silenced: 'silenced',
    changed: 'changed',
  },
  hint: 'Click any word: it asks, and the words it looks at light up. Or just type.',
  examples: 'Try',
  nothing: 'Type a word or two, and the light comes on.',
  blank: (word: string) => `blank out “${word}”`,
  release: 'release',

  window: (limit: number, total: number) =>
    `The model reads ${limit} tokens at most and this text has ${total.toLocaleString('en')}. It reads the part around the caret, which is lit; all of your text is kept.`,

  heads: {
    heading: 'Every head',
    label: 'Heads: layers downwards, heads across',
    head: (layer: number, head: number) => `Layer ${layer}, head ${head}`,
    changed: 'changed',
    layer: 'layer',
    headShort: 'head',
  },
  change: {
    heading: (layer: number, head: number) => `Change layer ${layer}, head ${head}`,
    gain: 'strength',
    gainHint: 'What the head passes on, times this. 0: silenced.',
    temperature: 'temperature',
    temperatureHint: 'Its scores are divided by this before softmax. Low: sharp. High: even.',
    silence: 'silence',
    reset: 'as trained',
    resetAll: 'undo all',
    count: (count: number) => (count === 1 ? '1 head is changed' : `${count} heads are changed`),
  },
  matrix: {
    heading: [{ query: 'The row asks' }, ', ', { key: 'the column answers' }] satisfies Phrase,
    label: 'Attention matrix: the row asks, the column answers',
    keys: 'Arrow keys move the cell',
    hidden: 'hidden',
    stage: { dot: 'q · k', scaled: 'scaled score', masked: 'masked score', weight: 'weight' },
    cell: (asks: string, answers: string, stage: string, value: string) =>
      `${asks} → ${answers}: ${stage} ${value}`,
    corner: 'asks ↓ answers →',
  },
  keys: {
    heading: 'The whole row: score, then share',
    label: 'Every key of this row, its score and its share of the attention',
    word: 'word',
    share: 'share',
    hidden: 'hidden',
    score: { dot: 'q · k', scaled: 'score', masked: 'score' },
    order: { weight: 'by weight', position: 'in order' },
    orderLabel: 'Sort',
  },
  arithmetic: {
    heading: (asks: string, answers: string): Phrase => [
      'How ',
      { query: asks },
      ' came to look at ',
      { key: answers },
    ],
    query: 'query',
    key: 'key',
    product: 'q × k',
    value: 'value',
    weighted: 'its share of value',
    output: 'output',
    sum: 'add up: q · k',
    scaled: (headDim: number, temperature: string) =>
      temperature ? `÷ √${headDim}, ÷ temperature ${temperature}` : `÷ √${headDim}`,
    mask: 'mask: may it look there?',
    seen: 'yes',
    hidden: 'hidden',
    exponent: (score: string, maximum: string) => `exp(${score} − ${maximum})`,
    share: (total: string) => `÷ the row’s total ${total}`,
    gate: (by: string) => `all keys, × ${by}`,
    component: 'component',
    componentHint: 'Point at a bar to read it',
    scoreParts: 'Query, key and product, component by component',
    valueParts: 'Value, weighted value and output, component by component',
    table: 'All components',
  },
  predictions: {
    heading: {
      next: (word: string): Phrase => ['After ', { query: word }, ', the model expects'],
      fill: (word: string): Phrase => ['In place of ', { query: word }, ', the model expects'],
    },
    short: {
      next: (word: string): Phrase => ['After ', { query: word }, ':'],
      fill: (word: string): Phrase => ['In place of ', { query: word }, ':'],
    },
    label: 'Predictions',
    put: { next: (word: string) => `write ${word}`, fill: (word: string) => `put in ${word}` },
    probability: 'probability',
    word: 'word',
    temperature: 'temperature',
    greedy: 'always the likeliest',
    seed: 'seed',
    write: 'Write on',
    stop: 'Stop',
  },
  timeline: {
    label: 'Time: from query and keys to the output',
    play: 'Play: how the weights came about',
    pause: 'Pause',
    back: 'One stage back',
    step: 'One stage on',
    speed: 'Speed',
    stage: {
      vectors: 'q, k',
      dot: 'q · k',
      scaled: '÷ √d',
      masked: 'mask',
      weight: 'softmax',
      weighted: '× v',
      output: 'output',
    },
    caption: {
      vectors: 'Every word has a query, what it looks for, and a key, what it offers.',
      dot: 'Query times key, component by component, added up: the score of a pair of words.',
      scaled: 'Scores are divided by the square root of the head’s size, so that softmax stays calm.',
      masked: 'What comes later is hidden: nobody may look into the future.',
      weight: 'Softmax turns the scores of a row into shares that add up to 100 %.',
      weighted: 'Each word’s value is taken in proportion to its share.',
      output: 'The shares of all the values, added up: what the head passes on.',
    },
  },
  loading: {
    engine: 'Starting the engine…',
    model: (name: string) => `Loading ${name}…`,
  },
  errors: kErrors,
  retry: 'Try again',
  shortcuts: 'Space plays, arrow keys move within heads, matrix and bars, Escape lets go.',
  privacy: 'Everything is computed in this browser. What you type never leaves it.',
} as const;

export type Strings = typeof strings;
