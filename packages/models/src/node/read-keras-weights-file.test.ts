import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kerasBytes, kerasFile } from '../../test/support/keras-files.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { readKerasWeights } from '../weights/read-keras-weights.ts';
import { readKerasWeightsFile } from './read-keras-weights-file.ts';

describe('readKerasWeightsFile', () => {
  it.each(['trained.keras', 'trained.h5', 'trained.weights.h5'])('reads what readKerasWeights reads: %s', async (name) => {
    expect(await readKerasWeightsFile(kerasFile(name))).toEqual(await readKerasWeights(kerasBytes(name)));
  });

  it('says of a damaged file what readKerasWeights says, with the file', async () => {
    const file = join(await temporaryFolder(), 'cut.h5');
    const bytes = kerasBytes('nested.h5');
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    await expect(readKerasWeightsFile(file)).rejects.toMatchObject({
      name: 'FixresModelsError',
      code: 'bad-weights-file',
      message: expect.stringContaining(`"${file}" cannot be read as HDF5: `) as string,
    });
  });

  it('ends the thread that reads when it may take no time, or is aborted', async () => {
    const file = kerasFile('nested.h5');
    await expect(readKerasWeightsFile(file, { maxSeconds: 0 })).rejects.toMatchObject({
      code: 'bad-weights-file',
      message: `Weights file "${file}" cannot be read within 0 seconds.`,
    });
    await expect(readKerasWeightsFile(file, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect((await readKerasWeightsFile(file)).layers.length).toBe(5);
  });

  it('names a file that is missing or too large', async () => {
    await expect(readKerasWeightsFile('nowhere.h5')).rejects.toMatchObject({ code: 'not-found' });
    await expect(readKerasWeightsFile(kerasFile('nested.h5'), { maxBytes: 100 })).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});
