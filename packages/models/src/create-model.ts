import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from './errors.ts';
import { resNet101V2, resNet14V2, resNet152V2, resNet26V2, resNet50V2, type ResNetV2Options } from './resnet-v2.ts';

/** The models that can be made by name. Names are Keras's: lower case, no punctuation. */
export const modelFactories: Readonly<Record<ModelName, (options?: ResNetV2Options) => LayersModel>> = {
  resnet14v2: resNet14V2,
  resnet26v2: resNet26V2,
  resnet50v2: resNet50V2,
  resnet101v2: resNet101V2,
  resnet152v2: resNet152V2,
};

/** A name that {@link createModel} knows. */
export type ModelName = 'resnet14v2' | 'resnet26v2' | 'resnet50v2' | 'resnet101v2' | 'resnet152v2';

/** Whether a string, e.g. from a command line, names a model. */
export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(modelFactories, name);
}

/**
 * Makes a model by its name. The caller disposes it.
 *
 * @throws FixresModelsError `unknown-model` with the names there are, `bad-option`
 */
export function createModel(name: string, options: ResNetV2Options = {}): LayersModel {
  if (!isModelName(name)) {
    const known = Object.keys(modelFactories).join(', ');
    throw new FixresModelsError('unknown-model', `There is no model ${JSON.stringify(name)}. Known models: ${known}.`);
  }
  return modelFactories[name](options);
}
