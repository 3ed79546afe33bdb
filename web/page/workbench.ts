// The workbench: state in, figures out. It decides what a preview, a choice and an edit mean; views draw, the session
// computes.
import { loadEngine } from '../engine/index.ts';
import type { GenerateOptions, Progress, Run } from '../engine/types.ts';
import { createArithmetic } from '../views/arithmetic.ts';
import { type Palette, readPalette } from '../views/colour.ts';
import { el, setAttribute, setText } from '../views/dom.ts';
import { formatNumber, formatShare, formatWord } from '../views/format.ts';
import { createHeads } from '../views/heads.ts';
import { createKeys } from '../views/keys.ts';
import { createMatrix } from '../views/matrix.ts';
import { type Phrase, showPhrase } from '../views/phrase.ts';
import { createGuesses, createPredictions } from '../views/predictions.ts';
import type { Look, Order, Pointing, Scene } from '../views/scene.ts';
import { lastWord, nameOf, strongestKey, tokenAt } from '../views/select.ts';
import { createSpotlight } from '../views/spotlight.ts';
import { type MatrixStage, matrixBlend } from '../views/stages.ts';
import { createTimeline } from '../views/timeline.ts';
import { button, slider } from './controls.ts';
import { createPlayer, createScheduler } from './player.ts';
import { createSession, type Wish } from './session.ts';
import {
  changeOf,
  fromFragment,
  interventionsOf,
  kLimits,
  kModelNames,
  type ModelName,
  type State,
  type Theme,
  toFragment,
  withChange,
} from './state.ts';
import type { Example, strings as Strings } from './strings.ts';
import { createTooltip } from './tooltip.ts';

/** A text is kept here besides the address, so that it survives a closed tab and a failed start. */
const kKeptText = 'limelight:text';
/** The address is written when the reader has been still for so long. */
const kWriteDelay = 400;
/** A picture older than this is marked as old. */
const kStaleAfter = 150;
const kGenerate = 40;

function exampleState(model: ModelName, example: Example): Partial<State> {
  return {
    model,
    text: example.text,
    layer: example.layer - 1,
    head: example.head - 1,
    row: null,
    column: null,
  };
}

/** The example that the state shows, as it was set up; undefined for anything of the reader's own. */
function exampleOf(strings: typeof Strings, state: State): Example | undefined {
  return strings.models[state.model].examples.find(
    ({ text, layer, head }) => text === state.text && layer === state.layer + 1 && head === state.head + 1,
  );
}

