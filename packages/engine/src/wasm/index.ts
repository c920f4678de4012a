export { FixresEngineError, type FixresEngineErrorCode } from '../errors.ts';
export { registerWasmTrainingKernels } from './register-training-kernels.ts';
