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
export { eagerTrainer } from './eager-trainer.ts';
export { type Classifier, evaluate, type EvaluateOptions } from './evaluate.ts';
export { readWeights, writeWeights } from './model-weights.ts';
export { rehearse } from './rehearse.ts';
export type { ImageAccess, ImageBatch, ImageSource } from './image-source.ts';
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
export { type StepProgress, trainArm, type TrainArmOptions } from './train-arm.ts';
export { crossEntropy, type LossFunction } from './gradient-step.ts';
export { createEagerTrainer, type TrainerFactory, type TrainerRequest } from './trainer-factory.ts';
export type { StepAverage, StepOptimizer, StepResult, Trainer, TrainerOptions } from './trainer.ts';
