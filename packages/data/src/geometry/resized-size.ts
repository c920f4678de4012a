import { roundHalfEven } from './round-half-even.ts';
import type { Size } from './view.ts';

/** The size whose shorter side is `side`; the longer one is cut to whole pixels (torchvision's `Resize` with one number). */
export function resizedShortSide({ width, height }: Size, side: number): Size {
  return width <= height
    ? { width: side, height: Math.max(1, Math.floor((side * height) / width)) }
    : { width: Math.max(1, Math.floor((side * width) / height)), height: side };
}

/** The size whose height is `side`, whichever side is shorter: what the FixRes authors' code does. */
export function resizedHeight({ width, height }: Size, side: number): Size {
  return { width: Math.max(1, Math.floor((side * width) / height)), height: side };
}

/** The size whose longer side is `side`; the shorter one is rounded (timm's `ResizeKeepRatio` with `longest = 1`). */
export function resizedLongSide({ width, height }: Size, side: number): Size {
  const ratio = Math.max(width, height) / side;
  return {
    width: Math.max(1, roundHalfEven(width / ratio)),
    height: Math.max(1, roundHalfEven(height / ratio)),
  };
}
