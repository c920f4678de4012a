import type { DatasetReading } from '@fixres/runs';
import { resolve } from 'node:path';
import { defaultImageLimits, type ImageLimits, readClassNames } from '@fixres/data/node';

/** How a data set is read, as the command line says it. */
export interface DatasetOptions {
  /** Local copy of the archive of `tf_flowers`. */
  archive?: string;
  labelKey?: string;
  /** File of names. */
  classNames?: string;
  allowOutside?: boolean;
  /** In 10^6. */
  maxMegapixels?: number;
}

/** @throws FixresDataError for a file of names that cannot be read, or has an empty line */
export async function datasetReading({
  archive,
  labelKey,
  classNames,
  allowOutside,
  maxMegapixels,
}: DatasetOptions): Promise<DatasetReading> {
  return {
    archive: archive && resolve(archive),
    labelKey,
    classNames: classNames === undefined ? undefined : await readClassNames(classNames),
    allowOutside,
    maxMegapixels,
  };
}

/** How large the images of a data set may be. Without compression a pixel takes up to four bytes. */
export function imageLimitsOf({
  maxMegapixels,
}: Pick<DatasetReading, 'maxMegapixels'>): ImageLimits {
  if (maxMegapixels === undefined) return defaultImageLimits;
  const maxPixels = Math.max(1, Math.floor(maxMegapixels * 1e6));
  return { maxPixels, maxBytes: Math.max(defaultImageLimits.maxBytes, 4 * maxPixels) };
}

/** A data set read as the run has read it that a model comes from, as far as nothing else is said. */
export function readAsIn<T extends DatasetReading>(
  { reading }: { reading: DatasetReading },
  choice: T,
): T {
  const {
    labelKey = reading.labelKey,
    classNames = reading.classNames,
    allowOutside = reading.allowOutside,
    maxMegapixels = reading.maxMegapixels,
  } = choice;
  return { ...choice, labelKey, classNames, allowOutside, maxMegapixels };
}
