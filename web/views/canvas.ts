// Canvases that are crisp on every screen: as many device pixels as the box has, never more.

export interface Surface {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
  /** Size in device pixels, and how many of them make a CSS pixel. */
  width: number;
  height: number;
  ratio: number;
}

/** Device pixels to a CSS pixel. */
export function pixelRatio(): number {
  return Math.min(4, window.devicePixelRatio || 1);
}

/** Sizes the canvas to `width` x `height` CSS pixels and clears it. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): Surface {
  const ratio = pixelRatio();
  const w = Math.max(1, Math.round(width * ratio));
  const h = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser draws no canvas');
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, w, h);
  return { canvas, context, width: w, height: h, ratio };
}

let rem: number | undefined;

/**
 * One rem in CSS pixels. The computed style is asked once, because asking makes the browser settle every style that
 * waits; a probe of that width notices when it changes.
 */
export function remPixels(): number {
  if (rem === undefined) {
    rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const probe = document.createElement('div');
    probe.className = 'rem-probe';
    document.body.append(probe);
    new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) rem = entry.contentRect.width;
    }).observe(probe);
  }
  return rem;
}

/** Shows what was drawn on a canvas outside the document on one inside it. */
export function present(sheet: Surface, canvas: HTMLCanvasElement): void {
  if (canvas.width !== sheet.width) canvas.width = sheet.width;
  if (canvas.height !== sheet.height) canvas.height = sheet.height;
  const context = canvas.getContext('2d');
  context?.clearRect(0, 0, sheet.width, sheet.height);
  context?.drawImage(sheet.canvas, 0, 0);
}
