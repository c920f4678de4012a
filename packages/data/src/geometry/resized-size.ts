import { roundHalfEven } from './round-half-even.ts';
import type { Size } from './view.ts';

/**
 * The size whose shorter side is `side`. The longer side is rounded down (torchvision's `Resize`
 * with one number).
 */
export function resizedShortSide({ width, height }: Size, side: number): Size {
  return width <= height
    ? { width: side, height: Math.max(1, Math.floor((side * height) / width)) }
    : { width: Math.max(1, Math.floor((side * width) / height)), height: side };
}

/**
 * The size whose height is `side`, whether or not it is the shorter side, as in the FixRes authors'
 * code.
 */
export function resizedHeight({ width, height }: Size, side: number): Size {
  return { width: Math.max(1, Math.floor((side * width) / height)), height: side };
}

/**
 * The smallest size with the image's aspect ratio that covers `box`: one side is the box's, the
 * other at least as long. It is rounded (timm's `ResizeKeepRatio` with `longest = 0`).
 */
export function resizedToCover(image: Size, box: Size): Size {
  return divided(image, Math.min(image.height / box.height, image.width / box.width));
}

/**
 * The largest size with the image's aspect ratio that fits into `box`: one side is the box's, the
 * other at most as long. It is rounded (timm's `ResizeKeepRatio` with `longest = 1`).
 */
export function resizedToFit(image: Size, box: Size): Size {
  return divided(image, Math.max(image.height / box.height, image.width / box.width));
}

function divided({ width, height }: Size, ratio: number): Size {
  return {
    width: Math.max(1, roundHalfEven(width / ratio)),
    height: Math.max(1, roundHalfEven(height / ratio)),
  };
}

/**
 * The size whose longer side is `side`. The shorter side is rounded (timm's `ResizeKeepRatio` with
 * `longest = 1`).
 */
export function resizedLongSide(image: Size, side: number): Size {
  return resizedToFit(image, { width: side, height: side });
}
