export { FixresDataError, type FixresDataErrorCode } from './errors.ts';
export { type SampledBoundingBoxOptions, sampleBoundingBox } from './geometry/sampled-bounding-box.ts';
export { magnification, type Rect, type Size, sourceRect, type View, wholeImage } from './geometry/view.ts';
export { resampleBilinear, type RgbImage } from './pixels/resample-bilinear.ts';
export {
  fixresFinetune,
  fixresResizeSide,
  type FixresSizes,
  fixresTest,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
} from './policies/keras-fixres.ts';
export { isDeterministic, type Policy, type PolicyStep, viewOf } from './policies/policy.ts';
export { createRandom, type Random } from './rng.ts';
export { shuffledIndices } from './shuffle.ts';
