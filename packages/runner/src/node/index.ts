export { CheckpointFolder, type CheckpointFolderOptions } from './checkpoints/checkpoint-folder.ts';
export { csvLog } from './logs/csv-log.ts';
export type { RunLog } from './logs/run-log.ts';
export { TensorBoardLog } from './logs/tensorboard/tensor-board-log.ts';
export { type DatasetEntry, type ExperimentFile } from './experiment-file/experiment-file.ts';
export { experimentJsonSchema } from './experiment-file/experiment-schema.ts';
export { parseExperiment, readExperimentFile } from './experiment-file/parse-experiment-file.ts';
export { type ImageSizes, resolveExperiment } from './experiment-file/resolve-experiment.ts';
export {
  type CompiledForward,
  compileForward,
  type CompileForwardOptions,
} from './compile-forward.ts';
export { compileTrainer, type CompileTrainerOptions } from './compile-trainer.ts';
export { compileTrunk } from './compile-trunk.ts';
export { createCompiledForward, createCompiledTrainer } from './compiled-factories.ts';
export { exportSavedModel, type ExportSavedModelOptions } from './export-saved-model.ts';
export { loaderSource } from './image-source.ts';
export { modelDigest } from './model-digest.ts';
export { processMemory } from './process-memory.ts';
export { readEvents } from './read-events.ts';
export { readLines } from './read-lines.ts';
export { isFreeForRun, type PredictionNames, type ReopenedRun, RunFolder } from './run-folder.ts';
export { writeFailed } from './write-failed.ts';
