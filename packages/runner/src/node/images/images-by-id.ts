import type { Example } from '@fixres/data/node';
import type { PreparedImages } from './prepare-images.ts';

/** All images of a run by their ids, also those that no arm trains on and none is evaluated on. */
export function imagesById({
  train,
  heldOut,
  dropped,
  thresholds,
  sizes,
}: Pick<PreparedImages, 'train' | 'heldOut' | 'dropped' | 'thresholds' | 'sizes'>): Map<
  string,
  Example
> {
  const all = [...train, ...heldOut, ...dropped, ...thresholds, ...sizes];
  return new Map(all.map((example) => [example.id, example]));
}
