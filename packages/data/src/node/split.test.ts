import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageDataset } from './class-folders.ts';
import { splitByHash } from './split.ts';

function dataset(images: number, classes = 2): ImageDataset {
  const classNames = Array.from({ length: classes }, (_, i) => `class${i}`);
  const source = { file: '', start: 0, length: 0, compression: 'none', inflatedLength: 0 } as const;
  const examples = Array.from({ length: images }, (_, i) => ({ id: `${classNames[i % classes]}/${i}.jpg`, label: i % classes, source }));
  return { name: 'made', classNames, examples };
}

describe('splitByHash', () => {
  it('sorts by the SHA-256 of the id, trains on the first 90 % and depends on nothing else', () => {
    const data = dataset(500);
    const { train, heldOut } = splitByHash(data);
    const expected = data.examples.map(({ id }) => id).sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
    expect([...train, ...heldOut].map(({ id }) => id)).toEqual(expected);
    expect(train).toHaveLength(450);
    expect(splitByHash({ ...data, examples: [...data.examples].reverse() })).toEqual({ train, heldOut });
  });

  it('cuts 3670 flowers into 3303 and 367', () => {
    const { train, heldOut } = splitByHash(dataset(3670, 5));
    expect([train.length, heldOut.length]).toEqual([3303, 367]);
  });

  it('loses no image and shares none, for any share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 600 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (images, heldOut) => {
        const split = splitByHash(dataset(images), { heldOut });
        const ids = [...split.train, ...split.heldOut].map(({ id }) => id);
        expect(new Set(ids).size).toBe(images);
        expect(split.heldOut.length).toBe(images - Math.round(images * (1 - heldOut)));
      }),
      { numRuns: 50 },
    );
  });

  it('limits to the first in hash order, so that a larger limit only adds images', () => {
    const small = splitByHash(dataset(500), { limit: 100 });
    const large = splitByHash(dataset(500), { limit: 200 });
    expect(small.train.length + small.heldOut.length).toBe(100);
    const largeIds = new Set([...large.train, ...large.heldOut].map(({ id }) => id));
    expect([...small.train, ...small.heldOut].every(({ id }) => largeIds.has(id))).toBe(true);
  });

  it('refuses what cannot work', () => {
    expect(() => splitByHash(dataset(50), { heldOut: 1 })).toThrow('Option "heldOut" is 1');
    expect(() => splitByHash(dataset(50), { limit: 0 })).toThrow('Option "limit" is 0');
    expect(() => splitByHash(dataset(100, 20), { limit: 30 })).toThrow(/there is no training image of .* larger limit than 30/);
  });
});

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
