// @module-tag native-engine
import { compileGraph } from '@fixres/engine/graph';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../../test/support/engines.ts';
import './keras-reverse-channels.ts';

/** As a model folder names it. */
function reversing(): Promise<LayersModel> {
  const modelTopology = {
    class_name: 'Sequential',
    config: {
      layers: [
        {
          class_name: 'KerasReverseChannels',
          config: { name: 'bgr', batch_input_shape: [null, 1, 2, 3] },
        },
      ],
    },
  };
  return loadLayersModel(tf.io.fromMemory({ modelTopology }));
}

const image = (): tf.Tensor => tf.tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
const factors = (): tf.Tensor => tf.tensor([10, 20, 30, 40, 50, 60], [1, 1, 2, 3]);
const reversed = [3, 2, 1, 6, 5, 4];
const gradient = [30, 20, 10, 60, 50, 40];

describe('KerasReverseChannels', () => {
  for (const engine of engines)
    it(`swaps red and blue, in the gradient too, on ${engine}`, onEngine(engine), async () => {
      await setEngine(engine);
      const model = await reversing();
      tf.tidy(() => {
        expect([...(model.predict(image()) as tf.Tensor).dataSync()]).toEqual(reversed);
        const loss = (x: tf.Tensor): tf.Scalar =>
          tf.sum(tf.mul(model.apply(x) as tf.Tensor, factors()));
        expect([...tf.grad(loss)(image()).dataSync()]).toEqual(gradient);
      });
      expect(model.computeOutputShape([null, 1, 2, 3])).toEqual([null, 1, 2, 3]);
    });

  it('compiles', async () => {
    await setEngine('tensorflow');
    const model = await reversing();
    const graph = compileGraph({
      step: {
        inputs: { x: { shape: [1, 1, 2, 3], dtype: 'float32' } },
        run: ({ x }) => ({ y: model.apply(x!) as tf.Tensor }),
      },
    });
    tf.tidy(() => {
      expect([...graph.run('step', { x: image() }).y!.dataSync()]).toEqual(reversed);
    });
    graph.dispose();
  });
});
