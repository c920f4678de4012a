import * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';

export interface ReplaceClassifierOptions {
  /** Number of classes of the new classifier. */
  classes: number;
  /** Seed of its initial weights (Glorot uniform), a whole number of at least 0. Default 0. */
  seed?: number;
}

/** Layers that only convert a dense layer's numbers to probabilities. */
const activations: ReadonlySet<string> = new Set(['Activation', 'Softmax', 'KerasSoftmax']);

/**
 * A model for other classes: replaces the dense layer at its end by a new one with softmax, the
 * same name and new weights. All other layers are shared with the given model, so dispose only one
 * of the two.
 *
 * @param model one output from a dense layer, optionally through an activation
 * @throws FixresFinetuneError `no-classifier` for other models
 */
export function replaceClassifier(
  model: tfl.LayersModel,
  { classes, seed = 0 }: ReplaceClassifierOptions,
): tfl.LayersModel {
  const [output, ...others] = model.outputs;
  if (output === undefined || others.length > 0)
    throw noClassifier(model, `it has ${model.outputs.length} outputs`);
  const end = activations.has(output.sourceLayer.getClassName()) ? output.inputs[0] : output;
  const features = end?.inputs[0];
  if (end?.sourceLayer.getClassName() !== 'Dense' || features === undefined) {
    throw noClassifier(
      model,
      `it ends in ${output.sourceLayer.name} (${output.sourceLayer.getClassName()})`,
    );
  }
  const dense = tfl.layers.dense({
    name: end.sourceLayer.name,
    units: classes,
    activation: 'softmax',
    // tfjs treats the seed 0 as no seed.
    kernelInitializer: tfl.initializers.glorotUniform({ seed: seed + 1 }),
  });
  return tfl.model({
    name: model.name,
    inputs: model.inputs,
    outputs: dense.apply(features) as tfl.SymbolicTensor,
  });
}

function noClassifier({ name }: tfl.LayersModel, why: string): FixresFinetuneError {
  return new FixresFinetuneError(
    'no-classifier',
    `The classifier of model ${JSON.stringify(name)} cannot be replaced: ${why}; the model ` +
      'must have one output from a dense layer, optionally through an activation',
  );
}
