import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { File, ready } from 'h5wasm';
import { describe, expect, it } from 'vitest';
import { kerasBytes } from '../../../test/support/keras-files.ts';
import { readKerasWeights } from './read-keras-weights.ts';

const files = ['nested.weights.h5', 'nested.h5', 'trained.keras'] as const;
const code = (expected: string): object =>
  expect.objectContaining({ name: 'FixresModelsError', code: expected }) as object;

/** An HDF5 file that Keras would never write. */
async function hdf5(build: (file: File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const file = new File('/hostile.h5', 'w');
  build(file);
  file.close();
  return FS.readFile('/hostile.h5');
}

async function zip(entries: Record<string, Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, bytes] of Object.entries(entries))
    await writer.add(name, new Uint8ArrayReader(bytes));
  return writer.close();
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('readKerasWeights of an invalid file', () => {
  it.each([[new Uint8Array(0)], [text('hello')], [kerasBytes('photos/aster.jpg')]])(
    'rejects a file that is not a weights file',
    async (bytes) => {
      await expect(readKerasWeights(bytes)).rejects.toThrow(code('bad-weights-file'));
    },
  );

  it.each(files)('detects truncation at any point: %s', async (name) => {
    const bytes = kerasBytes(name);
    for (let part = 0; part < 20; part++) {
      await expect(
        readKerasWeights(bytes.subarray(0, Math.floor((bytes.length * part) / 20))),
      ).rejects.toThrow(code('bad-weights-file'));
    }
    await expect(readKerasWeights(bytes.subarray(0, -1))).rejects.toThrow(code('bad-weights-file'));
  });

  it('rejects files without weights, or with other kinds of numbers', async () => {
    await expect(
      readKerasWeights(await hdf5((file) => file.create_group('photos'))),
    ).rejects.toThrow(code('bad-weights-file'));
    const whole = hdf5((file) => {
      for (const group of ['layers', 'layers/dense', 'layers/dense/vars']) file.create_group(group);
      file.create_dataset({ name: 'layers/dense/vars/0', data: Int32Array.of(1, 2), shape: [2] });
    });
    await expect(readKerasWeights(await whole)).rejects.toThrow(
      /array layers\/dense\/vars\/0 does not contain/,
    );
  });

  it("rejects more data than the file's size allows: accepts a megabyte in a few kilobytes, but not ten", async () => {
    const zeros = (length: number): Promise<Uint8Array> =>
      hdf5((file) => {
        for (const group of ['layers', 'layers/dense', 'layers/dense/vars'])
          file.create_group(group);
        const made = file.create_dataset({
          name: 'layers/dense/vars/0',
          data: Float32Array.of(0),
          shape: [1],
          maxshape: [null],
          chunks: [1024],
          compression: 9,
        });
        made.resize([length]);
      });
    const [some, many] = [await zeros(2 ** 18), await zeros(10 * 2 ** 18)];
    for (const bytes of [some, many]) expect(bytes.length).toBeLessThan(10_000);
    expect((await readKerasWeights(some)).layers[0]!.arrays[0]!.values).toEqual(
      new Float32Array(2 ** 18),
    );
    await expect(readKerasWeights(many)).rejects.toThrow(code('limit-exceeded'));
    await expect(readKerasWeights(some, { maxBytes: 2 ** 20 - 1 })).rejects.toThrow(
      code('limit-exceeded'),
    );
    await expect(readKerasWeights(kerasBytes('nested.h5'), { maxBytes: 1000 })).rejects.toThrow(
      code('limit-exceeded'),
    );
  });

  it('accepts nested models, but not deeper than in any real model', async () => {
    const nested = (levels: number): Promise<Uint8Array> =>
      hdf5((file) => {
        const path = ['layers', ...Array.from({ length: levels }, (_, i) => `model_${i}`)];
        path.forEach((_, i) => file.create_group(path.slice(0, i + 1).join('/')));
        file.create_group(`${path.join('/')}/vars`);
        file.create_dataset({ name: `${path.join('/')}/vars/0`, data: Float32Array.of(1) });
      });
    expect((await readKerasWeights(await nested(32))).layers).toHaveLength(1);
    await expect(readKerasWeights(await nested(33))).rejects.toThrow(
      /groups deeper in one another, than any model/,
    );
  });

  it('rejects archives with missing, oversized or damaged entries', async () => {
    const weights = kerasBytes('nested.weights.h5');
    const config = text('{}');
    await expect(readKerasWeights(await zip({ 'config.json': config }))).rejects.toThrow(
      /there is no model.weights.h5 in it/,
    );
    await expect(
      readKerasWeights(await zip({ 'config.json': text('[1'), 'model.weights.h5': weights })),
    ).rejects.toThrow(code('bad-weights-file'));
    const large = await zip({ 'config.json': config, 'model.weights.h5': new Uint8Array(2 ** 20) });
    expect(large.length).toBeLessThan(2 ** 12);
    await expect(readKerasWeights(large, { maxBytes: 2 ** 19 })).rejects.toThrow(
      code('limit-exceeded'),
    );

    const whole = kerasBytes('trained.keras');
    const flipped = whole.slice();
    // In the middle of a stored array, where HDF5 notices nothing but the checksum of the archive
    // does.
    flipped[(whole.length / 2) | 0]! ^= 0xff;
    await expect(readKerasWeights(flipped)).rejects.toThrow(code('bad-weights-file'));
  });
});
