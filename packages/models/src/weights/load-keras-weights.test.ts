import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fill } from '../../test/support/fill.ts';
import { kerasBytes } from '../../test/support/keras-files.ts';
import { createModel } from '../architectures/create-model.ts';
import { batchNormalization } from '../layers/batch-normalization.ts';
import { readKerasWeights } from './files/read-keras-weights.ts';
import { kerasLayers } from './keras-layers.ts';
import type { KerasWeights } from './keras-weights.ts';
import { loadKerasWeights } from './load-keras-weights.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const read = (name: string): Promise<KerasWeights> => readKerasWeights(kerasBytes(name), { name });

function disposed(model: LayersModel): LayersModel {
  onTestFinished(() => void model.dispose());
  return model;
}

function relative(options: object = {}): LayersModel {
  return disposed(
    createModel('resnet26v2', {
      classes: 5,
      width: 2,
      rescaling: { scale: 1 / 127.5, offset: -1 },
      ...options,
    }),
  );
}

/** The trunk of `nested` in scripts/make-weights-fixtures.py, in a model with other names. */
function nested(
  names: { trunk: string; head: string } = { trunk: 'trunk', head: 'head' },
): LayersModel {
  const trunkInput = input({ shape: [32, 32, 3], name: `${names.trunk}_input` });
  let x = layers
    .conv2d({ filters: 4, kernelSize: 3, useBias: false, name: 'first_conv' })
    .apply(trunkInput) as SymbolicTensor;
  x = layers
    .reLU({ name: 'first_relu' })
    .apply(batchNormalization({ name: 'first_bn' }).apply(x)) as SymbolicTensor;
  x = layers.depthwiseConv2d({ kernelSize: 3, name: 'depthwise' }).apply(x) as SymbolicTensor;
  x = batchNormalization({ name: 'last_bn' }).apply(x) as SymbolicTensor;
  const trunk = makeModel({ inputs: trunkInput, outputs: x, name: names.trunk });
  const image = input({ shape: [32, 32, 3], name: 'image' });
  let y = trunk.apply(
    layers.rescaling({ scale: 1 / 255, offset: 0, name: 'rescaling' }).apply(image),
  ) as SymbolicTensor;
  y = layers
    .globalAveragePooling2d({ name: 'pool' })
    .apply(layers.dropout({ rate: 0.2, name: 'dropout' }).apply(y)) as SymbolicTensor;
  return disposed(
    makeModel({
      inputs: image,
      outputs: layers.dense({ units: 3, name: names.head }).apply(y) as SymbolicTensor,
      name: 'whole',
    }),
  );
}

/** Values of every weight, by `<layer>/<position>`. */
function valuesOf(model: LayersModel): Map<string, Float32Array> {
  return new Map(
    kerasLayers(model).flatMap(({ name, variables }) =>
      variables.map((variable, i) => [`${name}/${i}`, variable.read().dataSync<'float32'>()]),
    ),
  );
}

/**
 * Expects each weight to have the numbers that the fixtures' script gave to the layer
 * `nameOf(layer)`.
 */
function expectFilled(
  model: LayersModel,
  nameOf: (layer: string) => string = (layer) => layer,
): void {
  for (const [place, values] of valuesOf(model)) {
    const [layer, i] = place.split('/');
    expect(values, place).toEqual(
      Float32Array.from(fill(`${nameOf(layer!)}/${i!}`, values.length)),
    );
  }
}

