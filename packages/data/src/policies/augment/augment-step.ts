import type { Rgb } from '../../geometry/view.ts';

/** How rotations, shears and translations compute pixels, as Pillow's `transform` does. */
export type AffineInterpolation = 'nearest' | 'bilinear';

interface AffineSettings {
  interpolation: AffineInterpolation;
  /** Levels of pixels that come from outside the image. */
  fill: Rgb;
}

/**
 * RandAugment (Cubuk et al. 2020, arXiv 1909.13719) as in torchvision: `numOps` operations, drawn
 * with replacement from 14, each with the same strength.
 */
export interface RandAugmentStep extends AffineSettings {
  op: 'randAugment';
  numOps: number;
  /** Position in the list of strengths, from 0 to `numMagnitudeBins` - 1. */
  magnitude: number;
  numMagnitudeBins: number;
  /**
   * Standard deviation of the magnitude, timm's `mstd` on the scale of `magnitude`: each operation draws
   * its own from a normal distribution, limited to the list. Default 0.
   */
  magnitudeStd?: number;
  /** Probability of each operation, timm's `p`. Default 1. */
  probability?: number;
}

/**
 * TrivialAugment Wide (Müller & Hutter 2021, arXiv 2103.10158) as in torchvision: one operation of
 * 14, with a strength drawn from all of a wider range.
 */
export interface TrivialAugmentWideStep extends AffineSettings {
  op: 'trivialAugmentWide';
  numMagnitudeBins: number;
}

/** The data sets that AutoAugment's sub-policies were searched on. */
export type AutoAugmentPolicy = 'imagenet' | 'cifar10' | 'svhn';

/**
 * AutoAugment (Cubuk et al. 2019, arXiv 1805.09501) as in torchvision: one of 25 learned pairs of
 * operations, each applied with its own probability.
 */
export interface AutoAugmentStep extends AffineSettings {
  op: 'autoAugment';
  policy: AutoAugmentPolicy;
}

/**
 * AugMix (Hendrycks et al. 2020, arXiv 1912.02781) as in torchvision: the image mixed with
 * `mixtureWidth` copies, each changed by a chain of operations. Without the paper's consistency
 * loss. Operations are those of PIL images; torchvision computes them on tensors here.
 */
export interface AugMixStep extends AffineSettings {
  op: 'augMix';
  /** Strengths are drawn from the lowest of 10; 1 to 10. */
  severity: number;
  mixtureWidth: number;
  /** Operations of a chain; -1 draws 1 to 3. */
  chainDepth: number;
  /** Parameter of the Dirichlet distribution of the mixing weights, above 0. */
  alpha: number;
  /** Whether brightness, colour, contrast and sharpness are among the operations. */
  allOps: boolean;
}

/**
 * 3-Augment of DeiT III (Touvron et al. 2022, arXiv 2204.07118): greyscale, solarize (at 128) or
 * Gaussian blur (Pillow's, radius 0.1 to 2), then colour jitter of brightness, contrast and
 * saturation.
 */
export interface ThreeAugmentStep {
  op: 'threeAugment';
  /** Strength of the colour jitter, at least 0. */
  colorJitter: number;
}

/**
 * Random erasing (Zhong et al. 2020, arXiv 1708.04896) as in torchvision: a rectangle of random
 * size and position is overwritten.
 */
export interface RandomErasingStep {
  op: 'randomErasing';
  probability: number;
  /** Minimum and maximum fraction of the image's area. */
  scale: [number, number];
  /** Minimum and maximum height / width; log-uniform. */
  ratio: [number, number];
  /**
   * Levels 0..255 of the rectangle: one for all channels, or three. `random`: normal noise for each
   * pixel and channel, with the mean and standard deviation of ImageNet's levels.
   */
  value: number | Rgb | 'random';
}

/** torchvision's `RandomGrayscale`: all channels become the luma of ITU-R 601-2. */
export interface RandomGrayscaleStep {
  op: 'randomGrayscale';
  probability: number;
}

/** torchvision's `GaussianBlur`: always blurs, with a standard deviation drawn uniformly. */
export interface GaussianBlurStep {
  op: 'gaussianBlur';
  /** Side of the kernel in pixels; odd. */
  kernelSize: number;
  /** Minimum and maximum standard deviation in pixels, above 0. */
  sigma: [number, number];
}

/**
 * A step that changes pixels after all geometry: no resize, crop or flip may follow it. Several can
 * follow each other, also with `colorJitter` between them.
 */
export type AugmentStep =
  | RandAugmentStep
  | TrivialAugmentWideStep
  | AutoAugmentStep
  | AugMixStep
  | ThreeAugmentStep
  | RandomErasingStep
  | RandomGrayscaleStep
  | GaussianBlurStep;
