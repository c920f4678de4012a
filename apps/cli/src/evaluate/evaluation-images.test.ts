import { resize } from '@fixres/data';
import { type ImageDataset, splitByHash } from '@fixres/data/node';
import { expect, it } from 'vitest';
import { trainedOn, type TrainedRun } from '@fixres/runner/node';
import { evaluationImages, type EvaluationImagesOptions } from './evaluation-images.ts';

const source = { kind: 'file', path: 'unread' } as never;

function dataset(splits?: (i: number) => string): ImageDataset {
  const examples = Array.from({ length: 60 }, (_, i) => ({
    id: `c${i % 2}/${i}.jpg`,
    label: i % 2,
    source,
    ...(splits && { split: splits(i) }),
  }));
  return { name: 'made', format: 'class-folders', classNames: ['c0', 'c1'], examples };
}

function run(given: Partial<TrainedRun>): TrainedRun {
  const arm = { name: 'small', testPolicy: resize(32) } as TrainedRun['arm'];
  return {
    folder: 'run',
    arm,
    seed: 0,
    trainSize: 32,
    trainPolicy: resize(32),
    dataset: { name: 'made', classes: ['c0', 'c1'] },
    source: 'made',
    reading: {},
    limit: undefined,
    heldOut: undefined,
    heldOutIds: undefined,
    droppedIds: new Set(),
    trainIds: undefined,
    splitByGroup: undefined,
    dropLeaks: undefined,
    ...given,
  };
}

function choose(
  data: ImageDataset,
  given: Partial<EvaluationImagesOptions>,
): { ids: string[]; origin: string; trainedOn: number | null } {
  const { examples, origin, trainIds } = evaluationImages(data, {
    part: 'held-out',
    run: undefined,
    source: 'made',
    limit: undefined,
    heldOut: undefined,
    ...given,
  });
  return {
    ids: examples.map(({ id }) => id),
    origin,
    trainedOn: trainIds && trainedOn(examples, trainIds),
  };
}

const idsOf = (examples: { id: string }[]): string[] => examples.map(({ id }) => id);

it('takes the held-out images of the run, from its settings or its predictions', () => {
  const bySettings = run({ limit: 40, heldOut: 0.25 });
  const split = splitByHash(dataset(), { limit: 40, heldOut: 0.25 });
  expect(choose(dataset(), { run: bySettings })).toEqual({
    ids: idsOf(split.heldOut),
    origin: "the run's split",
    trainedOn: 0,
  });
  const train = choose(dataset(), { run: bySettings, part: 'train' });
  expect(train).toEqual({ ids: idsOf(split.train), origin: "the run's split", trainedOn: 30 });
  const all = choose(dataset(), { run: bySettings, part: 'all' });
  expect([all.ids.length, all.trainedOn]).toEqual([40, 30]);

  const byPredictions = run({ heldOutIds: new Set(['c0/4.jpg', 'c1/9.jpg']) });
  expect(choose(dataset(), { run: byPredictions })).toEqual({
    ids: ['c0/4.jpg', 'c1/9.jpg'],
    origin: "the run's split",
    trainedOn: 0,
  });
  expect(choose(dataset(), { run: byPredictions, part: 'all' })).toMatchObject({ trainedOn: 58 });

  const withHeldBack = run({
    heldOutIds: new Set(['c0/4.jpg', 'c1/9.jpg']),
    trainIds: new Set(['c0/0.jpg', 'c1/1.jpg', 'c0/2.jpg']),
  });
  expect(choose(dataset(), { run: withHeldBack, part: 'train' })).toMatchObject({
    ids: ['c0/0.jpg', 'c1/1.jpg', 'c0/2.jpg'],
    trainedOn: 3,
  });
  expect(choose(dataset(), { run: withHeldBack, part: 'all' })).toMatchObject({ trainedOn: 3 });
});

it('counts images that the run trained on if another split is requested', () => {
  const given = run({ limit: 40, heldOut: 0.25 });
  const other = choose(dataset(), { run: given, heldOut: 0.9 });
  const trained = new Set(idsOf(splitByHash(dataset(), { limit: 40, heldOut: 0.25 }).train));
  expect(other.origin).toBe('split by hash');
  expect(other.trainedOn).toBe(other.ids.filter((id) => trained.has(id)).length);
  expect(other.trainedOn).toBeGreaterThan(0);
});

it('has no training images for other data sets, or for models without a run', () => {
  const elsewhere = run({ dataset: { name: 'other', classes: ['c0', 'c1'] }, source: '/other' });
  const ofTheSameName = run({
    source: '/other/made',
    heldOutIds: new Set(['c0/4.jpg', 'c1/day-1.jpg']),
  });
  for (const of of [undefined, elsewhere, ofTheSameName]) {
    expect(choose(dataset(), { run: of })).toEqual({
      ids: idsOf(splitByHash(dataset()).heldOut),
      origin: 'split by hash',
      trainedOn: null,
    });
  }
  expect(choose(dataset(), { part: 'all', limit: 7 }).ids).toHaveLength(7);
});

it('recognises images that were moved', () => {
  const moved = run({ source: '/elsewhere/made', heldOutIds: new Set(['c0/4.jpg', 'c1/9.jpg']) });
  expect(choose(dataset(), { run: moved })).toEqual({
    ids: ['c0/4.jpg', 'c1/9.jpg'],
    origin: "the run's split",
    trainedOn: 0,
  });
});

it('keeps the parts of a data set', () => {
  const parts = dataset((i) => (i < 40 ? 'train' : i < 50 ? 'validation' : 'test'));
  expect(choose(parts, {})).toMatchObject({
    origin: "the data set's own split",
    ids: idsOf(parts.examples.slice(40, 50)),
  });
  expect(choose(parts, { part: 'test' }).ids).toEqual(idsOf(parts.examples.slice(50)));
  const trained = run({ heldOutIds: new Set(idsOf(parts.examples.slice(40, 50))) });
  expect(choose(parts, { run: trained, part: 'all' }).trainedOn).toBe(40);
  expect(choose(parts, { run: trained, part: 'test' })).toMatchObject({
    trainedOn: 0,
    origin: "the data set's own split",
  });
  expect(choose(parts, { part: 'test', limit: 4 }).ids).toHaveLength(4);
  // Parts that cannot be split can still be evaluated, and a part that can be held out needs no
  // other.
  const only = dataset((i) => (i < 40 ? 'test' : 'extra'));
  expect(choose(only, {})).toMatchObject({
    origin: "the data set's own split",
    ids: idsOf(only.examples.slice(0, 40)),
    trainedOn: null,
  });
  expect(choose(only, { part: 'all' })).toMatchObject({
    origin: 'every part',
    ids: idsOf(only.examples),
  });
  expect(
    choose(only, { limit: 30 }).ids.every((id) => idsOf(only.examples.slice(0, 40)).includes(id)),
  ).toBe(true);
  expect(() => choose(only, { part: 'train' })).toThrow(
    'has the parts test, extra; the given split needs "train" and "test". A model can be evaluated on it, not trained.',
  );
  const alone = dataset(() => 'train');
  expect(choose(alone, { heldOut: 0.25 })).toMatchObject({
    ids: idsOf(splitByHash(alone, { heldOut: 0.25 }).heldOut),
  });
  expect(() => choose(parts, { part: 'valid' })).toThrow(
    'Option --split is "valid"; "made" has the parts held-out, train, all, test, validation.',
  );
});
