import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kerasBytes, kerasFile } from '../../test/support/keras-files.ts';
import { readKerasWeights } from '../weights/files/read-keras-weights.ts';
import { readKerasZip } from '../weights/files/read-keras-zip.ts';
import { temporaryFolder } from '@fixres/testing';
import type { KerasWeights, SavedLayer } from '../weights/keras-weights.ts';
import { readKerasWeightsFile } from './read-keras-weights-file.ts';

describe('readKerasWeightsFile', () => {
  it.each(['trained.keras', 'trained.h5', 'trained.weights.h5'])(
    'reads the same as readKerasWeights: %s',
    async (name) => {
      expect(await readKerasWeightsFile(kerasFile(name))).toEqual(
        await readKerasWeights(kerasBytes(name)),
      );
    },
  );

  it("reports a damaged file like readKerasWeights, with the file's name", async () => {
    const file = join(await temporaryFolder(), 'cut.h5');
    const bytes = kerasBytes('nested.h5');
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    await expect(readKerasWeightsFile(file)).rejects.toMatchObject({
      name: 'FixresModelsError',
      code: 'bad-weights-file',
      message: expect.stringContaining(`"${file}" cannot be read as HDF5: `) as string,
    });
  });

  it('terminates the reading thread when it takes too long or is aborted', async () => {
    const file = kerasFile('nested.h5');
    await expect(readKerasWeightsFile(file, { maxSeconds: 0 })).rejects.toMatchObject({
      code: 'bad-weights-file',
      message: `Weights file "${file}" cannot be read within 0 seconds.`,
    });
    await expect(readKerasWeightsFile(file, { signal: AbortSignal.abort() })).rejects.toThrow(
      'aborted',
    );
    expect((await readKerasWeightsFile(file)).layers.length).toBe(5);
  });

  it('reads an unpacked .keras folder and sharded weights like the single file that they come from', async () => {
    const folder = await temporaryFolder();
    const { config, weights } = await readKerasZip(
      kerasBytes('trained.keras'),
      'trained.keras',
      2 ** 30,
    );
    const unpacked = join(folder, 'trained.keras');
    await mkdir(unpacked);
    await writeFile(join(unpacked, 'config.json'), JSON.stringify(config));
    await writeFile(join(unpacked, 'model.weights.h5'), weights);
    expect(await readKerasWeightsFile(unpacked)).toEqual(
      await readKerasWeightsFile(kerasFile('trained.keras')),
    );
    await rm(join(unpacked, 'config.json'));
    await expect(readKerasWeightsFile(unpacked)).rejects.toMatchObject({
      code: 'bad-weights-file',
      message: expect.stringMatching(
        /^Folder ".*" is not an unpacked \.keras file: ENOENT.*config\.json'\.$/,
      ) as string,
    });

    const shards = kerasFile('../keras-import/shards');
    expect(
      (await readdir(shards)).filter((name) => name.startsWith('index_')).length,
    ).toBeGreaterThan(1);
    const [sharded, whole] = [
      await readKerasWeightsFile(join(shards, 'index.weights.json')),
      await readKerasWeightsFile(kerasFile('../keras-import/shards/whole.weights.h5')),
    ];
    // Keras omits the names of layers in all shards except the first.
    const byPath = ({ layers }: KerasWeights): Omit<SavedLayer, 'name'>[] =>
      layers
        .map(({ path, arrays }) => ({ path, arrays }))
        .sort((a, b) => a.path.localeCompare(b.path));
    expect(byPath(sharded)).toEqual(byPath(whole));
    await writeFile(
      join(folder, 'outside.weights.json'),
      JSON.stringify({ weight_map: { '/layers/dense/vars': '../whole.weights.h5' } }),
    );
    await expect(readKerasWeightsFile(join(folder, 'outside.weights.json'))).rejects.toThrow(
      'names "../whole.weights.h5", which does not exist next to it.',
    );
  });

  it.each([
    [
      'subclassed.weights.h5',
      'contains the weights of a subclassed model, under the names of its attributes (backbone, head). Only functional and Sequential models are supported',
    ],
    [
      'int8.weights.h5',
      'contains a quantised model (array layers/dense/vars/0 of 8-bit integers); only floating-point weights are supported.',
    ],
  ])('reports what %s is', async (name, message) => {
    await expect(readKerasWeightsFile(kerasFile(`../keras-import/${name}`))).rejects.toThrow(
      message,
    );
  });

  it('names a file that is missing or too large', async () => {
    await expect(readKerasWeightsFile('nowhere.h5')).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      readKerasWeightsFile(kerasFile('nested.h5'), { maxBytes: 100 }),
    ).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});
