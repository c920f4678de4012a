import * as tfl from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../errors.ts';

/** The sizes of a tensor without the batch axis, and the step that outputs it. */
interface StepOutput {
  readonly step: ModelStep;
  readonly shape: readonly number[];
}

/**
 * One call of one layer at a given input size. A shared layer has one step per call; nested models
 * are expanded.
 */
export interface ModelStep {
  readonly layer: tfl.layers.Layer;
  /** Names joined by `/`, without the outermost model's: `trunk/conv1`. */
  readonly path: string;
  /** Whether the layer and its enclosing models are trainable. */
  readonly trainable: boolean;
  readonly inputs: readonly StepOutput[];
  readonly outputs: readonly StepOutput[];
}

/** The bindings of a nested model's inputs during one call, and the steps computed in that call. */
interface Scope {
  readonly prefix: string;
  readonly trainable: boolean;
  readonly bound: ReadonlyMap<number, StepOutput>;
  readonly steps: Map<string, ModelStep>;
  readonly nested: Map<string, Scope>;
}

/**
 * The layer calls of a model in the order in which `predict` runs them, with shapes, and the calls
 * that return the model's outputs. Only reads the symbolic graph.
 *
 * @param inputShapes shape of each input of the model, without the batch axis
 */
export function modelSteps(
  model: tfl.LayersModel,
  inputShapes: readonly (readonly number[])[],
): { steps: ModelStep[]; outputs: ModelStep[] } {
  const steps: ModelStep[] = [];
  const call = (
    tensor: tfl.SymbolicTensor,
    scope: Scope,
    inputs: readonly StepOutput[],
    shapes: readonly (readonly number[])[],
  ): ModelStep => {
    const layer = tensor.sourceLayer;
    const outputs: StepOutput[] = [];
    const trainable = scope.trainable && layer.trainable;
    const step = { layer, path: scope.prefix + layer.name, trainable, inputs, outputs };
    outputs.push(...shapes.map((shape) => ({ step, shape })));
    steps.push(step);
    return step;
  };

  const resolve = (tensor: tfl.SymbolicTensor, scope: Scope): StepOutput => {
    const bound = scope.bound.get(tensor.id);
    if (bound !== undefined) return bound;
    const layer = tensor.sourceLayer;
    const key = `${layer.id}:${tensor.nodeIndex}`;
    if (layer instanceof tfl.LayersModel) {
      let inner = scope.nested.get(key);
      if (inner === undefined) {
        const values = resolveAll(tensor.inputs, scope);
        inner = {
          prefix: `${scope.prefix}${layer.name}/`,
          trainable: scope.trainable && layer.trainable,
          bound: new Map(layer.inputs.map((input, i) => [input.id, values[i]!])),
          steps: new Map(),
          nested: new Map(),
        };
        scope.nested.set(key, inner);
      }
      return resolve(layer.outputs[tensor.tensorIndex]!, inner);
    }
    let step = scope.steps.get(key);
    if (step === undefined) {
      const inputs = resolveAll(tensor.inputs, scope);
      const shapes = outputShapes(
        layer,
        inputs.map(({ shape }) => shape),
        `${scope.prefix}${layer.name}`,
      );
      step = call(tensor, scope, inputs, shapes);
      scope.steps.set(key, step);
    }
    return step.outputs[tensor.tensorIndex]!;
  };
  // From the last input to the first, as tfjs does.
  const resolveAll = (tensors: readonly tfl.SymbolicTensor[], scope: Scope): StepOutput[] =>
    tensors
      .toReversed()
      .map((tensor) => resolve(tensor, scope))
      .reverse();

  const outer: Scope = {
    prefix: '',
    trainable: model.trainable,
    bound: new Map(),
    steps: new Map(),
    nested: new Map(),
  };
  model.inputs.forEach((tensor, i) => {
    const step = call(tensor, outer, [], [inputShapes[i]!]);
    outer.steps.set(`${tensor.sourceLayer.id}:${tensor.nodeIndex}`, step);
  });
  const outputs = resolveAll(model.outputs, outer).map(({ step }) => step);
  return { steps, outputs };
}

function outputShapes(
  layer: tfl.layers.Layer,
  inputs: readonly (readonly number[])[],
  path: string,
): number[][] {
  const batched = inputs.map((shape) => [1, ...shape]);
  let shape: ReturnType<tfl.layers.Layer['computeOutputShape']>;
  try {
    shape = layer.computeOutputShape(batched.length === 1 ? batched[0]! : batched);
  } catch (cause) {
    throw new FixresModelsError('bad-option', `its layer ${path} cannot take what comes in`, {
      cause,
    });
  }
  const shapes = (Array.isArray(shape[0]) ? shape : [shape]) as number[][];
  return shapes.map(([, ...rest]) => rest);
}
