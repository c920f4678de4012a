import type { PreprocessingContract } from '@fixres/data';
import { applyLogits, type LogitsModel } from '@fixres/models/logits';
import * as tf from '@tensorflow/tfjs-core';
import type { Classifier } from './evaluate.ts';

/** The parts of a contract for pixels that are already resized and cropped. */
export type PixelContract = Pick<
  PreprocessingContract,
  'normalisation' | 'channelOrder' | 'layout'
>;

/**
 * A classifier for images of levels 0..255 [b, h, w, 3], from a model that may need them normalised
 * or channels first, or that ends in logits.
 *
 * @param model remains owned by the caller
 */
export function contractClassifier(model: LogitsModel, contract: PixelContract): Classifier {
  return {
    outputs: model.outputs,
    apply: (levels) =>
      tf.tidy(() =>
        tf.softmax(applyLogits(model, contractInput(levels as tf.Tensor4D, contract), false)),
      ),
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
