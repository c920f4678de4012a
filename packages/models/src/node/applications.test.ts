import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { createKerasModel } from '../keras-config/create-keras-model.ts';
import { modelGraph } from '../keras-config/read-graph.ts';
import { applicationNames } from '../model-names.ts';
import type { SavedLayer } from '../weights/keras-weights.ts';
import { applicationConfig } from './applications.ts';

/** test/fixtures/application.json.gz, from scripts/make-application-fixture.py. */
const fixture = JSON.parse(
  gunzipSync(
    readFileSync(new URL('../../test/fixtures/application.json.gz', import.meta.url)),
  ).toString(),
) as {
  name: string;
  size: number;
  layers: { path: string; name: string; shapes: number[][] }[];
  prediction: number[];
};

/** The layers of the file: equals `value` of the script. */
function savedLayers(): SavedLayer[] {
  return fixture.layers.map(({ path, name, shapes }) => ({
    path,
    name,
    arrays: shapes.map((shape, i) => {
      const count = tf.util.sizeFromShape(shape);
      const isFactor = shapes.length === 4 && (i === 0 || i === 3);
      const [height, width, channels, filters] = shape as [number, number, number, number];
      const [offset, scale] =
        shape.length === 4
          ? [0, Math.sqrt(4 / (height * width * (filters === 1 ? 1 : channels)))]
          : isFactor
            ? [1, 0.2]
            : [0, 0.1];
      const values = Float32Array.from(
        fill(`${fixture.name}/${path}/${i}`, count),
        (value) => offset + scale * value,
      );
      return { name: String(i), shape, values };
    }),
  }));
}

/** Logits up to a constant, because the probabilities of 1000 classes are nearly equal here. */
function logits(probabilities: ArrayLike<number>): number[] {
  const logs = Array.from(probabilities, (value) => Math.log(value));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return logs.map((value) => value - mean);
}

describe('applicationConfig', () => {
  it('describes a classifier with the given number of classes for every name', async () => {
    for (const name of applicationNames) {
      let node = modelGraph(await applicationConfig(name, 7)).output;
      while (node.settings.units === undefined && node.settings.filters === undefined)
        node = node.inputs[0]!;
      expect(node.settings.units ?? node.settings.filters, name).toBe(7);
    }
  });

  it(
    'computes what Keras does with weights from a file of weights alone',
    onEngine('tensorflow'),
    async () => {
      await setEngine('tensorflow');
      const { name, size, prediction } = fixture;
      const config = await applicationConfig(name, 1000);
      const { model, scalesInput } = await createKerasModel(
        { layout: 'keras3', layers: savedLayers(), config },
        { ownConfig: false },
      );
      expect(scalesInput).toBe(true);
      const received = tf.tidy(() => {
        const levels = Float32Array.from(
          fill(`${name}/${size}`, size * size * 3),
          (value) => 127.5 + 127.5 * value,
        );
        return (model.predict(tf.tensor4d(levels, [1, size, size, 3])) as tf.Tensor).dataSync();
      });
      expect(relativeError(logits(received), logits(prediction))).toBeLessThan(1e-4);
      model.dispose();
    },
  );

  it('refuses other names', async () => {
    await expect(applicationConfig('toString', 2)).rejects.toMatchObject({
      code: 'unknown-weights',
    });
  });
});
