// Measures training inside a page, for train.mjs. Counts and times only; what is learnt is judged by the engine.
import { loadEngine } from '/dist/index.js';

/** Training goes on until this share of held-out examples is right. */
const kJudged = 512;

/** Steps and seconds of pure training to the goal, and what the heads have come to then. */
globalThis.trainTo = async ({ recipe, seed, goal, every }) => {
  const engine = await loadEngine();
  try {
    const training = await engine.train(recipe, { paused: true });
    await training.reset(seed);
    const { steps: most } = training.info;
    let seconds = 0;
    let taken = 0;
    let score = 0;
    while (score < goal && taken < most) {
      const count = Math.min(every, most - taken);
      const before = performance.now();
      await training.step(count);
      seconds += (performance.now() - before) / 1000;
      taken += count;
      ({ score } = await training.evaluate({ examples: kJudged }));
    }
    const { attentions } = await training.look({ maps: false });
    const best = (name) => Math.max(...attentions.flatMap((attention) => [...attention[name]]));
    const { live } = await training.memory();
    return {
      taken,
      seconds,
      score,
      reached: score >= goal,
      previous: best('previous'),
      alignment: best('alignment'),
      live,
    };
  } finally {
    engine.dispose();
  }
};

const kText =
  'The old man gave his daughter a book, and she thanked him for the book. He said that he had found it in the ' +
  'house of his father, where nobody had read it for a long time, and that she should keep it as long as she liked. ' +
  'She opened it and saw';
const kTyped = ' then the night came and all of them';
const kNeeds = {
  matrix: { layer: 0, head: 0 },
  overview: { pixels: 48 },
  row: { layer: 0, head: 0, token: { at: Infinity } },
  predictions: { token: { at: Infinity }, count: 10 },
};

/**
 * Milliseconds from a key to the snapshot that answers it, in turns without and with a training beside it: [[...], [...]].
 */
globalThis.typeBeside = async ({ recipe, rounds, keys, pause }) => {
  const engine = await loadEngine();
  try {
    const model = await engine.loadModel('tiny-gpt');
    const training = await engine.train(recipe, { paused: true, watch: { every: 1 }, onStep() {} });
    const times = [[], []];
    for (let round = 0; round < 2 * rounds; round++) {
      const beside = round % 2;
      if (beside) {
        if (training.state === 'finished') await training.reset();
        await training.resume();
      } else await training.pause();
      for (let key = 0; key <= keys; key++) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        const before = performance.now();
        const run = await model.run(kText + kTyped.slice(0, 1 + (key % kTyped.length)), { needs: kNeeds });
        if (key > 0) times[beside].push(performance.now() - before); // the first of a round deletes what the last typed
        run.dispose();
      }
    }
    return times;
  } finally {
    engine.dispose();
  }
};
