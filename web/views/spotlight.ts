// The sentence: a text area one types in, over the same text cut into words that are lit by their weight. The text area's
// own letters are transparent; the words below have the same font and box, so that one types right into the light.
import type { RunWindow, Token } from '../engine/types.ts';
import { kSteps, stepOf } from './colour.ts';
import { createMemo, el, setAttribute, setStyle, setText, watchWidth } from './dom.ts';
import { domainOf } from './domain.ts';
import type { Look, PointHandlers, Scene } from './scene.ts';
import { type Segment, segments } from './select.ts';
import { progressOf } from './stages.ts';

export interface SpotlightStrings {
  label: string;
  placeholder: string;
  /** What a token that the model adds is called, for a button. */
  added(token: string): string;
}

export interface SpotlightHandlers extends PointHandlers {
  edit(text: string, caret: number): void;
  /** The caret moved without a change of the text. */
  moveCaret(caret: number): void;
}

export interface Spotlight {
  readonly area: HTMLTextAreaElement;
  /** Puts another text in, as an example does. */
  setText(text: string): void;
  draw(scene: Scene, look: Look): void;
}

interface Piece {
  node: HTMLElement;
  segment: Segment;
  /** What its node shows; undefined where no token is. */
  light: Light | undefined;
  /** The pool of light behind the word. Most words are dark and have none in the page: each costs a layer. */
  pool: HTMLElement;
}

/** The weight that the asking word gives a word, and its light: a step of the colour scale, as in the matrix. */
interface Light {
  weight: number | undefined;
  step: number;
  asks: boolean;
  answers: boolean;
}

function litOf({ step }: Light): string {
  return (step / (kSteps - 1)).toFixed(3);
}

