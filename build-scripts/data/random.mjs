// Random numbers that are the same everywhere: sfc32 by Chris Doty-Humphrey, seeded through FNV-1a.

/** FNV-1a of a string's UTF-16 units, 32 bits: also what splits are decided by. */
export function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; ++i) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV's high bits are good and its low ones are not: mix them once (murmur3's finaliser).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export class Random {
  #a;
  #b;
  #c;
  #counter = 1;

  /** Any value with a text form is a seed; different ones give unrelated streams. */
  constructor(seed) {
    this.#a = hashOf(`a${seed}`);
    this.#b = hashOf(`b${seed}`);
    this.#c = hashOf(`c${seed}`);
    for (let i = 0; i < 12; ++i) this.next();
  }

  /** 32 random bits. */
  next() {
    const result = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** From 0 to below 1. */
  real() {
    return this.next() / 0x100000000;
  }

  /** A whole number from 0 to below `count`. */
  below(count) {
    return Math.floor(this.real() * count);
  }

  /** A whole number from `first` to `last`, both included. */
  between(first, last) {
    return first + this.below(last - first + 1);
  }

  chance(probability) {
    return this.real() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** The index of one of `weights`, as often as its weight says. */
  weighted(weights) {
    let rest = this.real() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < weights.length; ++i) {
      rest -= weights[i];
      if (rest < 0) return i;
    }
    return weights.length - 1;
  }

  /** The list in a random order; the list itself stays as it is. */
  shuffled(list) {
    const result = [...list];
    for (let i = result.length - 1; i > 0; --i) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
  }
}
