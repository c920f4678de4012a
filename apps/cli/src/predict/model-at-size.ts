import { imageSizeText, isSameSize, type PreprocessingContract } from '@fixres/data';
import { FixresRunnerError } from '@fixres/runner/node/read';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { inputSizeOf } from '../evaluate/test-policies.ts';

/**
 * A model for images of the size of a contract: itself, or one with the same weights.
 *
 * @param model is disposed unless it is returned
 * @throws FixresRunnerError, FixresFinetuneError if it takes images of one other size only
 */
export async function modelAtSize(
  model: LayersModel,
  { input, layout }: PreprocessingContract,
): Promise<LayersModel> {
  const own = inputSizeOf(model.inputs[0]?.shape, layout);
  if (own === undefined || isSameSize(own, input)) return model;
  try {
    if (layout === 'NCHW') {
      throw new FixresRunnerError(
        'bad-option',
        `Option --image-size is ${imageSizeText(input)}, but the model takes images of ${imageSizeText(own)} pixels only.`,
      );
    }
    const { atInputSize } = await import('@fixres/finetune');
    return await atInputSize(model, input);
  } finally {
    model.dispose();
  }
}
