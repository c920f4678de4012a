export { exportSavedModel, type ExportSavedModelOptions } from './export-saved-model.ts';
export { loaderSource } from './image-source.ts';
export { processMemory } from './process-memory.ts';
export { type PredictionNames, RunFolder } from './run-folder.ts';
