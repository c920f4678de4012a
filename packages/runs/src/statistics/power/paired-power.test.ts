import { createRandom } from '@fixres/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { share } from '../../../test/statistics/matrices.ts';
import { powerFixtures } from '../../../test/statistics/power-fixtures.ts';
import type { CorrectnessMatrix } from '../correctness-matrix.ts';
import { normalQuantile } from '../normal-quantile.ts';
import { comparePaired } from '../paired/paired-comparison.ts';
import { verdictOf } from '../paired/verdict.ts';
import { imagesNeeded, pairedPower, smallestDifference } from './paired-power.ts';

/** All disagreement is variation over images. */
const ofDiscordance = (discordance: number, difference: number) => ({
  overImages: discordance - difference ** 2,
  overSeeds: 0,
  residual: 0,
});

describe('pairedPower with one seed', () => {
  it("is statsmodels' power of Connor's test, and near that of the exact test", () => {
    for (const { images, discordance, difference, alpha, power, exact } of powerFixtures.power) {
      const planned = {
        images,
        seedCount: 1,
        comparisons: Math.round(0.05 / alpha),
        variance: ofDiscordance(discordance, difference),
      };
      expect(pairedPower(difference, planned)).toBeCloseTo(power, 12);
      expect(Math.abs(power - exact)).toBeLessThan(0.02);
    }
  });

  it('is 0 where not even all images would prove it', () => {
    const variance = ofDiscordance(0.9, 0.9);
    expect(pairedPower(0.9, { images: 5, seedCount: 1, variance })).toBe(0);
    expect(pairedPower(1, { images: 6, seedCount: 1, variance })).toBe(1);
  });
});

interface Population {
  images: number;
  seeds: number;
  difference: number;
  /** Part of the images whose difference is the same under all seeds. */
  stable: number;
  /** Share of images on which the arms disagree, of both kinds. */
  psi: number;
  /** Deviation of the difference between seeds. */
  sd: number;
}

/** Draws both arms; an image that differs is right in one arm only. */
function draw(
  { images, seeds, difference, stable, psi, sd }: Population,
  trial: number,
): [CorrectnessMatrix, CorrectnessMatrix] {
  const random = createRandom(trial, 'power');
  const sign = (d: number): number => {
    const u = random.next();
    return u < (psi + d) / 2 ? 1 : u < psi ? -1 : 0;
  };
  const fixed = Array.from({ length: Math.round(images * stable) }, () => sign(difference));
  const rows = Array.from({ length: seeds }, () => {
    const shift = stable < 1 ? (sd * normalQuantile(random.next())) / (1 - stable) : 0;
    return Int8Array.from({ length: images }, (_, i) => fixed[i] ?? sign(difference + shift));
  });
  const correct = (side: number): CorrectnessMatrix =>
    rows.map((row) => Uint8Array.from(row, (d) => Number(d === side)));
  return [correct(1), correct(-1)];
}

describe('pairedPower with several seeds', () => {
  it.each([
    { images: 300, seeds: 3, difference: 0.05, stable: 0, psi: 0.2, sd: 0 },
    { images: 300, seeds: 4, difference: 0.06, stable: 1, psi: 0.2, sd: 0 },
    { images: 300, seeds: 5, difference: 0.06, stable: 0.5, psi: 0.25, sd: 0.03 },
    { images: 200, seeds: 8, difference: 0.06, stable: 0.3, psi: 0.3, sd: 0.05 },
    // Averaged over seeds, hardly any difference of an image is 0, but most are small.
    { images: 60, seeds: 10, difference: 0.11, stable: 0, psi: 0.37, sd: 0 },
  ])('is how often the verdict of drawn results finds the difference: %j', (population) => {
    const { images, seeds, difference, stable, psi, sd } = population;
    const variance = {
      overImages: stable * (psi - difference ** 2),
      overSeeds: sd ** 2,
      // Seeds shift only the images that are not stable, which is an interaction.
      residual:
        (1 - stable) * (psi - difference ** 2) + (stable / Math.max(1 - stable, 0.01)) * sd ** 2,
    };
    const trials = 300;
    const found = share(trials, (trial) => {
      const [a, b] = draw(population, trial);
      const { p, ...rest } = comparePaired(a, b, { resamples: 100, seed: trial });
      return verdictOf({ ...rest, pAdjusted: p }) === 'better';
    });
    const power = pairedPower(difference, { images, seedCount: seeds, variance });
    // Standard error of the simulation: at most 0.029.
    expect(Math.abs(found - power)).toBeLessThan(0.09);
  });
});

describe('what a comparison needs', () => {
  const variances = fc.record({
    overImages: fc.double({ min: 0, max: 0.3, noNaN: true }),
    overSeeds: fc.double({ min: 0, max: 0.002, noNaN: true }),
    residual: fc.double({ min: 0, max: 0.3, noNaN: true }),
  });

  it('is the smallest difference, and the smallest number of images, with the power', () => {
    fc.assert(
      fc.property(
        variances,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 15 }),
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        (variance, seedCount, comparisons, difference) => {
          const planned = { seedCount, comparisons, variance };
          const images = imagesNeeded(difference, planned, 0.8);
          if (images === null) {
            // As many images as there can be leave the variation over seeds.
            expect(pairedPower(difference, { ...planned, images: 2 ** 40 })).toBeLessThan(0.8);
            return;
          }
          expect(pairedPower(difference, { ...planned, images })).toBeGreaterThanOrEqual(0.8);
          expect(
            images === 1 || pairedPower(difference, { ...planned, images: images - 1 }) < 0.8,
          ).toBe(true);
          const smallest = smallestDifference({ ...planned, images }, 0.8)!;
          expect(smallest).toBeLessThanOrEqual(difference + 1e-9);
          expect(pairedPower(smallest, { ...planned, images })).toBeCloseTo(0.8, 2);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not exist if seeds deviate too much, or images are too few', () => {
    const variance = { overImages: 0.1, overSeeds: 0.05 ** 2, residual: 0.1 };
    expect(imagesNeeded(0.02, { seedCount: 3, variance }, 0.8)).toBeNull();
    expect(imagesNeeded(0.02, { seedCount: 100, variance }, 0.8)).toBeGreaterThan(100);
    expect(smallestDifference({ images: 5, seedCount: 1, variance }, 0.8)).toBeNull();
  });

  it.each([
    [0, {}, 'difference must be above 0 and at most 1, got 0.'],
    [NaN, {}, 'difference must be above 0 and at most 1, got NaN.'],
    [0.1, { images: 0 }, 'images must be an integer of at least 1, got 0.'],
    [0.1, { seedCount: 1.5 }, 'seedCount must be an integer of at least 1, got 1.5.'],
    [0.1, { comparisons: 0 }, 'comparisons must be an integer of at least 1, got 0.'],
  ])('rejects %s, %j', (difference, options, message) => {
    const variance = ofDiscordance(0.2, 0.1);
    expect(() =>
      pairedPower(difference, { images: 100, seedCount: 1, variance, ...options }),
    ).toThrow(message);
  });

  it.each([0, 1, NaN])('rejects a power of %s', (power) => {
    const planned = { images: 100, seedCount: 1, variance: ofDiscordance(0.2, 0.1) };
    expect(() => smallestDifference(planned, power)).toThrow('power must be between 0 and 1');
    expect(() => imagesNeeded(0.1, planned, power)).toThrow('power must be between 0 and 1');
  });
});
