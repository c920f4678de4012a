import type { JpegDecoding } from '@fixres/data/names';
import type { DatasetReading } from '@fixres/runs';
import { resolve } from 'node:path';
import { readClassList } from '@fixres/data/node';

/** How a data set is read, as the command line gives it. */
export interface DatasetOptions {
  /** Local copy of the archive of `tf_flowers`. */
  archive?: string;
  labelKey?: string;
  /** File with class names. */
  classNames?: string;
  nestedClasses?: boolean;
  multiLabel?: boolean;
  labelSeparator?: string;
  allowOutside?: boolean;
  /** In 10^6 pixels. */
  maxMegapixels?: number;
  decode?: JpegDecoding;
}

/** @throws FixresDataError for a file of class names that is unreadable or has an empty line */
export async function datasetReading({
  archive,
  labelKey,
  classNames,
  nestedClasses,
  multiLabel,
  labelSeparator,
  allowOutside,
  maxMegapixels,
  decode,
}: DatasetOptions): Promise<DatasetReading> {
  const list = classNames === undefined ? undefined : await readClassList(classNames);
  return {
    archive: archive && resolve(archive),
    labelKey,
    classNames: list?.classNames,
    classIds: list?.classIds,
    nestedClasses,
    multiLabel,
    labelSeparator,
    allowOutside,
    maxMegapixels,
    decode,
  };
}
