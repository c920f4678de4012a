import { createRandom } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import { share } from '../../../test/statistics/matrices.ts';
import { normalQuantile } from '../normal-quantile.ts';
import { tConfidenceSequence } from './t-confidence-sequence.ts';

/** Marginal likelihood of effect size and deviation by quadrature: prior 1 / sd on the deviation. */
function bayesFactor(values: readonly number[], mean: number): number {
  const steps = 400;
  const likelihood = (effect: number, sd: number): number =>
    values.reduce((product, value) => {
      const z = (value - mean) / sd - effect;
      return (product * Math.exp((-z * z) / 2)) / sd;
    }, 1);
  let [given, free] = [0, 0];
  for (let i = 0; i < steps; i++) {
    // Integrated over the logarithm of the deviation, in which the prior is flat.
    const sd = Math.exp(-4 + (8 * (i + 0.5)) / steps);
    given += likelihood(0, sd);
    for (let j = 0; j < steps; j++) {
      const effect = -16 + (32 * (j + 0.5)) / steps;
      const prior = Math.exp((-effect * effect) / 8) / Math.sqrt(8 * Math.PI);
      free += likelihood(effect, sd) * prior * (32 / steps);
    }
  }
  return free / given;
}

describe('tConfidenceSequence', () => {
  it('ends where the Bayes factor, integrated numerically, reaches 1 / level', () => {
    const values = [0.4, 1.1, 0.2, 0.9, 0.7, 1.3];
    for (const level of [0.05, 0.2]) {
      const [low, high] = tConfidenceSequence(values, { level });
      for (const end of [low, high]) expect(bayesFactor(values, end) * level).toBeCloseTo(1, 3);
    }
  });

  it('is centred, scales with the values, and starts with the fourth', () => {
    const values = [0.01, 0.03, 0.02, 0.05];
    expect(tConfidenceSequence(values.slice(0, 3))).toEqual([-Infinity, Infinity]);
    expect(tConfidenceSequence([0.5])).toEqual([-Infinity, Infinity]);
    const [low, high] = tConfidenceSequence(values);
    expect((low + high) / 2).toBeCloseTo(0.0275, 12);
    const [scaled] = tConfidenceSequence(values.map((value) => 10 * value));
    expect(scaled).toBeCloseTo(10 * low, 12);
  });

  it('assumes at least the given deviation', () => {
    const equal = [0.02, 0.02, 0.02, 0.02, 0.02];
    const [low, high] = tConfidenceSequence(equal, { leastSd: 0.01 });
    const [wideLow, wideHigh] = tConfidenceSequence(equal, { leastSd: 0.02 });
    expect(high - low).toBeGreaterThan(0.02);
    expect((wideHigh - wideLow) / (high - low)).toBeCloseTo(2, 9);
  });

  it.each([
    ['normal differences', 0],
    ['differences of accuracies on 200 images', 200],
  ])(
    'misses the mean in at most 5 of 100 experiments that look after each of 30 seeds: %s',
    (_, images) => {
      const missed = share(2000, (trial) => {
        const random = createRandom(trial, 'seeds');
        const values: number[] = [];
        for (let seed = 0; seed < 30; seed++) {
          const truth = 0.02 * normalQuantile(random.next());
          let value = truth;
          if (images > 0) {
            value = 0;
            for (let i = 0; i < images; i++) {
              const u = random.next();
              value += ((u < 0.1 + truth / 2 ? 1 : 0) - (u > 0.9 + truth / 2 ? 1 : 0)) / images;
            }
          }
          values.push(value);
          const leastSd = images > 0 ? 1 / (images * Math.sqrt(values.length)) : 0;
          const [low, high] = tConfidenceSequence(values, { leastSd });
          if (low > 0 || high < 0) return true;
        }
        return false;
      });
      // About 3 %; the standard error of the simulation is 0.4 %.
      expect(missed).toBeLessThanOrEqual(0.05);
      expect(missed).toBeGreaterThan(0.005);
    },
  );

  it.each([
    [[], {}, 'values must contain at least one number.'],
    [[1], { level: 0 }, 'level must be between 0 and 1, got 0.'],
    [[1], { leastSd: -1 }, 'leastSd must be at least 0, got -1.'],
  ])('rejects %j, %j', (values, options, message) => {
    expect(() => tConfidenceSequence(values, options)).toThrow(message);
  });
});
