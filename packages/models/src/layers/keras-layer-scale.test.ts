import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { variableOf } from '../../test/support/variables.ts';
import './keras-layer-scale.ts';

describe('KerasLayerScale', () => {
  for (const engine of engines)
    it(`multiplies channels by their factors, on ${engine}`, onEngine(engine), async () => {
      await setEngine(engine);
      const config = { name: 'scale', init_values: 0.5, projection_dim: 2 };
      const layer = {
        class_name: 'KerasLayerScale',
        config: { ...config, batch_input_shape: [null, 1, 2, 2] },
      };
      const model = await loadLayersModel(
        tf.io.fromMemory({
          modelTopology: { class_name: 'Sequential', config: { layers: [layer] } },
        }),
      );
      const gamma = variableOf(model.trainableWeights[0]!);
      tf.tidy(() => {
        expect([...gamma.dataSync()]).toEqual([0.5, 0.5]);
        gamma.assign(tf.tensor1d([2, -3]));
        const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
        expect([...(model.predict(x) as tf.Tensor).dataSync()]).toEqual([2, -6, 6, -12]);
        const factors = tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]);
        const loss = (input: tf.Tensor): tf.Scalar =>
          tf.sum(tf.mul(model.apply(input) as tf.Tensor, factors));
        expect([...tf.grad(loss)(x).dataSync()]).toEqual([2, -30, 200, -3000]);
        const { grads } = tf.variableGrads(() => loss(x), [gamma]);
        // The sums of x times the factors.
        expect([...grads[gamma.name]!.dataSync()]).toEqual([301, 4020]);
      });
      model.dispose();
    });
});
