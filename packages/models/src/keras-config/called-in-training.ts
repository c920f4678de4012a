import type { LayerCall } from './layer-call.ts';

/** Layers that compute something else in training. Keras 3 calls those of augmentation with `training: true` by itself, which has no effect. */
const TRAINING_MATTERS =
  /^(?:BatchNormalization|.*Dropout\d?D?|GaussianNoise|Sequential|Functional|Model)$/;

/** Whether a layer is called with `training=True`, and it matters: what it computes in prediction depends on how Keras is called. */
export function calledInTraining(className: string, { kwargs }: LayerCall): boolean {
  return kwargs.training === true && TRAINING_MATTERS.test(className);
}

/** For messages. */
export const CALLED_IN_TRAINING =
  'is called with training=True: what it computes in prediction depends on how Keras is called';
