export { normalisePixels } from './contract/normalise-pixels.ts';
export { type JpegDecoding, jpegDecodings } from './contract/jpeg-decoding.ts';
export {
  type ChannelOrder,
  contractPolicy,
  type ContractOptions,
  type MultiLabelHead,
  type Normalisation,
  parsePreprocessingContract,
  preprocessingContract,
  type PreprocessingContract,
} from './contract/preprocessing-contract.ts';
export {
  imagenetMeanStd,
  type InputScaling,
  type InputScalingName,
  inputScalings,
  toPlusMinusOne,
  unscaled,
} from './contract/input-scalings.ts';
export { corrupt, type Corruption } from './corruptions/corrupt.ts';
export {
  type CorruptionName,
  corruptionNames,
  corruptionSeverities,
  type CorruptionSeverity,
} from './corruptions/corruption-names.ts';
export { FixresDataError, type FixresDataErrorCode } from './errors.ts';
export type { CropPosition, CropRounding } from './geometry/crop-window.ts';
export {
  compareSizes,
  distinctSizes,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isLarger,
  isSameSize,
  mapSides,
  meanSide,
  parseImageSize,
  sidesOf,
} from './geometry/image-size.ts';
export {
  type RandomResizedCropOptions,
  sampleResizedCrop,
} from './geometry/random-resized-crop.ts';
export {
  type SampledBoundingBoxOptions,
  sampleBoundingBox,
} from './geometry/sampled-bounding-box.ts';
export {
  magnification,
  type Rect,
  type Rgb,
  type Size,
  sourceRect,
  type View,
  wholeImage,
} from './geometry/view.ts';
export { type BatchMix, type BatchPlace, drawMix } from './mixing/draw-mix.ts';
export { mixText } from './mixing/mix-text.ts';
export { type MixableBatch, mixBatch, type MixedBatch, mixPixels } from './mixing/mix-batch.ts';
export {
  checkMixSettings,
  mixAlphaRange,
  mixDefaults,
  type MixSettings,
} from './mixing/mix-settings.ts';
export { adjustmentText } from './pixels/adjustment-text.ts';
export { adjustPixels } from './pixels/adjust-pixels.ts';
export type { PaddingMode } from './geometry/padded-index.ts';
export { drawPixels } from './pixels/draw-pixels.ts';
export type { AffineAdjustment, PixelAdjustment } from './pixels/pixel-adjustment.ts';
export { resampleBilinear } from './pixels/resample/resample-bilinear.ts';
export type { RgbImage } from './pixels/rgb-image.ts';
export { type AugmentName, augmentNames, isAugmentName } from './policies/augment/augment-names.ts';
export { type AugmentEntry, augmentStep } from './policies/augment/augment-step-of.ts';
export type {
  AffineInterpolation,
  AugMixStep,
  AugmentStep,
  AutoAugmentPolicy,
  AutoAugmentStep,
  GaussianBlurStep,
  RandAugmentStep,
  RandomErasingStep,
  RandomGrayscaleStep,
  ThreeAugmentStep,
  TrivialAugmentWideStep,
} from './policies/augment/augment-step.ts';
export { type ColorJitterOptions, colorJitterStep } from './policies/color-jitter-step.ts';
export {
  withAugment,
  withColorJitter,
  withCorruption,
  withRandomFlip,
  withShrinkOnLoad,
} from './policies/compose.ts';
export {
  shiftedCrop,
  shortSideCrop,
  type ShortSideCropOptions,
} from './policies/fixres-authors.ts';
export { fixedViews, type FixedViews } from './policies/fixed-views.ts';
export {
  fixresFinetune,
  fixresResizeSize,
  type FixresSizes,
  fixresTest,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
} from './policies/keras-fixres.ts';
export type { SimulationOptions } from './planner/apparent-size.ts';
export { apparentSizes } from './planner/apparent-sizes.ts';
export { meanCropScale } from './planner/mean-crop-scale.ts';
export {
  defaultCandidates,
  planResolution,
  type PlanOptions,
  type ResolutionPlan,
} from './planner/plan-resolution.ts';
export type { RatioDistribution } from './planner/ratio-distribution.ts';
export type { Recommendation } from './planner/recommend.ts';
export type { TestCandidate } from './planner/test-candidate.ts';
export {
  namedPolicy,
  type NamedPolicySizes,
  type PolicyName,
  policyNames,
} from './policies/named-policies.ts';
export { parsePolicy } from './policies/parse-policy.ts';
export {
  type Drawing,
  drawingOf,
  isDeterministic,
  type Policy,
  viewOf,
} from './policies/policy.ts';
export type {
  ColorJitterStep,
  CorruptStep,
  FlipStep,
  Interpolation,
  PolicyStep,
  RandomCropStep,
  Resampling,
  ResizeStep,
  WindowStep,
} from './policies/policy-step.ts';
export { policyAtSize } from './policies/policy-at-size.ts';
export { policyLabel } from './policies/policy-label.ts';
export { testTimeViews, type TestTimeOptions } from './policies/test-time-views.ts';
export { timmEval, type TimmEvalOptions } from './policies/timm-eval.ts';
export {
  randomResizedCrop,
  type RandomResizedCropPolicyOptions,
  simpleRandomCrop,
} from './policies/torchvision-crops.ts';
export { createRandom, type Random } from './rng.ts';
export { rankPlaces } from './sampling/rank-places.ts';
export {
  type SampledOrder,
  sampledOrder,
  type Sampler,
  type SamplerPosition,
} from './sampling/sampler.ts';
export { shuffledIndices } from './shuffle.ts';
export { viewRandom } from './view-random.ts';
export { maskedCrc32c } from './crc32c.ts';