export function createSpotlight(
  host: HTMLElement,
  strings: SpotlightStrings,
  handlers: SpotlightHandlers,
): Spotlight {
  const mirror = el('div', { class: 'mirror', dir: 'auto', 'aria-hidden': 'true', 'data-words': true });
  const area = el('textarea', {
    class: 'typing',
    dir: 'auto',
    rows: 1,
    cols: 1,
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-label': strings.label,
    placeholder: strings.placeholder,
    'data-text': true,
  });
  const before = el('div', { class: 'added', 'data-added': 'before' });
  const after = el('div', { class: 'added', 'data-added': 'after' });
  const pools = el('div', { class: 'pools', 'aria-hidden': 'true' });
  const sentence = el('div', { class: 'sentence' }, pools, mirror, area);
  const scroll = el('div', { class: 'sentence-scroll' }, sentence);
  host.append(before, scroll, after);

  // Beside the text is still the text: a click there goes on writing at its end.
  host.addEventListener('click', (event) => {
    if (event.target === host) area.focus();
  });

  const sentenceWidth = watchWidth(sentence);
  const changed = createMemo();
  let pieces: Piece[] = [];
  /** The pieces whose pools stand where their words do, at the width and with the fonts that `placed` names. */
  const inPlace = new Set<Piece>();
  let placed = '';
  let shown = '';
  let drawn: readonly Token[] | undefined;
  /** Where the caret was seen last. */
  let caret = -1;

  function create(segment: Segment): Piece {
    const piece: Piece = { node: el('span'), segment, light: undefined, pool: el('div', { class: 'pool' }) };
    update(piece, segment);
    return piece;
  }

  function update(piece: Piece, segment: Segment): void {
    piece.segment = segment;
    setText(piece.node, segment.text);
    setAttribute(piece.node, 'data-token', segment.tokens.length ? segment.tokens.join(' ') : undefined);
    setAttribute(piece.node, 'data-piece', segment.piece);
    if (segment.tokens.length === 0 && piece.light) shine(piece, undefined);
  }

  /** Keeps the spans of the common beginning and end and makes only those between anew. */
  function cut(next: readonly Segment[]): void {
    const same = (piece: Piece, segment: Segment) => piece.segment.text === segment.text;
    let head = 0;
    while (head < pieces.length && head < next.length && same(pieces[head]!, next[head]!)) head++;
    let tail = 0;
    while (
      tail < pieces.length - head &&
      tail < next.length - head &&
      same(pieces[pieces.length - 1 - tail]!, next[next.length - 1 - tail]!)
    ) {
      tail++;
    }
    for (const piece of pieces.slice(head, pieces.length - tail)) {
      piece.node.remove();
      piece.pool.remove();
    }
    const anchor = pieces[pieces.length - tail]?.node ?? null;
    const fresh = next.slice(head, next.length - tail).map(create);
    for (const piece of fresh) mirror.insertBefore(piece.node, anchor);
    pieces = [...pieces.slice(0, head), ...fresh, ...pieces.slice(pieces.length - tail)];
    pieces.forEach((piece, index) => {
      update(piece, next[index]!);
    });
    inPlace.clear();
    // A line break at the very end opens a line only if something follows it.
    setAttribute(mirror, 'data-open-line', shown.endsWith('\n') || shown === '');
    setAttribute(host, 'data-length', shown.length > 700 ? 'long' : shown.length > 130 ? 'middle' : 'short');
  }

  /** Puts pools behind the words that will be lit, before anything else is written: reading boxes costs a layout. */
  function place(lights: readonly (Light | undefined)[]): void {
    const now = `${sentenceWidth()} ${document.fonts?.status}`;
    if (placed !== now) inPlace.clear();
    placed = now;
    const lit = pieces.filter((piece, index) => lights[index]?.step && !inPlace.has(piece));
    if (lit.length === 0) return;
    const origin = sentence.getBoundingClientRect();
    const boxes = lit.map(({ node }) => node.getClientRects()[0]);
    lit.forEach((piece, index) => {
      const box = boxes[index];
      if (!box) return;
      inPlace.add(piece);
      setStyle(piece.pool, 'left', `${(box.left + box.right) / 2 - origin.left}px`);
      setStyle(piece.pool, 'top', `${(box.top + box.bottom) / 2 - origin.top}px`);
      setStyle(piece.pool, 'width', `${box.width + box.height * 0.85}px`);
      setStyle(piece.pool, 'height', `${box.height * 1.3}px`);
    });
  }

  /** The new text at once, before any run: what was typed stands where it stands, without light yet. */
  function show(text: string): void {
    const old = shown;
    shown = text;
    let start = 0;
    while (start < old.length && start < text.length && old[start] === text[start]) start++;
    let end = 0;
    while (end < old.length - start && end < text.length - start && old.at(-1 - end) === text.at(-1 - end))
      end++;
    const next: Segment[] = [];
    let place = 0;
    let typed = false;
    const insert = () => {
      if (!typed && text.length - end > start) {
        next.push({ text: text.slice(start, text.length - end), tokens: [], piece: false });
      }
      typed = true;
    };
    for (const { segment } of pieces) {
      const to = place + segment.text.length;
      const left = segment.text.slice(0, Math.max(0, Math.min(to, start) - place));
      const right = segment.text.slice(Math.max(0, Math.min(segment.text.length, old.length - end - place)));
      const untouched = to <= start || place >= old.length - end;
      if (place >= start) insert();
      if (untouched) next.push(segment);
      else {
        if (left) next.push({ ...segment, text: left });
        insert();
        if (right) next.push({ text: right, tokens: [], piece: false });
      }
      place = to;
    }
    insert();
    cut(next);
  }

  function pieceUnder(event: PointerEvent | MouseEvent): number | undefined {
    for (const node of document.elementsFromPoint(event.clientX, event.clientY)) {
      const token = node instanceof HTMLElement && mirror.contains(node) ? node.dataset.token : undefined;
      if (token) return Number(token.split(' ')[0]);
    }
    return undefined;
  }

  let hovered: number | undefined;
  function hover(token: number | undefined): void {
    if (token === hovered) return;
    hovered = token;
    handlers.preview(token === undefined ? null : { row: token });
  }
  area.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse' && event.buttons === 0) hover(pieceUnder(event));
  });
  area.addEventListener('pointerleave', () => hover(undefined));
  area.addEventListener('click', (event) => {
    caret = area.selectionStart;
    if (area.selectionStart !== area.selectionEnd) return;
    const token = pieceUnder(event);
    if (token !== undefined) handlers.choose({ row: token });
  });
  area.addEventListener('input', () => {
    hovered = undefined;
    caret = area.selectionStart;
    show(area.value);
    handlers.edit(area.value, caret);
  });
  area.addEventListener('keyup', () => {
    if (area.selectionStart === caret) return;
    caret = area.selectionStart;
    handlers.moveCaret(caret);
  });

  function chips(parent: HTMLElement, list: readonly [number, Token][], scene: Scene, look: Look): void {
    while (parent.children.length > list.length) parent.lastElementChild?.remove();
    list.forEach(([index, token], place) => {
      let chip = parent.children[place] as HTMLButtonElement | undefined;
      if (!chip) {
        chip = el('button', { type: 'button', class: 'chip' });
        const made = chip;
        const at = () => ({ row: Number(made.dataset.token) });
        chip.addEventListener('pointerenter', () => handlers.preview(at()));
        chip.addEventListener('pointerleave', () => handlers.preview(null));
        chip.addEventListener('click', () => handlers.choose(at()));
        parent.append(chip);
      }
      setText(chip, token.text);
      setAttribute(chip, 'data-token', index);
      setAttribute(chip, 'aria-label', strings.added(token.text));
      setAttribute(chip, 'aria-pressed', index === look.row ? 'true' : 'false');
      const light = lightOf([index], scene, look);
      setAttribute(chip, 'data-weight', light.weight);
      setAttribute(chip, 'data-asks', light.asks);
      setAttribute(chip, 'data-answers', light.answers);
      setStyle(chip, '--lit', litOf(light));
    });
  }

  /** The light of some tokens that are shown as one: the largest of their weights, on the scale of the matrix. */
  function lightOf(tokens: readonly number[], scene: Scene, look: Look): Light {
    const matrix = scene.matrices.weight;
    const asks = tokens.includes(look.row);
    const answers = tokens.includes(look.column) && !asks;
    if (!matrix || look.row >= matrix.rows) return { weight: undefined, step: 0, asks, answers };
    let weight = 0;
    for (const token of tokens) weight = Math.max(weight, matrix.values[look.row * matrix.cols + token] ?? 0);
    const shown = weight * progressOf('weight', look.t, scene.model.causal);
    return { weight, step: stepOf(shown, domainOf(matrix)), asks, answers };
  }

  /** Shows a light on a word, touching only what is another than the last time. */
  function shine(piece: Piece, light: Light | undefined): void {
    const { node, pool, light: last } = piece;
    piece.light = light;
    if (light?.weight !== last?.weight) setAttribute(node, 'data-weight', light?.weight);
    if (light?.asks !== last?.asks) setAttribute(node, 'data-asks', light?.asks);
    if (light?.answers !== last?.answers) setAttribute(node, 'data-answers', light?.answers);
    if (light?.step === last?.step) return;
    if (!light?.step) {
      node.removeAttribute('style');
      pool.remove();
      return;
    }
    node.style.setProperty('--lit', litOf(light));
    pool.style.setProperty('--lit', litOf(light));
    if (!pool.isConnected) pools.append(pool);
  }

  /** Marks the part of a long text that the model reads. */
  function markWindow(window: RunWindow | undefined): void {
    let start = 0;
    for (const { node, segment } of pieces) {
      setAttribute(node, 'data-read', window && start >= window.start && start < window.end);
      start += segment.text.length;
    }
  }

  /** Brings the word that asks into view, where a long text scrolls and nobody is typing in it. */
  function reveal(row: number): void {
    if (document.activeElement === area || scroll.scrollHeight <= scroll.clientHeight) return;
    const box = pieces.find(({ segment }) => segment.tokens.includes(row))?.node.getBoundingClientRect();
    const view = scroll.getBoundingClientRect();
    if (!box || (box.top >= view.top && box.bottom <= view.bottom)) return;
    scroll.scrollTop += box.top - view.top - view.height / 2;
  }

  return {
    area,
    setText(text) {
      if (area.value !== text) area.value = text;
      caret = area.selectionStart;
      if (shown !== text || mirror.childElementCount === 0) show(text);
    },
    draw(scene, look) {
      let arrived = false;
      // A picture of an older text lights the words that are still there; the next run brings the rest.
      if (scene.text === shown && scene.tokens !== drawn) {
        cut(segments(scene.text, scene.tokens));
        drawn = scene.tokens;
        arrived = true;
      }
      const fonts = document.fonts?.status;
      const seen = [scene.matrices.weight, scene.tokens, pieces, look.row, look.column, look.t];
      if (!changed(...seen, sentenceWidth(), fonts)) return;
      const lights = pieces.map(({ segment }) =>
        segment.tokens.length > 0 ? lightOf(segment.tokens, scene, look) : undefined,
      );
      place(lights);
      pieces.forEach((piece, index) => {
        shine(piece, lights[index]);
      });
      markWindow(scene.window);
      const added = [...scene.tokens.entries()].filter(
        ([, token]) => token.start === token.end && token.special,
      );
      chips(
        before,
        added.filter(([index]) => index === 0),
        scene,
        look,
      );
      chips(
        after,
        added.filter(([index]) => index > 0),
        scene,
        look,
      );
      if (arrived) reveal(look.row);
    },
  };
}
