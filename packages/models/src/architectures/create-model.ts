import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOption } from '../check-option.ts';
import { FixresModelsError } from '../errors.ts';
import { isModelName, type ModelName, modelNames } from '../model-names.ts';
import type { ModelFactory, ModelOptions } from './architecture.ts';
import { architectures } from './architectures.ts';

/** The models that can be created by name, in the order of their architectures. */
export const modelFactories: Readonly<Record<ModelName, ModelFactory>> = Object.fromEntries(
  architectures.flatMap(({ models }) => Object.entries(models)),
) as Record<ModelName, ModelFactory>;

/**
 * Creates a model by its name. The caller disposes it.
 *
 * @throws FixresModelsError `unknown-model` with a list of the known names, `bad-option`
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
