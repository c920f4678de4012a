export {
  activationStatistics,
  type ActivationStatistics,
  type ActivationStatisticsOptions,
} from './analysis/activation-statistics.ts';
export type { FastForward, ForwardFactory, ForwardRequest } from './arm-evaluator.ts';
export { contractClassifier, contractInput, type PixelContract } from './contract-classifier.ts';
export { FixresRunnerError, type FixresRunnerErrorCode } from './errors.ts';
export { armCompute, type ArmImages, type ImageCompute } from './compute/arm-compute.ts';
export { type CountedCompute, imageCompute } from './compute/image-compute.ts';
export { resolveCosts, type ResolveCostsOptions } from './compute/resolve-costs.ts';
export { cachedTrainer } from './cached/cached-trainer.ts';
export {
  type CachedFeatures,
  cacheFeatures,
  type CacheFeaturesOptions,
  type CacheFeaturesResult,
  type FastTrunk,
  type FeatureSettings,
  type TrunkFactory,
} from './cached/cache-features.ts';
export type { ArmCheckpoint, CheckpointStore, FinishedArm } from './checkpoint-store.ts';
export { eagerTrainer } from './eager-trainer.ts';
export { type Classifier, evaluate, type EvaluateOptions, type Predictions } from './evaluate.ts';
export {
  activationQuantiles,
  type ActivationRecord,
  type ApparentSizeRecord,
  type ArmRecord,
  type Calibration,
  type CalibrationBin,
  type ClassAccuracy,
  type ComparisonRecord,
  type DatasetRecord,
  type EngineRecord,
  type EpochRecord,
  type EvaluationRecord,
  type FeatureCacheRecord,
  type PairedSeeds,
  parseEvents,
  type PooledAccuracy,
  type PooledMetrics,
  type PredictionMetrics,
  RUN_FORMAT,
  type RunEvent,
  type RunEventInput,
  settledEvents,
  type SpreadOverSeeds,
  type Summary,
  type ValueSpread,
  type Verdict,
} from './events.ts';
export {
  type ActivationSettings,
  type ArmSpec,
  type CheckpointSettings,
  type ComparisonSpec,
  type EarlyStopping,
  type EqualCost,
  evaluationKey,
  type Experiment,
  type NewModel,
  type NormStatistics,
  type OptimizerSpec,
  type PlannedArm,
  type PlannedExperiment,
  type StoredModel,
  type Precision,
} from './experiment.ts';
export { checkExperiment } from './check-experiment.ts';
export { writeWeights } from './model-weights.ts';
export { rehearse } from './rehearse.ts';
export { allowedBy, isWithin, type SettingRange, settingRanges } from './setting-ranges.ts';
export { fixresExperiment, fixresPresets, type FixresSettings } from './fixres-experiment.ts';
export type { FixresArm, FurtherLog, PresetName } from './names.ts';
export { presetWidth } from './preset-width.ts';
export type { RecipeName } from './fixres-recipes.ts';
export type { ImageAccess, ImageBatch, ImageSource } from './image-source.ts';
export { averagePredictions } from './metrics/average-predictions.ts';
export { calibration } from './metrics/calibration.ts';
export { confusionMatrix, perClassAccuracy } from './metrics/confusion-matrix.ts';
export { describePredictions, type PredictionDescription } from './metrics/describe-predictions.ts';
export { mostProbable } from './metrics/most-probable.ts';
export { poolMetrics } from './metrics/pool-metrics.ts';
export { negativeLogLikelihood } from './metrics/negative-log-likelihood.ts';
export { topKCorrect } from './metrics/top-k.ts';
export {
  chooseResolution,
  type ChooseResolutionOptions,
  type ResolutionCandidate,
  type ResolutionChoice,
  type ScoredPolicy,
} from './resolution/choose-resolution.ts';
export {
  searchTestResolution,
  type SearchTestResolutionOptions,
} from './resolution/search-test-resolution.ts';
export { type MemoryMeter, runExperiment, type RunExperimentOptions } from './run-experiment.ts';
export type { OpenedModel, StartModelOptions } from './start-model.ts';
export { type BootstrapOptions } from './statistics/bootstrap-interval.ts';
export { comparePairs, type CorrectedComparison } from './statistics/compare-pairs.ts';
export { type CorrectnessMatrix } from './statistics/correctness-matrix.ts';
export { discordance } from './statistics/discordance.ts';
export { holmAdjust } from './statistics/holm.ts';
export { mcnemarExact } from './statistics/mcnemar.ts';
export { accuracyOverSeeds, compareOverSeeds } from './statistics/over-seeds.ts';
export { comparePaired, type PairedComparison } from './statistics/paired-comparison.ts';
export { pooledAccuracy } from './statistics/pooled-accuracy.ts';
export {
  smallestDetectable,
  type SmallestDetectableOptions,
} from './statistics/smallest-detectable.ts';
export { verdictOf } from './statistics/verdict.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';
export { type ArmResult, summarize } from './summarize.ts';
export { type StepProgress, trainArm, type TrainArmOptions } from './train-arm.ts';
export { crossEntropy, type LossFunction } from './gradient-step.ts';
export { createEagerTrainer, type TrainerFactory, type TrainerRequest } from './trainer-factory.ts';
export type {
  StateArray,
  StateArrays,
  StepAverage,
  StepOptimizer,
  StepResult,
  Trainer,
  TrainerOptions,
} from './trainer.ts';
export { imagesTrained, type TrainingLength, trainingLength } from './training-length.ts';
export { type BestEpoch, noProgress, type TrainingProgress } from './training-progress.ts';
