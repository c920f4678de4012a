import type * as tf from '@tensorflow/tfjs-core';
import type { layers, LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';

/** An activation of tfjs-layers, as stored in layers. */
export interface Activation {
  apply(x: tf.Tensor): tf.Tensor;
  getClassName(): string;
}

/**
 * The activation fields of a layer: `activation` in most layers, a bare function in the layer
 * Softmax.
 */
export interface ActivatedLayer {
  activation?: Activation;
  softmax?: (x: tf.Tensor, axis?: number) => tf.Tensor;
}

/**
 * The activation of a classifier's output: `softmax` or (multi-label) `sigmoid` for probabilities, `linear` for logits, or
 * another name of tfjs. A softmax or sigmoid may be followed by layers that only change the shape, as
 * in networks whose classifier is a convolution.
 *
 * @param model is only read
 * @returns undefined for a model of several outputs, or one that is not [b, classes]
 */
export function outputActivation({ outputs }: Pick<LayersModel, 'outputs'>): string | undefined {
  const [output, ...others] = outputs;
  return output?.shape.length === 2 && others.length === 0
    ? activationName(activatedLayer(output))
    : undefined;
}

/** The layer whose activation is the last one before an output. */
export function activatedLayer(output: SymbolicTensor): ActivatedLayer {
  const last = innermost(output);
  for (let tensor = last; ; tensor = innermost(tensor.inputs[0]!)) {
    const layer = tensor.sourceLayer as layers.Layer & ActivatedLayer;
    const sides = tensor.shape.slice(1, -1);
    const name = activationName(layer);
    // Over several positions, there are several softmaxes; a sigmoid is of each number.
    const isSoftmax = name === 'softmax' && (tensor === last || sides.every((side) => side === 1));
    if (isSoftmax || name === 'sigmoid') return layer;
    if (!changesNoNumber(layer)) return last.sourceLayer as ActivatedLayer;
  }
}

/** The name of a layer's own activation. */
export function activationName({ activation, softmax }: ActivatedLayer): string {
  return typeof softmax === 'function' ? 'softmax' : (activation?.getClassName() ?? 'linear');
}

/** The same tensor in the model that computes it, if models are nested. */
function innermost(tensor: SymbolicTensor): SymbolicTensor {
  const layer = tensor.sourceLayer;
  return 'outputs' in layer
    ? innermost((layer as LayersModel).outputs[tensor.tensorIndex]!)
    : tensor;
}

function changesNoNumber(layer: layers.Layer & ActivatedLayer): boolean {
  const name = layer.getClassName();
  return (
    name === 'Flatten' ||
    name === 'Reshape' ||
    (name === 'Activation' && activationName(layer) === 'linear')
  );
}
