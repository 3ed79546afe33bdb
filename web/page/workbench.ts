// The workbench: state in, figures out. It decides what a preview, a choice and an edit mean; views draw, the session
// computes.
import { loadEngine } from '../engine/index.ts';
import { tokenAt } from '../engine/places.ts';
import { setAttribute, setText } from '../views/dom.ts';
import type { Look, Pointing, Scene } from '../views/scene.ts';
import { lastWord } from '../views/select.ts';
import { createSpotlight } from '../views/spotlight.ts';
import { createTimeline } from '../views/timeline.ts';
import { createAppearance } from './appearance.ts';
import { withBlank, withPrediction } from './edits.ts';
import { createExamples, exampleState } from './examples.ts';
import { createFigures } from './figures.ts';
import { createKeeping, isAddressed, openingState } from './keeping.ts';
import { type Asker, firstOf, isCausal, lookOf, settled, wishOf } from './look.ts';
import { createMessages } from './messages.ts';
import { createModelChoice } from './model-choice.ts';
import { createAfterFrame, createPlayer, createScheduler } from './player.ts';
import { createPredictionPanel } from './prediction-panel.ts';
import { createBusyMark, createLoading } from './progress.ts';
import { createSentence } from './sentence.ts';
import { createSession } from './session.ts';
import { createSight } from './sight.ts';
import { interventionsOf, kLimits, type State, type Store } from './state.ts';
import type { Strings } from './strings.ts';
import { createTools } from './tools.ts';
import { createTooltip } from './tooltip.ts';
import { createWriter } from './writing.ts';

