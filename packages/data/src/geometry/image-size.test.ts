import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareSizes,
  distinctSizes,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isSameSize,
  mapSides,
  meanSide,
  parseImageSize,
  sidesOf,
} from './image-size.ts';

const side = fc.integer({ min: 1, max: 4096 });
const sizes = fc.oneof(side, fc.record({ height: side, width: side }));

describe('image sizes', () => {
  it('are written with the height first', () => {
    expect(imageSizeText(224)).toBe('224');
    expect(imageSizeText({ height: 192, width: 256 })).toBe('192x256');
    expect(parseImageSize(' 192x256 ')).toEqual({ height: 192, width: 256 });
    expect(parseImageSize('224')).toBe(224);
  });

  it.each([
    '',
    'x',
    '12x',
    'x12',
    '12x13x14',
    '1.5',
    '-3',
    '12X13',
    '12 x 13',
    '0b1',
    '1e3',
    'NaNx3',
  ])('%j is not one', (text) => {
    expect(parseImageSize(text)).toBeUndefined();
  });

  it('are read as they are written; a square becomes a number', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const read = parseImageSize(imageSizeText(size))!;
        expect(isSameSize(read, size)).toBe(true);
        expect(typeof read === 'number').toBe(sidesOf(size).height === sidesOf(size).width);
        expect(imageSizeOf(sidesOf(read))).toEqual(read);
      }),
    );
  });

  it('have the area of the square of their mean side', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { height, width } = sidesOf(size);
        expect(meanSide(size) ** 2).toBeCloseTo(height * width, 4);
      }),
    );
  });

  it('are listed once each, in an order that does not depend on the list', () => {
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 12 }), (list) => {
        const distinct = distinctSizes(list);
        expect(new Set(distinct.map(imageSizeText))).toEqual(new Set(list.map(imageSizeText)));
        expect(distinct.length).toBe(new Set(list.map(imageSizeText)).size);
        expect(distinctSizes(list.toReversed()).map(imageSizeText)).toEqual(
          distinct.map(imageSizeText),
        );
        for (const [i, size] of distinct.slice(1).entries())
          expect(compareSizes(distinct[i]!, size)).toBeLessThan(0);
      }),
    );
  });

  it('change by side', () => {
    const half = (length: number): number => length / 2;
    expect(mapSides(64, half)).toBe(32);
    const rectangle: ImageSize = { height: 48, width: 64 };
    expect(mapSides(rectangle, half)).toEqual({ height: 24, width: 32 });
  });
});
