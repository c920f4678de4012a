export { FixresRunnerError, type FixresRunnerErrorCode } from './errors.ts';
export type { ArmCheckpoint, CheckpointStore, FinishedArm } from './checkpoint-store.ts';
export { eagerTrainer } from './eager-trainer.ts';
export { evaluate, type EvaluateOptions, type Predictions } from './evaluate.ts';
export {
  type ArmRecord,
  type ComparisonRecord,
  type DatasetRecord,
  type EngineRecord,
  type EpochRecord,
  type EvaluationRecord,
  parseEvents,
  RUN_FORMAT,
  type RunEvent,
  type RunEventInput,
  settledEvents,
  type Summary,
  type Verdict,
} from './events.ts';
export {
  type ArmSpec,
  type CheckpointSettings,
  type ComparisonSpec,
  type EarlyStopping,
  evaluationKey,
  type Experiment,
  type OptimizerSpec,
} from './experiment.ts';
export { fixresExperiment, fixresPresets, type FixresSettings, type PresetName } from './fixres-experiment.ts';
export type { RecipeName } from './fixres-recipes.ts';
export type { ImageBatch, ImageSource } from './image-source.ts';
export { type MemoryMeter, runExperiment, type RunExperimentOptions } from './run-experiment.ts';
export { type BootstrapOptions } from './statistics/bootstrap-interval.ts';
export { type CorrectnessMatrix } from './statistics/correctness-matrix.ts';
export { discordance } from './statistics/discordance.ts';
export { holmAdjust } from './statistics/holm.ts';
export { mcnemarExact } from './statistics/mcnemar.ts';
export { comparePaired, type PairedComparison } from './statistics/paired-comparison.ts';
export { pooledAccuracy, type PooledAccuracy } from './statistics/pooled-accuracy.ts';
export { smallestDetectable, type SmallestDetectableOptions } from './statistics/smallest-detectable.ts';
export { verdictOf } from './statistics/verdict.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';
export { type StepProgress, trainArm, type TrainArmOptions } from './train-arm.ts';
export { createEagerTrainer, type TrainerFactory, type TrainerRequest } from './trainer-factory.ts';
export type { StateArray, StateArrays, StepAverage, StepOptimizer, StepResult, Trainer, TrainerOptions } from './trainer.ts';
export { type BestEpoch, noProgress, type TrainingProgress } from './training-progress.ts';
