import sharp from 'sharp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../rng.ts';
import { flowerClasses } from './flower-forms.ts';
import { flowerSvg } from './flower-svg.ts';

const size = { width: 160, height: 130 };

describe('flowerSvg', () => {
  it('returns the same text for the same seed, and another for another seed or class', () => {
    const draw = (label: number, seed: number): string =>
      flowerSvg(label, createRandom(seed), size);
    fc.assert(
      fc.property(fc.nat(flowerClasses.length - 1), fc.nat(1e6), (label, seed) => {
        expect(draw(label, seed)).toBe(draw(label, seed));
        expect(draw(label, seed)).not.toBe(draw(label, seed + 1));
        expect(draw(label, seed)).not.toBe(draw((label + 1) % flowerClasses.length, seed));
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('writes only finite numbers, references only what it defines, and defines each id once', () => {
    for (let n = 0; n < 100; n++) {
      const svg = flowerSvg(n % flowerClasses.length, createRandom(n), size);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      const references = [...svg.matchAll(/url\(#([^)]+)\)|href="#([^"]+)"/g)].map(
        ([, paint, shape]) => paint ?? shape,
      );
      expect(new Set(ids).size).toBe(ids.length);
      expect(references.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('renders an opaque picture of the requested size', async () => {
    for (const label of flowerClasses.keys()) {
      const svg = flowerSvg(label, createRandom(label), size);
      const { data, info } = await sharp(Buffer.from(svg))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ ...size, channels: 4 });
      const alpha = data.filter((_, n) => n % 4 === 3);
      expect(Math.min(...alpha)).toBe(255);
    }
  });

  it('draws the main blossom as large as asked, and else 27 to 95 % of the short side', () => {
    const radiusOf = (n: number, range?: readonly [number, number]): number => {
      const svg = flowerSvg(n % flowerClasses.length, createRandom(n), size, range);
      // The last blossom is the main one; it is drawn with a radius of 100.
      return 100 * Number([...svg.matchAll(/rotate\(-?\d+\)scale\(([\d.]+),/g)].at(-1)![1]);
    };
    for (const [least, most] of [
      [0.27, 0.95],
      [0.2, 0.4],
      [0.9, 0.9],
    ] as const) {
      const range = most === 0.95 ? undefined : ([least, most] as const);
      const shares = Array.from({ length: 60 }, (_, n) => (2 * radiusOf(n, range)) / size.height);
      expect(Math.min(...shares)).toBeGreaterThan(least - 0.002);
      expect(Math.max(...shares)).toBeLessThan(most + 0.002);
      expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(
        0.8 * (most - least) - 1e-9,
      );
    }
  });

  it('lists the classes if the index is wrong', () => {
    for (const index of [-1, 0.5, flowerClasses.length]) {
      expect(() => flowerSvg(index, createRandom(0), size)).toThrow(
        `classIndex must be an integer from 0 to 4, got ${index}`,
      );
    }
  });
});
