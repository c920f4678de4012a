import * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';

export interface ReplaceClassifierOptions {
  /** Number of classes of the new classifier. */
  classes: number;
  /** `softmax` for one class per image, `sigmoid` for multi-label data. Default `softmax`. */
  activation?: 'softmax' | 'sigmoid';
  /** Seed of its initial weights (Glorot uniform), a whole number of at least 0. Default 0. */
  seed?: number;
  /**
   * Whether a model without a classifier gets one, behind global average pooling if it ends in a
   * map [b, h, w, channels]. Default false: it is an error.
   */
  append?: boolean;
}

/** Layers that only convert a classifier's numbers to probabilities. */
const activations: ReadonlySet<string> = new Set(['Activation', 'Softmax', 'KerasSoftmax']);
/** Layers behind a convolution that only change the shape of [b, 1, 1, classes]. */
const shapes: ReadonlySet<string> = new Set(['Flatten', 'Reshape']);
const convolutions: ReadonlySet<string> = new Set(['Conv2D', 'KerasConv2D']);

/**
 * A model for other classes: replaces the dense layer at its end, or a convolution of one position
 * as in MobileNetV3, by a new dense layer with softmax or sigmoid, the same name and new weights. All other
 * layers are shared with the given model, so dispose only one of the two.
 *
 * @param model one output from such a layer, optionally through an activation
 * @throws FixresFinetuneError `no-classifier` for other models
 */
export function replaceClassifier(
  model: tfl.LayersModel,
  { classes, activation = 'softmax', seed = 0, append = false }: ReplaceClassifierOptions,
): tfl.LayersModel {
  const [output, ...others] = model.outputs;
  if (output === undefined || others.length > 0)
    throw noClassifier(model, `it has ${model.outputs.length} outputs`);
  const { name, features } = classifierOf(output) ?? (append ? behind(output) : {});
  if (features === undefined) {
    throw noClassifier(
      model,
      `it ends in ${output.sourceLayer.name} (${output.sourceLayer.getClassName()})`,
    );
  }
  const dense = tfl.layers.dense({
    name: name!,
    units: classes,
    activation,
    // tfjs treats the seed 0 as no seed.
    kernelInitializer: tfl.initializers.glorotUniform({ seed: seed + 1 }),
  });
  return tfl.model({
    name: model.name,
    inputs: model.inputs,
    outputs: dense.apply(features) as tfl.SymbolicTensor,
  });
}

interface Classifier {
  /** The classifier's name. */
  name: string;
  /** Its input, [b, channels]. */
  features: tfl.SymbolicTensor;
}

/** The classifier at the end of a model; undefined if it ends in something else. */
function classifierOf(output: tfl.SymbolicTensor): Classifier | undefined {
  const classNameOf = ({ sourceLayer }: tfl.SymbolicTensor): string => sourceLayer.getClassName();
  let end = output;
  if (activations.has(classNameOf(end))) end = end.inputs[0]!;
  if (classNameOf(end) === 'Dense') return { name: end.sourceLayer.name, features: end.inputs[0]! };
  while (shapes.has(classNameOf(end))) end = end.inputs[0]!;
  const [features] = end.inputs;
  if (!convolutions.has(classNameOf(end)) || features === undefined) return undefined;
  const [, height, width] = features.shape;
  if (height !== 1 || width !== 1) return undefined;
  return { name: end.sourceLayer.name, features: flattened(features, end.sourceLayer.name) };
}

function flattened(features: tfl.SymbolicTensor, name: string): tfl.SymbolicTensor {
  return tfl.layers.flatten({ name: `${name}_features` }).apply(features) as tfl.SymbolicTensor;
}

/** Where to put a classifier behind a network without one. */
function behind(output: tfl.SymbolicTensor): Partial<Classifier> {
  const name = 'predictions';
  const { rank } = output;
  if (rank === 2) return { name, features: output };
  if (rank !== 4) return {};
  const pool = tfl.layers.globalAveragePooling2d({ name: 'avg_pool_features' });
  return { name, features: pool.apply(output) as tfl.SymbolicTensor };
}

function noClassifier({ name }: tfl.LayersModel, why: string): FixresFinetuneError {
  return new FixresFinetuneError(
    'no-classifier',
    `The classifier of model ${JSON.stringify(name)} cannot be replaced: ${why}; the model ` +
      'must have one output from a dense layer, optionally through an activation',
  );
}
