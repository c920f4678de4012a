import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** A layer as `loadLayersModel` sees it. */
interface BuiltLayer {
  /** Whether its weights will be set before they are read. */
  fastWeightInitDuringBuild: boolean;
  addWeight: AddWeight;
}

type AddWeight = (
  this: BuiltLayer,
  name: string,
  shape: number[],
  dtype: tf.DataType | undefined,
  initializer: { apply(shape: number[], dtype?: tf.DataType): tf.Tensor },
  ...rest: unknown[]
) => unknown;

let isRegistered = false;

/**
 * Makes `loadLayersModel` create weights without values: tfjs fills them with zeros before it sets them, which
 * takes as much time and memory as the weights of the file.
 */
export function skipInitialWeights(): void {
  if (isRegistered) return;
  isRegistered = true;
  const prototype = layers.Layer.prototype as unknown as BuiltLayer;
  const { addWeight } = prototype;
  prototype.addWeight = function (name, shape, dtype, initializer, ...rest) {
    if (!this.fastWeightInitDuringBuild)
      return addWeight.call(this, name, shape, dtype, initializer, ...rest);
    // With the flag, the layer would ignore the initializer.
    this.fastWeightInitDuringBuild = false;
    try {
      return addWeight.call(this, name, shape, dtype, { apply: unset }, ...rest);
    } finally {
      this.fastWeightInitDuringBuild = true;
    }
  };
}

/** A tensor of any shape whose data is one number, to be replaced before it is read. */
function unset(shape: number[], dtype: tf.DataType = 'float32'): tf.Tensor {
  const dataId = tf.backend().write(new Float32Array(1), [1], 'float32');
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}
