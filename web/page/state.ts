// The page's state: one plain object. It lives in the address behind the #, which no server ever sees.
import type { Intervention } from '../engine/types.ts';
import type { Order } from '../views/scene.ts';

export type ModelName = 'tiny-gpt' | 'tiny-bert';
export const kModelNames: readonly ModelName[] = ['tiny-gpt', 'tiny-bert'];
export type Theme = 'auto' | 'dark' | 'light';
export const kThemes: readonly Theme[] = ['auto', 'dark', 'light'];

/** What the reader changed about one head: `gain` multiplies its output (0 silences it), `temperature` divides its scores. */
export interface HeadChange {
  layer: number;
  head: number;
  gain: number;
  temperature: number;
}

export interface State {
  text: string;
  model: ModelName;
  /** From 0; people and the address count from 1. */
  layer: number;
  head: number;
  /** The token that asks; null: the last word. */
  row: number | null;
  /** The token that answers; null: the one with the largest weight. */
  column: number | null;
  t: number;
  speed: number;
  theme: Theme;
  order: Order;
  /** Of the predictions; 0: always the most probable word when writing on. */
  temperature: number;
  greedy: boolean;
  seed: number;
  changes: readonly HeadChange[];
  /** Tables of the numbers beside matrix and arithmetic. */
  tables: boolean;
}

/** The newest state, and the two ways to alter it; the parts of the page hold this and nothing else of one another. */
export interface Store {
  readonly state: State;
  /** The reader has set something. */
  change(patch: Partial<State>): void;
  /** Something else comes to stand there; `ask` is the word that is to ask once its run has arrived. */
  put(next: Partial<State>, ask?: string): void;
}

export const kLimits = {
  text: 100_000,
  layer: 1000,
  token: 1_000_000,
  temperature: [0.1, 2],
  gain: [0, 2],
  headTemperature: [0.1, 5],
  seed: 999_999,
  speed: [0.25, 4],
} as const;

const kNumber = /^-?\d{1,9}(\.\d{1,9})?$/;

function number(text: string | null, low: number, high: number): number | undefined {
  if (text === null || !kNumber.test(text)) return undefined;
  const value = Number(text);
  return value >= low && value <= high ? value : undefined;
}

function whole(text: string | null, low: number, high: number): number | undefined {
  const value = number(text, low, high);
  return value !== undefined && Number.isInteger(value) ? value : undefined;
}

function oneOf<T extends string>(text: string | null, known: readonly T[]): T | undefined {
  return known.find((name) => name === text);
}

/** `1.3*0@1`: layer 1, head 3, gain 0, temperature 1. Several are joined with commas. */
function readChanges(text: string | null): readonly HeadChange[] | undefined {
  if (!text) return undefined;
  const changes: HeadChange[] = [];
  for (const part of text.split(',').slice(0, 1000)) {
    const match = /^(\d{1,3})\.(\d{1,3})\*([\d.]{1,12})@([\d.]{1,12})$/.exec(part);
    const layer = whole(match?.[1] ?? null, 1, kLimits.layer);
    const head = whole(match?.[2] ?? null, 1, kLimits.layer);
    const gain = number(match?.[3] ?? null, ...kLimits.gain);
    const temperature = number(match?.[4] ?? null, ...kLimits.headTemperature);
    if (layer && head && gain !== undefined && temperature !== undefined) {
      changes.push({ layer: layer - 1, head: head - 1, gain, temperature });
    }
  }
  return changes.length ? changes : undefined;
}

/** Six decimals, which is finer than any control sets. */
function short(value: number): string {
  return String(Number(value.toFixed(6)));
}

/** The state as a fragment without its #; what stands at its default is left out. */
export function toFragment(state: State, defaults: State): string {
  const parameters = new URLSearchParams();
  const put = <K extends keyof State>(key: K, write: (value: State[K]) => string) => {
    if (state[key] !== defaults[key]) parameters.set(key, write(state[key]));
  };
  put('model', (value) => value);
  put('text', (value) => value);
  put('layer', (value) => String(value + 1));
  put('head', (value) => String(value + 1));
  put('row', (value) => (value === null ? 'last' : String(value + 1)));
  put('column', (value) => (value === null ? 'most' : String(value + 1)));
  put('t', short);
  put('speed', short);
  put('theme', (value) => value);
  put('order', (value) => value);
  put('temperature', short);
  put('greedy', (value) => (value ? 'yes' : 'no'));
  put('seed', String);
  put('tables', (value) => (value ? 'yes' : 'no'));
  if (state.changes.length) {
    parameters.set(
      'changes',
      state.changes
        .map((c) => `${c.layer + 1}.${c.head + 1}*${short(c.gain)}@${short(c.temperature)}`)
        .join(','),
    );
  }
  return parameters.toString();
}

/** Reads a fragment, with or without #. What is missing, malformed or out of range stays at its default. */
export function fromFragment(fragment: string, defaults: State): State {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const text = given.get('text');
  const yes = (key: string) => {
    const value = oneOf(given.get(key), ['yes', 'no']);
    return value === undefined ? undefined : value === 'yes';
  };
  const index = (key: string, high: number) => {
    const value = whole(given.get(key), 1, high);
    return value === undefined ? undefined : value - 1;
  };
  const token = (key: string, none: string) => (given.get(key) === none ? null : index(key, kLimits.token));
  const row = token('row', 'last');
  const column = token('column', 'most');
  return {
    text: text === null ? defaults.text : text.slice(0, kLimits.text),
    model: oneOf(given.get('model'), kModelNames) ?? defaults.model,
    layer: index('layer', kLimits.layer) ?? defaults.layer,
    head: index('head', kLimits.layer) ?? defaults.head,
    row: row === undefined ? defaults.row : row,
    column: column === undefined ? defaults.column : column,
    t: number(given.get('t'), 0, 1) ?? defaults.t,
    speed: number(given.get('speed'), ...kLimits.speed) ?? defaults.speed,
    theme: oneOf(given.get('theme'), kThemes) ?? defaults.theme,
    order: oneOf<Order>(given.get('order'), ['weight', 'position']) ?? defaults.order,
    temperature: number(given.get('temperature'), ...kLimits.temperature) ?? defaults.temperature,
    greedy: yes('greedy') ?? defaults.greedy,
    seed: whole(given.get('seed'), 0, kLimits.seed) ?? defaults.seed,
    changes: readChanges(given.get('changes')) ?? defaults.changes,
    tables: yes('tables') ?? defaults.tables,
  };
}

/** What the engine is asked to change. */
export function interventionsOf(changes: readonly HeadChange[]): Intervention[] {
  return changes.flatMap(({ layer, head, gain, temperature }): Intervention[] => [
    ...(gain === 0
      ? [{ silence: { layer, head } }]
      : gain === 1
        ? []
        : [{ scale: { layer, head, by: gain } }]),
    ...(temperature === 1 ? [] : [{ temperature: { layer, head, value: temperature } }]),
  ]);
}

export function changeOf(changes: readonly HeadChange[], layer: number, head: number): HeadChange {
  return (
    changes.find((change) => change.layer === layer && change.head === head) ?? {
      layer,
      head,
      gain: 1,
      temperature: 1,
    }
  );
}

/** The changes with one head's replaced; a head as it was trained is no change. */
export function withChange(changes: readonly HeadChange[], change: HeadChange): readonly HeadChange[] {
  const others = changes.filter(({ layer, head }) => layer !== change.layer || head !== change.head);
  return change.gain === 1 && change.temperature === 1 ? others : [...others, change];
}
