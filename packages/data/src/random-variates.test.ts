import { expect, it } from 'vitest';
import { readFixtures } from '../test/fixtures.ts';
import { dirichlet, symmetricBeta } from './random-variates.ts';
import { createRandom } from './rng.ts';

const { beta } = readFixtures('mixing') as { beta: { alpha: number; quantiles: number[] }[] };

it.each(beta)("symmetricBeta has scipy's distribution, alpha $alpha", ({ alpha, quantiles }) => {
  const random = createRandom(0, 'beta', alpha);
  const draws = Array.from({ length: 4000 }, () => symmetricBeta(alpha, random)).sort(
    (a, b) => a - b,
  );
  // The Kolmogorov-Smirnov test at 0.01 %, at 63 quantiles.
  const limit = 2.23 / Math.sqrt(draws.length);
  quantiles.forEach((quantile, i) => {
    const below = draws.filter((draw) => draw <= quantile).length / draws.length;
    expect(Math.abs(below - (i + 1) / 64), `quantile ${i + 1}/64`).toBeLessThan(limit);
  });
});

it('dirichlet has the sum 1, also with an alpha whose gamma variates are below all numbers', () => {
  const random = createRandom(0, 'dirichlet');
  for (const alpha of [1e-3, 0.5, 1, 1000]) {
    for (let draw = 0; draw < 50; draw++) {
      const parts = dirichlet(alpha, 4, random);
      expect(parts.every((part) => part >= 0 && part <= 1)).toBe(true);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 12);
    }
  }
});
