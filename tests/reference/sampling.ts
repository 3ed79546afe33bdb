// How the next token is chosen: the definition in limelight/model.hpp, in float64 and with exact integers.
import { softmax } from './math.ts';

const kMask = (1n << 64n) - 1n;

/** splitmix64 (Steele, Lea, Flood 2014): the (step + 1)th number of the sequence that starts at seed, in [0, 1). */
export function uniform(seed: bigint, step: number): number {
  let z = (seed + BigInt(step + 1) * 0x9e3779b97f4a7c15n) & kMask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & kMask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & kMask;
  return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
}

/** Ids from the most probable to the least; ties go to the lower id. */
export function ranked(logits: Float64Array): number[] {
  return Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
}

/** The choice, and how far the drawn number was from choosing another: rounding may not decide. */
export function sample(
  logits: Float64Array,
  options: { temperature: number; topK: number; seed: bigint; step: number },
): { id: number; margin: number } {
  const order = ranked(logits);
  if (options.temperature === 0) return { id: order[0]!, margin: logits[order[0]!]! - logits[order[1]!]! };
  // All entries are laid out by id, the top k by rank.
  const candidates = options.topK > 0 ? order.slice(0, options.topK) : Array.from(logits.keys());
  const shares = softmax(Float64Array.from(candidates, (id) => logits[id]! / options.temperature));
  const drawn = uniform(options.seed, options.step);
  let below = 0;
  for (const [i, id] of candidates.entries()) {
    const above = below + shares[i]!;
    if (drawn < above) return { id, margin: Math.min(drawn - below, above - drawn) };
    below = above;
  }
  return { id: candidates.at(-1)!, margin: 0 };
}
