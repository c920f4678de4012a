import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { gap, nestedModel, residualModel, scramble, wave } from '../../test/models.ts';
import { withLayersInFront } from './with-layers-in-front.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function sequential(): tfl.LayersModel {
  const { conv2d, dense, globalAveragePooling2d } = tfl.layers;
  const model = tfl.sequential({
    layers: [
      conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 2], name: 'first' }),
      globalAveragePooling2d({ name: 'pool' }),
      dense({ units: 3, name: 'logits' }),
    ],
  });
  scramble(model);
  return model;
}

it.each([
  ['residual', residualModel],
  ['nested', nestedModel],
  ['sequential', sequential],
] as const)(
  'applies the layers before those of a %s model, which keep their names',
  async (_, make) => {
    const model = make();
    const front = await withLayersInFront(model, [
      { className: 'Rescaling', config: { name: 'scaled', scale: [2, 3], offset: 0 } },
      { className: 'Rescaling', config: { name: 'shifted', scale: 1, offset: [-1, 4] } },
    ]);
    const x = wave([2, 6, 6, 2]);
    const scaled = tf.add(tf.mul(x, tf.tensor1d([2, 3])), tf.tensor1d([-1, 4]));
    expect(gap(front.predict(x) as tf.Tensor, model.predict(scaled) as tf.Tensor)).toBeLessThan(
      1e-6,
    );
    const names = ({ layers }: tfl.LayersModel): string[] =>
      layers.filter((layer) => layer.getClassName() !== 'InputLayer').map(({ name }) => name);
    expect(names(front)).toEqual(['scaled', 'shifted', ...names(model)]);
    expect(front.inputs[0]!.shape).toEqual([null, 6, 6, 2]);
  },
);