export function openWorkbench(strings: typeof Strings): void {
  const byId = (id: string) => document.getElementById(id) as HTMLElement;
  const main = byId('main');
  const first = strings.models['tiny-gpt'].examples[0]!;
  const defaults: State = {
    text: first.text,
    model: 'tiny-gpt',
    layer: first.layer - 1,
    head: first.head - 1,
    row: null,
    column: null,
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

  let state = fromFragment(location.hash, defaults);
  let preview: Pointing = {};
  /** The word an example wants to ask, until its run has told which token that is. */
  let pendingAsk: string | undefined = location.hash.length > 1 ? undefined : exampleOf(strings, state)?.ask;
  let caret = state.text.length;
  let palette: Palette;
  let drawn = 0;
  let writing: AbortController | undefined;
  let typedAt = 0;

  // ---- engine -------------------------------------------------------------------------------------------------
  const session = createSession(() => loadEngine(), {
    run: arrived,
    parts: () => schedule.soon(),
    busy: setBusy,
    progress: showProgress,
    failed: (code, message) =>
      say(strings.errors[code] ?? message, code, strings.errors[code] ? message : ''),
    recovered: () => say(strings.errors['engine-lost'] ?? '', 'engine-lost'),
  });

  function request(): void {
    void session.run({
      text: state.text,
      model: state.model,
      interventions: interventionsOf(state.changes),
      caret,
      wish: wishOf(lookOf(session.scene)),
    });
  }

  function arrived(): void {
    const scene = session.scene;
    if (!scene) return;
    settle(scene);
    schedule.now();
    announce();
    performance.mark('limelight:drawn');
    if (typedAt) performance.measure('limelight:keystroke', { start: typedAt, end: performance.now() });
    typedAt = 0;
    if (drawn === 1) performance.mark('limelight:first-figure');
  }

  /** A new run: the word that an example asks with is found, and what lies outside the model is brought inside. */
  function settle(scene: Scene): void {
    const { layers, heads } = scene.model;
    const changes = state.changes.filter((one) => one.layer < layers && one.head < heads);
    state = {
      ...state,
      layer: Math.min(state.layer, layers - 1),
      head: Math.min(state.head, heads - 1),
      changes: changes.length === state.changes.length ? state.changes : changes,
    };
    if (pendingAsk !== undefined) {
      const found = scene.tokens.map((token) => token.text.trim()).lastIndexOf(pendingAsk);
      state = { ...state, row: found < 0 ? null : found, column: null };
      pendingAsk = undefined;
    } else if (followCaret) {
      const atEnd = caret >= scene.text.length;
      state = { ...state, row: atEnd ? null : tokenAt(scene.tokens, caret), column: null };
    }
    followCaret = false;
    if (scene.window) say(strings.window(scene.window.limit, scene.window.totalTokens), 'text-too-long');
    else if (messages.dataset.code !== 'engine-lost') say('');
  }
  let followCaret = false;

  // ---- what is looked at -----------------------------------------------------------------------------------------
  function lookOf(scene: Scene | undefined): Look {
    const count = scene?.tokens.length ?? 0;
    const within = (index: number) => Math.max(0, Math.min(index, count - 1));
    const layer = preview.layer ?? state.layer;
    const head = preview.head ?? state.head;
    const row = within(preview.row ?? state.row ?? (scene ? lastWord(scene.tokens) : 0));
    const matrix = scene?.matrices.weight;
    const chosen = preview.column ?? (preview.row === undefined ? state.column : null);
    const column = within(chosen ?? (matrix && row < matrix.rows ? strongestKey(matrix, row) : row));
    return { layer, head, row, column, t: state.t, order: state.order };
  }

  function wishOf(look: Look): Wish {
    const causal = session.scene?.model.causal ?? state.model === 'tiny-gpt';
    const blend = matrixBlend(state.t, causal);
    const stages = new Set<MatrixStage>(['weight', blend.from, blend.to]);
    if (player.playing || state.t < 1)
      for (const stage of ['dot', 'scaled', 'masked'] as const) stages.add(stage);
    return {
      layer: look.layer,
      head: look.head,
      row: look.row,
      stages: [...stages],
      predictions: { token: predictedAt(session.scene), temperature: state.temperature },
    };
  }

  /** Predictions stay with the chosen word (or the blank); they do not follow the pointer. */
  function predictedAt(scene: Scene | undefined): number {
    if (!scene) return 0;
    const row = state.row ?? lastWord(scene.tokens);
    const { mask } = scene.model;
    if (mask === undefined || scene.tokens[row]?.text === mask) return Math.min(row, scene.tokens.length - 1);
    const blank = scene.tokens.findIndex((token) => token.text === mask);
    return blank >= 0 && state.row === null ? blank : Math.min(row, scene.tokens.length - 1);
  }

  // ---- change ----------------------------------------------------------------------------------------------------
  let writeTimer = 0;
  function change(patch: Partial<State>): void {
    const old = state;
    state = { ...state, ...patch };
    if (state.model !== old.model || state.text !== old.text || state.changes !== old.changes) request();
    if (state.theme !== old.theme) applyTheme();
    // A new text is drawn when its run is there; the letters themselves already stand.
    if (state.text === old.text) schedule.soon();
    window.clearTimeout(writeTimer);
    writeTimer = window.setTimeout(write, kWriteDelay);
  }

  function write(): void {
    writeAddress();
    keepText();
  }

  function writeAddress(): void {
    const fragment = toFragment(state, defaults);
    history.replaceState(null, '', fragment ? `#${fragment}` : location.pathname + location.search);
  }

  function keepText(): void {
    try {
      sessionStorage.setItem(kKeptText, state.text);
    } catch {
      // Storage may be forbidden; the address still has the text.
    }
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
    announce();
  }

  function release(): void {
    preview = {};
    player.stop();
    change({ row: null, column: null });
    announce();
  }

  function put(next: Partial<State>, ask?: string): void {
    stopWriting();
    pendingAsk = ask;
    caret = next.text?.length ?? state.text.length;
    if (next.text !== undefined) spotlight.setText(next.text);
    change(next);
  }

  // ---- views -----------------------------------------------------------------------------------------------------
  const point = { preview: setPreview, choose };
  const spotlight = createSpotlight(byId('spotlight'), strings.spotlight, {
    ...point,
    edit(text, at) {
      typedAt = performance.now();
      performance.mark('limelight:input');
      stopWriting();
      pendingAsk = undefined;
      caret = at;
      followCaret = true;
      preview = {};
      change({ text });
    },
    moveCaret(at) {
      caret = at;
      const scene = session.scene;
      if (!scene || scene.text !== state.text) return;
      if (scene.window && (at < scene.window.start || at > scene.window.end)) request();
      change({ row: tokenAt(scene.tokens, at), column: null });
      announce();
    },
  });
  spotlight.area.maxLength = kLimits.text;

  const headsPanel = byId('heads');
  const headsHeading = el('h2', { class: 'heading' }, strings.heads.heading);
  headsPanel.append(headsHeading);
  const heads = createHeads(headsPanel, strings.heads, point);
  const changePanel = createChangePanel();
  headsPanel.append(changePanel.node);

  const matrixPanel = byId('matrix');
  const matrixHeading = el('h2', { class: 'heading' });
  showPhrase(matrixHeading, strings.matrix.heading);
  matrixPanel.append(matrixHeading);
  const matrix = createMatrix(matrixPanel, strings.matrix, point);
  const arithmetic = createArithmetic(byId('arithmetic'), strings.arithmetic);

  const keysPanel = byId('keys');
  const orderButtons = (['weight', 'position'] as const).map((order: Order) => {
    const node = button(strings.keys.order[order], () => change({ order }), { 'data-order': order });
    return { order, node };
  });
  keysPanel.append(
    el(
      'div',
      { class: 'heading-line' },
      el('h2', { class: 'heading' }, strings.keys.heading),
      el(
        'div',
        { class: 'choices', role: 'group', 'aria-label': strings.keys.orderLabel },
        ...orderButtons.map(({ node }) => node),
      ),
    ),
  );
  const keys = createKeys(keysPanel, strings.keys, point);

  const predictionsPanel = byId('predictions');
  const predictionsHeading = el('h2', { class: 'heading', 'data-predictions-heading': true });
  predictionsPanel.append(predictionsHeading);
  const predictions = createPredictions(
    predictionsPanel,
    {
      label: strings.predictions.label,
      put: (word) => strings.predictions.put[session.scene?.model.causal ? 'next' : 'fill'](word),
      probability: strings.predictions.probability,
      word: strings.predictions.word,
    },
    putPrediction,
  );
  const guesses = createGuesses(
    byId('guesses'),
    (kind, word) => strings.predictions.short[kind](word),
    putPrediction,
  );
  const predictionControls = createPredictionControls();
  predictionsPanel.append(predictionControls.node);

  const player = createPlayer(
    () => ({ t: state.t, speed: state.speed, causal: session.scene?.model.causal ?? true }),
    (t) => {
      change({ t });
    },
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

  const modelChoice = createModelChoice();
  const tools = createTools();
  const examples = createExamples();
  const sayLine = byId('say');
  const hint = byId('hint');
  const messages = byId('messages');
  const loading = byId('loading');
  setText(byId('privacy'), `${strings.privacy} ${strings.shortcuts}`);

  // ---- drawing ---------------------------------------------------------------------------------------------------
  const schedule = createScheduler(draw);

  function draw(): void {
    const scene = session.scene;
    const look0 = lookOf(scene);
    if (scene) session.want(wishOf(look0));
    const now = session.scene;
    modelChoice();
    tools();
    examples.draw();
    timeline.draw({
      t: state.t,
      playing: player.playing,
      causal: now?.model.causal ?? state.model === 'tiny-gpt',
      speed: state.speed,
    });
    if (!now) return;
    const look = lookOf(now);
    spotlight.draw(now, look);
    drawSay(now, look);
    heads.draw(now, look, palette);
    matrix.draw(now, look, palette);
    arithmetic.draw(now, look);
    keys.draw(now, look);
    predictions.draw(now);
    guesses.draw(now);
    drawPredictionsHeading(now);
    changePanel.draw(look);
    predictionControls.draw(now);
    for (const { order, node } of orderButtons)
      setAttribute(node, 'aria-pressed', String(order === state.order));
    drawn++;
    setAttribute(main, 'data-drawn', `${now.text.length}:${drawn}`);
    setAttribute(main, 'data-empty', now.tokens.length === 0);
  }

  /** What is to be seen, as a sentence: from the drawn matrix, whatever the pointer has asked for since. */
  function sentence(scene: Scene, look: Look): Phrase {
    const matrix = scene.matrices.weight;
    if (!matrix || look.row >= matrix.rows) return [strings.nothing];
    const first = look.row * matrix.cols;
    const share = (column: number) => formatShare(matrix.values[first + column] ?? 0);
    const asks = nameOf(scene, look.row);
    const answers = nameOf(scene, look.column);
    const most = strongestKey(matrix, look.row);
    if (matrix.hidden[first + look.column] === 1) return strings.say.hidden(asks, answers);
    if (look.column === most) return strings.say.most(asks, answers, share(most));
    return strings.say.cell(asks, answers, share(look.column), nameOf(scene, most), share(most));
  }

  const sayWords = el('span');
  const sayWhere = el('span', { class: 'where' });
  sayLine.append(sayWords, ' ', sayWhere);
  function drawSay(scene: Scene, look: Look): void {
    showPhrase(sayWords, sentence(scene, look));
    const at = scene.matrices.weight;
    const changed = at && state.changes.find(({ layer, head }) => layer === at.layer && head === at.head);
    const note = changed ? `, ${changed.gain === 0 ? strings.say.silenced : strings.say.changed}` : '';
    setText(sayWhere, at ? `${strings.say.where(at.layer + 1, at.head + 1)}${note}.` : '');
    setText(hint, exampleOf(strings, state)?.look ?? strings.hint);
  }

  let announceTimer = 0;
  /** Says the sentence aloud once the reader has settled: previews and every keystroke would be noise. */
  function announce(): void {
    window.clearTimeout(announceTimer);
    announceTimer = window.setTimeout(() => {
      setText(byId('spoken'), sayLine.textContent ?? '');
    }, 500);
  }

  function drawPredictionsHeading(scene: Scene): void {
    const part = scene.predictions;
    if (!part) return;
    showPhrase(predictionsHeading, strings.predictions.heading[part.kind](nameOf(scene, part.token)));
  }

  // ---- parts of the page -------------------------------------------------------------------------------------------
  function createModelChoice(): () => void {
    const group = el('div', { role: 'radiogroup', 'aria-label': strings.modelChoice, class: 'model-choice' });
    const buttons = kModelNames.map((name) => {
      const node = el(
        'button',
        { type: 'button', role: 'radio', class: 'model', 'data-model': name },
        el('span', { class: 'model-name' }, strings.models[name].name),
        el('span', { class: 'model-says' }, strings.models[name].says),
      );
      node.addEventListener('click', () => chooseModel(name));
      return { name, node };
    });
    group.append(...buttons.map(({ node }) => node));
    group.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = (kModelNames.indexOf(state.model) + step + kModelNames.length) % kModelNames.length;
      chooseModel(kModelNames[next]!);
      buttons[next]!.node.focus();
    });
    byId('models').append(group);
    return () => {
      for (const { name, node } of buttons) {
        setAttribute(node, 'aria-checked', String(name === state.model));
        setAttribute(node, 'tabindex', name === state.model ? 0 : -1);
      }
    };
  }

  function chooseModel(model: ModelName): void {
    if (model === state.model) return;
    const known = strings.models[state.model].examples.some(({ text }) => text === state.text);
    const next = strings.models[model].examples[0]!;
    // A text of one's own goes along; an example makes way for one that shows what this model does.
    if (known) put({ ...exampleState(model, next), changes: [] }, next.ask);
    else put({ model, row: null, column: null, changes: [], layer: next.layer - 1, head: next.head - 1 });
  }

  function createExamples(): { draw(): void } {
    const host = byId('examples');
    const label = el('span', { class: 'examples-label' }, strings.examples);
    let shown: ModelName | undefined;
    let buttons: { node: HTMLButtonElement; example: Example }[] = [];
    return {
      draw() {
        if (shown !== state.model) {
          shown = state.model;
          const model = shown;
          buttons = strings.models[model].examples.map((one) => ({
            example: one,
            node: button(
              one.name,
              () => {
                put({ ...exampleState(model, one), changes: [] }, one.ask);
              },
              { 'data-example': one.name },
            ),
          }));
          host.replaceChildren(label, ...buttons.map(({ node }) => node));
        }
        for (const { node, example: one } of buttons)
          setAttribute(node, 'aria-pressed', String(one.text === state.text));
      },
    };
  }

  function createTools(): () => void {
    const themes: readonly Theme[] = ['auto', 'dark', 'light'];
    const theme = button(
      '',
      () => {
        change({ theme: themes[(themes.indexOf(state.theme) + 1) % themes.length]! });
      },
      { 'data-theme-toggle': '' },
    );
    const tables = button(strings.tablesShort, () => change({ tables: !state.tables }), {
      'data-tables-toggle': '',
      'aria-label': strings.tables,
    });
    const share = button(
      strings.shareShort,
      () => {
        writeAddress();
        void navigator.clipboard?.writeText(location.href).then(
          () => {
            setText(share, strings.shared);
            window.setTimeout(() => setText(share, strings.shareShort), 1800);
          },
          () => undefined,
        );
      },
      { 'aria-label': strings.share, 'data-share': '' },
    );
    byId('tools').append(share, tables, theme);
    let shown: boolean | undefined;
    return () => {
      setText(theme, strings.themeShort[state.theme]);
      setAttribute(theme, 'aria-label', strings.theme[state.theme]);
      setAttribute(tables, 'aria-pressed', String(state.tables));
      if (shown === state.tables) return;
      shown = state.tables;
      matrix.showTable(shown);
      arithmetic.showTable(shown);
    };
  }

  function createChangePanel() {
    const heading = el('h3', { class: 'subheading' });
    const now = () => changeOf(state.changes, state.layer, state.head);
    const set = (patch: { gain?: number; temperature?: number }) =>
      change({ changes: withChange(state.changes, { ...now(), ...patch }) });
    const gain = slider(
      strings.change.gain,
      strings.change.gainHint,
      { min: 0, max: 2, step: 0.05 },
      (value) => set({ gain: value }),
      { 'data-gain': '' },
    );
    // The slider runs over the logarithm: half and double are equally far from 1.
    const temperature = slider(
      strings.change.temperature,
      strings.change.temperatureHint,
      { min: -2.3, max: 1.6, step: 0.05 },
      (value) => set({ temperature: Math.abs(value) < 0.026 ? 1 : Number(Math.exp(value).toPrecision(3)) }),
      { 'data-head-temperature': '' },
    );
    const silence = button(strings.change.silence, () => set({ gain: now().gain === 0 ? 1 : 0 }), {
      'data-silence': '',
    });
    const reset = button(strings.change.reset, () => set({ gain: 1, temperature: 1 }), { 'data-reset': '' });
    const count = el('span', { class: 'change-count' });
    const resetAll = button(strings.change.resetAll, () => change({ changes: [] }), { 'data-reset-all': '' });
    const total = el('p', { class: 'change-total' }, count, resetAll);
    const node = el(
      'div',
      { class: 'change', 'data-change': true },
      heading,
      gain.node,
      temperature.node,
      el('div', { class: 'choices' }, silence, reset),
      total,
    );
    return {
      node,
      draw(look: Look) {
        const at = changeOf(state.changes, state.layer, state.head);
        setText(heading, strings.change.heading(look.layer + 1, look.head + 1));
        gain.set(at.gain, formatNumber(at.gain, 2));
        temperature.set(Math.log(at.temperature), formatNumber(at.temperature, 2));
        setAttribute(silence, 'aria-pressed', String(at.gain === 0));
        setAttribute(reset, 'disabled', at.gain === 1 && at.temperature === 1);
        setAttribute(node, 'data-active', at.gain !== 1 || at.temperature !== 1);
        setAttribute(total, 'hidden', state.changes.length === 0);
        setText(count, strings.change.count(state.changes.length));
      },
    };
  }

  function createPredictionControls() {
    const temperature = slider(
      strings.predictions.temperature,
      '',
      { min: 0.1, max: 2, step: 0.05 },
      (value) => change({ temperature: value }),
      { 'data-temperature': '' },
    );
    const greedy = el('input', { type: 'checkbox', 'data-greedy': true });
    greedy.addEventListener('change', () => change({ greedy: greedy.checked }));
    const seed = el('input', {
      type: 'number',
      min: 0,
      max: kLimits.seed,
      step: 1,
      class: 'seed',
      'data-seed': true,
    });
    seed.addEventListener('change', () => {
      const value = Math.round(Number(seed.value));
      change({ seed: Math.min(kLimits.seed, Math.max(0, Number.isFinite(value) ? value : 0)) });
    });
    const seedLabel = el('label', { class: 'seed-label' }, strings.predictions.seed, ' ', seed);
    const write = button(strings.predictions.write, () => (writing ? stopWriting() : void writeOn()), {
      class: 'primary-button',
      'data-write': '',
    });
    const blank = button('', blankOut, { 'data-blank': '' });
    const writeLine = el(
      'div',
      { class: 'write-line' },
      write,
      el('label', { class: 'check' }, greedy, strings.predictions.greedy),
      seedLabel,
    );
    const node = el('div', { class: 'prediction-controls' }, temperature.node, writeLine, blank);
    return {
      node,
      draw(scene: Scene) {
        temperature.set(state.temperature, formatNumber(state.temperature, 2));
        greedy.checked = state.greedy;
        setAttribute(seedLabel, 'hidden', state.greedy);
        if (document.activeElement !== seed) seed.value = String(state.seed);
        setAttribute(writeLine, 'hidden', !scene.model.causal);
        setText(write, writing ? strings.predictions.stop : strings.predictions.write);
        setAttribute(write, 'data-writing', writing !== undefined);
        const row = state.row ?? lastWord(scene.tokens);
        const token = scene.tokens[row];
        const can =
          scene.model.mask !== undefined && token !== undefined && token.end > token.start && !token.special;
        setAttribute(blank, 'hidden', !can);
        if (token) setText(blank, strings.blank(formatWord(token.text)));
      },
    };
  }

  // ---- actions ---------------------------------------------------------------------------------------------------
  /** Puts [MASK] where the asking word stands: the whole word, all its pieces. */
  function blankOut(): void {
    const scene = session.scene;
    const mask = scene?.model.mask;
    if (!scene || mask === undefined) return;
    const row = state.row ?? lastWord(scene.tokens);
    const token = scene.tokens[row];
    if (!token || token.special || token.start === token.end) return;
    const isWord = (at: number) => /[\p{L}\p{N}\p{M}]/u.test(scene.text[at] ?? '');
    let { start, end } = token;
    while (isWord(start) && isWord(start - 1)) start--;
    while (isWord(end - 1) && isWord(end)) end++;
    put({ text: scene.text.slice(0, start) + mask + scene.text.slice(end), row: null, column: null }, mask);
  }

  function putPrediction(word: string): void {
    const scene = session.scene;
    const part = scene?.predictions;
    const token = part && scene.tokens[part.token];
    if (!scene || !part || !token) return;
    const text =
      part.kind === 'next'
        ? scene.text.slice(0, token.end) + word
        : scene.text.slice(0, token.start) + word + scene.text.slice(token.end);
    // After a word is put in, one sees it ask.
    put({ text, row: null, column: null }, part.kind === 'fill' ? word : undefined);
    followCaret = part.kind === 'next';
  }

  async function writeOn(): Promise<void> {
    const abort = new AbortController();
    writing = abort;
    schedule.soon();
    const look = lookOf(session.scene);
    const options: GenerateOptions = {
      maxTokens: kGenerate,
      temperature: state.greedy ? 0 : state.temperature,
      seed: state.seed,
      interventions: interventionsOf(state.changes),
      needs: { matrix: { layer: look.layer, head: look.head }, overview: { pixels: 48 } },
      signal: abort.signal,
    };
    try {
      const model = await session.model(state.model);
      for await (const step of model.generate(state.text, options)) {
        if (abort.signal.aborted) break;
        showStep(step.run, step.text);
        await new Promise((resolve) => window.setTimeout(resolve, 120));
        if (abort.signal.aborted) break;
      }
    } catch {
      // Aborted or failed: the run below says so, if it fails too.
    }
    if (writing === abort) writing = undefined;
    request();
    schedule.soon();
  }

  function showStep(run: Run, text: string): void {
    state = { ...state, text, row: null, column: null };
    caret = text.length;
    spotlight.setText(text);
    session.show(run);
    change({});
  }

  function stopWriting(): void {
    writing?.abort();
    writing = undefined;
  }

  // ---- messages and progress -----------------------------------------------------------------------------------------
  function say(text: string, code = '', detail = ''): void {
    if (messages.firstChild?.textContent === text || messages.textContent === text) return;
    setAttribute(messages, 'data-code', code || undefined);
    const fatal = code in strings.errors && code !== 'no-webassembly-simd' && code !== 'engine-lost';
    messages.replaceChildren(...(text ? [el('span', {}, text)] : []));
    if (text && fatal)
      messages.append(
        ' ',
        button(strings.retry, () => session.retry(), { 'data-retry': '' }),
      );
    if (text && detail) messages.append(el('span', { class: 'detail' }, detail));
  }

  let staleTimer = 0;
  function setBusy(busy: boolean): void {
    setAttribute(main, 'aria-busy', String(busy));
    window.clearTimeout(staleTimer);
    if (busy) staleTimer = window.setTimeout(() => setAttribute(main, 'data-stale', true), kStaleAfter);
    else setAttribute(main, 'data-stale', false);
  }

  const progressBar = el('progress', { max: 1 });
  const progressText = el('span');
  loading.append(progressText, progressBar);
  setAttribute(loading, 'hidden', true);
  function showProgress(progress: Progress | undefined): void {
    setAttribute(loading, 'hidden', progress === undefined || progress.phase === 'run');
    if (!progress || progress.phase === 'run') return;
    setText(
      progressText,
      progress.phase === 'engine'
        ? strings.loading.engine
        : strings.loading.model(strings.models[state.model].name),
    );
    if (progress.total) progressBar.value = progress.done / progress.total;
    else progressBar.removeAttribute('value');
    progressBar.setAttribute('aria-label', progressText.textContent ?? '');
  }

  // ---- theme, keys, address ----------------------------------------------------------------------------------------
  const prefersLight = matchMedia('(prefers-color-scheme: light)');
  function applyTheme(): void {
    const theme = state.theme === 'auto' ? (prefersLight.matches ? 'light' : 'dark') : state.theme;
    document.documentElement.dataset.theme = theme;
    palette = readPalette(document.documentElement);
  }
  prefersLight.addEventListener('change', () => {
    applyTheme();
    schedule.soon();
  });
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
  window.addEventListener('hashchange', () => {
    const next = fromFragment(location.hash, defaults);
    if (toFragment(next, defaults) === toFragment(state, defaults)) return;
    put(next);
  });

  window.addEventListener('pagehide', write);

  createTooltip(byId('tooltip'));
  applyTheme();
  if (location.hash.length <= 1) restoreText();
  spotlight.setText(state.text);
  showProgress({ phase: 'engine', done: 0, total: undefined });
  request();
  draw();

  function restoreText(): void {
    let kept: string | null = null;
    try {
      kept = sessionStorage.getItem(kKeptText);
    } catch {
      // Storage may be forbidden.
    }
    if (!kept || kept === state.text) return;
    state = { ...state, text: kept };
    caret = kept.length;
    pendingAsk = undefined;
  }
}
