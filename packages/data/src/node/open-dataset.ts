import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { FixresDataError } from '../errors.ts';
import type { Entry } from './archive-entry.ts';
import { datasetFromClassFolders, type ImageDataset } from './class-folders.ts';
import { folderEntries } from './folder-entries.ts';
import { inflatedTar } from './inflated-tar.ts';
import { tarEntries } from './tar-entries.ts';
import { zipEntries } from './zip-entries.ts';

export interface OpenDatasetOptions {
  /** Where the inflated copy of a `.tgz` archive is kept. */
  cacheFolder: string;
  /** Name of the data set; by default the file's or folder's. */
  name?: string;
  signal?: AbortSignal;
}

/**
 * Opens a folder of class folders, or a `.tar`, `.tar.gz`, `.tgz` or `.zip` archive of one. Only names and places are read.
 *
 * @throws FixresDataError `not-found`, `unsupported-format`, and those of the readers
 */
export async function openDataset(path: string, options: OpenDatasetOptions): Promise<ImageDataset> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new FixresDataError('not-found', `Data set "${path}" does not exist. Give a folder of class folders or an archive of one.`, {
      cause,
    });
  });
  const entries = info.isDirectory() ? await folderEntries(path) : await archiveEntries(resolve(path), options);
  const stem = basename(resolve(path)).replace(/\.(tgz|tar\.gz|tar|zip)$/i, '');
  return datasetFromClassFolders(entries, options.name ?? stem, path);
}

async function archiveEntries(file: string, options: OpenDatasetOptions): Promise<Entry[]> {
  if (/\.(tgz|tar\.gz)$/i.test(file)) return tarEntries(await inflatedTar(file, options.cacheFolder, options.signal));
  if (/\.tar$/i.test(file)) return tarEntries(file);
  if (/\.zip$/i.test(file)) return zipEntries(file);
  throw new FixresDataError(
    'unsupported-format',
    `Data set "${file}" is neither a folder nor an archive that can be read; allowed are .tar, .tar.gz, .tgz and .zip.`,
  );
}
