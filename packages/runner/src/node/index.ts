export { compileTrainer, type CompileTrainerOptions } from './compile-trainer.ts';
export { compileTrunk } from './compile-trunk.ts';
export { loaderSource } from './image-source.ts';
export { processMemory } from './process-memory.ts';
export { type PredictionNames, RunFolder } from './run-folder.ts';
export { saveModel } from './save-model.ts';
export { writeAside } from './write-aside.ts';
