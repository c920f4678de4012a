export {
  applyFreezePolicy,
  type ApplyFreezePolicyOptions,
  type FreezeHandle,
  type VerifyOptions,
} from './freezing/apply-freeze-policy.ts';
export { atInputSize } from './model/at-input-size.ts';
export { type FrontLayer, withLayersInFront } from './model/with-layers-in-front.ts';
export type { WeightAverageSettings } from './averaging/average-momentum.ts';
export { type AverageState, WeightAverage } from './averaging/weight-average.ts';
export { FixresFinetuneError, type FixresFinetuneErrorCode } from './errors.ts';
export type { EstimatedNorm, StatisticsEstimate } from './statistics/estimate-statistics.ts';
export { FeatureCache } from './feature-cache/feature-cache.ts';
export { encodeFloat16 } from './feature-cache/float16.ts';
export {
  type FeaturePrecision,
  recordLayout,
  type RecordLayout,
} from './feature-cache/feature-record.ts';
export type { FeatureStore } from './feature-cache/feature-store.ts';
export { memoryStore } from './feature-cache/memory-store.ts';
export {
  type FeatureBudget,
  type FeaturePlan,
  noPlan,
  planFeatures,
  type PlanFeaturesOptions,
} from './feature-cache/plan-features.ts';
export {
  type FeatureForm,
  type FeatureSplit,
  splitFeatures,
} from './feature-cache/split-features.ts';
export { canTrain, freezePolicies, resolveFreezePolicy } from './freezing/freeze-policies.ts';
export { type FreezePolicyName, freezePolicyNames } from './freeze-policy-names.ts';
export {
  parseFreezePolicy,
  type FreezePolicy,
  type FreezeRule,
  type LayerGroup,
  type LayerMatch,
  type LayerMode,
  type StatisticsMode,
  type LayerRole,
} from './freezing/freeze-policy.ts';
export type { LayerPlan, ParameterCounts } from './freezing/freeze-tree.ts';
export { type TunedPart, type TunedParts, tunedParts } from './freezing/tuned-parts.ts';
export {
  layerRates,
  type LayerDecay,
  type LayerRates,
  type LayerRatesOptions,
  type RateRule,
  type RateRules,
} from './rates/layer-rates.ts';
export {
  type WeightDecay,
  weightDecayOptions,
  type WeightDecayOptions,
} from './rates/weight-decay.ts';
export type { ModelBatch, Recalibration, RecalibrateOptions } from './statistics/recalibrate.ts';
export { replaceClassifier, type ReplaceClassifierOptions } from './model/replace-classifier.ts';
export { smoothLabels } from './smooth-labels.ts';
export { type ModelSegment, splitSegments } from './model/split-segments.ts';
export { splitTrunk, type SplitTrunkOptions, type TrunkSplit } from './model/split-trunk.ts';
export type { VariableFate, VariableProof, Verification } from './freezing/verification.ts';
export { learningRateAt, type TrainingPosition } from './schedules/learning-rate-at.ts';
export {
  fixresAuthorsSchedule,
  linearlyScaledRate,
  type ScaledBatch,
} from './schedules/linearly-scaled-rate.ts';
export { parseSchedule } from './schedules/parse-schedule.ts';
export { scaledSchedule } from './schedules/scaled-schedule.ts';
export type {
  ConstantSchedule,
  CosineSchedule,
  LearningRateScaling,
  Schedule,
  StepSchedule,
  UnscaledSchedule,
  WarmUp,
} from './schedules/schedule.ts';
