// What every consumer does with the package: its numbers are compared with the float64 reference.
import { loadEngine } from 'limelight-attention';

export const kText = 'The old man gave his daughter a book, and she thanked him for the book';

/** Attention with work for several threads. */
function wide() {
  const wave = (phase) => Float32Array.from({ length: 6 * 300 * 32 }, (_, i) => Math.sin(1.3 * i + phase));
  return { q: wave(0), k: wave(1), v: wave(2), heads: 6, qLength: 300 };
}

/** Whether two threads, where they can be had, give the bits of one; and how many there were. */
async function threads() {
  const alone = await loadEngine({ threads: 1 });
  const engine = await loadEngine({ threads: 2, preload: 'arrays' }); // those that attention() works with
  for (let tries = 0; engine.build === 'threads' && engine.threads < 2 && tries < 200; tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  const [one, other] = await Promise.all([alone.attention(wide()), engine.attention(wide())]);
  const result = {
    build: engine.build,
    count: engine.threads,
    same: one.out.every((number, i) => number === other.out[i]),
  };
  alone.dispose();
  engine.dispose();
  return result;
}

/** The first losses of a shipped recipe. */
async function losses(engine) {
  const training = await engine.train('induction', { paused: true });
  const steps = await training.step(3);
  training.dispose();
  return steps.map(({ loss }) => loss);
}

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
    threads: await threads(),
    tokens: run.tokens.map((token) => token.id),
    attention: Array.from(out),
    weights: Array.from(weights),
    losses: await losses(engine),
    best: candidates.map(({ id, logit }) => ({ id, logit })),
  };
  engine.dispose();
  return result;
}
