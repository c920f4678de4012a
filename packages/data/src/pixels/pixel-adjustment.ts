import type { Corruption } from '../corruptions/corrupt.ts';
import type { Rect, Rgb } from '../geometry/view.ts';
import type { AffineInterpolation } from '../policies/augment/augment-step.ts';

/** An affine map of the picture. Pixels that come from outside have the levels `fill`. */
export interface AffineAdjustment {
  /**
   * Shears keep the first row (`shearX`) or column (`shearY`) in place; `amount` is in pixels a
   * pixel. Translations are in whole pixels, to the right and down. Rotations are in degrees,
   * counter-clockwise around the centre.
   */
  op: 'shearX' | 'shearY' | 'translateX' | 'translateY' | 'rotate';
  amount: number;
  interpolation: AffineInterpolation;
  fill: Rgb;
}

/** One change of a picture, with its random parameters already drawn. Plain data. */
export type PixelAdjustment =
  /** Blends with black: 0 is black, 1 changes nothing. */
  | { op: 'brightness'; factor: number }
  /** Blends with the picture's mean grey. */
  | { op: 'contrast'; factor: number }
  /** Blends with the grey version of the picture. */
  | { op: 'saturation'; factor: number }
  /** Rotates the hue by this fraction of the colour circle, -0.5..0.5. */
  | { op: 'hue'; shift: number }
  /** Blends with a smoothed version of the picture; above 1 it becomes sharper. */
  | { op: 'sharpness'; factor: number }
  /** Keeps this number of the highest bits of each level, 0..8. */
  | { op: 'posterize'; bits: number }
  /** Inverts levels from the threshold up, 0..256. */
  | { op: 'solarize'; threshold: number }
  /** Stretches each channel to 0..255. */
  | { op: 'autoContrast' }
  /** Makes the histogram of each channel as even as possible. */
  | { op: 'equalize' }
  | { op: 'invert' }
  | { op: 'grayscale' }
  | AffineAdjustment
  /** Gaussian blur by a kernel; standard deviation in pixels. */
  | { op: 'gaussianBlur'; kernelSize: number; sigma: number }
  /** Pillow's Gaussian blur: three box blurs. `radius` is its standard deviation in pixels. */
  | { op: 'boxBlur'; radius: number }
  /** A corruption of ImageNet-C; its random parameters follow from the seed. */
  | ({ op: 'corrupt'; seed: number } & Corruption)
  /** Overwrites a part with these levels, or with noise from this seed. */
  | { op: 'erase'; part: Rect; value: Rgb | { noiseSeed: number } }
  /** The weighted sum of the picture and of changed copies of it. All weights have the sum 1. */
  | {
      op: 'mixture';
      weight: number;
      chains: { weight: number; adjustments: PixelAdjustment[] }[];
    };
