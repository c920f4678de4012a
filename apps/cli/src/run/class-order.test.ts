import type { ImageDataset } from '@fixres/data/node';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inClassOrder } from './class-order.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 12 });

it('keeps the class of every image, whatever the order', () => {
  const property = fc.property(
    names.chain((classNames) => fc.tuple(fc.constant(classNames), fc.shuffledSubarray(classNames, { minLength: classNames.length }), fc.array(fc.integer({ min: -1, max: classNames.length - 1 })))),
    ([classNames, order, labels]) => {
      const dataset = { name: 'x', format: 'class-folders', classNames, examples: labels.map((label, i) => ({ id: String(i), label })) } as unknown as ImageDataset;
      const ordered = inClassOrder(dataset, order)!;
      expect(ordered.classNames).toEqual(order);
      expect(ordered.examples.map(({ label }) => ordered.classNames[label])).toEqual(labels.map((label) => classNames[label]));
    },
  );
  fc.assert(property);
});

it.each([[['a', 'b', 'c']], [['a']], [['a', 'c']], [['a', 'a']]])('gives nothing for other classes: %j', (order) => {
  expect(inClassOrder({ name: 'x', format: 'class-folders', classNames: ['a', 'b'], examples: [] }, order)).toBeUndefined();
});
