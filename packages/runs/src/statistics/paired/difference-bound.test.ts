import { expect, it } from 'vitest';
import { drawPair, share } from '../../../test/statistics/matrices.ts';
import { powerFixtures } from '../../../test/statistics/power-fixtures.ts';
import { differenceInterval, differenceLowerBound } from './difference-bound.ts';

it('is the inverted score test with numerically most likely probabilities', () => {
  for (const { confidence, bound, ...counts } of powerFixtures.bound)
    expect(differenceLowerBound(counts, confidence)).toBeCloseTo(bound, 6);
});

it('gives the interval of both sides', () => {
  // Airway hyper-responsiveness before and after a transplantation: Fagerland, Lydersen and Laake,
  // Statistics in Medicine 33 (2014), Tango's interval.
  const [low, high] = differenceInterval({ onlyA: 1, onlyB: 7, images: 21 });
  expect(low).toBeCloseTo(-0.517, 3);
  expect(high).toBeCloseTo(-0.026, 3);
  // Without a difference: z^2 / (n + z^2).
  const none = differenceInterval({ onlyA: 0, onlyB: 0, images: 5 }, 0.9);
  expect(none[1]).toBeCloseTo(1.644853627 ** 2 / (5 + 1.644853627 ** 2), 6);
  expect(none[0]).toBe(-none[1]);
});

it.each([
  { images: 60, onlyA: 0.03, onlyB: 0.05 },
  { images: 183, onlyA: 0.04, onlyB: 0.05 },
])('is above the true difference at most about 5 times in 100: %j', ({ images, onlyA, onlyB }) => {
  const above = share(2000, (trial) => {
    const [[a], [b]] = drawPair({ seeds: 1, images, onlyA, onlyB, both: 0.5 }, trial);
    const counts = {
      onlyA: a!.filter((value, i) => value > b![i]!).length,
      onlyB: a!.filter((value, i) => value < b![i]!).length,
      images,
    };
    return differenceLowerBound(counts) > onlyA - onlyB;
  });
  // Standard error of the simulation: 0.005.
  expect(above).toBeLessThan(0.066);
  expect(above).toBeGreaterThan(0.02);
});

it.each([
  [{ onlyA: -1, onlyB: 0, images: 5 }, 0.95, 'onlyA must be an integer of at least 0, got -1.'],
  [{ onlyA: 3, onlyB: 3, images: 5 }, 0.95, 'images must be at least 1 and 6, got 5.'],
  [{ onlyA: 0, onlyB: 0, images: 0 }, 0.95, 'images must be at least 1 and 0, got 0.'],
  [{ onlyA: 0, onlyB: 0, images: 5 }, 0.4, 'confidence must be between 0.5 and 1, got 0.4.'],
])('rejects %j at %s', (counts, confidence, message) => {
  expect(() => differenceLowerBound(counts, confidence)).toThrow(message);
});
