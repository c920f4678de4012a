export { defaultCacheFolder } from './cache-folder.ts';
export type { CpuReport } from './machine/cpu.ts';
export type { GpuReport } from './machine/gpu.ts';
export { type CompiledGraph, compileGraph, type GraphFunction, type InputValue } from './graph/compile-graph.ts';
export type { InputSpec, TensorFunction } from './graph/record-function.ts';
export { inspectMachine, type MachineReport } from './machine/inspect-machine.ts';
export type { MemoryReport } from './machine/memory.ts';
export { removeNativeEngine, setupNativeEngine, type SetupOptions, type SetupResult } from './setup/setup-native-engine.ts';
export { useEngine, type UseEngineOptions } from './use-engine.ts';
