import { sidesOf } from '@fixres/data';
import { compileGraph, type GraphFunction } from '@fixres/engine/graph';
import * as tf from '@tensorflow/tfjs-core';
import type { TrunkFactory } from '../../cached/trunks.ts';
import { whereCompilable } from './compiled-factories.ts';

/**
 * Runs a frozen trunk with one call of TensorFlow per batch, on the native engine; null elsewhere,
 * and for a trunk that cannot be compiled. A smaller batch is filled with blank images, which do
 * not affect the others, so that one graph is enough.
 */
export const compileTrunk: TrunkFactory = (split, { batchSize, size, precision, onWarning }) => {
  if (tf.getBackend() !== 'tensorflow') return null;
  const { height, width } = sidesOf(size);
  const trunk: GraphFunction = {
    inputs: { images: { shape: [batchSize, height, width, 3], dtype: 'float32' } },
    run: ({ images }) => ({ features: split.features(images!) }),
  };
  const graph = whereCompilable(() => compileGraph({ trunk }, { precision }), onWarning);
  if (graph === undefined) return null;
  return {
    features: (images) =>
      tf.tidy(() => {
        const count = images.shape[0];
        const full =
          count === batchSize
            ? images
            : tf.concat([images, tf.zeros([batchSize - count, ...images.shape.slice(1)])]);
        const features = graph.run('trunk', { images: full }).features!;
        return count === batchSize ? features : tf.slice(features, [0], [count]);
      }),
    precision: graph.precisionOf('trunk', 'features'),
    dispose: () => {
      graph.dispose();
    },
  };
};
