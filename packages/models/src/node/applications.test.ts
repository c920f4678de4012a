import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { createKerasModel } from '../keras-config/create-keras-model.ts';
import type { GraphNode } from '../keras-config/graph-node.ts';
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

/** Names of the layers that a node depends on, and its own. */
function layersOf(output: GraphNode): Set<string> {
  // One layer can be two nodes, such as a dense layer and its activation.
  const nodes = new Set([output]);
  for (const node of nodes) for (const input of node.inputs) nodes.add(input);
  return new Set([...nodes].map(({ layer }) => layer));
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

  it('describes a classifier of several labels with a sigmoid', async () => {
    for (const name of applicationNames) {
      const text = JSON.stringify(await applicationConfig(name, 7));
      expect(text.match(/"softmax"/g), name).toHaveLength(1);
    }
    let node = modelGraph(await applicationConfig('MobileNetV3Small', 7, 'sigmoid')).output;
    while (node.op !== 'Activation') node = node.inputs[0]!;
    expect(node.settings.activation).toBe('sigmoid');
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

  it('ends in a map of features without the top, for every name', async () => {
    // In Keras, ConvNeXt without its top normalises once more, with weights of its own.
    for (const name of applicationNames.filter((each) => !each.startsWith('ConvNeXt'))) {
      const whole = layersOf(modelGraph(await applicationConfig(name, 7)).output);
      const cut = layersOf(modelGraph(await applicationConfig(name, null)).output);
      // What is left out is the pooling, the classifier and layers between them.
      const rest = [...whole].filter((layer) => !cut.has(layer));
      expect(cut.size + rest.length, name).toBe(whole.size);
      expect(rest.length, name).toBeGreaterThan(0);
      expect(rest.length, name).toBeLessThan(9);
    }
  });

  it('computes the same features without the top, from the weights of these layers', async () => {
    await setEngine('cpu');
    const { name, size } = fixture;
    const whole = await applicationConfig(name, 1000);
    const cut = await applicationConfig(name, null);
    const { output } = modelGraph(cut);
    const inCut = layersOf(output);
    const layers = savedLayers();
    const make = async (config: typeof whole, saved: SavedLayer[]): Promise<LayersModel> =>
      (
        await createKerasModel(
          { layout: 'keras3', layers: saved, config },
          { ownConfig: false, newClassifier: config === cut },
        )
      ).model;
    const [full, features] = [
      await make(whole, layers),
      await make(
        cut,
        layers.filter((layer) => inCut.has(layer.name!)),
      ),
    ];
    const upTo = tfl.model({
      inputs: full.inputs,
      outputs: full.getLayer(output.layer).output,
    });
    tf.tidy(() => {
      const levels = tf.fill([1, size, size, 3], 100);
      const [a, b] = [upTo, features].map((model) => model.predict(levels) as tf.Tensor);
      expect(b!.shape).toEqual(a!.shape);
      expect(b!.dataSync()).toEqual(a!.dataSync());
    });
    full.dispose();
    features.dispose();
  });

  it('refuses other names', async () => {
    await expect(applicationConfig('toString', 2)).rejects.toMatchObject({
      code: 'unknown-weights',
    });
    await expect(applicationConfig('ConvNeXtTiny', null)).rejects.toThrow(
      'Without its top, ConvNeXtTiny of keras.applications is a network of its own;',
    );
  });
});
