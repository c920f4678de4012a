import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { Dataset, File, Group, ready } from 'h5wasm';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { kerasBytes, kerasFile } from '../../../test/support/keras-files.ts';
import { createModel } from '../../architectures/create-model.ts';
import { createKerasModel } from '../../keras-config/create-keras-model.ts';
import { loadKerasWeights } from '../load-keras-weights.ts';
import { readKerasWeights } from './read-keras-weights.ts';
import { readKerasZip } from './read-keras-zip.ts';
import { writeKerasWeights } from './write-keras-weights.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function trained(): Promise<LayersModel> {
  const model = createModel('resnet26v2', {
    classes: 5,
    width: 2,
    rescaling: { scale: 1 / 127.5, offset: -1 },
  });
  onTestFinished(() => void model.dispose());
  loadKerasWeights(model, await readKerasWeights(kerasBytes('trained.weights.h5')));
  return model;
}

/**
 * The content of an HDF5 file without the optimizer: groups with their attributes, arrays with
 * type, shape and bytes.
 */
async function contentOf(bytes: Uint8Array): Promise<Map<string, unknown>> {
  const { FS } = await ready;
  FS.writeFile('/content.h5', bytes);
  const file = new File('/content.h5', 'r');
  const content = new Map<string, unknown>();
  const walk = (group: Group, path: string): void => {
    content.set(
      path,
      Object.fromEntries(Object.entries(group.attrs).map(([name, { value }]) => [name, value])),
    );
    for (const name of group.keys()) {
      const entity = group.get(name);
      const inner = `${path}/${name}`;
      if (entity instanceof Group && inner !== '/optimizer') walk(entity, inner);
      if (entity instanceof Dataset)
        content.set(inner, { dtype: entity.dtype, shape: entity.shape, values: entity.value });
    }
  };
  walk(file, '');
  file.close();
  return content;
}

/** The arrays of the content, without groups. */
function arraysOf(content: Map<string, unknown>): Map<string, unknown> {
  return new Map([...content].filter(([, value]) => Object.hasOwn(value as object, 'dtype')));
}

describe('writeKerasWeights', () => {
  it('writes the weights of attentions where Keras does, in a nested model too', async () => {
    const path = new URL('../../../test/fixtures/keras-import/attention.keras.gz', import.meta.url);
    const archive = new Uint8Array(gunzipSync(readFileSync(path)));
    const { weights } = await readKerasZip(archive, 'attention.keras', 2 ** 20);
    const { model } = await createKerasModel(await readKerasWeights(archive));
    onTestFinished(() => void model.dispose());
    const [ours, kerass] = [
      await contentOf(await writeKerasWeights(model)),
      await contentOf(weights),
    ];
    expect(arraysOf(ours)).toEqual(arraysOf(kerass));
  });

  it('writes the same as Keras for the same weights: groups, attributes, types, shapes and every bit', async () => {
    const [ours, kerass] = [
      await contentOf(await writeKerasWeights(await trained())),
      await contentOf(kerasBytes('trained.weights.h5')),
    ];
    expect([...ours.keys()].sort()).toEqual([...kerass.keys()].sort());
    for (const [path, value] of kerass) expect(ours.get(path), path).toEqual(value);
  });

  it('writes the same arrays that Keras loaded and saved again (scripts/check-keras-round-trip.py)', async () => {
    const evidence = JSON.parse(readFileSync(kerasFile('round-trip.json'), 'utf8')) as {
      sha256: string;
      arrays: number;
    };
    const { layers } = await readKerasWeights(await writeKerasWeights(await trained()));
    const hash = createHash('sha256');
    const arrays = layers.flatMap(({ path, arrays: all }) =>
      all.map((array) => ({ ...array, name: `${path}/vars/${array.name}` })),
    );
    for (const { name, shape, values } of arrays.sort((a, b) => (a.name < b.name ? -1 : 1)))
      hash.update(`${name} ${shape.join()}\n`).update(values);
    expect(arrays.length).toBe(evidence.arrays);
    expect(hash.digest('hex')).toBe(evidence.sha256);
  });

  it('loses nothing in a round trip', async () => {
    const model = await trained();
    const other = createModel('resnet26v2', { classes: 5, width: 2, seed: 9 });
    onTestFinished(() => void other.dispose());
    loadKerasWeights(other, await readKerasWeights(await writeKerasWeights(model)));
    expect(other.getWeights().map((weight) => weight.dataSync())).toEqual(
      model.getWeights().map((weight) => weight.dataSync()),
    );
  });
});
