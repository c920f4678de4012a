import { type ImageDataset, splitByHash } from '@fixres/data/node';
import { expect, it } from 'vitest';
import { trainedOnWarnings } from './start-model.ts';

const images: ImageDataset = {
  name: 'made',
  format: 'class-folders',
  classNames: ['c0', 'c1'],
  examples: Array.from({ length: 60 }, (_, i) => ({ id: `c${i % 2}/${i}.jpg`, label: i % 2, source: { kind: 'file', path: 'unread' } as never })),
};
const run = { source: '/made', limit: 40, heldOut: 0.25, heldOutIds: undefined } as never;

it('warns where a model is tested on what its run trained on', () => {
  const warn = trainedOnWarnings({ run }, '/made');
  expect(warn(images, splitByHash(images, { limit: 40, heldOut: 0.25 }).heldOut)).toEqual([]);
  // A split by hash holds out the last images, so with a larger part held out some that were trained on come to it.
  const { heldOut } = splitByHash(images, { limit: 40, heldOut: 0.5 });
  expect(warn(images, heldOut)).toEqual([
    'The model was trained on 10 of the 20 held-out images, so accuracies are too high; without --limit and --held-out the split of its run is kept.',
  ]);
  expect(trainedOnWarnings({ run }, '/other')(images, heldOut)).toEqual([]);
  expect(trainedOnWarnings({ run: undefined }, '/made')(images, heldOut)).toEqual([]);
});
