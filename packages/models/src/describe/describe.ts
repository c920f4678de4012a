import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../errors.ts';
import { layerGroups } from '../layer-groups.ts';
import { inferencePeak, innerBytes, keptForGradient, outputBytes } from './activation-memory.ts';
import { gradientPasses, gradientPath } from './gradient-path.ts';
import { layerCost, product } from './layer-costs.ts';
import { type ModelStep, modelSteps } from './model-steps.ts';

/** Numbers for one example, of a layer, a group or a model. */
export interface Costs {
  /** Weights, including running statistics. */
  parameters: number;
  /** Weights that are trainable now. */
  trainableParameters: number;
  /**
   * Multiply-adds of convolutions, dense layers and attention; biases, norms, activations and pools
   * are not counted. This is what MobileNet papers and most model zoos list ("MAdds", "MACs", often
   * "FLOPs"); profilers count two operations for each.
   */
  multiplyAdds: number;
  /**
   * Multiply-adds of the gradient, for the weights that are trainable now. A layer takes as many as
   * in the forward pass for its weights if they train, and as many for its inputs if a layer below
   * it trains. Together with {@link multiplyAdds} this is the compute of training per image. If
   * everything trains, that is almost three times the forward pass: only the gradient of the first
   * layer's input is not needed.
   */
  backwardMultiplyAdds: number;
  /** Size of the outputs in float32. */
  outputBytes: number;
  /**
   * The part of {@link outputBytes} that the gradient needs, for the weights that are trainable
   * now: the minimum that a training step keeps.
   */
  trainingBytes: number;
}

/** One layer. A shared layer is listed once, with the costs of all its calls. */
export interface LayerDescription extends Costs {
  /** Name, preceded by those of the enclosing nested models: `trunk/conv1`. */
  path: string;
  className: string;
  /** Shape of its (last) output without the batch axis. */
  outputShape: number[];
}

/** A group of layers, e.g. a stage. */
export interface GroupDescription extends Costs {
  name: string;
  /** Paths of its layers. */
  layers: string[];
}

/** A model at one input size. Plain data. */
export interface ModelDescription extends Costs {
  name: string;
  /** Shapes of the inputs without the batch axis. */
  inputShapes: number[][];
  /**
   * Peak memory in a forward pass that frees each output after its last use, except the image. Of
   * the numbers inside a layer, only the projections and similarities of attention count.
   */
  inferencePeakBytes: number;
  layers: LayerDescription[];
  /** In the model's order. Empty for a model that is no image classifier, if no groups are given. */
  groups: GroupDescription[];
  /**
   * Layers of unknown kinds. Their multiply-adds are missing; their outputs and inputs count as
   * kept.
   */
  unknownLayers: { path: string; className: string }[];
}

export interface DescribeOptions {
  /**
   * Groups to sum up: names of layers, their paths, or names of nested models. Default: {@link
   * layerGroups}, if it knows the model.
   */
  groups?: readonly { name: string; layers: readonly string[] }[];
}

/**
 * Counts the cost of a model at an input size: multiply-adds, parameters and memory of the
 * activations, in total, by group and by layer. Nothing runs; all numbers are for one example and
 * follow from the shapes. The memory excludes workspace of kernels, weights, gradients and the
 * optimizer's state.
 *
 * @param size side of square images, or [height, width]; if absent, the model's own input shapes
 * @throws FixresModelsError `bad-option` for a size that does not fit the model, or for no size if
 * the model has variable sides
 */
export function describe(
  model: LayersModel,
  size?: number | readonly [number, number],
  options: DescribeOptions = {},
): ModelDescription {
  const inputShapes = model.inputs.map(({ shape }) => inputShape(model, shape.slice(1), size));
  const { steps, outputs } = stepsAt(model, inputShapes, size);
  checkShapes(model, steps, size);
  const kept = keptForGradient(steps);
  const path = gradientPath(steps);
  const layers = new Map<unknown, LayerDescription>();
  for (const step of steps) {
    const bytes = outputBytes(step);
    const { layer } = step;
    let entry = layers.get(layer);
    if (entry === undefined) {
      entry = {
        path: step.path,
        className: layer.getClassName(),
        outputShape: [],
        ...parametersOf(step),
        multiplyAdds: 0,
        backwardMultiplyAdds: 0,
        outputBytes: 0,
        trainingBytes: 0,
      };
      layers.set(layer, entry);
    }
    entry.outputShape = [...step.outputs.at(-1)!.shape];
    const multiplyAdds = layerCost(step)?.multiplyAdds?.(step) ?? 0;
    entry.multiplyAdds += multiplyAdds;
    entry.backwardMultiplyAdds += multiplyAdds * gradientPasses(step, path);
    entry.outputBytes += bytes;
    entry.trainingBytes += (kept.has(step) ? bytes : 0) + (path.has(step) ? innerBytes(step) : 0);
  }
  const all = [...layers.values()];
  return {
    name: model.name,
    inputShapes,
    ...total(all),
    inferencePeakBytes: inferencePeak(steps, outputs),
    layers: all,
    groups: groupsOf(model, options).map(({ name, layers: names }) => {
      const members = all.filter(({ path }) => isIn(path, names));
      return { name, layers: members.map(({ path }) => path), ...total(members) };
    }),
    unknownLayers: all
      .filter(({ path }) => layerCost(steps.find((step) => step.path === path)!) === undefined)
      .map(({ path, className }) => ({ path, className })),
  };
}

