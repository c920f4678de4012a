import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kerasBytes, kerasFile } from '../../test/support/keras-files.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { FixresModelsError } from '../errors.ts';
import { readKerasWeights } from '../weights/read-keras-weights.ts';
import { readKerasWeightsFile } from './read-keras-weights-file.ts';

type Change = readonly [at: number, byte: number];

/** A copy of a fixture with some bytes changed. */
async function changedFile(name: string, changes: readonly Change[], folder: string): Promise<string> {
  const bytes = kerasBytes(name);
  for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
  const file = join(folder, `${changes.join('-')}-${name}`);
  await writeFile(file, bytes);
  return file;
}

describe('readKerasWeightsFile', () => {
  it.each(['trained.keras', 'trained.h5', 'trained.weights.h5'])('reads what readKerasWeights reads: %s', async (name) => {
    expect(await readKerasWeightsFile(kerasFile(name))).toEqual(await readKerasWeights(kerasBytes(name)));
  });

  it('outlives files on which the HDF5 library traps or runs without end', async () => {
    const folder = await temporaryFolder();
    // A length in the heap of texts, and a link back in a tree of names.
    const trapping = await changedFile('nested.h5', [[1944, 8]], folder);
    const endless = await changedFile('nested.weights.h5', [[2297, 8]], folder);
    await expect(readKerasWeightsFile(trapping)).rejects.toMatchObject({ code: 'bad-weights-file' });
    await expect(readKerasWeightsFile(endless, { maxSeconds: 2 })).rejects.toMatchObject({
      code: 'bad-weights-file',
      message: expect.stringContaining('within 2 seconds') as string,
    });
    const controller = new AbortController();
    const reading = readKerasWeightsFile(endless, { signal: controller.signal });
    controller.abort();
    await expect(reading).rejects.toThrow('aborted');
    expect((await readKerasWeightsFile(kerasFile('nested.h5'))).layers.length).toBe(5);
  });

  it('gives weights or a typed error, whatever bytes are changed', async () => {
    const folder = await temporaryFolder();
    // The signature is left alone, or nothing else would be tried. The first kilobytes hold the structure.
    const place = fc.oneof(fc.integer({ min: 8, max: 6000 }), fc.integer({ min: 8, max: 2 ** 30 }));
    const change: fc.Arbitrary<Change> = fc.tuple(place, fc.constantFrom(0, 1, 8, 0x7f, 0x80, 0xff));
    const changed = fc.noBias(fc.tuple(fc.constantFrom('nested.h5', 'nested.weights.h5', 'numbered.h5'), fc.array(change, { minLength: 1, maxLength: 4 })));
    let read = 0;
    const runs = fc.sample(changed, { numRuns: 12, seed: 5 });
    await Promise.all(
      [0, 1].map(async (lane) => {
        for (const [name, changes] of runs.filter((_, i) => i % 2 === lane)) {
          try {
            await readKerasWeightsFile(await changedFile(name, changes, folder), { maxSeconds: 3 });
            read += 1;
          } catch (error) {
            expect(error).toBeInstanceOf(FixresModelsError);
          }
        }
      }),
    );
    // Both happen, or the test would try one thing only.
    expect(read).toBeGreaterThan(1);
    expect(read).toBeLessThan(11);
  });

  it('names a file that is missing or too large', async () => {
    await expect(readKerasWeightsFile('nowhere.h5')).rejects.toMatchObject({ code: 'not-found' });
    await expect(readKerasWeightsFile(kerasFile('nested.h5'), { maxBytes: 100 })).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});
