import type { ImageSize } from '@fixres/data';
import { describe, FixresModelsError, type ModelDescription } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The description of a model at an image size, with errors that name `--image-size`.
 *
 * @throws FixresModelsError `bad-option` for a size that does not fit the model
 */
export function describeAtSize(model: LayersModel, size: ImageSize | undefined): ModelDescription {
  try {
    return describe(model, typeof size === 'object' ? [size.height, size.width] : size);
  } catch (error) {
    if (!(error instanceof FixresModelsError) || error.code !== 'bad-option') throw error;
    const message = error.message.replace(/^Option size /, 'Option --image-size ');
    throw new FixresModelsError(error.code, message, { cause: error });
  }
}
