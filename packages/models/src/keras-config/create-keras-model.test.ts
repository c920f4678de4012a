import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import {
  type KerasNetwork,
  kerasNetworks,
  networkImage,
  networkWeights,
} from '../../test/support/keras-networks.ts';
import type { JsonValue } from '../card/json-value.ts';
import { layerGroups } from '../layer-groups.ts';
import type { KerasWeights, SavedLayer } from '../weights/keras-weights.ts';
import { createKerasModel } from './create-keras-model.ts';

const networks = kerasNetworks().filter(({ narrow }) => narrow === true);

/** The network as it is read from an .h5 file, with the arrays of each layer under its name. */
function fileOf(network: KerasNetwork): KerasWeights {
  const layers = new Map<string, SavedLayer>();
  for (const [i, values] of networkWeights(network).entries()) {
    const { name, shape } = network.weights[i]!;
    const [array, layer] = name.split('/').reverse() as [string, string];
    if (array === 'count') continue;
    const saved = layers.get(layer) ?? { name: layer, path: layer, arrays: [] };
    saved.arrays.push({ name: array, shape, values: values as Float32Array<ArrayBuffer> });
    layers.set(layer, saved);
  }
  return {
    layout: 'legacy',
    layers: [...layers.values()],
    config: network.topology as Record<string, JsonValue>,
  };
}

describe('createKerasModel', () => {
  beforeAll(() => setEngine('tensorflow'));

  it.each(networks.map((network) => [network.name, network] as const))(
    'creates %s of keras.applications, narrow, with groups of layers',
    onEngine('tensorflow'),
    async (_, network) => {
      const { model, scalesInput, application } = await createKerasModel(fileOf(network));
      const received = tf.tidy(() =>
        (model.predict(networkImage(network)) as tf.Tensor).dataSync(),
      );
      expect(relativeError(received, network.probabilities)).toBeLessThan(1e-5);
      console.log(
        JSON.stringify([
          network.name,
          scalesInput,
          application?.scaling,
          layerGroups(model).map(({ name, layers }) => [name, layers.at(0), layers.at(-1)]),
        ]),
      );
      model.dispose();
    },
  );
});
