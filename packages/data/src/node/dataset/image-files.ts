import { stat } from 'node:fs/promises';
import { FixresDataError } from '../../errors.ts';
import { fileSource } from '../files/byte-source.ts';
import type { Example } from './dataset.ts';

/** Label of images of which no class is known. */
export const UNLABELLED = -1;

/**
 * Image files as examples without label, for `ImageLoader`: to classify photos that belong to no data set. Their ids are the paths as
 * given. No image is decoded.
 *
 * @throws FixresDataError `not-found` for what does not exist or is no file
 */
export async function imageFiles(files: readonly string[]): Promise<Example[]> {
  return Promise.all(
    files.map(async (file) => {
      const info = await stat(file).catch((cause: unknown) => {
        throw new FixresDataError('not-found', `Image "${file}" does not exist.`, { cause });
      });
      if (!info.isFile())
        throw new FixresDataError('not-found', `"${file}" is not a file; give image files.`);
      return { id: file, label: UNLABELLED, source: fileSource(file, info.size) };
    }),
  );
}
