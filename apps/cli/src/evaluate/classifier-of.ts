import type { PreprocessingContract } from '@fixres/data';
import { applyLogits } from '@fixres/models';
import type { Classifier } from '@fixres/runner';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ExitError, exitCodes } from '../exit-error.ts';

/**
 * A model as a classifier of levels 0..255: normalised as its contract says, softmax at its end. Models of this project have both
 * inside and pass as they are.
 *
 * @throws ExitError for a contract with channels first, which needs another layout than the engines have
 */
export function classifierOf(model: LayersModel, contract: PreprocessingContract | undefined): Classifier {
  if (contract?.layout === 'NCHW') {
    throw new ExitError(exitCodes.usage, 'error: The model takes channels first (NCHW); only channels last (NHWC) can be evaluated.');
  }
  const normalise = contract && normalisation(contract.normalisation);
  const logits = !endsInSoftmax(model);
  if (normalise === undefined && !logits) return model;
  const { outputs } = model;
  return {
    outputs,
    apply: (images) =>
      tf.tidy(() => {
        const x = normalise ? normalise(images as tf.Tensor4D) : (images as tf.Tensor4D);
        return logits ? tf.softmax(applyLogits(model, x, false)) : (model.apply(x, { training: false }) as tf.Tensor2D);
      }),
  };
}

function normalisation(rule: PreprocessingContract['normalisation']): ((images: tf.Tensor4D) => tf.Tensor4D) | undefined {
  if (rule.kind === 'mean-std') {
    return (images) => tf.div(tf.sub(tf.div(images, 255), tf.tensor1d(rule.mean)), tf.tensor1d(rule.std));
  }
  if (rule.scale === 1 && rule.offset === 0) return undefined;
  return (images) => tf.add(tf.mul(images, rule.scale), rule.offset);
}

function endsInSoftmax({ outputLayers }: LayersModel): boolean {
  const layer = outputLayers.at(-1);
  return layer?.getClassName() === 'Softmax' || layer?.getConfig().activation === 'softmax';
}
