import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOption } from '../check-option.ts';
import { FixresModelsError } from '../errors.ts';
import { isModelName, type ModelName, modelNames, stemWidths } from '../model-names.ts';
import type { ArchitectureOptions } from './architecture-options.ts';
import { mobileNetV2 } from './mobilenet-v2.ts';
import { resNet101V2, resNet14V2, resNet152V2, resNet26V2, resNet50V2 } from './resnet-v2.ts';

/** Options that every model that is made by name understands. */
export interface ModelOptions extends ArchitectureOptions {
  /** Channels of the stem; all other widths scale with it. Default: {@link stemWidths}. In MobileNetV2 it is 32 times `alpha`. */
  width?: number;
  /** MobileNetV2 only, in place of `width`: factor on the channels of all layers, see {@link MobileNetV2Options}. */
  alpha?: number;
}

/** The models that can be made by name. */
export const modelFactories: Readonly<Record<ModelName, (options?: ModelOptions) => LayersModel>> =
  {
    resnet14v2: resNet14V2,
    resnet26v2: resNet26V2,
    resnet50v2: resNet50V2,
    resnet101v2: resNet101V2,
    resnet152v2: resNet152V2,
    mobilenetv2: ({
      width = stemWidths.mobilenetv2,
      alpha = width / stemWidths.mobilenetv2,
      ...options
    } = {}) => mobileNetV2({ ...options, alpha }),
  };

/**
 * Makes a model by its name. The caller disposes it.
 *
 * @throws FixresModelsError `unknown-model` with the names there are, `bad-option`
 */
export function createModel(name: string, options: ModelOptions = {}): LayersModel {
  if (!isModelName(name)) {
    throw new FixresModelsError(
      'unknown-model',
      `Model ${JSON.stringify(name)} does not exist. Known models: ${modelNames.join(', ')}.`,
    );
  }
  const { width, alpha } = options;
  checkOption(
    alpha === undefined || name === 'mobilenetv2',
    'alpha',
    alpha,
    'left out, unless the model is mobilenetv2',
  );
  checkOption(
    alpha === undefined || width === undefined,
    'alpha',
    alpha,
    'left out if width is given',
  );
  return modelFactories[name](options);
}
