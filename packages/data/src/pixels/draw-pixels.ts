import { FixresDataError } from '../errors.ts';
import type { Rect, Rgb, View } from '../geometry/view.ts';
import type { Drawing } from '../policies/policy.ts';
import { adjustPixels } from './adjust-pixels.ts';
import { resampleBicubic } from './resample/resample-bicubic.ts';
import { resampleBilinear } from './resample/resample-bilinear.ts';
import { resampleConvolution } from './resample/resample-convolution.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * Draws the pixels of a drawing. Synchronous, with the same result in Node and in a browser.
 *
 * @param out receives window.height x window.width x 3 levels, row by row
 * @throws FixresDataError `bad-option` for `lanczos3`, which needs `drawWithSharp` of
 * `@fixres/data/node`
 */
export function drawPixels(image: RgbImage, drawing: Drawing, out: Uint8Array): void {
  const { view, adjustments } = drawing;
  const canvas = canvasOf(drawing);
  if (isSame(canvas, view.window)) {
    drawBordered(image, drawing, view, out);
    adjustPixels(out, adjustments);
    return;
  }
  const pixels = new Uint8Array(canvas.width * canvas.height * 3);
  drawBordered(image, drawing, { ...view, window: canvas }, pixels);
  adjustPixels(pixels, adjustments);
  copyWindow(pixels, canvas, view, out);
}

/**
 * The part of the resized picture to draw and adjust: more than the view's window if an adjustment
 * depends on pixels that a later crop removes, less if a later crop adds borders.
 */
export function canvasOf({ view, adjustments, adjusted }: Drawing): Rect {
  return adjustments.some(({ op }) => op === 'contrast')
    ? adjusted
    : overlap(view.window, adjusted);
}

/** The intersection of two rectangles; its width or height is 0 if they do not overlap. */
export function overlap(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y);
  return { x, y, width, height };
}

function isSame(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function drawBordered(image: RgbImage, drawing: Drawing, view: View, out: Uint8Array): void {
  const { window, resized } = view;
  const inside = overlap(window, { x: 0, y: 0, ...resized });
  if (isSame(inside, window)) {
    resample(image, drawing, view, out);
    return;
  }
  const pixels = new Uint8Array(inside.width * inside.height * 3);
  if (pixels.length > 0) resample(image, drawing, { ...view, window: inside }, pixels);
  copyWindow(pixels, inside, view, out);
}

function resample(
  image: RgbImage,
  { interpolation, antialias }: Drawing,
  view: View,
  out: Uint8Array,
): void {
  if (interpolation === 'lanczos3') {
    throw new FixresDataError(
      'bad-option',
      'Interpolation "lanczos3" is computed by sharp; use drawWithSharp of @fixres/data/node.',
    );
  }
  if (antialias) resampleConvolution(image, view, interpolation, out);
  else if (interpolation === 'bilinear') resampleBilinear(image, view, out);
  else resampleBicubic(image, view, out);
}

function fillPixels(out: Uint8Array, [red, green, blue]: Rgb): void {
  for (let i = 0; i < out.length; i += 3) {
    out[i] = red;
    out[i + 1] = green;
    out[i + 2] = blue;
  }
}

/**
 * Copies the view's window out of the pixels of `canvas`, which are already mirrored if the view
 * is. Pixels outside `canvas` are filled.
 */
function copyWindow(
  pixels: Uint8Array,
  canvas: Rect,
  { window, flip, fill = [0, 0, 0] }: View,
  out: Uint8Array,
): void {
  const shared = overlap(window, canvas);
  if (!isSame(shared, window)) fillPixels(out, fill);
  const left = (outer: Rect): number =>
    flip ? outer.x + outer.width - shared.x - shared.width : shared.x - outer.x;
  for (let y = shared.y; y < shared.y + shared.height; y++) {
    const start = ((y - canvas.y) * canvas.width + left(canvas)) * 3;
    out.set(
      pixels.subarray(start, start + shared.width * 3),
      ((y - window.y) * window.width + left(window)) * 3,
    );
  }
}