describe('loadKerasWeights', () => {
  it('reads the same arrays from all formats', async () => {
    const models: LayersModel[] = [];
    for (const file of ['trained.keras', 'trained.h5', 'trained.weights.h5']) {
      const model = relative();
      expect(loadKerasWeights(model, await read(file))).toEqual({
        matchedBy: 'name',
        arrays: valuesOf(model).size,
      });
      models.push(model);
    }
    const [first, ...others] = models.map(valuesOf);
    for (const other of others) expect(other).toEqual(first);
    expect(first!.get('post_bn/2')!.some((mean) => Math.abs(mean) > 0.01)).toBe(true);
  });

  it.each(['nested.weights.h5', 'nested.h5'])(
    'finds the layers of nested models by name: %s',
    async (file) => {
      const model = nested();
      expect(loadKerasWeights(model, await read(file)).matchedBy).toBe('name');
      expectFilled(model);
      expect(
        loadKerasWeights(nested({ trunk: 'trunk', head: 'predictions' }), await read(file), {
          rename: { head: 'predictions' },
        }).matchedBy,
      ).toBe('name');
    },
  );

  it("finds the layers by Keras's paths when names differ", async () => {
    const model = nested({ trunk: 'body', head: 'predictions' });
    expect(loadKerasWeights(model, await read('nested.weights.h5')).matchedBy).toBe('position');
    expectFilled(model, (layer) => (layer === 'predictions' ? 'head' : layer));
  });

  it.each(['numbered.weights.h5', 'numbered.h5'])(
    'follows the order if Keras numbered the names: %s',
    async (file) => {
      const model = disposed(
        sequential({
          layers: [
            layers.conv2d({ filters: 3, kernelSize: 1, name: 'conv2d_3', inputShape: [8, 8, 3] }),
            batchNormalization({ name: 'batch_normalization_3' }),
            layers.conv2d({ filters: 3, kernelSize: 1, name: 'b' }),
            batchNormalization({ name: 'a' }),
            layers.globalAveragePooling2d({}),
            layers.dense({ units: 3, name: 'last' }),
          ],
        }),
      );
      expect(loadKerasWeights(model, await read(file)).matchedBy).toBe('position');
      const { layers: saved } = await read(file);
      const [first, second, third, fourth, last] = [
        'conv2d_2',
        'batch_normalization_2',
        'conv2d_3',
        'batch_normalization_3',
        'dense_2',
      ];
      expect(saved.map(({ name }) => name).sort()).toEqual(
        [first, second, third, fourth, last].sort(),
      );
      const names: Record<string, string> = {
        conv2d_3: first,
        batch_normalization_3: second,
        b: third,
        a: fourth,
        last: last,
      };
      expectFilled(model, (layer) => names[layer]!);
    },
  );

  it("finds a network nested in the file's model by its paths if the file has no names, as written by tf_keras", async () => {
    const model = disposed(createModel('mobilenetv2', { classes: 5, alpha: 0.0625 }));
    const loaded = loadKerasWeights(model, await read('../keras-import/tf-keras.weights.h5.gz'));
    expect(loaded).toEqual({ matchedBy: 'position', arrays: valuesOf(model).size });
    const whole = disposed(createModel('mobilenetv2', { classes: 5, alpha: 0.0625 }));
    loadKerasWeights(whole, await read('../keras-import/tf-keras.h5.gz'), {
      rename: { dense: 'predictions' },
    });
    expect(valuesOf(model)).toEqual(valuesOf(whole));
  });

  it("suggests the file's layer for a missing one if only a name differs", async () => {
    const model = nested({ trunk: 'trunk', head: 'predictions' });
    const { layers: saved, ...rest } = await read('nested.h5');
    // With many layers, as in a real file; with fewer, the position would decide.
    const weights = { ...rest, layers: [...saved, { name: 'more', path: 'more', arrays: [] }] };
    expect(() => loadKerasWeights(model, weights)).toThrow(
      /2 missing, 2 unexpected, 0 of another shape[^]*\nLayer head of the file has the shapes of predictions, which is missing: perhaps rename head=predictions\.$/,
    );
  });

  it('does not depend on freezing', async () => {
    const model = relative();
    const norm = model.getLayer('post_bn');
    for (const weight of norm.weights.slice(0, 1))
      (weight as unknown as { trainable: boolean }).trainable = false;
    model.getLayer('conv1_conv').trainable = false;
    loadKerasWeights(model, await read('trained.keras'));
    const other = relative();
    loadKerasWeights(other, await read('trained.keras'));
    expect(valuesOf(model)).toEqual(valuesOf(other));
  });

  it('lists everything that does not fit, and changes nothing', async () => {
    const model = relative({ classes: 7 });
    const before = valuesOf(model);
    const weights = await read('trained.h5');
    const tensors = tf.memory().numTensors;
    const layersOfFile = weights.layers.filter(({ name }) => name !== 'conv1_conv');
    const extra = {
      name: 'surplus',
      path: 'surplus',
      arrays: [{ name: 'kernel', shape: [1], values: Float32Array.of(1) }],
    };
    expect(() =>
      loadKerasWeights(model, {
        ...weights,
        layers: [...layersOfFile, extra, { ...extra, name: 'more' }],
      }),
    ).toThrow(
      expect.objectContaining({
        name: 'FixresModelsError',
        code: 'weights-mismatch',
        missing: [
          { name: 'conv1_conv/kernel', shape: [7, 7, 3, 2] },
          { name: 'conv1_conv/bias', shape: [2] },
        ],
        unexpected: [
          { name: 'surplus/kernel', shape: [1] },
          { name: 'more/kernel', shape: [1] },
        ],
        wrongShape: [
          { name: 'predictions/kernel', shape: [64, 7], found: [64, 5] },
          { name: 'predictions/bias', shape: [7], found: [5] },
        ],
        message: expect.stringMatching(
          /2 missing, 2 unexpected, 2 of another shape[^]*missing: conv1_conv\/kernel \[7, 7, 3, 2\][^]*wrong shape: predictions\/bias is \[5\] in the file, \[7\] in the model/,
        ) as string,
      }),
    );
    expect(valuesOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('skips layers on request', async () => {
    const model = relative({ classes: 7 });
    const head = valuesOf(model).get('predictions/0');
    loadKerasWeights(model, await read('trained.keras'), { except: ['predictions'] });
    expect(valuesOf(model).get('predictions/0')).toEqual(head);
    const trunk = relative({ includeTop: false });
    expect(() =>
      loadKerasWeights(trunk, { layout: 'legacy', layers: [] }, { except: ['predictions'] }),
    ).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});