function inputShape(
  model: LayersModel,
  shape: readonly (number | null)[],
  size?: number | readonly [number, number],
): number[] {
  const [height, width] = typeof size === 'number' ? [size, size] : (size ?? []);
  for (const side of [height, width]) {
    if (side === undefined || (Number.isInteger(side) && side >= 1)) continue;
    throw badSize(size, 'a whole number of pixels, or [height, width]');
  }
  const isImage = shape.length === 3;
  const sized =
    isImage && height !== undefined && width !== undefined ? [height, width, shape[2]!] : shape;
  if (sized.every((side) => side !== null)) return [...sized];
  throw badSize(
    size,
    `given for images: an input of ${model.name} has the shape [${shape.map((side) => side ?? 'open').join(', ')}]`,
  );
}

/**
 * A dense layer after a flattened map fits only one size, a network with many strides has a minimum
 * size, and the patches of a vision transformer must cover the image.
 */
function checkShapes(model: LayersModel, steps: readonly ModelStep[], size: unknown): void {
  for (const { layer, path, inputs, outputs } of steps) {
    const { shape } = outputs[0]!;
    const empty = shape.some((side) => !(side >= 1));
    const kernel = layer.getClassName() === 'Dense' ? layer.weights[0]!.shape[0] : undefined;
    if (!empty && (kernel === undefined || kernel === inputs[0]!.shape.at(-1))) continue;
    throw badSize(size, `one that fits ${model.name}: its layer ${path} cannot take what comes in`);
  }
  for (const { layer, inputs } of steps) {
    if (layer.getClassName() !== 'ViTEmbeddings') continue;
    const { patchSize } = layer.getConfig() as { patchSize: number };
    const image = inputs[0]!.step.inputs[0]!.shape;
    if (image.slice(0, 2).every((side) => side % patchSize === 0)) continue;
    throw badSize(size, `a multiple of ${patchSize}, the side of a patch of ${model.name}`);
  }
}

/** The steps at a size. A Reshape made for another size has no shape at this one. */
function stepsAt(
  model: LayersModel,
  inputShapes: readonly (readonly number[])[],
  size: unknown,
): ReturnType<typeof modelSteps> {
  try {
    return modelSteps(model, inputShapes);
  } catch (error) {
    throw badSize(size, `one that fits ${model.name}: ${(error as Error).message}`);
  }
}

function badSize(size: unknown, allowed: string): FixresModelsError {
  return new FixresModelsError(
    'bad-option',
    `Option size is ${size === undefined ? 'left out' : JSON.stringify(size)}; it must be ${allowed}.`,
  );
}

function parametersOf({
  layer,
  trainable,
}: ModelStep): Pick<Costs, 'parameters' | 'trainableParameters'> {
  const count = (weights: readonly { shape: readonly (number | null)[] }[]): number =>
    weights.reduce((sum, { shape }) => sum + product(shape as number[]), 0);
  return {
    parameters: count(layer.weights),
    trainableParameters: trainable ? count(layer.trainableWeights) : 0,
  };
}

function total(parts: readonly Costs[]): Costs {
  const sum = (key: keyof Costs): number => parts.reduce((value, part) => value + part[key], 0);
  return {
    parameters: sum('parameters'),
    trainableParameters: sum('trainableParameters'),
    multiplyAdds: sum('multiplyAdds'),
    backwardMultiplyAdds: sum('backwardMultiplyAdds'),
    outputBytes: sum('outputBytes'),
    trainingBytes: sum('trainingBytes'),
  };
}

function groupsOf(
  model: LayersModel,
  { groups }: DescribeOptions,
): readonly { name: string; layers: readonly string[] }[] {
  if (groups !== undefined) return groups;
  try {
    return layerGroups(model);
  } catch (error) {
    if (error instanceof FixresModelsError && error.code === 'unknown-architecture') return [];
    throw error;
  }
}

/** Whether a path is named, or is inside a named nested model. */
function isIn(path: string, names: readonly string[]): boolean {
  const parts = path.split('/');
  return parts.some(
    (part, i) => names.includes(part) || names.includes(parts.slice(0, i + 1).join('/')),
  );
}
