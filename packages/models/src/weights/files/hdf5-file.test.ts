import { expect, it } from 'vitest';
import { kerasBytes } from '../../../test/support/keras-files.ts';
import { Hdf5Reader } from './hdf5-file.ts';

it("Hdf5Reader works after an error, but not after a trap, because the library's memory may be corrupt", async () => {
  const bytes = kerasBytes('nested.h5');
  const read = (work: (file: Hdf5Reader) => unknown): Promise<unknown> =>
    Hdf5Reader.with(bytes, 'the file', bytes.length, work);
  const fails = (error: Error) => (): never => {
    throw error;
  };
  await expect(read(fails(new Error('group a does not exist')))).rejects.toMatchObject({
    code: 'bad-weights-file',
    message: 'the file cannot be read as HDF5: group a does not exist.',
  });
  expect(await read((file) => file.names('/'))).toContain('model_weights');

  await expect(
    read(fails(Object.assign(new Error('unreachable'), { name: 'RuntimeError' }))),
  ).rejects.toMatchObject({
    code: 'bad-weights-file',
    message: 'the file cannot be read as HDF5: unreachable.',
  });
  await expect(read((file) => file.names('/'))).rejects.toMatchObject({
    code: 'bad-weights-file',
    message: expect.stringContaining('failed on an earlier file') as string,
  });
});
