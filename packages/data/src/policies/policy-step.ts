import type { CropPosition, CropRounding } from '../geometry/crop-window.ts';
import type { PaddingMode } from '../geometry/padded-index.ts';
import type { Rgb } from '../geometry/view.ts';
import type { Corruption } from '../corruptions/corrupt.ts';
import type { AugmentStep } from './augment/augment-step.ts';

/**
 * The filter of a resize:
 *
 * - `bilinear`, not antialiased: `tf.image.resize`; antialiased: PIL and torchvision.
 * - `bicubic` (a = -0.5), not antialiased: `tf.image.resize`; antialiased: PIL and torchvision.
 * - `lanczos3`, always antialiased: libvips, through sharp.
 */
export type Interpolation = 'bilinear' | 'bicubic' | 'lanczos3';

/**
 * How pixels are computed. Always explicit, because antialiasing alone changes accuracy by tenths
 * of a point.
 */
export interface Resampling {
  interpolation: Interpolation;
  /**
   * Whether the filter widens when it scales down. `tf.image.resize` does not by default; PIL
   * always does.
   */
  antialias: boolean;
}

/** A step that crops a part of the image before it is resized. */
export type RandomCropStep =
  | {
      op: 'sampledBoundingBoxCrop';
      /** Minimum and maximum fraction of the image's area. */
      area: [number, number];
      /** Minimum and maximum width / height. */
      aspectRatio: [number, number];
      maxAttempts: number;
    }
  | {
      op: 'randomResizedCrop';
      /** Minimum and maximum fraction of the image's area. */
      scale: [number, number];
      /** Minimum and maximum width / height; log-uniform. */
      ratio: [number, number];
      maxAttempts: number;
    };

export type ResizeStep =
  /** Sets both sides, so the aspect ratio changes ("squash"). */
  | ({ op: 'resize'; width: number; height: number } & Resampling)
  /**
   * Sets the shorter side; with `byHeight` the height, even if it is the longer side (the FixRes
   * authors' quirk).
   */
  | ({ op: 'resizeShortSide'; side: number; byHeight?: boolean } & Resampling)
  /** Sets the longer side, so that the whole image fits. */
  | ({ op: 'resizeLongSide'; side: number } & Resampling)
  /** Keeps the aspect ratio; the image just covers the rectangle, for a crop of that size. */
  | ({ op: 'resizeToCover'; width: number; height: number } & Resampling)
  /** Keeps the aspect ratio; the whole image fits into the rectangle. */
  | ({ op: 'resizeToFit'; width: number; height: number } & Resampling);

export type WindowStep =
  /**
   * `rounding` is `floor` by default. With `pad`, a crop may be larger than its image, and these
   * levels fill the border.
   */
  | { op: 'centerCrop'; width: number; height: number; rounding?: CropRounding; pad?: Rgb }
  /** A corner or the centre, as in five-crop evaluation. */
  | { op: 'positionedCrop'; width: number; height: number; position: CropPosition }
  /**
   * Centred, then shifted sideways at random (the FixRes authors' "v2"). `pad` as in `centerCrop`.
   */
  | { op: 'shiftedCenterCrop'; width: number; height: number; pad?: Rgb }
  /**
   * torchvision's `RandomCrop`: at a random place of the image after `padding` pixels are added on
   * each side. They have the levels `fill` (default black) or repeat the image (`paddingMode`,
   * default `constant`). Padding is allowed only for a whole resized image.
   */
  | {
      op: 'randomCrop';
      width: number;
      height: number;
      padding: number;
      fill?: Rgb;
      paddingMode?: PaddingMode;
    };

export type FlipStep =
  | { op: 'randomHorizontalFlip'; probability: number }
  /** Always mirrors: one of the views of flip augmentation at test time. */
  | { op: 'horizontalFlip' };

/**
 * torchvision's `ColorJitter`: factors are drawn uniformly from these ranges and applied in random
 * order. 1 (for hue 0) changes nothing, and an absent range is not drawn. `hue` is a fraction of
 * the colour circle, -0.5..0.5.
 */
export interface ColorJitterStep {
  op: 'colorJitter';
  brightness?: [number, number];
  contrast?: [number, number];
  saturation?: [number, number];
  hue?: [number, number];
}

/**
 * A corruption of ImageNet-C after all geometry, to measure robustness; see `corrupt`. What is random
 * in it is drawn for each image.
 */
export interface CorruptStep extends Corruption {
  op: 'corrupt';
}

/** One step of a policy. Plain data, so that a policy can be stored with a run and with a model. */
export type PolicyStep =
  | RandomCropStep
  | ResizeStep
  | WindowStep
  | FlipStep
  | ColorJitterStep
  | AugmentStep
  | CorruptStep;
