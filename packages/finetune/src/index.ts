export {
  applyFreezePolicy,
  type ApplyFreezePolicyOptions,
  type FreezeHandle,
  type VerifyOptions,
} from './apply-freeze-policy.ts';
export { atInputSize } from './at-input-size.ts';
export type { WeightAverageSettings } from './averaging/average-momentum.ts';
export { type AverageState, WeightAverage } from './averaging/weight-average.ts';
export { FixresFinetuneError, type FixresFinetuneErrorCode } from './errors.ts';
export type { EstimatedNorm, StatisticsEstimate } from './estimate-statistics.ts';
export { FeatureCache } from './feature-cache/feature-cache.ts';
export { type FeaturePrecision, type RecordLayout } from './feature-cache/feature-record.ts';
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
export { canTrain, freezePolicies, resolveFreezePolicy } from './freeze-policies.ts';
export { type FreezePolicyName, freezePolicyNames } from './freeze-policy-names.ts';
export {
  parseFreezePolicy,
  type FreezePolicy,
  type FreezeRule,
  type LayerGroup,
  type LayerMatch,
  type LayerMode,
  type LayerRole,
} from './freeze-policy.ts';
export type { LayerPlan, ParameterCounts } from './freeze-tree.ts';
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
export type { ModelBatch, Recalibration, RecalibrateOptions } from './recalibrate.ts';
export { replaceClassifier, type ReplaceClassifierOptions } from './replace-classifier.ts';
export { smoothLabels } from './smooth-labels.ts';
export { splitTrunk, type SplitTrunkOptions, type TrunkSplit } from './split-trunk.ts';
export type { VariableFate, VariableProof, Verification } from './verification.ts';
export { learningRateAt, type TrainingPosition } from './schedules/learning-rate-at.ts';
export {
  fixresAuthorsSchedule,
  linearlyScaledRate,
  type ScaledBatch,
} from './schedules/linearly-scaled-rate.ts';
export { parseSchedule } from './schedules/parse-schedule.ts';
export type {
  ConstantSchedule,
  CosineSchedule,
  Schedule,
  StepSchedule,
  WarmUp,
} from './schedules/schedule.ts';
