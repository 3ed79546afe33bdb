// What training.html does. It draws what the engine says; everything that a test reads is text or a data attribute.
import { loadEngine } from './dist/index.js';

const kSmall = {
  task: { name: 'induction', vocabulary: 16, length: 16 },
  model: { width: 32, heads: 2 },
  training: { seed: 1, batch: 8, steps: 300, learning_rate: 1e-2 },
};
const kRecipes = {
  small: kSmall,
  endless: { ...kSmall, training: { ...kSmall.training, steps: 1_000_000 } },
  induction: 'induction',
  broken: { ...kSmall, model: { heads: 3, width: 32 } },
};

const at = (id) => document.getElementById(id);
for (const name of Object.keys(kRecipes)) at('recipe').add(new Option(name));

let engine;
let training;
let stop;
/** Every step since the last reset. */
let steps = [];

function show() {
  at('state').textContent = training?.state ?? '';
  const last = steps.at(-1);
  at('numbers').dataset.steps = String(last?.step ?? 0);
  at('numbers').textContent = last
    ? `step ${last.step}: loss ${last.loss.toFixed(3)}, rate ${last.learningRate.toExponential(2)}, gradient ${last.gradientNorm.toFixed(2)}`
    : '';
  globalThis.losses = steps.map(({ loss }) => loss);
}

function drawLoss() {
  const { width, height } = at('loss');
  const context = at('loss').getContext('2d');
  context.clearRect(0, 0, width, height);
  const most = Math.max(...steps.map(({ loss }) => loss));
  context.beginPath();
  for (const [i, { loss }] of steps.entries())
    context.lineTo((width * i) / Math.max(1, steps.length - 1), height * (1 - loss / most));
  context.stroke();
}

function drawMaps({ step, attentions }) {
  at('maps').dataset.step = String(step);
  at('maps').replaceChildren(
    ...attentions.flatMap(({ kind, layer, heads, qLength, kvLength, weights, previous, alignment }) =>
      Array.from({ length: heads }, (_, head) => {
        const figure = document.createElement('figure');
        const canvas = document.createElement('canvas');
        canvas.width = kvLength;
        canvas.height = qLength;
        const image = new ImageData(kvLength, qLength);
        for (let cell = 0; cell < qLength * kvLength; cell++)
          image.data.set([0, 0, 0, 255 * weights[head * qLength * kvLength + cell]], 4 * cell);
        canvas.getContext('2d').putImageData(image, 0, 0);
        figure.append(
          canvas,
          `${kind} ${layer}.${head}: ${previous[head].toFixed(2)} ${alignment[head].toFixed(2)}`,
        );
        Object.assign(figure.dataset, { previous: previous[head], alignment: alignment[head] });
        return figure;
      }),
    ),
  );
}

function report({ step, steps: fresh, look }) {
  steps = [...steps.filter((known) => known.step <= step - fresh.length), ...fresh];
  show();
  drawLoss();
  if (look) drawMaps(look);
}

/** Shows what a command came to. */
async function command(work) {
  try {
    await work();
  } catch (error) {
    at('numbers').textContent = `${error.code}: ${error.message}`;
  }
  at('state').textContent = training?.state ?? '';
  document.body.dataset.commands = String(Number(document.body.dataset.commands ?? 0) + 1);
}

const commands = {
  async start() {
    training?.dispose();
    stop = new AbortController();
    steps = [];
    const chosen = kRecipes[at('recipe').value];
    training = await engine.train(chosen, { onStep: report, signal: stop.signal, watch: { every: 10 } });
    const mine = training;
    training.done.then(
      async () => {
        const { score } = await mine.evaluate();
        at('score').dataset.score = String(score);
        at('score').textContent = `${(100 * score).toFixed(1)} % right`;
        show();
      },
      (error) => {
        at('state').textContent = mine.state;
        at('state').dataset.code = error.code;
      },
    );
  },
  async pause() {
    await training.pause();
    await training.checkpoint();
  },
  step: () => training.step(),
  resume: () => training.resume(),
  reset: () => training.reset(Number(at('seed').value)),
  restore: () => training.restore(),
  stop: async () => stop.abort(),
  async download() {
    const file = (await training.model()).find(({ name }) => name === 'model.safetensors');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
  },
};
for (const [id, work] of Object.entries(commands)) at(id).onclick = () => void command(work);
at('rate').onchange = () => void command(() => training.setLearningRateFactor(Number(at('rate').value)));

engine = await loadEngine();
const model = await engine.loadModel('tiny-gpt');
at('text').oninput = async () => {
  const text = at('text').value;
  const run = await model
    .run(text, { lane: 'typing', needs: { predictions: { token: { at: Infinity }, count: 1 } } })
    .catch((error) => {
      if (error.code !== 'superseded') throw error;
    });
  if (run)
    at('prediction').textContent =
      `${text}|${run.first.predictions.candidates[0].text}|${training?.state ?? ''}`;
};
globalThis.memory = () => engine.memory();
document.body.dataset.ready = '';
