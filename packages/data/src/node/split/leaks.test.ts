import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Capture } from '../decode/exif-capture.ts';
import type { LookAlikes } from '../dataset/look-alikes.ts';
import type { Example, ImageDataset } from '../dataset/dataset.ts';
import { withNamedGroups } from './group-names.ts';
import { leaksOf, withLookAlikeGroups } from './leaks.ts';
import { splitByHash } from './split.ts';

const example = (id: string, label = 0): Example => ({
  id,
  label,
  source: { file: '', start: 0, length: 0, compression: 'none', inflatedLength: 0 },
});

const dataset = (examples: Example[]): ImageDataset => ({
  name: 'photos',
  format: 'class-folders',
  classNames: ['a', 'b'],
  examples,
});

/** Photos of two cameras within a few minutes, some pairs of which look the same. */
const album = fc
  .array(fc.record({ camera: fc.constantFrom('x', 'y', undefined), seconds: fc.nat(400) }), {
    minLength: 12,
    maxLength: 30,
  })
  .chain((photos) => {
    const place = fc.nat(photos.length - 1);
    return fc.record({
      photos: fc.constant(photos),
      links: fc.array(fc.tuple(place, place), { maxLength: 6 }),
      share: fc.double({ min: 0.1, max: 0.6, noNaN: true }),
    });
  })
  .map(({ photos, links, share }) => {
    const examples = photos.map((_, i) => example(`p${i}`, i % 2));
    const captures = new Map<string, Capture>();
    for (const [i, { camera, seconds }] of photos.entries())
      if (camera !== undefined) captures.set(`p${i}`, { camera, seconds });
    const pairs = links
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ a: `p${a}`, b: `p${b}`, distance: 1 }));
    return { examples, share, looks: { pairs, captures } };
  });

/** Whether two photos look the same or belong to one burst. */
function related({ pairs, captures }: LookAlikes, a: string, b: string): boolean {
  const [x, y] = [captures.get(a), captures.get(b)];
  const isBurst = x && y && x.camera === y.camera && Math.abs(x.seconds - y.seconds) <= 60;
  return isBurst === true || pairs.some((p) => [p.a, p.b].includes(a) && [p.a, p.b].includes(b));
}

describe('leaksOf', () => {
  it('finds all training images that are related to a held-out one, and no others', () => {
    fc.assert(
      fc.property(album, ({ examples, share, looks }) => {
        const cut = Math.round(examples.length * share);
        const split = { train: examples.slice(cut), heldOut: examples.slice(0, cut) };
        const leaks = leaksOf(split, looks);
        const expected = (of: Example[], among: Example[]): string[] =>
          of.filter((x) => among.some((y) => related(looks, x.id, y.id))).map(({ id }) => id);
        expect([...leaks.trainIds].sort()).toEqual(expected(split.train, split.heldOut).sort());
        expect(leaks.heldOutImages).toBe(expected(split.heldOut, split.train).length);
        for (const { a, b, seconds } of leaks.bursts) {
          const apart = split.train
            .filter(({ id }) => looks.captures.get(id)?.camera === looks.captures.get(b)!.camera)
            .map(({ id }) =>
              Math.abs(looks.captures.get(id)!.seconds - looks.captures.get(b)!.seconds),
            );
          expect(seconds).toBe(Math.min(...apart));
          expect(leaks.trainIds).toContain(a);
        }
      }),
    );
  });
});

describe('groups', () => {
  it('of look-alikes leave no leak across a split by hash', () => {
    fc.assert(
      fc.property(album, ({ examples, share, looks }) => {
        const grouped = withLookAlikeGroups(dataset(examples), looks);
        let split;
        try {
          split = splitByHash(grouped, { heldOut: share });
        } catch (error) {
          // All images may be one group, or a class may have no other.
          expect((error as Error).message).toMatch(/^With \d+ images of "photos" there is no/);
          return;
        }
        expect(split.train.length + split.heldOut.length).toBe(examples.length);
        expect(leaksOf(split, looks)).toMatchObject({ acrossSplit: [], bursts: [] });
      }),
    );
  });

  it('of one image each change nothing, and larger ones are filled from the end', () => {
    const examples = Array.from({ length: 60 }, (_, i) => example(`p${i}`, i % 2));
    const plain = splitByHash(dataset(examples), { heldOut: 0.25 });
    const alone = examples.map((each) => ({ ...each, group: each.id }));
    const ids = (list: Example[]): string[] => list.map(({ id }) => id);
    expect(ids(splitByHash(dataset(alone), { heldOut: 0.25 }).heldOut)).toEqual(ids(plain.heldOut));
    const inFives = examples.map((each, i) => ({ ...each, group: `g${Math.floor(i / 5)}` }));
    expect(splitByHash(dataset(inFives), { heldOut: 0.25 }).heldOut).toHaveLength(15);
    // No group fits into six images, so the smallest is held out.
    const uneven = examples.map((each, i) => ({
      ...each,
      group: i < 28 ? 'x' : i < 52 ? 'y' : 'z',
    }));
    const { heldOut } = splitByHash(dataset(uneven), { heldOut: 0.1 });
    expect(new Set(heldOut.map(({ group }) => group))).toEqual(new Set(['z']));
  });

  it('are named by a part of the id', () => {
    const data = dataset(
      ['a/anna_1.jpg', 'b/anna_2.jpg', 'b/otto_x_1.jpg', 'b/7.jpg'].map((id) => example(id)),
    );
    const groups = (pattern: string): (string | undefined)[] =>
      withNamedGroups(data, pattern).examples.map(({ group }) => group);
    expect(groups('*/{group}_*')).toEqual(['anna', 'anna', 'otto', undefined]);
    expect(groups('*/{group}_*.jpg')).toEqual(['anna', 'anna', 'otto', undefined]);
    expect(groups('{group}/*')).toEqual(['a', 'b', 'b', 'b']);
    expect(groups('b/{group}.jpg')).toEqual([undefined, 'anna_2', 'otto_x_1', '7']);
    for (const wrong of ['*', '{group}{group}', '*{group}', '{group}/{group}', ''])
      expect(() => groups(wrong), wrong).toThrow(
        `Pattern "${wrong}" of groups must contain {group}`,
      );
    expect(() => groups('c/{group}')).toThrow(
      'matches no image of "photos"; an image is named like a/anna_1.jpg.',
    );
  });
});
