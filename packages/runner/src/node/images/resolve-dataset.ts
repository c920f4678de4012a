import { join } from 'node:path';
import { FixresDataError } from '@fixres/data';
import {
  fetchArchive,
  type ImageDataset,
  openDataset,
  syntheticFlowers,
  tfFlowersArchive,
  verifyArchive,
} from '@fixres/data/node';
import { megabytes } from '@fixres/runs/report';
import { type DatasetReading, openingOf } from '@fixres/runs';
import { remoteOf } from './remote-of.ts';
import type { PreparationListeners } from '../session/session-listeners.ts';

export interface ResolveDatasetOptions {
  cacheFolder: string;
  /** Default: no options; the data set describes itself. */
  reading?: DatasetReading;
  /** Column or key of a list with the group of each image. */
  groupKey?: string | undefined;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Opens a data set by the user's name for it: `synthetic`, `tf_flowers`, a path, or an address. */
export async function resolveDataset(
  dataset: string,
  options: ResolveDatasetOptions,
): Promise<ImageDataset> {
  const { cacheFolder, reading = {}, groupKey, on, signal } = options;
  const { archive } = reading;
  const opening = {
    cacheFolder,
    ...openingOf(reading),
    groupKey,
    onProgress: (images: number) => on.progress?.(`Reading Parquet files: ${images} images`),
    signal,
  };
  if (archive !== undefined && dataset !== 'tf_flowers') {
    const message = `Option --archive goes with the data set tf_flowers only; the data set is "${dataset}".`;
    throw new FixresDataError('bad-option', message);
  }
  if (dataset === 'synthetic') {
    const onProgress = (images: number): void => on.progress?.(`Drawing flowers: ${images}`);
    const folder = await syntheticFlowers({
      folder: join(cacheFolder, 'synthetic'),
      onProgress,
      signal,
    });
    return openDataset(folder, { ...opening, name: 'synthetic' });
  }
  if (dataset === 'tf_flowers') {
    const file = archive ?? (await download(cacheFolder, on, signal));
    if (archive !== undefined) await verifyArchive(archive, tfFlowersArchive, signal);
    return openDataset(file, { ...opening, name: 'tf_flowers' });
  }
  return openDataset(dataset, { ...opening, ...remoteOf(dataset) });
}

async function download(
  cacheFolder: string,
  on: PreparationListeners,
  signal: AbortSignal,
): Promise<string> {
  const total = megabytes(tfFlowersArchive.bytes / 1e6);
  const onProgress = (bytes: number): void =>
    on.progress?.(`Downloading tf_flowers: ${megabytes(bytes / 1e6)} of ${total}`);
  return fetchArchive({ cacheFolder, onProgress, signal });
}
