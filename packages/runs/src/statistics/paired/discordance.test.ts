import { expect, test } from 'vitest';
import { discordance } from './discordance.ts';
import { drawPair } from '../../../test/statistics/matrices.ts';

test('is the fraction of images that exactly one classifier gets right, with one seed', () => {
  expect(discordance([Uint8Array.of(1, 0, 1, 1, 0)], [Uint8Array.of(0, 1, 1, 1, 0)])).toBeCloseTo(
    0.4,
    14,
  );
});

test('averages over seeds before it squares', () => {
  const a = [Uint8Array.of(1, 1), Uint8Array.of(1, 0)];
  const b = [Uint8Array.of(0, 0), Uint8Array.of(0, 1)];
  // Mean differences 1 and 0.
  expect(discordance(a, b)).toBe(0.5);
});

test('shrinks with more independent seeds', () => {
  const population = { images: 400, onlyA: 0.1, onlyB: 0.1, both: 0.5 };
  const one = discordance(...drawPair({ ...population, seeds: 1 }, 3));
  const five = discordance(...drawPair({ ...population, seeds: 5 }, 3));
  expect(five).toBeLessThan(one / 3);
});
