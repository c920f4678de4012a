import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inHashOrder } from '../dataset/dataset-subset.ts';
import type { Example } from '../dataset/dataset.ts';
import { holdBack } from './hold-back.ts';

const source = { file: '', start: 0, length: 0, compression: 'none', inflatedLength: 0 } as const;
const image = (id: string, group?: string): Example => ({
  id,
  label: 0,
  source,
  ...(group !== undefined && { group }),
});
const ids = (examples: readonly Example[]): string[] => examples.map(({ id }) => id).sort();

it('holds back the first images in hash order if each is alone, and keeps the order of both parts', () => {
  const images = Array.from({ length: 30 }, (_, i) => image(`${i}.jpg`));
  const { train, heldBack } = holdBack(images, 7);
  const first = new Set(inHashOrder(images).slice(0, 7));
  expect(heldBack).toEqual(images.filter((each) => first.has(each)));
  expect(train).toEqual(images.filter((each) => !first.has(each)));
});

it('never divides a group or images with the same pixels, in any order of reading', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ group: fc.option(fc.nat(4)), pixels: fc.nat(12) }), { minLength: 2 }),
      fc.integer({ min: 1, max: 6 }),
      (drawn, count) => {
        const images = drawn.map(({ group }, i) =>
          image(`${i}.jpg`, group === null ? undefined : `g${group}`),
        );
        const equal = Array.from({ length: 13 }, (_, pixels) =>
          images.filter((_each, i) => drawn[i]!.pixels === pixels),
        ).filter(({ length }) => length > 1);
        const { train, heldBack } = holdBack(images, count, [...equal, [image('held-out.jpg')]]);
        expect(ids([...train, ...heldBack])).toEqual(ids(images));
        expect(heldBack.length).toBeGreaterThan(0);
        const trained = new Set(train);
        for (const a of heldBack)
          for (const b of images) {
            const isEqual = equal.some((same) => same.includes(a) && same.includes(b));
            const isSibling = a.group !== undefined && a.group === b.group;
            expect((isEqual || isSibling) && trained.has(b)).toBe(false);
          }
        expect(ids(holdBack(images.toReversed(), count, equal).heldBack)).toEqual(ids(heldBack));
      },
    ),
    { numRuns: 50 },
  ));

it('skips a group that does not fit, and takes the smallest if none fits', () => {
  const groups = [3, 2, 4].flatMap((length, g) =>
    Array.from({ length }, (_, i) => image(`${g}-${i}.jpg`, `g${g}`)),
  );
  expect(ids(holdBack(groups, 1).heldBack)).toEqual(['1-0.jpg', '1-1.jpg']);
  expect(ids(holdBack(groups, 2).heldBack)).toEqual(['1-0.jpg', '1-1.jpg']);
  // A photo with the same pixels as one of another group joins both.
  const [joined] = [[groups[0]!, groups[3]!]];
  expect(ids(holdBack(groups, 4, [joined]).heldBack)).toEqual(ids(groups.slice(5)));
});
