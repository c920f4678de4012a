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
export type { SimulationOptions } from './planner/apparent-size.ts';
export { meanCropScale } from './planner/mean-crop-scale.ts';
export { defaultCandidates, planResolution, type PlanOptions, type ResolutionPlan } from './planner/plan-resolution.ts';
export type { RatioDistribution } from './planner/ratio-distribution.ts';
export type { Recommendation } from './planner/recommend.ts';
export type { TestCandidate } from './planner/test-candidate.ts';
export { isDeterministic, type Policy, type PolicyStep, viewOf } from './policies/policy.ts';
export { namedPolicies, policyByName, type NamedPolicy, type PolicySizes } from './policies/policy-by-name.ts';
export { shortSideTest } from './policies/short-side-test.ts';
export { createRandom, type Random } from './rng.ts';
export { shuffledIndices } from './shuffle.ts';
