import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';

/** The tfjs variable behind a weight of a layer. */
export function variableOf(weight: LayerVariable): tf.Variable {
  return tf.engine().registeredVariables[weight.name]!;
}
