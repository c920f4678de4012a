import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../../test/support/compare.ts';
import { engines, setEngine } from '../../../test/support/engines.ts';
import { fill } from '../../../test/support/fill.ts';
import { variableOf } from '../../../test/support/variables.ts';
import './keras-conv-2d.ts';

describe('KerasConv2D with one channel in each group', () => {
  for (const engine of engines)
    it(
      `computes a convolution of each channel, with its gradients, on ${engine}`,
      onEngine(engine),
      async () => {
        await setEngine(engine);
        const layer = {
          class_name: 'KerasConv2D',
          config: {
            ...{ name: 'conv', filters: 6, kernel_size: 3, strides: 2, padding: 'same', groups: 3 },
            ...{ use_bias: false, batch_input_shape: [null, 5, 4, 3] },
          },
        };
        const model = await loadLayersModel(
          tf.io.fromMemory({
            modelTopology: { class_name: 'Sequential', config: { layers: [layer] } },
          }),
        );
        const kernel = variableOf(model.trainableWeights[0]!);
        tf.tidy(() => {
          const values = (key: string, shape: number[]): tf.Tensor =>
            tf.tensor(Float32Array.from(fill(key, tf.util.sizeFromShape(shape))), shape);
          kernel.assign(values('kernel', [3, 3, 1, 6]));
          const x = values('x', [2, 5, 4, 3]);
          const factors = values('factors', [2, 3, 2, 6]);
          const channelwise = (input: tf.Tensor, weights: tf.Tensor): tf.Tensor =>
            tf.concat(
              [0, 1, 2].map((channel) =>
                tf.conv2d(
                  tf.slice(input, [0, 0, 0, channel], [2, 5, 4, 1]) as tf.Tensor4D,
                  tf.slice(weights, [0, 0, 0, 2 * channel], [3, 3, 1, 2]) as tf.Tensor4D,
                  2,
                  'same',
                ),
              ),
              3,
            );
          const loss = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, factors));
          const [dx, dkernel] = tf.grads((input, weights) => loss(channelwise(input, weights)))([
            x,
            kernel,
          ]);
          const near = (received: tf.Tensor, expected: tf.Tensor): void =>
            expect(relativeError(received.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
          near(model.predict(x) as tf.Tensor, channelwise(x, kernel));
          near(tf.grad((input) => loss(model.apply(input) as tf.Tensor))(x), dx!);
          const { grads } = tf.variableGrads(() => loss(model.apply(x) as tf.Tensor), [kernel]);
          near(grads[kernel.name]!, dkernel!);
        });
        model.dispose();
      },
    );
});
