import { useEngine } from '@fixres/engine';
import { applyFreezePolicy, WeightAverage } from '@fixres/finetune';
import { Adam } from '@fixres/models';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';

// Adam updates its variables in place on the native engine; the averages must not share their memory.
for (const engine of ['tensorflow', 'wasm'] as const)
  it(
    `averaged weights do not share memory with the fused Adam on ${engine}`,
    onEngine(engine),
    async () => {
      await useEngine({ engine });
      const dense = tfl.layers.dense({
        units: 1,
        inputShape: [1],
        useBias: false,
        kernelInitializer: 'ones',
        name: 'out',
      });
      const model = tfl.sequential({ layers: [dense] });
      const handle = await applyFreezePolicy(model, 'all');
      const average = new WeightAverage(handle, { momentum: 0.5, warmUp: false });
      const optimizer = new Adam(0.1);
      const x = tf.ones([1, 1]);
      const weight = (): number => dense.getWeights()[0]!.dataSync()[0]!;

      let expected = NaN;
      for (let step = 0; step < 6; step++) {
        const { value, grads } = tf.variableGrads(
          () => tf.sum<tf.Scalar>(tf.square(model.apply(x) as tf.Tensor)),
          handle.gradientVariables,
        );
        optimizer.applyGradients(grads);
        tf.dispose([value, grads]);
        average.step();
        const now = weight();
        expected = step === 0 ? now : (expected + now) / 2;
        expect(await average.whileAveraged(weight)).toBeCloseTo(expected, 5);
        expect(weight()).toBe(now);
      }
      optimizer.dispose();
      average.dispose();
      tf.dispose(x);
    },
  );
