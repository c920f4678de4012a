import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { fill } from '../../test/support/fill.ts';
import { softmax } from '../../test/support/softmax.ts';
import { createModel } from '../architectures/create-model.ts';
import type { JsonValue } from '../card/json-value.ts';
import { readKerasWeights } from '../weights/files/read-keras-weights.ts';
import type { KerasWeights } from '../weights/keras-weights.ts';
import { loadKerasWeights } from '../weights/load-keras-weights.ts';
import type { HeadKind } from './classifier-kind.ts';
import { recogniseModel, type RecogniseOptions } from './recognise-model.ts';
import { twoClassHead } from './two-class-head.ts';

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../test/fixtures/keras-import/${name}`, import.meta.url)));
const inflated = (name: string): Buffer => gunzipSync(fixture(`${name}.gz`));

/**
 * The output of scripts/make-import-fixtures.py: files of Keras 3.15.1 and tf_keras 2.21.0, and
 * their predictions there.
 */
interface Expected {
  files: string[];
  size: number;
  head: HeadKind;
  predictions: number[][];
}
const expected = JSON.parse(fixture('expected.json').toString()) as Record<string, Expected>;
const refused = JSON.parse(inflated('refused.json').toString()) as Record<
  string,
  Record<string, JsonValue>
>;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const { 'multi-label': multiLabel } = JSON.parse(fixture('multi-label.json').toString()) as Record<
  'multi-label',
  Pick<Expected, 'size' | 'predictions'>
>;

const { size: openSize, predictions: logits } = expected.operations!;

interface Case extends Omit<Expected, 'files'> {
  file: string;
  options?: RecogniseOptions;
}

const cases: Case[] = [
  ...Object.values(expected).flatMap(({ files, ...facts }) =>
    files.filter((file) => !file.endsWith('.weights.h5')).map((file) => ({ file, ...facts })),
  ),
  { file: 'multi-label.keras', head: 'multi-label', ...multiLabel },
  {
    file: 'operations.keras',
    options: { multiLabel: true },
    head: 'multi-label',
    size: openSize,
    predictions: logits.map((row) => row.map((logit) => 1 / (1 + Math.exp(-logit)))),
  },
];

describe('recogniseModel', () => {
  it('knows a model of keras.applications by its name', async () => {
    const weights = await readKerasWeights(Uint8Array.from(inflated('size-100.keras')), {
      name: 'size-100.keras',
    });
    expect(recogniseModel(weights).application).toEqual({
      name: 'mobilenetv2_0.06_100',
      scaling: 'plus-minus-one',
    });
    const own = await readKerasWeights(Uint8Array.from(inflated('nested.keras')), {
      name: 'nested.keras',
    });
    expect(recogniseModel(own).application).toBeUndefined();
  });

  it.each(cases)(
    'finds the model that computes the same as $file with $options',
    async ({ file, size, head, predictions, options }) => {
      const weights = await readKerasWeights(Uint8Array.from(inflated(file)), { name: file });
      const recognised = recogniseModel(weights, options);
      expect(recognised.head).toBe(head);
      expect(recognised.inputSize).toEqual([size, size]);
      const model = createModel(recognised.name, recognised.options);
      const { matchedBy } = loadKerasWeights(
        model,
        twoClassHead(weights, head, recognised.places.get('predictions')!),
        { places: recognised.places },
      );
      expect(matchedBy).toBe('configuration');
      tf.tidy(() => {
        const levels = Float32Array.from(fill('images', 2 * size * size * 3), (value) =>
          Math.round(127.5 + 127.5 * value),
        );
        const probabilities = (
          model.predict(tf.tensor4d(levels, [2, size, size, 3])) as tf.Tensor2D
        ).arraySync();
        probabilities.forEach((row, i) => {
          const theirs =
            head === 'logits'
              ? softmax(predictions[i]!)
              : head === 'sigmoid'
                ? [1 - predictions[i]![0]!, predictions[i]![0]!]
                : predictions[i]!;
          expect(row).toEqual(theirs.map((p) => expect.closeTo(p, 5) as number));
        });
      });
      model.dispose();
    },
  );

  it('returns a fixed size if the padding is specific to it, and any size otherwise', () => {
    const optionsOf = async (file: string): Promise<object> =>
      recogniseModel(await readKerasWeights(Uint8Array.from(inflated(file)))).options;
    return Promise.all([
      expect(optionsOf('size-100.keras')).resolves.toMatchObject({
        inputShape: [100, 100, 3],
        rescaling: { offset: [-1, -1.1, -0.9] },
      }),
      expect(optionsOf('tf-keras.keras')).resolves.not.toHaveProperty('inputShape'),
      expect(optionsOf('operations.keras')).resolves.toMatchObject({
        pooling: 'max',
        classes: 5,
        rescaling: { scale: expect.closeTo(2 / 255, 9) as number, offset: -1 },
      }),
    ]);
  });

  it.each<[string, RecogniseOptions, string]>([
    [
      'hidden layer',
      {},
      'The network has layer "hidden" (Dense); expected a layer Dense followed only by softmax or sigmoid.',
    ],
    [
      'no pooling',
      {},
      'The network has layer "flat" (Flatten); expected global average or max pooling.',
    ],
    ['no classifier', {}, 'The network has nothing; expected one layer Dense.'],
    [
      'epsilon',
      {},
      'The model of the file is not a resnet26v2: layer "post_bn" has epsilon 0.001, where "post_bn" of resnet26v2 has 0.00001001.',
    ],
    [
      'activation',
      {},
      'The model of the file is not a resnet26v2: layer "post_relu" has activation silu, where "post_relu" of resnet26v2 has relu.',
    ],
    ['training mode', {}, 'is called with training=True'],
    [
      'resizing',
      {},
      'Layer "smaller" (Resizing) is between the image and the network; layers Rescaling and Normalization over channels, and arithmetic with numbers are supported there.',
    ],
    ['lambda', {}, 'Layer "caffe" (Lambda) is between the image and the network'],
    [
      'quantised',
      {},
      'is quantised (dtype policy int8); only floating-point weights are supported.',
    ],
    [
      'another network',
      {},
      'The model is not one of resnet14v2, resnet26v2, resnet50v2, resnet101v2, resnet152v2, mobilenetv2: its ',
    ],
    [
      'another network',
      { name: 'resnet14v2' },
      'The model of the file is not a resnet14v2: layer ',
    ],
    [
      'no classifier',
      { width: 3, newClassifier: true },
      'layer "conv5_block1_0_conv" has filters 64, where "conv5_block1_0_conv" of resnet26v2 has 96.',
    ],
  ])('rejects %s with %j', (name, options, message) => {
    const weights: KerasWeights = { layout: 'keras3', layers: [], config: refused[name]! };
    expect(() => recogniseModel(weights, options)).toThrow(message);
    expect(() => recogniseModel(weights, options)).toThrow(
      expect.objectContaining({ code: 'unsupported-model' }) as Error,
    );
  });

  it.each(['hidden layer', 'no pooling', 'no classifier'])(
    'leaves out %s with the classifier',
    (name) => {
      const { options, head, places } = recogniseModel(
        { layout: 'keras3', layers: [], config: refused[name]! },
        { newClassifier: true },
      );
      expect({ options, head }).toEqual({
        options: { width: 2, rescaling: { scale: 1 / 127.5, offset: -1 } },
        head: undefined,
      });
      expect(places.has('predictions')).toBe(false);
    },
  );
});
