import { checkClipping, clipGradients } from '@fixres/models';
import type { ArmSpec } from '@fixres/runs';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classifierLayer } from './classifier-layer.ts';

/** Limits the gradients of an update, by the names of their variables. Its tensors are the tidy's. */
export type GradientLimit = (gradients: tf.NamedTensorMap) => tf.NamedTensorMap;

/**
 * The limit of an arm; undefined if there is none. It comes before layer rates and weight decay, and
 * covers the variables that train.
 *
 * @throws FixresModelsError `bad-option`
 */
export function gradientLimit(
  { clipGradients: clipping }: Pick<ArmSpec, 'clipGradients'>,
  model: LayersModel,
): GradientLimit | undefined {
  if (clipping === undefined) return undefined;
  checkClipping(clipping);
  const classifier = new Set(
    (classifierLayer(model).weights as unknown as { val: tf.Variable }[]).map(
      ({ val }) => val.name,
    ),
  );
  return (gradients) => clipGradients(gradients, clipping, classifier);
}
