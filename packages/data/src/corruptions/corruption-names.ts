/**
 * The corruptions of ImageNet-C, in its order: noise, blur, weather, digital (Hendrycks & Dietterich
 * 2019, arXiv 1903.12261, section 3). This module loads nothing else.
 */
export const corruptionNames = [
  'gaussian_noise',
  'shot_noise',
  'impulse_noise',
  'defocus_blur',
  'glass_blur',
  'motion_blur',
  'zoom_blur',
  'snow',
  'frost',
  'fog',
  'brightness',
  'contrast',
  'elastic_transform',
  'pixelate',
  'jpeg_compression',
] as const;

export type CorruptionName = (typeof corruptionNames)[number];

/** The severities of ImageNet-C, from the mildest. */
export const corruptionSeverities = [1, 2, 3, 4, 5] as const;

export type CorruptionSeverity = (typeof corruptionSeverities)[number];
