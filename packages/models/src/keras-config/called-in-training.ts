import type { LayerCall } from './layer-call.ts';

/**
 * Layers that compute something else in training. Keras 3 itself calls augmentation layers with
 * `training: true`, which has no effect in prediction.
 */
const TRAINING_MATTERS =
  /^(?:BatchNormalization|.*Dropout\d?D?|GaussianNoise|Sequential|Functional|Model)$/;

/**
 * Whether a layer is called with `training=True` and this matters: its output in prediction then
 * depends on how Keras is called.
 */
export function calledInTraining(className: string, { kwargs }: LayerCall): boolean {
  return kwargs.training === true && TRAINING_MATTERS.test(className);
}

/** The reason in error messages. */
export const CALLED_IN_TRAINING =
  'is called with training=True: what it computes in prediction depends on how Keras is called';
