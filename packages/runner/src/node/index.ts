export { loaderSource } from './image-source.ts';
export { processMemory } from './process-memory.ts';
export { type PredictionNames, RunFolder } from './run-folder.ts';
