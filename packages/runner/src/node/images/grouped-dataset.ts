import { FixresDataError } from '@fixres/data';
import {
  heldOutPart,
  type ImageDataset,
  ImageLoader,
  takeImages,
  withLookAlikeGroups,
  withNamedGroups,
} from '@fixres/data/node';
import type { DatasetChoice } from '@fixres/runs';
import type { PreparationListeners } from '../session/session-listeners.ts';
import { type DatasetWords, optionWords } from './dataset-words.ts';
import { findLookAlikes } from './find-look-alikes.ts';
import { imageLoading } from './image-loading.ts';

/** The value of `splitByGroup` that groups images by how they look. */
const LOOK_ALIKES = 'look-alikes';

/** The column or key with the groups; undefined for the other kinds of groups. */
export function groupKeyOf(splitByGroup: string | undefined): string | undefined {
  return splitByGroup === LOOK_ALIKES || splitByGroup?.includes('{') ? undefined : splitByGroup;
}

export interface GroupedDatasetOptions {
  words?: DatasetWords | undefined;
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Puts the images of a data set into groups, which the split by hash does not divide. Groups of a
 * column are read with the data set; see {@link groupKeyOf}.
 *
 * @throws FixresDataError `bad-option` for a data set with its own split, or a pattern that matches no
 * name; `limit-exceeded` if too many images look the same
 */
export async function groupedDataset(
  dataset: ImageDataset,
  choice: DatasetChoice,
  { words = optionWords, on, signal }: GroupedDatasetOptions,
): Promise<ImageDataset> {
  const { splitByGroup, limit } = choice;
  if (splitByGroup === undefined) return dataset;
  if (heldOutPart(dataset) !== undefined) {
    const message = `${words.splitByGroup} is "${splitByGroup}", but "${dataset.name}" brings its own split; use ${words.dropLeaks} instead.`;
    throw new FixresDataError('bad-option', message);
  }
  if (groupKeyOf(splitByGroup) !== undefined) return dataset;
  if (splitByGroup !== LOOK_ALIKES) return withNamedGroups(dataset, splitByGroup);
  // The split takes the same images.
  const chosen = limit === undefined ? dataset : takeImages(dataset, limit);
  const { examples } = chosen;
  // Each image is read once.
  const loader = new ImageLoader({ ...imageLoading(choice), cacheBytes: 0 });
  try {
    const onProgress = (done: number): void =>
      on.progress?.(`Comparing images: ${done} of ${examples.length}`);
    const { hashes } = await loader.inspect(examples, { onProgress, signal });
    const lookAlikes = await findLookAlikes(examples, { hashes, on, signal });
    return { ...withLookAlikeGroups(chosen, lookAlikes), lookAlikes };
  } finally {
    await loader.close();
  }
}
