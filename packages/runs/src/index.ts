export {
  type ArmCheckpoint,
  type CheckpointStore,
  type FinishedArm,
} from './checkpoints/checkpoint-store.ts';
export { type StateArray, type StateArrays } from './checkpoints/state-arrays.ts';
export {
  type BestEpoch,
  finishEpoch,
  noProgress,
  type TrainingProgress,
} from './checkpoints/training-progress.ts';
export { FixresRunsError, type FixresRunsErrorCode } from './errors.ts';
export { eventJsonSchema, eventSchema } from './events/event-schema.ts';
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
  type FactorEffects,
  type FactorialRecord,
  type FeatureCacheRecord,
  type PairedSeeds,
  parseEvents,
  type PooledAccuracy,
  type LabelMetrics,
  type MultiLabelMetrics,
  type PooledMetrics,
  type PooledMultiLabel,
  type PrecisionComparison,
  type PredictionMetrics,
  type RobustnessComparison,
  type RobustnessRecord,
  type RobustnessSummary,
  RUN_FORMAT,
  type RunEvent,
  type RunEventInput,
  type SeedStoppingRecord,
  settledEvents,
  type SizeChoice,
  type SpreadOverSeeds,
  type Summary,
  type ValueSpread,
  type Verdict,
} from './events/events.ts';
export { secondsOf } from './events/run-clock.ts';
export { type DatasetEntry, type ExperimentFile } from './experiment-file/experiment-file.ts';
export { completeExperiment } from './experiment-file/complete-experiment.ts';
export { experimentJsonSchema } from './experiment-file/experiment-json-schema.ts';
export { writtenExperiment } from './experiment-file/written-experiment.ts';
export { armCard, multiLabelHead, newArchitecture } from './experiment/arm-card.ts';
export {
  type DatasetChoice,
  type DatasetReading,
  openingFields,
  openingOf,
  recordedOpening,
} from './experiment/dataset-choice.ts';
export { corruptionConditions } from './experiment/corruption-conditions.ts';
export { checkExperiment, noWeightTrains } from './experiment/check-experiment.ts';
export { isSame } from './experiment/is-same.ts';
export {
  type ActivationSettings,
  type ArmSpec,
  type CheckpointSettings,
  type ComparisonSpec,
  type CorruptionSettings,
  type Distillation,
  type EarlyStopping,
  type EqualCost,
  evaluationKey,
  type Experiment,
  type FactorialDesign,
  type LossSpec,
  type MeasuredSize,
  type NewModel,
  type NormStatistics,
  type OptimizerSpec,
  type PlannedArm,
  type PlannedExperiment,
  type Precision,
  type PrecisionChoice,
  type ProgressiveResizing,
  type Sampling,
  type SeedStopping,
  type SeedModel,
  type StoredModel,
} from './experiment/experiment.ts';
export {
  armsToMeasure,
  candidatesToMeasure,
  measuredSizes,
  sizeChoice,
  sizeChoiceText,
  withChosenSizes,
  withLargestSizes,
} from './experiment/measured-size.ts';
export {
  imagesBySize,
  stageOf,
  stagePolicies,
  type TrainingStage,
} from './experiment/training-stages.ts';
export { recipeSettings } from './experiment/training-recipes.ts';
export { experimentDefaults } from './experiment/experiment-defaults.ts';
export {
  atAnyLength,
  fixresExperiment,
  fixresPresets,
  type FixresSettings,
} from './experiment/fixres-experiment.ts';
export { type RecipeName } from './experiment/fixres-recipes.ts';
export { type ConfigValue, flattenConfig } from './experiment/flatten-config.ts';
export {
  type FixresArm,
  fixresArms,
  type FurtherLog,
  furtherLogs,
  isPresetName,
  type PresetName,
  presetNames,
} from './experiment/names.ts';
export { allowedMemory, memoryText, parseMemory } from './experiment/memory-amount.ts';
export { presetWidth } from './experiment/preset-width.ts';
export {
  type ClusterSettings,
  defaultClusterSettings,
  type FeatureChoice,
  type MemoryPlan,
  type RunConfig,
  type RunPart,
} from './experiment/run-config.ts';
export {
  allowedBy,
  isWithin,
  type SettingRange,
  settingRanges,
} from './experiment/setting-ranges.ts';
export {
  endsWithinEpoch,
  imagesPerUpdate,
  imagesTrained,
  trainingLength,
  type TrainingLength,
} from './experiment/training-length.ts';
export { type Fields, fieldsOf, isFields, listOf } from './fields.ts';
export {
  armFolderName,
  earlierPredictionsFileName,
  parseArmFolderName,
  parsePredictionsFileName,
  predictionsFileName,
  type PredictionsOf,
} from './file-names.ts';
export { averagePredictions } from './metrics/average-predictions.ts';
export { calibration } from './metrics/calibration.ts';
export { confusionMatrix, perClassAccuracy } from './metrics/confusion-matrix.ts';
export {
  type CalibrationDescription,
  type CalibrationOptions,
  type CalibrationQuality,
  describeCalibration,
} from './metrics/describe-calibration.ts';
export { debiasedCalibrationError } from './metrics/debiased-calibration-error.ts';
export { describePredictions, type PredictionDescription } from './metrics/describe-predictions.ts';
export { mostProbable } from './metrics/most-probable.ts';
export { type MultiLabelPredictions } from './metrics/multi-label/average-precision.ts';
export { multiLabelMetrics } from './metrics/multi-label/multi-label-metrics.ts';
export { exactMatches, tuneThresholds } from './metrics/multi-label/thresholds.ts';
export { negativeLogLikelihood } from './metrics/negative-log-likelihood.ts';
export { poolMetrics } from './metrics/pool-metrics.ts';
export { type Predictions, type RecordedPredictions } from './metrics/predictions.ts';
export { fitTemperature, withTemperature } from './metrics/temperature.ts';
export { topKCorrect } from './metrics/top-k.ts';
export { armMetrics } from './results/arm-metrics.ts';
export { choosePairs } from './results/compare/choose-pairs.ts';
export { namedPairs } from './results/compare/named-pairs.ts';
export {
  type ArmComparison,
  type ArmScore,
  compareArms,
  scoreArm,
} from './results/compare/compare-arms.ts';
export { type ComparedArm, type ComparedRun } from './results/compare/compared-run.ts';
export { type ConfigDifference, configDifferences } from './results/compare/config-differences.ts';
export { type PairedArms, pairSeeds } from './results/compare/pair-seeds.ts';
export { requireSameImages } from './results/compare/same-images.ts';
export { type RecordedRun } from './results/recorded-run.ts';
export { type LookAlikePair, type RunLeaks } from './results/run-leaks.ts';
export { type RunEntry } from './results/run-entry.ts';
export { type ArmSoFar, decideSeeds } from './results/decide-seeds.ts';
export { type MultiLabelResult } from './results/multi-label-records.ts';
export { APPARENT_SIZE_VIEWS } from './results/apparent-size-views.ts';
export { type ArmResult, summarize } from './results/summarize.ts';
export { type BootstrapOptions } from './statistics/bootstrap-interval.ts';
export { comparePairs, type CorrectedComparison } from './statistics/paired/compare-pairs.ts';
export { type CorrectnessMatrix } from './statistics/correctness-matrix.ts';
export { armRobustness, type CorruptedArm } from './statistics/robustness.ts';
export { type Halves, stratifiedHalves } from './statistics/stratified-halves.ts';
export { normalQuantile } from './statistics/normal-quantile.ts';
export {
  differenceInterval,
  differenceLowerBound,
  type DiscordantCounts,
} from './statistics/paired/difference-bound.ts';
export { discordance } from './statistics/paired/discordance.ts';
export { holmAdjust } from './statistics/paired/holm.ts';
export { mcnemarExact } from './statistics/paired/mcnemar.ts';
export { accuracyOverSeeds, compareOverSeeds } from './statistics/over-seeds.ts';
export { comparePaired, type PairedComparison } from './statistics/paired/paired-comparison.ts';
export {
  differenceVariance,
  type DifferenceVariance,
} from './statistics/power/difference-variance.ts';
export {
  imagesNeeded,
  pairedPower,
  type PlannedComparison,
  smallestDifference,
} from './statistics/power/paired-power.ts';
export { pooledAccuracy } from './statistics/pooled-accuracy.ts';
export {
  type ConfidenceSequenceOptions,
  tConfidenceSequence,
} from './statistics/sequential/t-confidence-sequence.ts';
export {
  smallestDetectable,
  type SmallestDetectableOptions,
} from './statistics/smallest-detectable.ts';
export {
  type HalvingArm,
  type HalvingRound,
  halvingRounds,
  type HalvingState,
  halvingState,
} from './sweep/halving.ts';
export { halvingRungs, type RungSettings } from './sweep/halving-rungs.ts';
export { type HalvingSettings } from './sweep/halving-settings.ts';
export {
  type RungEntry,
  RungHalving,
  type RungHalvingOptions,
  type RungJob,
  type RungTrial,
} from './sweep/rung-halving.ts';
export { chooseTrials, experimentOfTrials, partOf, type Trial, trialsOf } from './sweep/trials.ts';
export { verdictOf } from './statistics/paired/verdict.ts';
export { mostFailures } from './statistics/most-failures.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';
