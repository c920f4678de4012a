import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './architecture-options.ts';
import { FixresModelsError } from './errors.ts';
import { mobileNetV2 } from './mobilenet-v2.ts';
import { resNet101V2, resNet14V2, resNet152V2, resNet26V2, resNet50V2 } from './resnet-v2.ts';

/** Options that every model that is made by name understands. */
export interface ModelOptions extends ArchitectureOptions {
  /** Channels of the stem; all other widths scale with it. Default: {@link stemWidths}. In MobileNetV2 it is 32 times `alpha`. */
  width?: number;
}

/** A name that {@link createModel} knows. */
export type ModelName = 'resnet14v2' | 'resnet26v2' | 'resnet50v2' | 'resnet101v2' | 'resnet152v2' | 'mobilenetv2';

/** Channels of the stem in the published models. */
export const stemWidths: Readonly<Record<ModelName, number>> = {
  resnet14v2: 64,
  resnet26v2: 64,
  resnet50v2: 64,
  resnet101v2: 64,
  resnet152v2: 64,
  mobilenetv2: 32,
};

/** The models that can be made by name. Names are Keras's: lower case, no punctuation. */
export const modelFactories: Readonly<Record<ModelName, (options?: ModelOptions) => LayersModel>> = {
  resnet14v2: resNet14V2,
  resnet26v2: resNet26V2,
  resnet50v2: resNet50V2,
  resnet101v2: resNet101V2,
  resnet152v2: resNet152V2,
  mobilenetv2: ({ width = stemWidths.mobilenetv2, ...options } = {}) =>
    mobileNetV2({ ...options, alpha: width / stemWidths.mobilenetv2 }),
};

/** Whether a string, e.g. from a command line, names a model. */
export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(modelFactories, name);
}

/**
 * Makes a model by its name. The caller disposes it.
 *
 * @throws FixresModelsError `unknown-model` with the names there are, `bad-option`
 */
export function createModel(name: string, options: ModelOptions = {}): LayersModel {
  if (!isModelName(name)) {
    const known = Object.keys(modelFactories).join(', ');
    throw new FixresModelsError('unknown-model', `There is no model ${JSON.stringify(name)}. Known models: ${known}.`);
  }
  return modelFactories[name](options);
}
