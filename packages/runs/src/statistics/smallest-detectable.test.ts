import { createRandom } from '@fixres/data';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcnemarExact } from './paired/mcnemar.ts';
import { normalQuantile } from './normal-quantile.ts';
import { smallestDetectable } from './smallest-detectable.ts';
import { drawPair, share } from '../../test/statistics/matrices.ts';
import { scipy } from '../../test/statistics/scipy.ts';

test('solves the sample size formula', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 1e6 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 30 }),
      (images, psi, tests) => {
        const alpha = 0.05 / tests;
        const d = smallestDetectable({ images, discordance: psi, alpha });
        expect(d).toBeLessThanOrEqual(psi);
        const needed =
          (normalQuantile(1 - alpha / 2) * Math.sqrt(psi) +
            normalQuantile(0.8) * Math.sqrt(psi - d * d)) **
            2 /
          (d * d);
        expect(needed / images).toBeCloseTo(1, 9);
      },
    ),
  );
});

test('is at most 12 % below the exact value by scipy', () => {
  for (const { difference, ...options } of scipy.smallestDetectable) {
    const approximation = smallestDetectable(options);
    expect(approximation / difference).toBeLessThan(1);
    expect(approximation / difference).toBeGreaterThan(0.88);
  }
});

test('is found by McNemar about 80 times in 100', () => {
  const images = 1500;
  const d = smallestDetectable({ images, discordance: 0.2 });
  const found = share(400, (trial) => {
    const [[a], [b]] = drawPair(
      { seeds: 1, images, onlyA: 0.1 + d / 2, onlyB: 0.1 - d / 2, both: 0.5 },
      trial,
    );
    let onlyA = 0;
    let onlyB = 0;
    a!.forEach((value, i) => {
      if (value > b![i]!) onlyA++;
      if (value < b![i]!) onlyB++;
    });
    return mcnemarExact(onlyA, onlyB) < 0.05;
  });
  expect(found).toBeGreaterThan(0.72);
  expect(found).toBeLessThan(0.86);
});

test('needs enough disagreeing images', () => {
  // No disagreement observed: about (1.96 + 0.84)^2 images must all favour one classifier.
  const none = smallestDetectable({ images: 367, discordance: 0 });
  expect(none * 367).toBeGreaterThan(7);
  expect(none * 367).toBeLessThan(8);
  expect(smallestDetectable({ images: 367, discordance: 0.001 })).toBeCloseTo(none, 12);
  expect(smallestDetectable({ images: 2, discordance: 0.5 })).toBe(1);
});

test.each([
  // Of all images in favour of one classifier p is 2^(1 - n): 0.0625 for five.
  { images: 5, alpha: 0.05 },
  { images: 8, alpha: 0.05 / 8 },
])(
  'is nothing where not even all of $images images would prove it at $alpha',
  ({ images, alpha }) => {
    expect(mcnemarExact(images, 0)).toBeGreaterThan(alpha);
    expect(smallestDetectable({ images, discordance: 0.9, alpha })).toBe(1);
  },
);

test('is enough for as many disagreeing images as the exact test needs', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 8 }),
      (images, discordance, tests) => {
        const alpha = 0.05 / tests;
        const d = smallestDetectable({ images, discordance, alpha });
        const needed = Array.from({ length: images + 1 }, (_, k) => k).find(
          (k) => mcnemarExact(k, 0) <= alpha,
        );
        if (needed === undefined) {
          expect(d).toBe(1);
          return;
        }
        const psi = Math.max(d, discordance);
        const seen = share(2000, (trial) => {
          const random = createRandom(trial, 'images');
          return (
            Array.from({ length: images }, () => random.next()).filter((value) => value < psi)
              .length >= needed
          );
        });
        expect(seen).toBeGreaterThan(0.76);
      },
    ),
    { numRuns: 25 },
  );
});

test('falls with images and level, grows with discordance and power', () => {
  const at = (images: number, discordance: number, power = 0.8): number =>
    smallestDetectable({ images, discordance, power });
  expect(at(400, 0.2)).toBeLessThan(at(200, 0.2));
  expect(at(400, 0.2)).toBeLessThan(at(400, 0.3));
  expect(at(400, 0.2)).toBeLessThan(at(400, 0.2, 0.9));
  expect(at(400, 0)).toBeLessThanOrEqual(at(400, 0.05));
  expect(smallestDetectable({ images: 400, discordance: 0.2, alpha: 0.01 })).toBeGreaterThan(
    at(400, 0.2),
  );
});

test.each([
  [{ images: 0, discordance: 0.1 }, 'images must be an integer of at least 1, got 0.'],
  [{ images: 10, discordance: 1.1 }, 'discordance must be from 0 to 1, got 1.1.'],
  [{ images: 10, discordance: 0.1, power: 1 }, 'power must be at least 0.5 and under 1, got 1.'],
  [{ images: 10, discordance: 0.1, alpha: 0 }, 'alpha must be between 0 and 0.5, got 0.'],
])('rejects %j', (options, message) => {
  expect(() => smallestDetectable(options)).toThrow(message);
});