export function openWorkbench(strings: Strings): void {
  const byId = (id: string) => document.getElementById(id) as HTMLElement;
  const main = byId('main');
  const first = strings.models['tiny-gpt'].examples[0]!;
  const defaults: State = {
    ...exampleState('tiny-gpt', first),
    t: 1,
    speed: 1,
    theme: 'auto',
    order: 'weight',
    temperature: 1,
    greedy: true,
    seed: 1,
    changes: [],
    tables: false,
  };

  let state = openingState(defaults);
  let preview: Pointing = {};
  let caret = state.text.length;
  /** The word an example wants to ask, until its run has told which token that is. */
  let pendingAsk = isAddressed() || state.text !== defaults.text ? undefined : first.ask;
  /** Whether the token at the caret is to ask in the next run. */
  let followCaret = false;
  let typedAt = 0;
  let drawn = 0;

  // ---- what happens to the state ---------------------------------------------------------------------------------
  const store: Store = {
    get state() {
      return state;
    },
    change,
    put,
  };

  function change(patch: Partial<State>): void {
    const old = state;
    state = { ...state, ...patch };
    if (state.model !== old.model || state.text !== old.text || state.changes !== old.changes) request();
    if (state.theme !== old.theme) appearance.apply();
    // A new text is drawn when its run is there; the letters themselves already stand.
    if (state.text === old.text) schedule.soon();
    keeping.soon();
  }

  function put(next: Partial<State>, ask?: string): void {
    writer.stop();
    pendingAsk = ask;
    caret = next.text?.length ?? state.text.length;
    if (next.text !== undefined) spotlight.setText(next.text);
    change(next);
  }

  function setPreview(at: Pointing | null): void {
    preview = at ?? {};
    schedule.soon();
  }

  function choose(at: Pointing): void {
    preview = {};
    if (at.row !== undefined) followCaret = false;
    const moved = at.row !== undefined && at.column === undefined ? { column: null } : {};
    change({ ...moved, ...at });
    sentence.announce();
  }

  function release(): void {
    preview = {};
    player.stop();
    change({ row: null, column: null });
    sentence.announce();
  }

  function edit(text: string, at: number): void {
    typedAt = performance.now();
    performance.mark('limelight:input');
    if (messages.code === 'engine-lost') messages.say('');
    writer.stop();
    pendingAsk = undefined;
    caret = at;
    followCaret = true;
    preview = {};
    change({ text });
  }

  function moveCaret(at: number): void {
    caret = at;
    const scene = session.scene;
    if (!scene || scene.text !== state.text) return;
    if (scene.window && (at < scene.window.start || at > scene.window.end)) request();
    change({ row: tokenAt(scene.tokens, at), column: null });
    sentence.announce();
  }

  function blankOut(): void {
    const scene = session.scene;
    const text = scene && withBlank(scene, state.row ?? lastWord(scene.tokens));
    if (text !== undefined) put({ text, row: null, column: null }, scene?.model.mask);
  }

  function putWord(word: string): void {
    const scene = session.scene;
    const text = scene && withPrediction(scene, word);
    if (text === undefined) return;
    // After a word is put in, one sees it ask.
    const kind = scene?.predictions?.kind;
    put({ text, row: null, column: null }, kind === 'fill' ? word : undefined);
    followCaret = kind === 'next';
  }

  // ---- runs ------------------------------------------------------------------------------------------------------
  const session = createSession(loadEngine, {
    run: arrived,
    parts: () => schedule.soon(),
    busy: createBusyMark(main),
    progress: (progress) => loading.show(progress, strings.models[state.model].name),
    failed: (code, message) => messages.fail(code, message),
    recovered: () => messages.say(strings.errors['engine-lost'] ?? '', 'engine-lost'),
  });
  const messages = createMessages(byId('messages'), strings, () => session.retry());
  const loading = createLoading(byId('loading'), strings.loading);

  function request(): void {
    void session.run({
      text: state.text,
      model: state.model,
      interventions: interventionsOf(state.changes),
      caret,
      first: firstOf(look(), state, session.scene, asker()),
    });
  }

  function arrived(): void {
    const scene = session.scene;
    if (!scene) return;
    settle(scene);
    schedule.now();
    sentence.announce();
    performance.mark('limelight:drawn');
    if (typedAt) performance.measure('limelight:keystroke', { start: typedAt, end: performance.now() });
    typedAt = 0;
    if (drawn === 1) performance.mark('limelight:first-figure');
  }

  function asker(): Asker | undefined {
    if (pendingAsk !== undefined) return { word: pendingAsk };
    return followCaret ? { caret } : undefined;
  }

  function settle(scene: Scene): void {
    state = settled(state, scene, asker());
    pendingAsk = undefined;
    followCaret = false;
    if (scene.window)
      messages.say(strings.window(scene.window.limit, scene.window.totalTokens), 'text-too-long');
    else if (messages.code !== 'engine-lost') messages.say('');
  }

  function look(): Look {
    return lookOf(state, preview, session.scene);
  }

  function wish(at: Look) {
    return wishOf(at, state, session.scene, player.playing);
  }

  // ---- parts of the page -------------------------------------------------------------------------------------------
  const schedule = createScheduler(draw);
  // What is out of sight waits until what is in sight stands on the screen.
  const drawUnseen = createAfterFrame(() => {
    const { scene } = session;
    if (!scene) return;
    const at = look();
    for (const panel of panels) panel.draw(scene, at, appearance.palette);
    setAttribute(main, 'data-later', false);
  });
  const keeping = createKeeping(store, defaults);
  const appearance = createAppearance(store, () => schedule.soon());
  const point = { preview: setPreview, choose };
  const spotlight = createSpotlight(byId('spotlight'), strings.spotlight, { ...point, edit, moveCaret });
  spotlight.area.maxLength = kLimits.text;
  const sentence = createSentence({ say: byId('say'), hint: byId('hint'), spoken: byId('spoken') }, strings);
  const figures = createFigures(
    { heads: byId('heads'), matrix: byId('matrix'), arithmetic: byId('arithmetic'), keys: byId('keys') },
    strings,
    store,
    point,
  );
  const writer = createWriter(() => ({ state, look: look() }), {
    model: (name) => session.model(name),
    begun: () => schedule.soon(),
    step(run, text) {
      state = { ...state, text, row: null, column: null };
      caret = text.length;
      spotlight.setText(text);
      session.show(run);
      change({});
    },
    ended() {
      request();
      schedule.soon();
    },
  });
  const predictionPanel = createPredictionPanel(
    { panel: byId('predictions'), guesses: byId('guesses') },
    strings,
    store,
    writer,
    { putWord, blankOut },
  );
  const panels = [...predictionPanel.panels, ...figures.panels];
  const sight = createSight(
    panels.map(({ host }) => host),
    byId('timeline'),
    () => schedule.soon(),
  );
  const player = createPlayer(
    () => ({ t: state.t, speed: state.speed, causal: session.scene?.model.causal ?? true }),
    (t) => change({ t }),
    () => schedule.soon(),
  );
  const timeline = createTimeline(byId('timeline'), strings.timeline, {
    toggle: () => player.toggle(),
    step: (direction) => player.step(direction),
    scrub(t) {
      player.stop();
      change({ t });
    },
    speed: (speed) => change({ speed }),
  });
  const modelChoice = createModelChoice(byId('models'), strings, store);
  const examples = createExamples(byId('examples'), strings, store);
  const tools = createTools(byId('tools'), strings, store, {
    writeAddress: keeping.writeAddress,
    showTables: figures.showTables,
  });
  createTooltip(byId('tooltip'));
  setText(byId('privacy'), `${strings.privacy} ${strings.shortcuts}`);

  // ---- drawing ---------------------------------------------------------------------------------------------------
  function draw(): void {
    if (session.scene) session.want(wish(look()));
    const scene = session.scene;
    modelChoice.draw();
    tools.draw();
    examples.draw();
    timeline.draw({
      t: state.t,
      playing: player.playing,
      causal: isCausal(state, scene),
      speed: state.speed,
    });
    if (!scene) return;
    const at = look();
    spotlight.draw(scene, at);
    sentence.draw(scene, at, state);
    const unseen = panels.filter(({ host }) => !sight.sees(host));
    for (const panel of panels) if (!unseen.includes(panel)) panel.draw(scene, at, appearance.palette);
    setAttribute(main, 'data-later', unseen.length > 0);
    if (unseen.length > 0) drawUnseen();
    drawn++;
    setAttribute(main, 'data-drawn', `${scene.text.length}:${drawn}`);
    setAttribute(main, 'data-empty', scene.tokens.length === 0);
  }

  new ResizeObserver(() => schedule.soon()).observe(main);
  void document.fonts?.ready.then(() => schedule.soon());
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches('textarea, input, select');
    if (event.key === 'Escape') return release();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      player.toggle();
    }
  });

  // ---- start -----------------------------------------------------------------------------------------------------
  spotlight.setText(state.text);
  loading.show({ phase: 'engine', done: 0, total: undefined }, strings.models[state.model].name);
  request();
  draw();
}
