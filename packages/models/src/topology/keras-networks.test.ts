import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compileGraph } from '@fixres/engine/graph';
import { onEngine, temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { writeKerasModel } from '../../test/support/keras-layer-cases.ts';
import { describe as describeModel } from '../describe/describe.ts';
import { loadModelFolder } from '../node/load-model-folder.ts';

/** Written by scripts/make-networks-fixture.py. */
interface NetworksFixture {
  size: number;
  networks: {
    keras: 2 | 3;
    name: string;
    topology: object;
    weights: { name: string; shape: number[] }[];
    probabilities: number[];
  }[];
}

const { size, networks } = JSON.parse(
  gunzipSync(
    readFileSync(new URL('../../test/fixtures/keras-networks.json.gz', import.meta.url)),
  ).toString(),
) as NetworksFixture;

/** Equals `weight` of the script. */
function weightValues(key: string, name: string, shape: number[]): Float32Array | Int32Array {
  const count = tf.util.sizeFromShape(shape);
  if (name === 'count') return new Int32Array(count);
  const isDepthwise = shape.length === 4 && (name.startsWith('depthwise') || shape[3] === 1);
  const fanIn = isDepthwise ? shape[0]! * shape[1]! : tf.util.sizeFromShape(shape.slice(0, -1));
  const [offset, scale] = name.endsWith('kernel')
    ? [0, Math.sqrt(6 / fanIn)]
    : ['gamma', 'moving_variance', 'variance'].includes(name)
      ? [1, 0.2]
      : [0, 0.1];
  return Float32Array.from(fill(key, count), (value) => offset + scale * value);
}

describe('whole networks of Keras', () => {
  for (const engine of ['tensorflow', 'wasm'] as const)
    for (const { keras, name, topology, weights, probabilities } of networks) {
      it(
        `${name} of Keras ${keras} predicts the same as in Keras, on ${engine}`,
        onEngine(engine),
        async () => {
          await setEngine(engine);
          const folder = await temporaryFolder();
          writeKerasModel(
            folder,
            topology,
            weights,
            weights.map((weight, i) =>
              weightValues(`${name}/${i}`, weight.name.split('/').at(-1)!, weight.shape),
            ),
          );
          const { model } = await loadModelFolder(folder);
          const shape = [1, size, size, 3] as const;
          const levels = Float32Array.from(
            fill(`${name}/image`, size * size * 3),
            (value) => 127.5 * (1 + value),
          );
          const received = tf.tidy(() =>
            (model.predict(tf.tensor4d(levels, [...shape])) as tf.Tensor).dataSync(),
          );
          expect(relativeError(received, probabilities)).toBeLessThan(1e-5);
          if (engine === 'tensorflow' && keras === 3 && name === 'MobileNetV3Small') {
            const graph = compileGraph({
              predict: {
                inputs: { x: { shape, dtype: 'float32' } },
                run: ({ x }) => ({ y: model.apply(x!, { training: false }) as tf.Tensor }),
              },
            });
            const compiled = tf.tidy(() => graph.run('predict', { x: levels }).y!.dataSync());
            expect(relativeError(compiled, probabilities)).toBeLessThan(1e-5);
            graph.dispose();
          }
          expect(describeModel(model, size).unknownLayers).toEqual([]);
          model.dispose();
        },
      );
    }
});
