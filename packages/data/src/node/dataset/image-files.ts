import { stat } from 'node:fs/promises';
import { FixresDataError } from '../../errors.ts';
import { fileSource } from '../files/byte-source.ts';
import type { Example } from './dataset.ts';

/** Label of images whose class is unknown. */
export const UNLABELLED = -1;

/**
 * Image files as unlabelled examples for `ImageLoader`, to classify photos that belong to no data
 * set. Their ids are the given paths. No image is decoded.
 *
 * @throws FixresDataError `not-found` if a path does not exist or is not a file
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
