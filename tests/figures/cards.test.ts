// A sample of what the cards of shipped models say, computed again from the weights and logits that the engine gives, in
// float64, by the formulas of cpp/passport/scores.hpp and on the texts that the cards name.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kModels, modelContext } from '../../build-scripts/figures/figures.mjs';
import { judgedRepetitions, judgedScenes } from '../../build-scripts/figures/kinds.mjs';
import type { Engine, Intervention, Model, Run } from '../../web/engine/types.ts';
import { load } from '../truth/engines.ts';

interface Score {
  mean: number;
  count: number;
}
type Head = Record<string, number> & { attention: string };
interface Passports {
  texts: number;
  predictions: number;
  loss: number;
  uniform: { self: Record<string, Score> };
  heads: Head[];
}
interface Card {
  files: Record<string, { bytes: number; sha256: string }>;
  passports: Record<string, Passports>;
}
interface Link {
  kind: string;
  at: number;
  of: number[][];
  others: number[][];
}
interface Judged {
  text: string;
  framed: { ids: number[]; special: number[]; punctuation: number[] };
  links: Link[];
  asked: number;
}

/** Weights and losses of two builds of the core differ by some millionths; a card has five decimals. */
const kDecimals = 4;

const readCard = (name: string): Card =>
  JSON.parse(readFileSync(join(kModels, name, 'card.json'), 'utf8')) as Card;

const kKinds: Record<string, (ids: number[], i: number, j: number, punctuation: Set<number>) => boolean> = {
  previous: (_, i, j) => j === i - 1,
  itself: (_, i, j) => j === i,
  duplicate: (ids, i, j) => j < i && ids[j] === ids[i],
  first: (_, __, j) => j === 0,
  punctuation: (_, __, j, punctuation) => punctuation.has(j),
  induction: (ids, i, j) => j > 0 && j < i && ids[j - 1] === ids[i],
};

class Mean {
  sum = 0;
  uniform = 0;
  count = 0;
  add(value: number, uniform: number): void {
    this.sum += value;
    this.uniform += uniform;
    this.count++;
  }
}

/** Means of one head of a causal model without special tokens, by name. */
function scoresOf(texts: { judged: Judged; weights: Float32Array }[]): Record<string, Mean> {
  const means: Record<string, Mean> = {};
  const add = (name: string, value: number, uniform: number): void => {
    means[name] ??= new Mean();
    means[name].add(value, uniform);
  };
  for (const { judged, weights } of texts) {
    const { ids } = judged.framed;
    const n = ids.length;
    const punctuation = new Set(judged.framed.punctuation);
    const w = (i: number, j: number): number => weights[i * n + j]!;
    for (let i = 0; i < n; i++) {
      for (const [name, isOf] of Object.entries(kKinds)) {
        const keys = Array.from({ length: i + 1 }, (_, j) => j).filter((j) => isOf(ids, i, j, punctuation));
        if (keys.length > 0 && keys.length <= i)
          add(
            name,
            keys.reduce((sum, j) => sum + w(i, j), 0),
            keys.length / (i + 1),
          );
      }
      if (i === 0) continue;
      let bits = 0;
      let distance = 0;
      for (let j = 0; j <= i; j++) {
        if (w(i, j) > 0) bits -= w(i, j) * Math.log2(w(i, j));
        distance += w(i, j) * (i - j);
      }
      add('entropy', bits, Math.log2(i + 1));
      add('distance', distance, i / 2);
    }
    for (const { kind, at, of, others } of judged.links) {
      const total = (mention: number[]): number => mention.reduce((sum, j) => sum + w(at, j), 0);
      add(
        kind,
        of.reduce((sum, mention) => sum + total(mention), 0),
        of.flat().length / (at + 1),
      );
      if (others.length === 0) continue;
      const most = (mentions: number[][]): number => Math.max(...mentions.map(total));
      add(`${kind}_strongest`, most(of) > most(others) ? 1 : 0, of.length / (of.length + others.length));
    }
  }
  return means;
}

