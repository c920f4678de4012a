import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stratifiedHalves } from './stratified-halves.ts';

const images = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 60 })
  .chain((ids) =>
    fc.tuple(
      fc.constant(ids),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: ids.length, maxLength: ids.length }),
    ),
  );

it('puts every image into one half, and splits every class evenly', () => {
  fc.assert(
    fc.property(images, fc.nat(5), ([ids, labels], seed) => {
      const { choosing, confirming } = stratifiedHalves(ids, Int32Array.from(labels), seed);
      expect([...choosing, ...confirming].toSorted((a, b) => a - b)).toEqual([...ids.keys()]);
      expect(Math.abs(choosing.length - confirming.length)).toBeLessThanOrEqual(1);
      for (const label of new Set(labels)) {
        const [left, right] = [choosing, confirming].map(
          (half) => half.filter((i) => labels[i] === label).length,
        );
        expect(Math.abs(left! - right!)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it('depends on the names, not on their order', () => {
  fc.assert(
    fc.property(images, ([ids, labels]) => {
      const names = (order: number[]): string[] => {
        const reordered = order.map((i) => ids[i]!);
        const { choosing } = stratifiedHalves(
          reordered,
          Int32Array.from(order, (i) => labels[i]!),
          3,
        );
        return choosing.map((i) => reordered[i]!).toSorted();
      };
      const order = [...ids.keys()];
      expect(names(order.toReversed())).toEqual(names(order));
    }),
  );
});

it('changes with the seed', () => {
  const ids = Array.from({ length: 40 }, (_, i) => `image${i}`);
  const labels = Int32Array.from(ids, (_, i) => i % 3);
  expect(stratifiedHalves(ids, labels, 1)).not.toEqual(stratifiedHalves(ids, labels, 2));
});
