import { resolve } from 'node:path';
import { readClassList } from '@fixres/data/node';
import { type DatasetReading, openingOf } from '@fixres/runs';

/** How a data set is read, as the command line gives it. */
export interface DatasetOptions extends Omit<DatasetReading, 'classNames' | 'classIds'> {
  /** File with class names. */
  classNames?: string;
}

/** @throws FixresDataError for a file of class names that is unreadable or has an empty line */
export async function datasetReading(options: DatasetOptions): Promise<DatasetReading> {
  const { archive, classNames, maxMegapixels, decode } = options;
  const list = classNames === undefined ? undefined : await readClassList(classNames);
  const { classNames: names, classIds } = list ?? {};
  return {
    ...openingOf({ ...options, classNames: names, classIds }),
    archive: archive && resolve(archive),
    maxMegapixels,
    decode,
  };
}