async function lossOf(run: Run, { framed, asked }: Judged, sum: Mean): Promise<void> {
  for (let i = asked; i < framed.ids.length; i++) {
    const logits = await run.logits({ token: i - 1 });
    let most = Number.NEGATIVE_INFINITY;
    for (const logit of logits) most = Math.max(most, logit);
    let total = 0;
    for (const logit of logits) total += Math.exp(logit - most);
    sum.add(Math.log(total) + most - logits[framed.ids[i]!]!, 0);
  }
}

let engine: Engine;
beforeAll(async () => {
  engine = await load({ build: 'simd', worker: false });
});
afterAll(() => engine.dispose());

it.each(readdirSync(kModels).filter((name) => readdirSync(join(kModels, name)).includes('card.json')))(
  'the card of %s is about the files that are there',
  (name) => {
    for (const [file, { bytes, sha256 }] of Object.entries(readCard(name).files)) {
      const content = readFileSync(join(kModels, name, file));
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
  },
);

describe.each([
  {
    name: 'tiny-gpt',
    on: 'everyday',
    texts: () => judgedScenes(modelContext('tiny-gpt')).map((scene) => ({ ...scene, asked: 1 })),
  },
  {
    name: 'toy-induction',
    on: 'repeated',
    texts: () => {
      const context = modelContext('toy-induction');
      return judgedRepetitions(context).map(({ framed, asked_from }) => ({
        text: context.tokenizer.decode(framed.ids),
        framed,
        links: [],
        asked: asked_from,
      }));
    },
  },
])('the card of $name, on $on texts', ({ name, on, texts }) => {
  const card = readCard(name).passports[on]!;
  let model: Model;
  let runs: { judged: Judged; run: Run }[];
  beforeAll(async () => {
    model = await engine.loadModel(name);
    runs = [];
    for (const judged of texts() as Judged[]) runs.push({ judged, run: await model.run(judged.text) });
  });
  afterAll(() => model.dispose());

  it('was measured on these very tokens', () => {
    expect(runs).toHaveLength(card.texts);
    for (const { judged, run } of runs) expect(run.tokens.map(({ id }) => id)).toEqual(judged.framed.ids);
  });

  it('has what every head looks at', async () => {
    expect(card.heads).toHaveLength(model.info.layers * model.info.heads);
    for (const head of card.heads) {
      const at = { layer: head['layer']!, head: head['head']! };
      const weighed = [];
      for (const { judged, run } of runs) weighed.push({ judged, weights: await run.weights(at) });
      const means = scoresOf(weighed);
      expect(Object.keys(means).sort()).toEqual(Object.keys(card.uniform.self).sort());
      for (const [score, { sum, uniform, count }] of Object.entries(means)) {
        const where = `layer ${at.layer}, head ${at.head}: ${score}`;
        expect(card.uniform.self[score]!.count, where).toBe(count);
        expect(card.uniform.self[score]!.mean, where).toBeCloseTo(uniform / count, kDecimals);
        expect(head[score], where).toBeCloseTo(sum / count, kDecimals);
      }
    }
  });

  it('has the loss, and what it rises by without the head that is needed most', async () => {
    const needed = card.heads.reduce((most, head) =>
      head['loss_increase']! > most['loss_increase']! ? head : most,
    );
    const silence: Intervention = { silence: { layer: needed['layer']!, head: needed['head']! } };
    const whole = new Mean();
    const without = new Mean();
    for (const { judged, run } of runs) {
      await lossOf(run, judged, whole);
      const silenced = await model.run(judged.text, { interventions: [silence] });
      await lossOf(silenced, judged, without);
      silenced.dispose();
    }
    expect(whole.count).toBe(card.predictions);
    expect(whole.sum / whole.count).toBeCloseTo(card.loss, kDecimals);
    expect((without.sum - whole.sum) / whole.count).toBeCloseTo(needed['loss_increase']!, kDecimals - 1);
  });
});
