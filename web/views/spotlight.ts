// The sentence: a text area one types in, over the same text cut into words that are lit by their weight. The text area's
// own letters are transparent; the words below have the same font and box, so that one types right into the light.
import type { Token } from '../engine/types.ts';
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
  /** The pool of light behind the word. */
  pool: HTMLElement;
}

/** Light below half a step of a screen's 256 is not painted: most words are dark, and each pool costs a layer. */
const kDark = 0.5 / 255;

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
  let placed = '';
  let shown = '';
  let drawn: readonly Token[] | undefined;
  /** Where the caret was seen last. */
  let caret = -1;

  function create(segment: Segment): Piece {
    const piece = { node: el('span'), segment, pool: el('div', { class: 'pool' }) };
    update(piece, segment);
    return piece;
  }

  function update(piece: Piece, segment: Segment): void {
    piece.segment = segment;
    setText(piece.node, segment.text);
    setAttribute(piece.node, 'data-token', segment.tokens.length ? segment.tokens.join(' ') : undefined);
    setAttribute(piece.node, 'data-piece', segment.piece);
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
    placed = '';
    // A line break at the very end opens a line only if something follows it.
    setAttribute(mirror, 'data-open-line', shown.endsWith('\n') || shown === '');
    setAttribute(host, 'data-length', shown.length > 700 ? 'long' : shown.length > 130 ? 'middle' : 'short');
  }

  /** Puts the pools behind their words, once per text and width: reading boxes costs a layout. */
  function place(): void {
    const width = sentenceWidth();
    const now = `${width} ${document.fonts?.status}`;
    if (placed === now) return;
    placed = now;
    const origin = sentence.getBoundingClientRect();
    const lit = pieces.filter(({ segment }) => segment.tokens.length > 0);
    const boxes = lit.map(({ node }) => node.getClientRects()[0]);
    lit.forEach(({ pool }, index) => {
      const box = boxes[index];
      if (!box) return;
      setStyle(pool, 'left', `${(box.left + box.right) / 2 - origin.left}px`);
      setStyle(pool, 'top', `${(box.top + box.bottom) / 2 - origin.top}px`);
      setStyle(pool, 'width', `${box.width + box.height * 0.85}px`);
      setStyle(pool, 'height', `${box.height * 1.3}px`);
      if (!pool.isConnected) pools.append(pool);
    });
    for (const { pool, segment } of pieces) if (segment.tokens.length === 0) pool.remove();
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
      light(chip, [index], scene, look);
    });
  }

  /** One word's light: the weight that the asking word gives it, on the scale of the matrix. */
  function light(node: HTMLElement, tokens: readonly number[], scene: Scene, look: Look): string {
    const matrix = scene.matrices.weight;
    let weight = 0;
    let lit = '0';
    if (matrix && look.row < matrix.rows) {
      for (const token of tokens)
        weight = Math.max(weight, matrix.values[look.row * matrix.cols + token] ?? 0);
      setAttribute(node, 'data-weight', weight);
      const [, high] = domainOf(matrix);
      lit = ((weight / high) * progressOf('weight', look.t, scene.model.causal)).toFixed(3);
      setStyle(node, '--lit', lit);
    }
    setAttribute(node, 'data-asks', tokens.includes(look.row));
    setAttribute(node, 'data-answers', tokens.includes(look.column) && !tokens.includes(look.row));
    return lit;
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
      place();
      let start = 0;
      for (const { node, pool, segment } of pieces) {
        if (segment.tokens.length) {
          const lit = light(node, segment.tokens, scene, look);
          setStyle(pool, '--lit', lit);
          setAttribute(pool, 'data-dark', Number(lit) < kDark);
        } else node.removeAttribute('style');
        const { window } = scene;
        setAttribute(node, 'data-read', window && start >= window.start && start < window.end);
        start += segment.text.length;
      }
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
