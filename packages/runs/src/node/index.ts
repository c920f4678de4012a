export { CheckpointFolder, type CheckpointFolderOptions } from './checkpoints/checkpoint-folder.ts';
export { readComparedRun } from './compare/read-compared-run.ts';
export { changeExperiment } from './experiment-file/change-experiment.ts';
export { experimentYaml } from './experiment-file/experiment-yaml.ts';
export {
  isOfArms,
  parseExperiment,
  readExperimentFile,
  type ReadExperimentOptions,
} from './experiment-file/parse-experiment-file.ts';
export { type ImageSizes, resolveExperiment } from './experiment-file/resolve-experiment.ts';
export { setValues } from './experiment-file/set-values.ts';
export { writeAside } from './files/write-aside.ts';
export { writeFailed } from './files/write-failed.ts';
export { isInterruption } from './is-interruption.ts';
export {
  type KnownImages,
  readKnownImages,
  shortDigest,
  writeKnownImages,
} from './known-images.ts';
export { csvLog } from './logs/csv-log.ts';
export { MlflowLog, type MlflowLogOptions } from './logs/mlflow/mlflow-log.ts';
export { mlflowServer, type MlflowServer } from './logs/mlflow/mlflow-server.ts';
export { type RunLog } from './logs/run-log.ts';
export { TensorBoardLog } from './logs/tensorboard/tensor-board-log.ts';
export { modelDigest } from './model-digest.ts';
export { loadRun } from './recorded/load-run.ts';
export { readPredictions } from './recorded/read-predictions.ts';
export { readRunConfig } from './recorded/read-run-config.ts';
export { readRunLeaks, writeRunLeaks } from './recorded/run-leaks-file.ts';
export { assembleRun, type AssembledTrial } from './sweep/assemble-run.ts';
export { type Attempt, newAttempt, trialState, type TrialState } from './sweep/attempts.ts';
export { RunLock } from './lock/run-lock.ts';
export { requireFreeFolder } from './require-free-folder.ts';
export { isFreeForRun, type PredictionNames, type ReopenedRun, RunFolder } from './run-folder.ts';
export { shellCommand } from './shell-command.ts';
