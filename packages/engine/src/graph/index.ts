export { FixresEngineError, type FixresEngineErrorCode } from '../errors.ts';
export {
  type CompiledGraph,
  compileGraph,
  type CompileOptions,
  type GraphFunction,
  type InputValue,
  type Precision,
} from './compile-graph.ts';
export { withControlDependency } from './control-dependency.ts';
export {
  bfloat16Slowdown,
  fasterPrecision,
  precisionTimes,
  type PrecisionTimesOptions,
} from './precision-times.ts';
export { DataType } from './graph-backend.ts';
export type {
  Attribute,
  ConstantValue,
  Graph,
  GraphNode,
  NodeParts,
  Output,
  OutputSpec,
} from './graph-node.ts';
export type { LoadedSession, SessionFactory } from './graph-session.ts';
export type { InputSpec, TensorFunction } from './record-function.ts';
export { type OpenedSavedModel, openSavedModel } from './saved-model/open-saved-model.ts';
export type { InputStage } from './saved-model/input-stage.ts';
export type { PrecisionTimes } from './time-precisions.ts';
export { type ExampleInputs, writeSavedModel } from './saved-model/write-saved-model.ts';
