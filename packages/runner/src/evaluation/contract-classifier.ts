import type { PreprocessingContract } from '@fixres/data';
import { applyLogits, endsInSigmoid, type LogitsModel } from '@fixres/models/logits';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from './evaluate.ts';

/** The parts of a contract for pixels that are already resized and cropped. */
export type PixelContract = Pick<
  PreprocessingContract,
  'normalisation' | 'channelOrder' | 'layout' | 'head'
>;

/**
 * A classifier for images of levels 0..255 [b, h, w, 3], from a model that may need them normalised
 * or channels first, or that ends in logits. They become probabilities by a sigmoid for a contract with a
 * head, or a model that ends in one, otherwise by a softmax.
 *
 * @param model remains owned by the caller
 */
export function contractClassifier(model: LogitsModel, contract: PixelContract): Classifier {
  const isMultiLabel = contract.head !== undefined || endsInSigmoid(model);
  return {
    outputs: model.outputs,
    apply: (levels) =>
      tf.tidy(() => {
        const logits = applyLogits(model, contractInput(levels as tf.Tensor4D, contract), false);
        return isMultiLabel ? tf.sigmoid(logits) : tf.softmax(logits);
      }),
  };
}

/**
 * Converts levels 0..255 [b, h, w, 3] to a model's input: normalised, and blue first or
 * [b, 3, h, w] if the contract requires it. The caller disposes both.
 */
export function contractInput(
  levels: tf.Tensor4D,
  { normalisation, channelOrder, layout }: PixelContract,
): tf.Tensor4D {
  return tf.tidy(() => {
    const colours = channelOrder === 'bgr' ? tf.reverse(levels, -1) : levels;
    const normalised = normalise(tf.cast(colours, 'float32'), normalisation);
    return layout === 'NCHW' ? tf.transpose(normalised, [0, 3, 1, 2]) : normalised;
  });
}

function normalise(
  levels: tf.Tensor4D,
  normalisation: PixelContract['normalisation'],
): tf.Tensor4D {
  if (normalisation.kind === 'scale') {
    const { scale, offset } = normalisation;
    return scale === 1 && offset === 0 ? levels.clone() : tf.add(tf.mul(levels, scale), offset);
  }
  const { mean, std } = normalisation;
  return tf.div(tf.sub(tf.div(levels, 255), tf.tensor1d(mean)), tf.tensor1d(std));
}
