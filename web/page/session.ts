// Between the page and the engine: one engine, its models, the newest run, and the parts of it that views have asked for.
import type {
  Engine,
  EngineOptions,
  ErrorCode,
  Intervention,
  Model,
  Progress,
  Run,
  Snapshot,
  SnapshotNeeds,
  TokenRef,
} from '../engine/types.ts';
import type { Scene } from '../views/scene.ts';
import type { MatrixStage } from '../views/stages.ts';
import type { ModelName } from './state.ts';

/** What is to be on screen, all of the newest run. */
export interface Wish {
  layer: number;
  head: number;
  row: number;
  stages: readonly MatrixStage[];
  predictions: { token: number; temperature: number };
}

export interface RunRequest {
  text: string;
  model: ModelName;
  interventions: readonly Intervention[];
  caret: number;
  first: First;
}

/** What comes with the run itself. Its tokens are not known yet, so those that ask are told by their places. */
export interface First {
  layer: number;
  head: number;
  row: TokenRef;
  predictions: { token: TokenRef; temperature: number };
}

export interface SessionEvents {
  /** A new run is there: draw it at once. */
  run(): void;
  /** More parts of it have arrived. */
  parts(): void;
  busy(busy: boolean): void;
  progress(progress: Progress | undefined): void;
  failed(code: ErrorCode, message: string): void;
  /** All is well again after a failure. */
  recovered(): void;
}

export interface Session {
  readonly scene: Scene | undefined;
  /** Length of the text of the newest run, for a caret's window. */
  run(request: RunRequest): Promise<void>;
  /** Asks the newest run for what is missing of the wish. */
  want(wish: Wish): void;
  model(name: ModelName): Promise<Model>;
  /** Shows a run that grew elsewhere (writing on). */
  show(run: Run): void;
  retry(): void;
}

const kPredictions = 8;
/** Cells along a side of a head's small picture: more than its pixels would be work for nothing. */
const kOverview = 48;
/** Matrices kept per run: enough to go back and forth between heads, little enough for long texts. */
const kKept = 160;

export function codeOf(error: unknown): ErrorCode | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code as ErrorCode;
  }
  return undefined;
}

interface Piece {
  key: string;
  needs: SnapshotNeeds;
}

/** The parts of a wish, each with a name under which it is kept. */
function piecesOf(wish: Wish): Piece[] {
  const { layer, head, row, predictions } = wish;
  return [
    ...wish.stages.map((stage) => ({
      key: `matrix ${layer} ${head} ${stage}`,
      needs: { matrix: { layer, head, stage } },
    })),
    { key: `row ${layer} ${head} ${row}`, needs: { row: { layer, head, token: row } } },
    {
      key: `predictions ${predictions.token} ${predictions.temperature}`,
      needs: { predictions: { ...predictions, count: kPredictions } },
    },
    { key: 'overview', needs: { overview: { pixels: kOverview } } },
  ];
}

/** Joins pieces into as few messages as possible: a message holds one of each kind. */
function messagesOf(pieces: readonly Piece[]): SnapshotNeeds[] {
  const messages: SnapshotNeeds[] = [];
  for (const { needs } of pieces) {
    const kind = Object.keys(needs)[0] as keyof SnapshotNeeds;
    const open = messages.find((message) => message[kind] === undefined);
    if (open) Object.assign(open, needs);
    else messages.push({ ...needs });
  }
  return messages;
}

