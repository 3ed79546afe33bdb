// Canvases that are crisp on every screen: as many device pixels as the box has, never more.

export interface Surface {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
  /** Size in device pixels, and how many of them make a CSS pixel. */
  width: number;
  height: number;
  ratio: number;
}

/** Sizes the canvas to `width` x `height` CSS pixels and clears it. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): Surface {
  const ratio = Math.min(4, window.devicePixelRatio || 1);
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
