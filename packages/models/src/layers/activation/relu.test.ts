import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  loadLayersModel,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../../test/support/engines.ts';
import { ReLU } from './relu.ts';

const values = [-7, -0.5, 0, 0.5, 5.9, 6, 6.1, 100];

describe('ReLU', () => {
  for (const engine of engines)
    it(
      `computes the same as the stock layer for any maximum, on ${engine}`,
      onEngine(engine),
      async () => {
        await setEngine(engine);
        tf.tidy(() => {
          for (const maxValue of [undefined, 1, 6]) {
            const args = maxValue === undefined ? {} : { maxValue };
            const x = tf.tensor2d([values]);
            const ours = new ReLU(args).apply(x) as tf.Tensor;
            expect([...ours.dataSync()]).toEqual([
              ...(layers.reLU(args).apply(x) as tf.Tensor).dataSync(),
            ]);
          }
        });
      },
    );

  it('replaces the stock layer in a loaded model, and is saved as the stock layer', async () => {
    await setEngine('cpu');
    const x = input({ shape: [8] });
    const stock = model({
      inputs: x,
      outputs: layers.reLU({ maxValue: 6, name: 'relu6' }).apply(x) as SymbolicTensor,
    });
    const loaded = await loadLayersModel(
      tf.io.fromMemory({ modelTopology: stock.toJSON(null, false) as object }),
    );
    expect(loaded.getLayer('relu6')).toBeInstanceOf(ReLU);
    expect(loaded.getLayer('relu6').getConfig()).toEqual(stock.getLayer('relu6').getConfig());
    expect(JSON.stringify(loaded.toJSON(null, false))).toBe(
      JSON.stringify(stock.toJSON(null, false)),
    );
    tf.tidy(() => {
      const y = loaded.predict(tf.tensor2d([values])) as tf.Tensor;
      expect(Math.max(...y.dataSync())).toBe(6);
    });
  });
});
