export { FixresEngineError, type FixresEngineErrorCode } from '../errors.ts';
export {
  type CompiledGraph,
  compileGraph,
  type CompileOptions,
  type GraphFunction,
  type InputValue,
  type Precision,
} from './compile-graph.ts';
export type { InputSpec, TensorFunction } from './record-function.ts';
export { type OpenedSavedModel, openSavedModel } from './saved-model/open-saved-model.ts';
export { type ExampleInputs, writeSavedModel } from './saved-model/write-saved-model.ts';
