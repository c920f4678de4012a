import { type Example, type ImageDataset, type Split, takeImages } from '@fixres/data/node';
import { splitFor } from './split-for.ts';
import type { TrainedRun } from '../models/trained-run.ts';

/** What a run records about its split. */
export type RecordedSplit = Pick<
  TrainedRun,
  'limit' | 'heldOut' | 'heldOutIds' | 'droppedIds' | 'trainIds'
>;

/** The images that a run trained on, without those that it held back, and its held-out images. */
export function runSplit(dataset: ImageDataset, recorded: RecordedSplit): Split {
  const { trainIds } = recorded;
  const { train, heldOut } = splitBeforeHoldingBack(dataset, recorded);
  return { train: trainIds ? train.filter(({ id }) => trainIds.has(id)) : train, heldOut };
}

function splitBeforeHoldingBack(
  dataset: ImageDataset,
  { limit, heldOut, heldOutIds, droppedIds }: RecordedSplit,
): Split {
  if (heldOutIds === undefined) return splitFor(dataset, { limit, heldOut });
  const { examples } = limit === undefined ? dataset : takeImages(dataset, limit);
  // If a data set has its own parts, only its training part is trained on.
  const given = examples.some(({ split }) => split !== undefined);
  return {
    train: examples.filter(
      ({ id, split }) =>
        !heldOutIds.has(id) && !droppedIds.has(id) && (!given || split === 'train'),
    ),
    heldOut: examples.filter(({ id }) => heldOutIds.has(id)),
  };
}

/** The number of these images that a run trained on. */
export function trainedOn(examples: readonly Example[], trainIds: ReadonlySet<string>): number {
  return examples.filter(({ id }) => trainIds.has(id)).length;
}
