import type { ImageDataset } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import type { DatasetChoice } from '@fixres/runs';
import { inOrderOfTraining } from '../images/class-order.ts';
import { resolveDataset } from '../images/resolve-dataset.ts';
import type { PreparationListeners } from './session-listeners.ts';

export interface SessionDatasetOptions {
  /** Classes of the model that the run is initialised from, or of the run that is resumed. */
  classOrder: readonly string[] | undefined;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Opens the data set of a run, with its classes in their earlier order. */
export async function sessionDataset(
  { source, ...reading }: DatasetChoice,
  { classOrder, on, signal }: SessionDatasetOptions,
): Promise<ImageDataset> {
  const dataset = await resolveDataset(source, {
    cacheFolder: defaultCacheFolder(),
    reading,
    on,
    signal,
  });
  return inOrderOfTraining(dataset, classOrder, on);
}
