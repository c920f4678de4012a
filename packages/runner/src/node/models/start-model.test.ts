import { type ImageDataset, splitByHash } from '@fixres/data/node';
import { expect, it } from 'vitest';
import { trainedOnWarning } from './start-model.ts';

const images: ImageDataset = {
  name: 'made',
  format: 'class-folders',
  classNames: ['c0', 'c1'],
  examples: Array.from({ length: 60 }, (_, i) => ({
    id: `c${i % 2}/${i}.jpg`,
    label: i % 2,
    source: { kind: 'file', path: 'unread' } as never,
  })),
};
const digest = (id: string): string => Buffer.from(id).toString('hex').padEnd(64, '0');
const digestOf = new Map(images.examples.map(({ id }) => [id, digest(id)]));
const split = (heldOut: number): ReturnType<typeof splitByHash> =>
  splitByHash(images, { limit: 40, heldOut });
const run = { source: '/made', limit: 40, heldOut: 0.25, heldOutIds: undefined };
// A split by hash holds out the last images, so a larger held-out part includes some training
// images of the run.
const [same, other] = [0.25, 0.5].map((heldOut) => ({ heldOut: split(heldOut).heldOut, digestOf }));

it('warns if a model is evaluated on its training images, by name for runs that record nothing else', () => {
  const facts = { run: run as never };
  expect(
    trainedOnWarning(facts, images, {
      images: same!,
      source: '/made',
      seen: undefined,
    }),
  ).toBeUndefined();
  expect(
    trainedOnWarning(facts, images, {
      images: other!,
      source: '/made',
      seen: undefined,
    }),
  ).toBe(
    'The model was trained on 10 of the 20 held-out images, so accuracies are too high; without --limit and --held-out the split of its run is kept.',
  );
  expect(
    trainedOnWarning(facts, images, {
      images: other!,
      source: '/other',
      seen: undefined,
    }),
  ).toBeUndefined();
  expect(
    trainedOnWarning({ run: undefined }, images, {
      images: other!,
      source: '/made',
      seen: undefined,
    }),
  ).toBeUndefined();
});

it('warns about images that were recognised by content, from any source', () => {
  expect(
    trainedOnWarning({ run: run as never }, images, { images: other!, source: '/other', seen: 3 }),
  ).toBe(
    'The model was trained on 3 of the 20 held-out images, so accuracies are too high; its run held out 0.25 of 40 of the images of /made.',
  );
  expect(
    trainedOnWarning({ run: run as never }, images, { images: other!, source: '/made', seen: 0 }),
  ).toBeUndefined();
});
