import { join } from 'node:path';
import { FixresDataError } from '@fixres/data';
import { fetchArchive, type ImageDataset, openDataset, syntheticFlowers, tfFlowersArchive, verifyArchive } from '@fixres/data/node';
import { megabytes } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface ResolveDatasetOptions {
  cacheFolder: string;
  /** Local copy of the archive of `tf_flowers`. */
  archive?: string | undefined;
  terminal: Terminal;
  signal: AbortSignal;
}

/** Opens what the user calls a data set: `synthetic`, `tf_flowers`, a folder or an archive. */
export async function resolveDataset(dataset: string, options: ResolveDatasetOptions): Promise<ImageDataset> {
  const { cacheFolder, archive, terminal, signal } = options;
  if (archive !== undefined && dataset !== 'tf_flowers') {
    const message = `Option --archive goes with the data set tf_flowers only; the data set is "${dataset}".`;
    throw new FixresDataError('bad-option', message);
  }
  if (dataset === 'synthetic') {
    const onProgress = (images: number): void => terminal.progress(`Drawing flowers: ${images}`);
    const folder = await syntheticFlowers({ folder: join(cacheFolder, 'synthetic'), onProgress, signal });
    return openDataset(folder, { cacheFolder, name: 'synthetic', signal });
  }
  if (dataset === 'tf_flowers') {
    const file = archive ?? (await download(cacheFolder, terminal, signal));
    if (archive !== undefined) await verifyArchive(archive, tfFlowersArchive, signal);
    return openDataset(file, { cacheFolder, name: 'tf_flowers', signal });
  }
  return openDataset(dataset, { cacheFolder, signal });
}

async function download(cacheFolder: string, terminal: Terminal, signal: AbortSignal): Promise<string> {
  const total = megabytes(tfFlowersArchive.bytes / 1e6);
  const onProgress = (bytes: number): void => terminal.progress(`Downloading tf_flowers: ${megabytes(bytes / 1e6)} of ${total}`);
  return fetchArchive({ cacheFolder, onProgress, signal });
}
