export {
  type CachedFeatures,
  cacheFeatures,
  type CacheFeaturesOptions,
  type CacheFeaturesResult,
  type FeatureSettings,
} from '../cached/cache-features.ts';
export type { FastTrunk, TrunkFactory } from '../cached/trunks.ts';
export { cachedTrainer } from '../cached/cached-trainer.ts';
export { eagerTrainer } from './eager-trainer.ts';
export { createOptimizer } from './create-optimizer.ts';
export { crossEntropy, type LossFunction } from './gradient-function.ts';
export { readWeights, writeWeights } from './model-weights.ts';
export { type StepProgress, trainArm, type TrainArmOptions } from './train-arm.ts';
export { createEagerTrainer, type TrainerFactory, type TrainerRequest } from './trainer-factory.ts';
export { type TrainingData, trainingRules } from './training-rules.ts';
export {
  type StepAverage,
  type StepOptimizer,
  type StepResult,
  type Trainer,
  type TrainerOptions,
} from './trainer.ts';
