import { createHash } from 'node:crypto';
import { FixresDataError } from '../errors.ts';
import type { Example, ImageDataset } from './class-folders.ts';

export interface SplitOptions {
  /** Part of the images that is held out, between 0 and 1. Default 0.1. */
  heldOut?: number;
  /** Use only this many images, the first in hash order. */
  limit?: number;
}

/** A data set in two parts that share no image. */
export interface Split {
  train: Example[];
  heldOut: Example[];
}

/**
 * Splits by hash: examples sorted by the hex SHA-256 of their id, the first `round(n * (1 - heldOut))` train, the rest held out.
 * The split depends on the names alone, not on the order of reading or a random generator, and is the same in every language.
 *
 * @throws FixresDataError `bad-option`; `too-few-images` when a class would have no training image, or nothing is held out
 */
export function splitByHash(dataset: ImageDataset, { heldOut = 0.1, limit }: SplitOptions = {}): Split {
  if (!(heldOut > 0 && heldOut < 1)) {
    throw new FixresDataError('bad-option', `Option "heldOut" is ${heldOut}; it must lie between 0 and 1.`);
  }
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new FixresDataError('bad-option', `Option "limit" is ${limit}; it must be a whole number of at least 1.`);
  }
  const sorted = dataset.examples
    .map((example) => ({ example, key: createHash('sha256').update(example.id).digest('hex') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .slice(0, limit)
    .map(({ example }) => example);
  const cut = Math.round(sorted.length * (1 - heldOut));
  const split = { train: sorted.slice(0, cut), heldOut: sorted.slice(cut) };
  const trained = new Set(split.train.map(({ label }) => label));
  const missing = dataset.classNames.filter((_, label) => !trained.has(label));
  if (missing.length > 0 || split.heldOut.length === 0) {
    const what = missing.length > 0 ? `no training image of ${missing.join(', ')}` : 'no held-out image';
    const remedy = limit === undefined ? 'Use more images.' : `Use more images or a larger limit than ${limit}.`;
    const message = `With ${sorted.length} images of "${dataset.name}" there is ${what}. ${remedy}`;
    throw new FixresDataError('too-few-images', message);
  }
  return split;
}
