import { type Rect, shownPart, sourceRect } from '../geometry/view.ts';
import type { Drawing } from '../policies/policy.ts';
import { canvasOf } from './draw-pixels.ts';
import { wholePixels } from './whole-pixels.ts';

/**
 * Half the width of the widest filter without antialiasing (bicubic), plus one pixel for rounding.
 */
const REACH = 3;

/**
 * The pixels of an image that a drawing may read; the others need not be decoded. At least one
 * pixel.
 */
export function neededPixels(drawing: Drawing): Rect {
  const { view, antialias } = drawing;
  const shown = shownPart({ ...view, window: canvasOf(drawing) });
  const { x, y, width, height } = sourceRect({ ...view, window: shown });
  const reachOf = (source: number, resized: number): number =>
    (antialias ? Math.max(source / resized, 1) : 1) * REACH;
  const [left, right] = touched(
    x,
    width,
    view.region.x,
    view.region.width,
    reachOf(view.region.width, view.resized.width),
  );
  const [top, bottom] = touched(
    y,
    height,
    view.region.y,
    view.region.height,
    reachOf(view.region.height, view.resized.height),
  );
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A filter reads across the edges of the shown part, but not across those of the region. */
function touched(
  start: number,
  length: number,
  regionStart: number,
  regionLength: number,
  reach: number,
): [first: number, end: number] {
  const [first, end] = wholePixels(regionStart, regionLength);
  const left = Math.min(Math.max(Math.floor(start - reach), first), end - 1);
  return [left, Math.max(Math.min(Math.ceil(start + length + reach), end), left + 1)];
}
