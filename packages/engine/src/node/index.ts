export { defaultCacheFolder } from './cache-folder.ts';
export type { CpuReport } from './machine/cpu.ts';
export type { GpuDiagnosis } from './machine/diagnose-gpu.ts';
export type { GpuReport } from './machine/gpu.ts';
export {
  type CompiledGraph,
  compileGraph,
  type CompileOptions,
  type GraphFunction,
  type InputValue,
  type Precision,
} from './graph/compile-graph.ts';
export type { InputSpec, TensorFunction } from './graph/record-function.ts';
export { type ExampleInputs, writeSavedModel } from './graph/write-saved-model.ts';
export { inspectMachine, type MachineReport } from './machine/inspect-machine.ts';
export type { MemoryReport } from './machine/memory.ts';
export { type DownloadOptions, downloadNativeEngine } from './setup/download-native-engine.ts';
export {
  removeNativeEngine,
  setupNativeEngine,
  type SetupOptions,
  type SetupResult,
} from './setup/setup-native-engine.ts';
export { requireEngine, useEngine, type UseEngineOptions } from './use-engine.ts';
