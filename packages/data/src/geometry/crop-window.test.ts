import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareUniform } from '../../test/distribution.ts';
import { readFixtures } from '../../test/fixtures.ts';
import { createRandom } from '../rng.ts';
import { centredWindow, positionedWindow, shiftedWindow } from './crop-window.ts';
import { resizedHeight, resizedLongSide, resizedShortSide } from './resized-size.ts';

type Pair = [number, number];
const { sizes } = readFixtures('torchvision') as {
  sizes: { image: Pair; side: number; crop: number; resized: Pair; at: Pair }[];
};
const square = (side: number): { width: number; height: number } => ({ width: side, height: side });

describe('resized sizes and centred crops', () => {
  it.each(sizes)(
    'of $image to short side $side, crop $crop, match torchvision',
    ({ image: [width, height], side, crop, resized, at }) => {
      const size = resizedShortSide({ width, height }, side);
      expect([size.width, size.height]).toEqual(resized);
      const window = centredWindow(size, square(crop), 'half-even');
      expect([window.x, window.y]).toEqual(at);
    },
  );

  it('can set the height alone, or fit the longer side', () => {
    expect(resizedHeight({ width: 300, height: 401 }, 256)).toEqual({ width: 191, height: 256 });
    expect(resizedLongSide({ width: 300, height: 401 }, 256)).toEqual({ width: 192, height: 256 });
    expect(resizedLongSide({ width: 2000, height: 1 }, 16)).toEqual({ width: 16, height: 1 });
  });

  it('split an odd remainder as Keras or as torchvision', () => {
    expect(centredWindow({ width: 11, height: 13 }, square(8), 'floor')).toMatchObject({
      x: 1,
      y: 2,
    });
    expect(centredWindow({ width: 11, height: 13 }, square(8), 'half-even')).toMatchObject({
      x: 2,
      y: 2,
    });
  });
});

describe('shiftedWindow', () => {
  const size = fc.integer({ min: 1, max: 600 });

  it('moves only sideways and stays inside', () => {
    fc.assert(
      fc.property(size, size, size, fc.integer(), (width, height, crop, seed) => {
        fc.pre(crop <= width && crop <= height);
        const window = shiftedWindow({ width, height }, square(crop), createRandom(seed));
        expect(window.y).toBe(centredWindow({ width, height }, square(crop), 'half-even').y);
        expect(window.x).toBeGreaterThanOrEqual(0);
        expect(window.x + crop).toBeLessThanOrEqual(width);
      }),
      { numRuns: 2000 },
    );
  });

  it('draws each distance equally often, to both sides', () => {
    // j = 8. Distance 0 is the centre, which both signs reach.
    const counts = new Array<number>(17).fill(0);
    for (let seed = 0; seed < 18_000; seed++)
      counts[shiftedWindow({ width: 40, height: 24 }, square(24), createRandom(seed)).x]! += 1;
    const centre = counts.splice(8, 1)[0]!;
    // 99.99 % quantile of chi-square with 16 degrees of freedom.
    expect(chiSquareUniform([...counts, centre / 2])).toBeLessThan(46.1);
  });

  it('returns the centred crop if the image is narrower', () => {
    expect(shiftedWindow({ width: 13, height: 16 }, square(16), createRandom(1))).toEqual({
      x: -1,
      y: 0,
      width: 16,
      height: 16,
    });
  });
});

describe('positionedWindow', () => {
  it('places crops at the corners', () => {
    const place = (position: Parameters<typeof positionedWindow>[2]): Pair => {
      const { x, y } = positionedWindow({ width: 30, height: 21 }, square(10), position);
      return [x, y];
    };
    expect([
      place('top-left'),
      place('top-right'),
      place('bottom-left'),
      place('bottom-right'),
      place('centre'),
    ]).toEqual([
      [0, 0],
      [20, 0],
      [0, 11],
      [20, 11],
      [10, 6],
    ]);
  });
});
