import type { ImageDataset } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import type { DatasetChoice } from '@fixres/runs';
import type { DatasetWords } from '../images/dataset-words.ts';
import { groupedDataset, groupKeyOf } from '../images/grouped-dataset.ts';
import { inOrderOfTraining } from '../images/class-order.ts';
import { resolveDataset } from '../images/resolve-dataset.ts';
import type { PreparationListeners } from './session-listeners.ts';

export interface SessionDatasetOptions {
  /** Classes of the model that the run is initialised from, or of the run that is resumed. */
  classOrder: readonly string[] | undefined;
  words?: DatasetWords | undefined;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Opens the data set of a run, with its classes in their earlier order, and its images in their groups. */
export async function sessionDataset(
  choice: DatasetChoice,
  { classOrder, words, on, signal }: SessionDatasetOptions,
): Promise<ImageDataset> {
  const { source, splitByGroup, ...reading } = choice;
  const dataset = await resolveDataset(source, {
    cacheFolder: defaultCacheFolder(),
    reading,
    groupKey: groupKeyOf(splitByGroup),
    on,
    signal,
  });
  return groupedDataset(inOrderOfTraining(dataset, classOrder, on), choice, { words, on, signal });
}
