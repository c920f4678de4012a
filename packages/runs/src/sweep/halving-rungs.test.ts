import fc from 'fast-check';
import { expect, it } from 'vitest';
import { halvingRungs } from './halving-rungs.ts';

it('has the rungs of successive halving', () => {
  const settings = { reduction: 3, survivors: 1, minEpochs: 1 };
  // Li et al. 2020, figure 1: 9 configurations, from 1 to 9.
  expect(halvingRungs({ arms: 9, epochs: 9 }, settings)).toEqual([1, 3, 9]);
  expect(halvingRungs({ arms: 81, epochs: 81 }, settings)).toEqual([1, 3, 9, 27, 81]);
  expect(halvingRungs({ arms: 81, epochs: 100 }, settings)).toEqual([1, 4, 11, 33, 100]);
  expect(halvingRungs({ arms: 81, epochs: 100 }, { ...settings, minEpochs: 5 })).toEqual([
    11, 33, 100,
  ]);
  // A third rung would have no arm, or fewer than are to be left.
  expect(halvingRungs({ arms: 8, epochs: 100 }, settings)).toEqual([33, 100]);
  expect(halvingRungs({ arms: 9, epochs: 100 }, { ...settings, survivors: 2 })).toEqual([33, 100]);
});

it('ends with the whole training, and as many arms as are to be left', () => {
  const whole = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
  fc.assert(
    fc.property(whole(200), whole(300), whole(6), whole(5), whole(9), (a, epochs, r, s, min) => {
      const reduction = r + 1;
      const [arms, minEpochs] = [a + s * reduction, Math.min(min, Math.floor(epochs / reduction))];
      fc.pre(minEpochs >= 1);
      const settings = { reduction, survivors: s, minEpochs };
      const rungs = halvingRungs({ arms, epochs }, settings);
      expect(rungs.at(-1)).toBe(epochs);
      expect(rungs[0]).toBeGreaterThanOrEqual(minEpochs);
      for (const [i, rung] of rungs.slice(1).entries()) expect(rung).toBeGreaterThan(rungs[i]!);
      let left = arms;
      for (const _ of rungs.slice(1)) left = Math.floor(left / reduction);
      expect(left).toBeGreaterThanOrEqual(s);
    }),
  );
});

it.each([
  [
    { arms: 5, epochs: 9 },
    { survivors: 2 },
    'Halving of 5 arms with 9 epochs has no rung before the last one: with a reduction of 3 (option "reduction"), it needs at least 6 arms (option "survivors") and 3 epochs (option "minEpochs").',
  ],
  [
    { arms: 9, epochs: 9 },
    { minEpochs: 0 },
    'The first rung of halving has at least 0 epochs (option "minEpochs"); it must be a whole number of at least 1.',
  ],
  [
    { arms: 9, epochs: 9 },
    { reduction: 1 },
    'The reduction of halving is 1 (option "reduction"); it must be a whole number from 2 to 100.',
  ],
])('refuses %j with %j', (of, settings, message) => {
  const all = { reduction: 3, survivors: 1, minEpochs: 1, ...settings };
  expect(() => halvingRungs(of, all)).toThrow(message);
});
