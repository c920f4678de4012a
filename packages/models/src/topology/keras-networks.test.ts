import { compileGraph } from '@fixres/engine/graph';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { kerasNetworks, networkImage, networkInFolder } from '../../test/support/keras-networks.ts';
import { describe as describeModel } from '../describe/describe.ts';

// create-keras-model.test.ts compares the narrow ones.
const networks = kerasNetworks().filter(({ narrow }) => narrow !== true);

describe('whole networks of Keras', () => {
  for (const engine of ['tensorflow', 'wasm'] as const)
    for (const network of networks) {
      const { keras, name, size, probabilities } = network;
      it(
        `${name} of Keras ${keras} predicts the same as in Keras, on ${engine}`,
        onEngine(engine),
        async () => {
          await setEngine(engine);
          const model = await networkInFolder(network);
          const received = tf.tidy(() =>
            (model.predict(networkImage(network)) as tf.Tensor).dataSync(),
          );
          expect(relativeError(received, probabilities)).toBeLessThan(1e-5);
          if (engine === 'tensorflow' && keras === 3 && name === 'MobileNetV3Small') {
            const image = networkImage(network);
            const { shape } = image;
            const graph = compileGraph({
              predict: {
                inputs: { x: { shape, dtype: 'float32' } },
                run: ({ x }) => ({ y: model.apply(x!, { training: false }) as tf.Tensor }),
              },
            });
            const compiled = tf.tidy(() => graph.run('predict', { x: image }).y!.dataSync());
            expect(relativeError(compiled, probabilities)).toBeLessThan(1e-5);
            graph.dispose();
            image.dispose();
          }
          expect(describeModel(model, size).unknownLayers).toEqual([]);
          model.dispose();
        },
      );
    }
});
