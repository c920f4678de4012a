import { FixresDataError } from '@fixres/data';
import {
  classesWithout,
  datasetParts,
  heldOutPart,
  type ImageDataset,
  type Split,
  splitAsGiven,
  splitByHash,
  takeImages,
} from '@fixres/data/node';
import { type DatasetWords, optionWords } from './dataset-words.ts';
import { counted } from '@fixres/runs/report';

export interface SplitForOptions {
  limit?: number | undefined;
  /** Fraction of the images to hold out, 0..1. */
  heldOut?: number | undefined;
}

/**
 * Keeps a data set's own split. Other data sets, and a training part without a held-out part, are
 * split by hash.
 */
export function splitFor(
  dataset: ImageDataset,
  { limit, heldOut }: SplitForOptions,
  words: DatasetWords = optionWords,
): Split {
  const toSplit = splitOfTrain(dataset);
  if (toSplit)
    return splitByHash(toSplit, {
      ...(limit === undefined ? {} : { limit }),
      ...(heldOut === undefined ? {} : { heldOut }),
    });
  if (heldOut !== undefined) {
    const message = `${words.heldOut} is ${heldOut}, but "${dataset.name}" brings its own split; leave it out.`;
    throw new FixresDataError('bad-option', message);
  }
  return splitAsGiven(limit === undefined ? dataset : takeImages(dataset, limit));
}

/** Warnings about a data set's parts before a model is trained on them. */
export function partWarnings(dataset: ImageDataset, { heldOut }: Split): string[] {
  const parts = datasetParts(dataset);
  if (hasNoParts(dataset)) return [];
  const unused = [...parts].flatMap(([part, count]) => {
    if (part === undefined) return [`${counted(count, 'image')} in no part`];
    return ['train', 'validation', 'test'].includes(part)
      ? []
      : [`${counted(count, 'image')} in the part "${part}"`];
  });
  const missing = splitOfTrain(dataset) ? [] : classesWithout(heldOut, dataset.classNames);
  return [
    ...(unused.length > 0 ? [`Not used of ${dataset.name}: ${unused.join(', ')}.`] : []),
    ...(missing.length > 0
      ? [
          `No held-out image is of ${missing.length === 1 ? 'the class' : 'the classes'} ${missing.join(', ')}; how well that is told apart is not measured.`,
        ]
      : []),
  ];
}

/**
 * The images to split by hash: all images, or those of the part "train" if there is no part to hold
 * out; undefined if there is one.
 */
function splitOfTrain(dataset: ImageDataset): ImageDataset | undefined {
  if (hasNoParts(dataset)) return dataset;
  if (heldOutPart(dataset) !== undefined || !datasetParts(dataset).has('train')) return undefined;
  return { ...dataset, examples: dataset.examples.filter(({ split }) => split === 'train') };
}

function hasNoParts({ examples }: ImageDataset): boolean {
  return examples.every(({ split }) => split === undefined);
}
