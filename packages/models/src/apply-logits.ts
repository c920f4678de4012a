import type * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from './errors.ts';
import { registerReluGrad } from './kernels/relu-grad.ts';
import {
  type Activation,
  activatedLayer,
  activationName,
  outputActivation,
} from './output-activation.ts';

const { activation: linear } = layers.dense({
  units: 1,
  activation: 'linear',
  name: 'fixres_linear',
}) as unknown as {
  activation: Activation;
};

/**
 * The part of a model that {@link applyLogits} needs. Part of a model also works: its `apply` may
 * start at a later layer.
 */
export type LogitsModel = Pick<LayersModel, 'name' | 'outputs' | 'outputLayers' | 'apply'>;

/**
 * Applies a classifier up to its logits, without the softmax or sigmoid at its end if there is one. A loss
 * computed from logits is stable, and its gradient is not clipped, unlike that of tfjs's
 * cross-entropy from probabilities.
 *
 * Differentiable. It also makes ReLUs use the gradients of {@link registerReluGrad}. The model is
 * unchanged when the call returns.
 *
 * @param model one input, one output [b, classes]; the last layer has a softmax, a sigmoid or no
 * activation, or is itself such a model. Layers that only change the shape may follow a softmax or
 *   sigmoid.
 * @param x the model's input, for example images, [b, h, w, 3]
 * @param training whether layers run in training mode
 * @returns logits, [b, classes]; the caller (or the enclosing tidy) disposes them
 * @throws FixresModelsError `unsupported-output` for several outputs or another last activation
 */
export function applyLogits(model: LogitsModel, x: tf.Tensor, training: boolean): tf.Tensor2D {
  registerReluGrad();
  const [output, ...others] = model.outputs;
  if (output === undefined || others.length > 0) {
    const message = `Model ${model.name} has ${model.outputs.length} outputs; a classifier has one.`;
    throw new FixresModelsError('unsupported-output', message);
  }
  const last = activatedLayer(output);
  const { activation, softmax } = last;
  const name = activationName(last);
  if (name !== 'linear' && name !== 'softmax' && name !== 'sigmoid') {
    throw new FixresModelsError(
      'unsupported-output',
      `Model ${model.name} ends in the activation ${name}; logits can be taken only before softmax, sigmoid or linear.`,
    );
  }
  const run = (): tf.Tensor2D => model.apply(x, { training }) as tf.Tensor2D;
  if (name === 'linear') return run();
  // The call is synchronous, so no other code can see the model without its activation.
  try {
    if (activation !== undefined) last.activation = linear;
    else last.softmax = (logits) => logits.clone();
    return run();
  } finally {
    if (activation !== undefined) last.activation = activation;
    else if (softmax !== undefined) last.softmax = softmax;
  }
}

/** Whether a classifier ends in a sigmoid: the probability of each class on its own, for multi-label data. */
export function endsInSigmoid({ outputs }: Pick<LogitsModel, 'outputs'>): boolean {
  return outputActivation({ outputs }) === 'sigmoid';
}
