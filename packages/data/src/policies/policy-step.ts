import type { CropPosition, CropRounding } from '../geometry/crop-window.ts';
import type { Rgb } from '../geometry/view.ts';

/**
 * The filter of a resize:
 * - `bilinear`, not antialiased: `tf.image.resize`; antialiased: PIL and torchvision.
 * - `bicubic` (a = -0.5), not antialiased: `tf.image.resize`; antialiased: PIL and torchvision.
 * - `lanczos3`, always antialiased: libvips, by way of sharp.
 */
export type Interpolation = 'bilinear' | 'bicubic' | 'lanczos3';

/** How pixels are computed. Never implied: antialiasing alone moves accuracy by tenths of a point. */
export interface Resampling {
  interpolation: Interpolation;
  /** Whether the filter widens when it scales down. `tf.image.resize` does not by default; PIL always does. */
  antialias: boolean;
}

/** A step that cuts a part out of the image before it is resized. */
export type RandomCropStep =
  | {
      op: 'sampledBoundingBoxCrop';
      /** Part of the image's area, lowest and highest. */
      area: [number, number];
      /** Width / height, lowest and highest. */
      aspectRatio: [number, number];
      maxAttempts: number;
    }
  | {
      op: 'randomResizedCrop';
      /** Part of the image's area, lowest and highest. */
      scale: [number, number];
      /** Width / height, lowest and highest; log-uniform. */
      ratio: [number, number];
      maxAttempts: number;
    };

export type ResizeStep =
  /** Both sides are set, so the aspect ratio changes ("squash"). */
  | ({ op: 'resize'; width: number; height: number } & Resampling)
  /** The shorter side is set; with `byHeight` the height, whichever is shorter (the FixRes authors' quirk). */
  | ({ op: 'resizeShortSide'; side: number; byHeight?: boolean } & Resampling)
  /** The longer side is set, so that the whole image fits. */
  | ({ op: 'resizeLongSide'; side: number } & Resampling);

export type WindowStep =
  /** `rounding` is `floor` by default. With `pad`, a crop may be larger than what it crops: these levels surround it. */
  | { op: 'centerCrop'; width: number; height: number; rounding?: CropRounding; pad?: Rgb }
  /** A corner or the middle, as in five-crop testing. */
  | { op: 'positionedCrop'; width: number; height: number; position: CropPosition }
  /** Centred, then shifted sideways at random (the FixRes authors' "v2"). `pad` as in `centerCrop`. */
  | { op: 'shiftedCenterCrop'; width: number; height: number; pad?: Rgb };

export type FlipStep =
  | { op: 'randomHorizontalFlip'; probability: number }
  /** Always mirrored: one of the views of flip testing. */
  | { op: 'horizontalFlip' };

/**
 * torchvision's `ColorJitter`: factors drawn uniformly from these ranges, applied in random order. 1 (for hue 0) changes nothing,
 * and a range left out is not drawn. `hue` is a part of the colour circle, -0.5..0.5.
 */
export interface ColorJitterStep {
  op: 'colorJitter';
  brightness?: [number, number];
  contrast?: [number, number];
  saturation?: [number, number];
  hue?: [number, number];
}

/** One step of a policy. Plain data, so that a policy can be stored with a run and with a model. */
export type PolicyStep = RandomCropStep | ResizeStep | WindowStep | FlipStep | ColorJitterStep;
