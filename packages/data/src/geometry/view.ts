import { type PaddingMode, shownRange } from './padded-index.ts';

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A rectangle in pixels. (0, 0) is the outer corner of the first pixel. */
export interface Rect extends Size {
  x: number;
  y: number;
}

/** Red, green and blue levels, 0..255. */
export type Rgb = [number, number, number];

/**
 * Which part of an image is shown, and how large: crop `region` from the image, resize it to
 * `resized`, crop `window` from the result, then mirror it if `flip` is set. Contains geometry
 * only, no pixels.
 *
 * The two crops differ at their borders: the filter never reads outside `region`, but it does read
 * across the edges of `window`. Pixels of `window` outside `resized` are set to `fill`, or show the
 * resized picture again if `padding` is set.
 */
export interface View {
  region: Rect;
  resized: Size;
  window: Rect;
  flip: boolean;
  /** Default black. */
  fill?: Rgb;
  padding?: Exclude<PaddingMode, 'constant'>;
}

/** The view that shows the whole image at its own size. */
export function wholeImage(image: Size): View {
  const full = { x: 0, y: 0, width: image.width, height: image.height };
  return {
    region: full,
    resized: { width: image.width, height: image.height },
    window: full,
    flip: false,
  };
}

/** The rectangle of the image, in source pixels, that the view shows. */
export function sourceRect({ region, resized, window }: View): Rect {
  const scaleX = region.width / resized.width;
  const scaleY = region.height / resized.height;
  return {
    x: region.x + window.x * scaleX,
    y: region.y + window.y * scaleY,
    width: window.width * scaleX,
    height: window.height * scaleY,
  };
}

/** The part of the resized picture that the view's window shows; empty if it is outside. */
export function shownPart({ window, resized, padding }: View): Rect {
  if (padding === undefined) return overlap(window, { x: 0, y: 0, ...resized });
  const [left, right] = shownRange(window.x, window.width, resized.width, padding);
  const [top, bottom] = shownRange(window.y, window.height, resized.height, padding);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The intersection of two rectangles; its width or height is 0 if they do not overlap. */
export function overlap(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y);
  return { x, y, width, height };
}

/** Whether two rectangles are the same. */
export function isSameRect(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

/**
 * How large an object appears in the view relative to the image's own pixels: the geometric mean of
 * the two axes' scales. FixRes makes this equal at train and test time (Touvron et al. 2019,
 * section 3).
 */
export function magnification({ region, resized }: View): number {
  return Math.sqrt((resized.width / region.width) * (resized.height / region.height));
}

/** How much wider objects appear in the view, relative to their height: 1 if their shape is kept. */
export function stretch({ region, resized }: View): number {
  return resized.width / region.width / (resized.height / region.height);
}
