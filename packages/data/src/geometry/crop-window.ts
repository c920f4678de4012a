import type { Random } from '../rng.ts';
import { roundHalfEven } from './round-half-even.ts';
import type { Rect, Size } from './view.ts';

/** How an odd remainder is shared between the two sides of a centred crop. */
export type CropRounding =
  /** The smaller part comes first: Keras' `CenterCrop`. */
  | 'floor'
  /** Half of the remainder, halves to the even neighbour: torchvision's `CenterCrop`. */
  | 'half-even';

/** The crop of `crop`'s size in the middle of `size`; it lies partly outside when `crop` is larger. */
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
  // torchvision first pads to the crop's length, the smaller part first, and then has nothing left to cut.
  return rest < 0 ? -Math.floor(-rest / 2) : roundHalfEven(rest / 2);
}

/**
 * The FixRes authors' training crop "v2": centred, then shifted sideways by a whole number of pixels, uniform in 0 .. j with a
 * random sign, where j is half of what the width leaves. It stays inside where the crop fits.
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

/** Where a crop lies: a corner or the middle. */
export type CropPosition = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right' | 'centre';

/** The crop at one of torchvision's `FiveCrop` positions. */
export function positionedWindow(size: Size, crop: Size, position: CropPosition): Rect {
  if (position === 'centre') return centredWindow(size, crop, 'half-even');
  const x = position.endsWith('left') ? 0 : size.width - crop.width;
  const y = position.startsWith('top') ? 0 : size.height - crop.height;
  return { x, y, width: crop.width, height: crop.height };
}
