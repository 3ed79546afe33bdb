// Byte-pair encoding's learning: the commonest pair of neighbouring symbols becomes a symbol, again and again (Sennrich et
// al., 2016). Words come with their counts; pair counts are kept up to date, not counted anew: O(symbols log pairs).

/** The function, with what it gave remembered. */
export function remembering(make) {
  const known = new Map();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

/** Counts what `split` makes of texts. */
export class WordCounts {
  counts = new Map();
  #split;

  constructor(split) {
    this.#split = split;
  }

  add(text) {
    for (const word of this.#split(text)) this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
  }

  /** [word, count], commonest first; words as common as each other in alphabetical order. */
  sorted() {
    return [...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  }
}

/** A heap of [count, key], the largest count first, of equal ones the smallest key. */
class Heap {
  #items = [];

  get size() {
    return this.#items.length;
  }

  push(item) {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(items[at], items[parent])) break;
      [items[at], items[parent]] = [items[parent], items[at]];
      at = parent;
    }
  }

  pop() {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) {
      items[0] = last;
      for (let at = 0; ; ) {
        const left = 2 * at + 1;
        const best = left + 1 < items.length && before(items[left + 1], items[left]) ? left + 1 : left;
        if (best >= items.length || !before(items[best], items[at])) break;
        [items[at], items[best]] = [items[best], items[at]];
        at = best;
      }
    }
    return top;
  }
}

const before = ([m, a], [n, b]) => m > n || (m === n && a < b);

const kRadix = 2 ** 24; // a pair of symbols as one number

/**
 * Learns merges until `size` texts of symbols are known.
 *
 * `words` is a list of [symbols, count]; `known` are texts that need no learning (they count towards `size`); `join`
 * gives the text of two symbols' union. Gives { merges: [[a, b]...], symbols: the new texts in the order they came }.
 */
export function learnMerges(words, { known, join, size }) {
  const texts = [];
  const ids = new Map();
  const idOf = (text) => {
    let id = ids.get(text);
    if (id === undefined) {
      id = texts.push(text) - 1;
      ids.set(text, id);
    }
    return id;
  };
  const vocabulary = new Set(known);
  const pairs = new Map(); // key -> { count, words: indices, with some that have it no more }
  const heap = new Heap();
  const change = (key, by, word) => {
    let pair = pairs.get(key);
    if (!pair) {
      pair = { count: 0, words: new Set() };
      pairs.set(key, pair);
    }
    pair.count += by;
    if (by > 0) pair.words.add(word);
  };

  const spelled = words.map(([symbols]) => symbols.map(idOf));
  spelled.forEach((symbols, word) => {
    for (let i = 1; i < symbols.length; ++i)
      change(symbols[i - 1] * kRadix + symbols[i], words[word][1], word);
  });
  for (const [key, { count }] of pairs) heap.push([count, key]);

  const merges = [];
  const made = [];
  while (vocabulary.size < size && heap.size > 0) {
    const [count, key] = heap.pop();
    const pair = pairs.get(key);
    if (!pair || pair.count <= 0) continue;
    if (pair.count !== count) {
      if (pair.count < count) heap.push([pair.count, key]); // an old entry: once more, in its place
      continue;
    }
    const [left, right] = [Math.floor(key / kRadix), key % kRadix];
    const text = join(texts[left], texts[right]);
    const union = idOf(text);
    merges.push([texts[left], texts[right]]);
    if (!vocabulary.has(text)) {
      vocabulary.add(text);
      made.push(text);
    }
    const touched = new Set();
    for (const word of pair.words) {
      const times = words[word][1];
      const old = spelled[word];
      const next = [];
      for (let i = 0; i < old.length; ++i) {
        if (old[i] === left && old[i + 1] === right) {
          next.push(union);
          ++i;
        } else next.push(old[i]);
      }
      if (next.length === old.length) continue;
      for (let i = 1; i < old.length; ++i) change(old[i - 1] * kRadix + old[i], -times, word);
      for (let i = 1; i < next.length; ++i) {
        const neighbours = next[i - 1] * kRadix + next[i];
        change(neighbours, times, word);
        if (next[i - 1] === union || next[i] === union) touched.add(neighbours);
      }
      spelled[word] = next;
    }
    pairs.delete(key);
    for (const neighbours of touched) {
      const { count: now } = pairs.get(neighbours) ?? { count: 0 };
      if (now > 0) heap.push([now, neighbours]);
    }
  }
  return { merges, symbols: made };
}
