export {
  type DeviceChoice,
  deviceChoices,
  type EngineChoice,
  type EngineInfo,
  type EngineName,
  engineChoices,
} from './engine-name.ts';
export { FixresEngineError, type FixresEngineErrorCode } from './errors.ts';
export { registerWasmTrainingKernels } from './wasm/register-training-kernels.ts';
