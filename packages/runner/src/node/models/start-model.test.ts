import { type JpegDecoding, preprocessingContract, resize, toPlusMinusOne } from '@fixres/data';
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
  const facts = { run: run as never, contract: undefined };
  expect(
    trainedOnWarning(facts, images, {
      images: same!,
      choice: { source: '/made' },
      known: undefined,
    }),
  ).toBeUndefined();
  expect(
    trainedOnWarning(facts, images, {
      images: other!,
      choice: { source: '/made' },
      known: undefined,
    }),
  ).toBe(
    'The model was trained on 10 of the 20 held-out images, so accuracies are too high; without --limit and --held-out the split of its run is kept.',
  );
  expect(
    trainedOnWarning(facts, images, {
      images: other!,
      choice: { source: '/other' },
      known: undefined,
    }),
  ).toBeUndefined();
  expect(
    trainedOnWarning({ run: undefined, contract: undefined }, images, {
      images: other!,
      choice: { source: '/made' },
      known: undefined,
    }),
  ).toBeUndefined();
});

it('recognises the images after they were moved or renamed', () => {
  const trained = new Set(split(0.25).train.map(({ id }) => digest(id).slice(0, 16)));
  const facts = { run: run as never, contract: undefined };
  const known = { trained };
  expect(
    trainedOnWarning(facts, images, { images: same!, choice: { source: '/other' }, known }),
  ).toBeUndefined();
  const renamed = {
    heldOut: other!.heldOut.map((example) => ({ ...example, id: `new ${example.id}` })),
    digestOf: new Map([...digestOf].map(([id, sum]) => [`new ${id}`, sum])),
  };
  expect(
    trainedOnWarning(facts, images, { images: renamed, choice: { source: '/other' }, known }),
  ).toBe(
    'The model was trained on 10 of the 20 held-out images, so accuracies are too high; its run held out 0.25 of 40 of the images of /made.',
  );
});

it('does not compare what is in the images if they are decoded in another way, which changes it', () => {
  const known = { trained: new Set(split(0.25).train.map(({ id }) => digest(id).slice(0, 16))) };
  const contract = preprocessingContract(resize(64), {
    normalisation: toPlusMinusOne,
    decode: 'tensorflow',
  });
  const warned = (decode: JpegDecoding | undefined): string | undefined =>
    trainedOnWarning({ run: run as never, contract }, images, {
      images: other!,
      choice: { source: '/other', decode },
      known,
    });
  expect(warned('tensorflow')).toContain('10 of the 20');
  expect(warned(undefined)).toBeUndefined();
});
