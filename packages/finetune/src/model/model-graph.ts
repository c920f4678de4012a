import * as tfl from '@tensorflow/tfjs-layers';

type Layer = tfl.layers.Layer;

/**
 * One tensor of a flat graph: output `index` of `step`, or the model's input `index` if `step` is
 * null.
 */
export interface GraphValue {
  readonly step: GraphStep | null;
  readonly index: number;
  /** The type to which a model casts its input; nested models do this too. */
  readonly castTo?: tfl.SymbolicTensor['dtype'];
}

/** One call of one layer. A shared layer has one step per call. */
export interface GraphStep {
  readonly layer: Layer;
  readonly inputs: readonly GraphValue[];
  /** The symbolic output 0 of the call, for shapes. */
  readonly output: tfl.SymbolicTensor;
}

/**
 * A model as a list of layer calls in an order in which they can run, with nested models expanded.
 */
export interface ModelGraph {
  readonly steps: readonly GraphStep[];
  readonly outputs: readonly GraphValue[];
}

/** The values of one call of a model: inputs are bound to the caller's tensors. */
interface Scope {
  readonly bound: ReadonlyMap<number, GraphValue>;
  readonly steps: Map<string, GraphStep>;
  readonly nested: Map<string, Scope>;
}

/** Expands a model. Only reads the symbolic graph: nothing runs and no node is added to a layer. */
export function modelGraph(model: tfl.LayersModel): ModelGraph {
  const steps: GraphStep[] = [];

  const resolve = (tensor: tfl.SymbolicTensor, scope: Scope): GraphValue => {
    const bound = scope.bound.get(tensor.id);
    if (bound !== undefined) return bound;
    const layer = tensor.sourceLayer;
    const key = `${layer.id}:${tensor.nodeIndex}`;
    if (layer instanceof tfl.LayersModel) {
      let inner = scope.nested.get(key);
      if (inner === undefined) {
        inner = newScope(
          layer,
          tensor.inputs.map((input) => resolve(input, scope)),
        );
        scope.nested.set(key, inner);
      }
      return resolve(at(layer.outputs, tensor.tensorIndex), inner);
    }
    let step = scope.steps.get(key);
    if (step === undefined) {
      step = { layer, inputs: tensor.inputs.map((input) => resolve(input, scope)), output: tensor };
      scope.steps.set(key, step);
      steps.push(step);
    }
    return { step, index: tensor.tensorIndex };
  };

  const scope = newScope(
    model,
    model.inputs.map((_, index) => ({ step: null, index })),
  );
  return { outputs: model.outputs.map((output) => resolve(output, scope)), steps };
}

function newScope(model: tfl.LayersModel, values: readonly GraphValue[]): Scope {
  const bound = new Map(
    model.inputs.map((input, index): [number, GraphValue] => [
      input.id,
      { ...at(values, index), castTo: input.dtype },
    ]),
  );
  return { bound, steps: new Map(), nested: new Map() };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`index ${index} of a list of ${list.length}`);
  return item;
}

/** The given steps and all steps that they depend on. */
export function withAncestors(start: Iterable<GraphStep>): Set<GraphStep> {
  const seen = new Set<GraphStep>(start);
  // Iterating over a set includes items added during the iteration.
  for (const step of seen)
    for (const { step: before } of step.inputs) if (before !== null) seen.add(before);
  return seen;
}
