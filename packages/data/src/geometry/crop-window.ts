import type { Random } from '../rng.ts';
import { roundHalfEven } from './round-half-even.ts';
import type { Rect, Size } from './view.ts';

/** How a centred crop splits an odd remainder between its two sides. */
export type CropRounding =
  /** The smaller part comes first: Keras' `CenterCrop`. */
  | 'floor'
  /** Half of the remainder, rounded half to even: torchvision's `CenterCrop`. */
  | 'half-even';

/**
 * The centred crop of size `crop` in an image of size `size`. It extends beyond the image if `crop`
 * is larger.
 */
export function centredWindow(size: Size, crop: Size, rounding: CropRounding): Rect {
  return {
    x: margin(size.width, crop.width, rounding),
    y: margin(size.height, crop.height, rounding),
    width: crop.width,
    height: crop.height,
  };
}

function margin(length: number, cropLength: number, rounding: CropRounding): number {
  const rest = length - cropLength;
  if (rounding === 'floor') return Math.floor(rest / 2);
  // torchvision first pads to the crop's length, the smaller part first, so nothing is left to cut.
  return rest < 0 ? -Math.floor(-rest / 2) : roundHalfEven(rest / 2);
}

/**
 * The FixRes authors' train crop "v2": centred, then shifted sideways by a whole number of pixels.
 * The shift is uniform in 0 .. j with a random sign, where j is half of the width that is left
 * over. The crop stays inside the image if it fits.
 */
export function shiftedWindow(size: Size, crop: Size, random: Random): Rect {
  const centred = centredWindow(size, crop, 'half-even');
  const most = Math.max(centred.x, 0);
  const shift = random.int(most + 1);
  const sign = random.int(2) === 0 ? -1 : 1;
  // Rounding up half a pixel could put the last position one pixel outside.
  const last = Math.max(size.width - crop.width, centred.x);
  return { ...centred, x: Math.min(centred.x + sign * shift, last) };
}

/**
 * torchvision's `RandomCrop`: uniform among all places in an image with `padding` pixels on each
 * side; the row is drawn before the column.
 */
export function randomWindow(size: Size, crop: Size, padding: number, random: Random): Rect {
  const y = random.int(size.height + 2 * padding - crop.height + 1) - padding;
  const x = random.int(size.width + 2 * padding - crop.width + 1) - padding;
  return { x, y, width: crop.width, height: crop.height };
}

/** Position of a crop: a corner or the centre. */
export type CropPosition = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right' | 'centre';

/** The crop at one of torchvision's `FiveCrop` positions. */
export function positionedWindow(size: Size, crop: Size, position: CropPosition): Rect {
  if (position === 'centre') return centredWindow(size, crop, 'half-even');
  const x = position.endsWith('left') ? 0 : size.width - crop.width;
  const y = position.startsWith('top') ? 0 : size.height - crop.height;
  return { x, y, width: crop.width, height: crop.height };
}
