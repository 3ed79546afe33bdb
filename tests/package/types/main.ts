// Compiled with --strict against the package's own types, as an application would.
import { type Engine, LimelightError, loadEngine, type Run, type Training } from 'limelight-attention';

export async function strongest(text: string): Promise<string> {
  const engine: Engine = await loadEngine({ worker: false });
  try {
    const model = await engine.loadModel('tiny-gpt');
    const run: Run = await model.run(text, { interventions: [{ silence: { layer: 0, head: 1 } }] });
    const { candidates } = await run.predict({ count: 1 });
    return candidates[0]?.text ?? '';
  } catch (error) {
    if (error instanceof LimelightError && error.code === 'text-too-long') return '';
    throw error;
  } finally {
    engine.dispose();
  }
}

export async function learnt(engine: Engine): Promise<number> {
  const recipe = { task: { name: 'induction', length: 16 }, training: { steps: 10 } };
  const training: Training = await engine.train(recipe, { onStep: ({ steps }) => steps.at(-1)?.loss });
  await training.done;
  return (await training.evaluate()).score;
}
// @ts-expect-error: a recipe has a task
export const taskless = (engine: Engine) => engine.train({ training: { steps: 10 } });

const one = new Float32Array(1);
// @ts-expect-error: heads is required
export const wrong = (engine: Engine) => engine.attention({ q: one, k: one, v: one });
