// What every consumer does with the package: its numbers are compared with the float64 reference.
import { loadEngine } from 'limelight-attention';

export const kText = 'The old man gave his daughter a book, and she thanked him for the book';

export async function job(options) {
  const engine = await loadEngine(options);
  const count = 2 * 3 * 2 * 4; // two sequences of three, two heads of four
  const q = Float32Array.from({ length: count }, (_, i) => Math.sin(i));
  const k = Float32Array.from({ length: count }, (_, i) => Math.cos(2 * i));
  const v = Float32Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1));
  const { out } = await engine.attention({
    q,
    k,
    v,
    batch: 2,
    heads: 2,
    qLength: 3,
    kvLength: 3,
    causal: true,
  });
  const model = await engine.loadModel('tiny-gpt');
  const run = await model.run(kText);
  const weights = await run.weights({ layer: 0, head: 2 });
  const { candidates } = await run.predict({ count: 3 });
  const result = {
    build: engine.build,
    tokens: run.tokens.map((token) => token.id),
    attention: Array.from(out),
    weights: Array.from(weights),
    best: candidates.map(({ id, logit }) => ({ id, logit })),
  };
  engine.dispose();
  return result;
}
