import { createRandom } from '@fixres/data';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { halvingRounds, halvingState, type HalvingArm } from './halving.ts';

it('has the rounds of successive halving', () => {
  // Li et al. 2020, figure 1: 9 configurations, reduction 3; its last rung trains the survivor alone.
  expect(halvingRounds(9, { reduction: 3, survivors: 1 })).toEqual([
    { arms: 9, seeds: 1 },
    { arms: 3, seeds: 3 },
  ]);
  expect(halvingRounds(16, { reduction: 2, survivors: 2 })).toEqual([
    { arms: 16, seeds: 1 },
    { arms: 8, seeds: 2 },
    { arms: 4, seeds: 4 },
  ]);
  expect(halvingRounds(3, { reduction: 5, survivors: 2 })).toEqual([{ arms: 3, seeds: 1 }]);
  expect(() => halvingRounds(3, { reduction: 1, survivors: 1 })).toThrow(
    'The reduction of halving is 1 (option "reduction"); it must be a whole number from 2 to 100.',
  );
  for (const survivors of [0, 3, 1.5])
    expect(() => halvingRounds(3, { reduction: 2, survivors })).toThrow(
      `Halving leaves ${survivors} of 3 arms (option "survivors"); it must be a whole number from 1 to 2.`,
    );
});

/** Runs a whole selection; `score` gives the accuracy of an arm with a seed. */
function select(
  names: readonly string[],
  settings: { reduction: number; survivors: number },
  score: (name: string, seed: number) => number,
): { arms: HalvingArm[]; left: string[]; trials: number } {
  const rounds = halvingRounds(names.length, settings);
  const seeds = Array.from({ length: rounds.at(-1)!.seeds }, (_, i) => 100 + i);
  const scores = names.map(() => new Map<number, number>());
  const arms = names.map((name, i) => ({ name, scores: scores[i]! }));
  let trials = 0;
  for (;;) {
    const { round, left, missing } = halvingState(rounds, arms, seeds, settings);
    if (missing.length === 0) {
      expect(round).toBe(rounds.length);
      return { arms, left, trials };
    }
    expect(left).toHaveLength(rounds[round]!.arms);
    for (const { name, seed } of missing) {
      const own = scores[names.indexOf(name)]!;
      // No trial is asked for twice.
      expect(own.has(seed)).toBe(false);
      own.set(seed, score(name, seed));
      trials += 1;
    }
  }
}

it('keeps the best arms if accuracies do not vary, with the trials of its rounds alone', () => {
  const accuracies = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(accuracies, fc.integer({ min: 2, max: 4 }), fc.nat(), (drawn, reduction, n) => {
      const survivors = 1 + (n % (drawn.length - 1));
      const names = drawn.map((_, i) => `arm${i}`);
      const { left, trials } = select(
        names,
        { reduction, survivors },
        (name) => drawn[Number(name.slice(3))]!,
      );
      const best = [...drawn].sort((a, b) => b - a).slice(0, survivors);
      expect(left.map((name) => drawn[Number(name.slice(3))])).toEqual(best);
      const rounds = halvingRounds(drawn.length, { reduction, survivors });
      expect(trials).toBe(
        rounds.reduce(
          (sum, { arms, seeds }, i) => sum + arms * (seeds - (rounds[i - 1]?.seeds ?? 0)),
          0,
        ),
      );
    }),
    { numRuns: 50 },
  );
});

it('flatters the survivor by the maximum of chance, and fresh seeds do not', () => {
  // Equal arms: the accuracy that one of 4 was chosen by is the mean of the maximum of 4 normal numbers,
  // 1.0294 (Harter 1961, table 1).
  const random = createRandom(5, 'halving');
  const repeats = 4000;
  let chosen = 0;
  let fresh = 0;
  for (let i = 0; i < repeats; i++) {
    const { arms, left } = select(['a', 'b', 'c', 'd'], { reduction: 4, survivors: 1 }, () =>
      random.normal(),
    );
    chosen += arms.find(({ name }) => name === left[0])!.scores.get(100)!;
    fresh += random.normal();
  }
  // Four standard errors: that of the maximum is 0.70 / sqrt(4000).
  expect(Math.abs(chosen / repeats - 1.0294)).toBeLessThan(0.045);
  expect(Math.abs(fresh / repeats)).toBeLessThan(0.064);
});
