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
 * The size whose longer side is `side`. The shorter side is rounded (timm's `ResizeKeepRatio` with
 * `longest = 1`).
 */
export function resizedLongSide({ width, height }: Size, side: number): Size {
  const ratio = Math.max(width, height) / side;
  return {
    width: Math.max(1, roundHalfEven(width / ratio)),
    height: Math.max(1, roundHalfEven(height / ratio)),
  };
}
