import { resolve } from 'node:path';
import type { DiskCacheOptions } from '@fixres/data/node';
import { FixresRunnerError } from '@fixres/runner';

/** The disk cache of decoded images, as the command line gives it. */
export interface DiskCacheChoice {
  diskCache?: string;
  /** In 10^6 bytes. */
  diskCacheSize?: number;
}

/** In 10^6 bytes: about 130,000 photos of the size of tf_flowers. */
const DEFAULT_SIZE = 20_000;

/** @throws FixresRunnerError for a size without a folder, and for an empty folder name */
export function diskCacheOf({
  diskCache,
  diskCacheSize = DEFAULT_SIZE,
}: DiskCacheChoice): DiskCacheOptions | undefined {
  if (diskCache !== undefined) return { folder: resolve(diskCache), maxBytes: diskCacheSize * 1e6 };
  if (diskCacheSize === DEFAULT_SIZE) return undefined;
  throw new FixresRunnerError(
    'bad-option',
    `Option --disk-cache-size is ${diskCacheSize}, but --disk-cache is missing; it says where.`,
  );
}
