export { FixresEngineError, type FixresEngineErrorCode } from '../errors.ts';
export type { CpuReport } from '../machine/cpu.ts';
export type { GpuDiagnosis } from '../machine/diagnose-gpu.ts';
export { findGpus, type GpuReport } from '../machine/gpu.ts';
export { inspectMachine, type MachineReport } from '../machine/inspect-machine.ts';
export type { MemoryReport } from '../machine/memory.ts';
export type { AllocatorReport } from '../native/keep-memory.ts';
export { type DownloadOptions, downloadNativeEngine } from './download-native-engine.ts';
export {
  removeNativeEngine,
  setupNativeEngine,
  type SetupOptions,
  type SetupResult,
} from './setup-native-engine.ts';
