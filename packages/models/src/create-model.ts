import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './architecture-options.ts';
import { FixresModelsError } from './errors.ts';
import { mobileNetV2 } from './mobilenet-v2.ts';
import { isModelName, type ModelName, modelNames, stemWidths } from './model-names.ts';
import { resNet101V2, resNet14V2, resNet152V2, resNet26V2, resNet50V2 } from './resnet-v2.ts';

/** Options that every model that is made by name understands. */
export interface ModelOptions extends ArchitectureOptions {
  /** Channels of the stem; all other widths scale with it. Default: {@link stemWidths}. In MobileNetV2 it is 32 times `alpha`. */
  width?: number;
}

/** The models that can be made by name. */
export const modelFactories: Readonly<Record<ModelName, (options?: ModelOptions) => LayersModel>> = {
  resnet14v2: resNet14V2,
  resnet26v2: resNet26V2,
  resnet50v2: resNet50V2,
  resnet101v2: resNet101V2,
  resnet152v2: resNet152V2,
  mobilenetv2: ({ width = stemWidths.mobilenetv2, ...options } = {}) =>
    mobileNetV2({ ...options, alpha: width / stemWidths.mobilenetv2 }),
};

/**
 * Makes a model by its name. The caller disposes it.
 *
 * @throws FixresModelsError `unknown-model` with the names there are, `bad-option`
 */
export function createModel(name: string, options: ModelOptions = {}): LayersModel {
  if (!isModelName(name)) {
    throw new FixresModelsError('unknown-model', `There is no model ${JSON.stringify(name)}. Known models: ${modelNames.join(', ')}.`);
  }
  return modelFactories[name](options);
}
