import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inHashOrder } from './dataset-subset.ts';

it('sorts by the hexadecimal digits of the SHA-256 of the id, and keeps the order of equal ids', () =>
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 2 })), (ids) => {
      const images = ids.map((id, place) => ({ id, place }));
      const digits = (id: string): string => createHash('sha256').update(id).digest('hex');
      const sorted = images.toSorted((a, b) =>
        digits(a.id) < digits(b.id) ? -1 : +(a.id !== b.id),
      );
      expect(inHashOrder(images)).toEqual(sorted);
    }),
  ));
