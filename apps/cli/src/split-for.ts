import { FixresDataError } from '@fixres/data';
import { type ImageDataset, type Split, splitAsGiven, splitByHash, takeImages } from '@fixres/data/node';
import { type DatasetWords, optionWords } from './dataset-words.ts';

export interface SplitForOptions {
  limit?: number | undefined;
  /** Part of the images to hold out, 0..1. */
  heldOut?: number | undefined;
}

/** A data set that brings its own split keeps it; the others are split by hash. */
export function splitFor(dataset: ImageDataset, { limit, heldOut }: SplitForOptions, words: DatasetWords = optionWords): Split {
  if (dataset.examples.every(({ split }) => split === undefined)) {
    return splitByHash(dataset, { ...(limit === undefined ? {} : { limit }), ...(heldOut === undefined ? {} : { heldOut }) });
  }
  if (heldOut !== undefined) {
    const message = `${words.heldOut} is ${heldOut}, but "${dataset.name}" brings its own split; leave it out.`;
    throw new FixresDataError('bad-option', message);
  }
  return splitAsGiven(limit === undefined ? dataset : takeImages(dataset, limit));
}
