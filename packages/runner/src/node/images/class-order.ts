import { type ImageDataset, withClassOrder } from '@fixres/data/node';
import type { PreparationListeners } from '../session/session-listeners.ts';

/**
 * Puts the classes of a data set into the order that they had in training, and reports a change. If
 * the classes differ, the data set is unchanged.
 */
export function inOrderOfTraining(
  dataset: ImageDataset,
  classNames: readonly string[] | undefined,
  on: PreparationListeners,
): ImageDataset {
  const ordered = withClassOrder(dataset, classNames);
  if (ordered !== dataset)
    on.note?.(
      `The classes keep the order that they had in training: ${ordered.classNames.join(', ')}.`,
    );
  return ordered;
}
