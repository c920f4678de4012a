import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

/**
 * A model as a user might build it: a nested trunk with several norms, the last of them followed by
 * pooling, and a classifier.
 */
export function ownModel(): LayersModel {
  const { conv2d, batchNormalization, activation, globalAveragePooling2d, dense, rescaling } =
    layers;
  const seeded = { kernelInitializer: 'zeros' } as const;
  const trunk = sequential({
    name: 'trunk',
    layers: [
      rescaling({ scale: 1 / 255, offset: 0, inputShape: [null, null, 3], name: 'scale' }),
      conv2d({ ...seeded, filters: 6, kernelSize: 3, strides: 2, name: 'conv_a' }),
      batchNormalization({ name: 'bn_a' }),
      activation({ activation: 'relu', name: 'relu_a' }),
      conv2d({ ...seeded, filters: 8, kernelSize: 3, strides: 2, name: 'conv_b' }),
      batchNormalization({ name: 'bn_b' }),
    ],
  });
  const image = input({ shape: [null, null, 3], name: 'image' });
  const pooled = globalAveragePooling2d({ dataFormat: 'channelsLast', name: 'pool' }).apply(
    trunk.apply(image),
  ) as SymbolicTensor;
  const output = dense({ ...seeded, units: 2, activation: 'softmax', name: 'top' }).apply(
    pooled,
  ) as SymbolicTensor;
  const whole = model({ inputs: image, outputs: output, name: 'own' });
  tf.tidy(() => {
    whole.weights.forEach((variable, index) => {
      const shape = variable.shape as number[];
      const size = shape.reduce((product, axis) => product * axis, 1);
      const values = Float32Array.from(
        { length: size },
        (_, i) => Math.sin(1 + index + i * 1.7) * 0.4,
      );
      variable.write(
        tf.tensor(
          variable.originalName.endsWith('variance')
            ? values.map((value) => Math.abs(value) + 0.5)
            : values,
          shape,
        ),
      );
    });
  });
  return whole;
}
