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
export { processMemory } from './process-memory.ts';
export { gatherRun } from './report/gather-run.ts';
export type { RunImages } from './report/run-images.ts';
