import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeClasses, takeImages, withClassOrder } from '../dataset/dataset-subset.ts';
import type { ImageDataset } from '../dataset/dataset.ts';
import {
  classesWithout,
  kFolds,
  type Split,
  splitAsGiven,
  splitByHash,
  splitStratified,
} from './split.ts';

function dataset(images: number, classes = 2): ImageDataset {
  const classNames = Array.from({ length: classes }, (_, i) => `class${i}`);
  const source = { file: '', start: 0, length: 0, compression: 'none', inflatedLength: 0 } as const;
  const examples = Array.from({ length: images }, (_, i) => ({
    id: `${classNames[i % classes]}/${i}.jpg`,
    label: i % classes,
    source,
  }));
  return { name: 'made', format: 'class-folders', classNames, examples };
}

describe('splitByHash', () => {
  it('sorts by the SHA-256 of the id, trains on the first 90 %, and depends on nothing else', () => {
    const data = dataset(500);
    const { train, heldOut } = splitByHash(data);
    const expected = data.examples.map(({ id }) => id).sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
    expect([...train, ...heldOut].map(({ id }) => id)).toEqual(expected);
    expect(train).toHaveLength(450);
    expect(splitByHash({ ...data, examples: [...data.examples].reverse() })).toEqual({
      train,
      heldOut,
    });
  });

  it('splits 3670 flowers into 3303 and 367', () => {
    const { train, heldOut } = splitByHash(dataset(3670, 5));
    expect([train.length, heldOut.length]).toEqual([3303, 367]);
  });

  it('neither loses nor duplicates an image, for any share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 600 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (images, heldOut) => {
          const split = splitByHash(dataset(images), { heldOut });
          const ids = [...split.train, ...split.heldOut].map(({ id }) => id);
          expect(new Set(ids).size).toBe(images);
          expect(split.heldOut.length).toBe(images - Math.round(images * (1 - heldOut)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('limits to the first images in hash order, so a larger limit only adds images', () => {
    const small = splitByHash(dataset(500), { limit: 100 });
    const large = splitByHash(dataset(500), { limit: 200 });
    expect(small.train.length + small.heldOut.length).toBe(100);
    const largeIds = new Set([...large.train, ...large.heldOut].map(({ id }) => id));
    expect([...small.train, ...small.heldOut].every(({ id }) => largeIds.has(id))).toBe(true);
  });

  it('rejects impossible splits', () => {
    expect(() => splitByHash(dataset(50), { heldOut: 1 })).toThrow('Option "heldOut" is 1');
    expect(() => splitByHash(dataset(50), { limit: 0 })).toThrow('Option "limit" is 0');
    expect(() => splitByHash(dataset(100, 20), { limit: 30 })).toThrow(
      /there is no training image of .* larger limit than 30/,
    );
  });
});

function perClass(examples: Split['train'], classes: number): number[] {
  return Array.from(
    { length: classes },
    (_, label) => examples.filter((example) => example.label === label).length,
  );
}

/** Classes of very different sizes: class c has `sizes[c]` images. */
function uneven(sizes: number[]): ImageDataset {
  const data = dataset(0, sizes.length);
  const [source] = dataset(1).examples.map((example) => example.source);
  data.examples = sizes.flatMap((size, label) =>
    Array.from({ length: size }, (_, i) => ({
      id: `class${label}/${i}.jpg`,
      label,
      source: source!,
    })),
  );
  return data;
}

describe('splitStratified', () => {
  it('holds out the same share of every class, and at least one image', () => {
    const { train, heldOut } = splitStratified(uneven([400, 37, 3]), { heldOut: 0.1 });
    expect(perClass(heldOut, 3)).toEqual([40, 4, 1]);
    expect(perClass(train, 3)).toEqual([360, 33, 2]);
    expect(perClass(splitStratified(uneven([5, 2]), { heldOut: 0.95 }).train, 2)).toEqual([1, 1]);
  });

  it('depends on the seed, but not on the order of reading', () => {
    const data = uneven([50, 60]);
    const ids = (split: Split): string[] => split.heldOut.map(({ id }) => id);
    const first = ids(splitStratified(data, { seed: 1 }));
    expect(
      ids(splitStratified({ ...data, examples: [...data.examples].reverse() }, { seed: 1 })),
    ).toEqual(first);
    expect(ids(splitStratified(data, { seed: 2 }))).not.toEqual(first);
  });

  it('applies the same limit as the split by hash, and rejects impossible splits', () => {
    const data = uneven([300, 300]);
    const all = ({ train, heldOut }: Split): string[] =>
      [...train, ...heldOut].map(({ id }) => id).sort();
    expect(all(splitStratified(data, { limit: 80 }))).toEqual(
      all(splitByHash(data, { limit: 80 })),
    );
    expect(() => splitStratified(uneven([9, 1]))).toThrow('there is no held-out image of class1');
    expect(() => splitStratified(data, { heldOut: 0 })).toThrow('Option "heldOut" is 0');
  });
});

describe('splitAsGiven', () => {
  const withSplits = (...names: (string | undefined)[]): ImageDataset => {
    const data = dataset(4 * names.length);
    return {
      ...data,
      examples: data.examples.map((example, i) => ({
        ...example,
        ...(names[i >> 2] && { split: names[i >> 2]! }),
      })),
    };
  };

  it('holds out validation before test, or the requested part', () => {
    const data = withSplits('train', 'test', 'validation', 'extra', undefined);
    const places = (split: Split): number[] =>
      split.heldOut.map((example) => data.examples.indexOf(example));
    expect(splitAsGiven(data).train.map((example) => data.examples.indexOf(example))).toEqual([
      0, 1, 2, 3,
    ]);
    expect(places(splitAsGiven(data))).toEqual([8, 9, 10, 11]);
    expect(places(splitAsGiven(data, { heldOut: 'test' }))).toEqual([4, 5, 6, 7]);
    expect(places(splitAsGiven(data, { heldOut: 'extra' }))).toEqual([12, 13, 14, 15]);
    expect(
      new Set(splitAsGiven(withSplits('train', 'test')).heldOut.map(({ split }) => split)),
    ).toEqual(new Set(['test']));
  });

  it('reports the existing parts', () => {
    expect(() => splitAsGiven(dataset(8))).toThrow(
      'Data set "made" has no parts; the given split needs "train" and "test"',
    );
    expect(() => splitAsGiven(withSplits('train', 'x'))).toThrow(
      'has the parts train, x; the given split needs "train" and "test"',
    );
    expect(() => splitAsGiven(withSplits('train', 'test'), { heldOut: 'train' })).toThrow(
      'needs "train" and "train"',
    );
    expect(() => splitAsGiven(withSplits('validation'))).toThrow(
      'has the part validation; the given split needs "train" and "validation". A model can be evaluated on it, not trained.',
    );
  });

  it('allows the held-out part to lack a class, but not the train part', () => {
    const data = withSplits('train', 'test', undefined);
    const without = (part: string): ImageDataset => ({
      ...data,
      examples: data.examples.filter(({ label, split }) => label === 0 || split !== part),
    });
    const { heldOut } = splitAsGiven(without('test'));
    expect(heldOut.map(({ label }) => label)).toEqual([0, 0]);
    expect(classesWithout(heldOut, data.classNames)).toEqual(['class1']);
    expect(() => splitAsGiven(without('train'))).toThrow(
      'Part "train" of "made" has no image of the class class1 (there are 2 in the part "test", 2 in no part). Add some to it, or remove the class.',
    );
  });
});

describe('kFolds', () => {
  it('holds out every image once, with every class spread evenly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }),
        fc.array(fc.integer({ min: 7, max: 40 }), { minLength: 2, maxLength: 4 }),
        (folds, sizes) => {
          const data = uneven(sizes);
          const splits = kFolds(data, { folds });
          expect(splits).toHaveLength(folds);
          expect(splits.flatMap(({ heldOut }) => heldOut.map(({ id }) => id)).sort()).toEqual(
            data.examples.map(({ id }) => id).sort(),
          );
          for (const { train, heldOut } of splits) {
            expect(new Set([...train, ...heldOut]).size).toBe(data.examples.length);
            expect(Math.abs(heldOut.length - data.examples.length / folds)).toBeLessThan(1);
            for (const [label, count] of perClass(heldOut, sizes.length).entries())
              expect(Math.abs(count - sizes[label]! / folds)).toBeLessThan(1);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('rejects impossible folds', () => {
    expect(() => kFolds(uneven([9, 4]))).toThrow('no held-out image of class1');
    expect(() => kFolds(uneven([9, 9]), { folds: 1 })).toThrow('Option "folds" is 1');
  });
});

describe('takeClasses', () => {
  it('returns the images of the classes, in the requested order', () => {
    const taken = takeClasses(dataset(30, 3), ['class2', 'class0']);
    expect(taken.classNames).toEqual(['class2', 'class0']);
    expect(taken.examples).toHaveLength(20);
    for (const { id, label } of taken.examples)
      expect(id.split('/')[0]).toBe(taken.classNames[label]);
  });

  it('rejects invalid classes', () => {
    expect(() => takeClasses(dataset(30, 3), ['class2', 'roses'])).toThrow(
      'Data set "made" has no class "roses"; it has class0, class1, class2.',
    );
    expect(() => takeClasses(dataset(30, 3), ['class2'])).toThrow('at least two');
    expect(() => takeClasses(dataset(30, 3), ['class2', 'class2'])).toThrow(
      'at least two different',
    );
  });
});

describe('withClassOrder', () => {
  it('reorders the same classes with their images, and leaves other classes unchanged', () => {
    const data = dataset(30, 3);
    const turned = withClassOrder(data, ['class2', ' class0', 'class1']);
    expect(turned.classNames).toEqual(['class2', 'class0', 'class1']);
    expect(turned.examples.map(({ id }) => id)).toEqual(data.examples.map(({ id }) => id));
    for (const { id, label } of turned.examples)
      expect(id.split('/')[0]).toBe(turned.classNames[label]);
    expect(withClassOrder(turned, data.classNames)).toEqual(data);
    for (const others of [
      undefined,
      [],
      data.classNames,
      ['class0', 'class1'],
      ['class0', 'class1', 'class3'],
      ['class0', 'class0', 'class1'],
    ]) {
      expect(withClassOrder(data, others)).toBe(data);
    }
  });
});

describe('takeImages', () => {
  it('selects the same images as the limit of a split', () => {
    const data = dataset(200);
    expect(splitByHash(takeImages(data, 60))).toEqual(splitByHash(data, { limit: 60 }));
    expect(() => takeImages(data, 1.5)).toThrow('Option "limit" is 1.5');
  });
});

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
