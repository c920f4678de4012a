import { FixresDataError } from '../errors.ts';
import { paddedIndex } from '../geometry/padded-index.ts';
import {
  isSameRect,
  overlap,
  type Rect,
  type Rgb,
  shownPart,
  type View,
} from '../geometry/view.ts';
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
  const { view, augmentations } = drawing;
  drawAdjusted(image, drawing, out);
  adjustPixels({ width: view.window.width, height: view.window.height, data: out }, augmentations);
}

/** Everything but the augmentations. */
function drawAdjusted(image: RgbImage, drawing: Drawing, out: Uint8Array): void {
  const { view, adjustments } = drawing;
  const canvas = canvasOf(drawing);
  const { width, height } = canvas;
  if (isSameRect(canvas, view.window)) {
    drawBordered(image, drawing, view, out);
    adjustPixels({ width, height, data: out }, adjustments);
    return;
  }
  const pixels = new Uint8Array(width * height * 3);
  drawBordered(image, drawing, { ...view, window: canvas }, pixels);
  adjustPixels({ width, height, data: pixels }, adjustments);
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

function drawBordered(image: RgbImage, drawing: Drawing, view: View, out: Uint8Array): void {
  const { window } = view;
  const inside = shownPart(view);
  if (isSameRect(inside, window)) {
    resample(image, drawing, view, out);
    return;
  }
  const pixels = new Uint8Array(inside.width * inside.height * 3);
  if (pixels.length > 0) resample(image, drawing, { ...view, window: inside }, pixels);
  const { padding } = view;
  if (padding === undefined) copyWindow(pixels, inside, view, out);
  else copyPadded(pixels, inside, { ...view, padding }, out);
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
  if (!isSameRect(shared, window)) fillPixels(out, fill);
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

type PaddedView = View & { padding: NonNullable<View['padding']> };

/**
 * Copies the view's window out of the pixels of `canvas`, the part of the resized picture that it
 * shows, which are already mirrored if the view is.
 */
function copyPadded(
  pixels: Uint8Array,
  canvas: Rect,
  { window, resized, flip, padding }: PaddedView,
  out: Uint8Array,
): void {
  const columns = Int32Array.from({ length: window.width }, (_, i) => {
    const x = window.x + (flip ? window.width - 1 - i : i);
    const column = paddedIndex(x, resized.width, padding) - canvas.x;
    return flip ? canvas.width - 1 - column : column;
  });
  let to = 0;
  for (let y = window.y; y < window.y + window.height; y++) {
    const row = (paddedIndex(y, resized.height, padding) - canvas.y) * canvas.width;
    for (const column of columns) {
      const from = (row + column) * 3;
      out[to++] = pixels[from]!;
      out[to++] = pixels[from + 1]!;
      out[to++] = pixels[from + 2]!;
    }
  }
}
