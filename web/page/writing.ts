// Writing on: the model appends word after word, each shown before the next.
import type { GenerateOptions, Model, Run } from '../engine/types.ts';
import type { Look } from '../views/scene.ts';
import { interventionsOf, type ModelName, type State } from './state.ts';

/** Tokens written at most. */
const kGenerate = 40;
/** A written token is looked at for so long, in milliseconds. */
const kPause = 120;

export interface WritingHandlers {
  model(name: ModelName): Promise<Model>;
  begun(): void;
  step(run: Run, text: string): void;
  ended(): void;
}

export interface Writer {
  readonly writing: boolean;
  toggle(): void;
  stop(): void;
}

export function createWriter(read: () => { state: State; look: Look }, handlers: WritingHandlers): Writer {
  let writing: AbortController | undefined;

  async function start(): Promise<void> {
    const abort = new AbortController();
    writing = abort;
    handlers.begun();
    const { state, look } = read();
    const options: GenerateOptions = {
      maxTokens: kGenerate,
      temperature: state.greedy ? 0 : state.temperature,
      seed: state.seed,
      interventions: interventionsOf(state.changes),
      needs: { matrix: { layer: look.layer, head: look.head }, overview: { pixels: 48 } },
      signal: abort.signal,
    };
    try {
      const model = await handlers.model(state.model);
      for await (const step of model.generate(read().state.text, options)) {
        if (abort.signal.aborted) break;
        handlers.step(step.run, step.text);
        await new Promise((resolve) => window.setTimeout(resolve, kPause));
        if (abort.signal.aborted) break;
      }
    } catch {
      // Aborted or failed: the run that follows says so, if it fails too.
    }
    if (writing === abort) writing = undefined;
    handlers.ended();
  }

  function stop(): void {
    writing?.abort();
    writing = undefined;
  }

  return {
    get writing() {
      return writing !== undefined;
    },
    toggle() {
      if (writing) stop();
      else void start();
    },
    stop,
  };
}
