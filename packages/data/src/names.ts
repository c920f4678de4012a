/** The names of settings, for command lines. This module loads little else. */
export {
  compareSizes,
  distinctSizes,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isSameSize,
  meanSide,
  parseImageSize,
  sidesOf,
} from './geometry/image-size.ts';
export { type JpegDecoding, jpegDecodings } from './contract/jpeg-decoding.ts';
export { type AugmentName, augmentNames } from './policies/augment/augment-names.ts';
export { type InputScalingName, inputScalings } from './contract/input-scalings.ts';
