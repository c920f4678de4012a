import { totalmem } from 'node:os';
import { withinLimit } from '../memory/within-limit.ts';
import {
  defaultImageLimits,
  type DiskCacheOptions,
  type ImageLimits,
  type ImageLoaderOptions,
} from '@fixres/data/node';
import type { DatasetReading, MemoryPlan } from '@fixres/runs';

/**
 * How a run reads and caches decoded images: in up to a sixteenth of the memory (of the container, if
 * it has a limit), at most 1 GB. A small data set is therefore decoded only once.
 *
 * @param memory how the run divides its memory, if that is limited
 */
export function imageLoading(
  dataset: DatasetReading,
  diskCache?: DiskCacheOptions,
  memory?: Pick<MemoryPlan, 'photosMb'>,
): Pick<ImageLoaderOptions, 'cacheBytes' | 'diskCache' | 'limits' | 'decode'> {
  return {
    cacheBytes:
      memory === undefined
        ? Math.floor(Math.min(withinLimit(totalmem()) / 16, 1e9))
        : memory.photosMb * 1e6,
    diskCache,
    limits: imageLimitsOf(dataset),
    decode: dataset.decode,
  };
}

/** The largest image allowed in a data set. Uncompressed, a pixel takes up to four bytes. */
export function imageLimitsOf({
  maxMegapixels,
}: Pick<DatasetReading, 'maxMegapixels'>): ImageLimits {
  if (maxMegapixels === undefined) return defaultImageLimits;
  const maxPixels = Math.max(1, Math.floor(maxMegapixels * 1e6));
  return { maxPixels, maxBytes: Math.max(defaultImageLimits.maxBytes, 4 * maxPixels) };
}
