import { type ImageDataset, withClassOrder } from '@fixres/data/node';
import type { PreparationListeners } from '../session/session-listeners.ts';

/** A data set with its classes in the order that they had in training, which is said where it is another one; as it is where the classes are others. */
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