export function createSession(
  load: (options: Pick<EngineOptions, 'onLost'>) => Promise<Engine>,
  events: SessionEvents,
): Session {
  let engine: Promise<Engine> | undefined;
  const models = new Map<ModelName, Promise<Model>>();
  let current: Run | undefined;
  let scene: Scene | undefined;
  let parts = new Map<string, Snapshot>();
  let wish: Wish | undefined;
  let asking = false;
  let latest: RunRequest | undefined;
  let running = 0;
  let recovering = false;

  async function loadModel(name: ModelName): Promise<Model> {
    engine ??= load({ onLost: recover });
    const known = models.get(name);
    if (known) return known;
    const loading = engine.then((ready) => ready.loadModel(name, { onProgress: events.progress }));
    models.set(name, loading);
    try {
      return await loading;
    } catch (error) {
      models.delete(name);
      if (codeOf(error) !== 'aborted') engine = undefined;
      throw error;
    } finally {
      events.progress(undefined);
    }
  }

  function keep(snapshot: Snapshot): void {
    const { matrix, row, predictions, overview } = snapshot;
    if (parts.size > kKept) parts = new Map([...parts].filter(([key]) => !key.startsWith('matrix')));
    if (matrix) parts.set(`matrix ${matrix.layer} ${matrix.head} ${matrix.stage}`, snapshot);
    if (row) parts.set(`row ${row.layer} ${row.head} ${row.token}`, snapshot);
    if (predictions) parts.set(`predictions ${predictions.token} ${predictions.temperature}`, snapshot);
    if (overview) parts.set('overview', snapshot);
  }

  /** The scene of the current wish; what has not arrived keeps the place of what was there before. */
  function compose(): void {
    if (!current || !wish || !scene) return;
    const { layer, head, row, predictions } = wish;
    const matrices: Scene['matrices'] = {};
    for (const stage of ['dot', 'scaled', 'masked', 'weight'] as const) {
      const found = parts.get(`matrix ${layer} ${head} ${stage}`)?.matrix;
      if (found) matrices[stage] = found;
    }
    // Never one head's scores beside another's weights: all from the new head or all from the old.
    const complete = wish.stages.every((stage) => matrices[stage]);
    scene = {
      ...scene,
      matrices: complete ? matrices : scene.matrices,
      row: parts.get(`row ${layer} ${head} ${row}`)?.row ?? scene.row,
      predictions:
        parts.get(`predictions ${predictions.token} ${predictions.temperature}`)?.predictions ??
        scene.predictions,
      overview: parts.get('overview')?.overview ?? scene.overview,
    };
  }

  function adopt(run: Run, model: Model): void {
    current = run;
    parts = new Map();
    if (run.first) keep(run.first);
    scene = {
      text: run.text,
      tokens: run.tokens,
      model: model.info,
      interventions: run.interventions,
      window: run.window,
      matrices: {},
      overview: run.first?.overview,
      row: run.first?.row,
      predictions: run.first?.predictions,
    };
    const matrix = run.first?.matrix;
    if (matrix) scene.matrices[matrix.stage] = matrix;
  }

  async function ask(): Promise<void> {
    if (asking || !current || !wish || current.tokens.length === 0) return;
    const missing = piecesOf(wish).filter(({ key }) => !parts.has(key));
    if (missing.length === 0) return;
    asking = true;
    const run = current;
    try {
      const snapshots = await Promise.all(messagesOf(missing).map((needs) => run.snapshot(needs)));
      if (run === current) {
        for (const snapshot of snapshots) keep(snapshot);
        compose();
        events.parts();
      }
    } catch (error) {
      if (run === current) report(error);
      // What cannot be had is not asked for again in a circle.
      if (run === current) return;
    } finally {
      asking = false;
    }
    void ask();
  }

  function report(error: unknown): void {
    const code = codeOf(error);
    if (code === 'superseded' || code === 'aborted' || code === 'disposed') return;
    events.failed(code ?? 'load-failed', error instanceof Error ? error.message : String(error));
  }

  /** Computes the newest text again, once: what is lost while that goes on is told as a failure. */
  function recover(): void {
    if (!latest || recovering) return;
    recovering = true;
    void start(latest, true).finally(() => {
      recovering = false;
    });
  }

  async function start(request: RunRequest, again = false): Promise<void> {
    latest = request;
    running++;
    events.busy(true);
    try {
      const model = await loadModel(request.model);
      if (request !== latest) return;
      performance.mark('limelight:run');
      // An address can name a layer or head that this model does not have.
      const { layers, heads } = model.info;
      const { row, predictions } = request.first;
      const layer = Math.min(request.first.layer, layers - 1);
      const head = Math.min(request.first.head, heads - 1);
      const run = await model.run(request.text, {
        lane: 'typing',
        overflow: 'window',
        caret: request.caret,
        interventions: request.interventions.filter((one) => {
          const at: { layer?: number; head?: number } | undefined = Object.values(one)[0];
          return (at?.layer ?? 0) < layers && (at?.head ?? 0) < heads;
        }),
        // Queries, keys, values and what predicts are kept anyway; the page draws nothing of the rest.
        record: [],
        needs: {
          matrix: { layer, head, stage: 'weight' },
          row: { layer, head, token: row },
          predictions: { ...predictions, count: kPredictions },
          overview: { pixels: kOverview },
        },
      });
      if (request.model !== latest.model) return run.dispose();
      const old = current;
      adopt(run, model);
      old?.dispose();
      events.run();
      if (again) events.recovered();
    } catch (error) {
      if (request === latest && !again) report(error);
      else if (again) events.failed(codeOf(error) ?? 'engine-lost', String(error));
    } finally {
      running--;
      if (running === 0) events.busy(false);
    }
  }

  return {
    get scene() {
      return scene;
    },
    run: (request) => start(request),
    want(next) {
      wish = next;
      compose();
      void ask();
    },
    model: loadModel,
    show(run) {
      if (!scene || !latest) return;
      const { model } = scene;
      if (run !== current) current?.dispose();
      adopt(run, { info: model } as Model);
      events.run();
    },
    retry() {
      if (latest) void start(latest);
    },
  };
}
