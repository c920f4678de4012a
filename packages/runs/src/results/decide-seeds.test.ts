import { resize } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import type { SeedStopping } from '../experiment/experiment.ts';
import { tConfidenceSequence } from '../statistics/sequential/t-confidence-sequence.ts';
import { type ArmSoFar, decideSeeds } from './decide-seeds.ts';

const stopping: SeedStopping = { a: 'fixres', b: 'small', policy: 'own', until: 'excludes0' };
const seeds = [0, 1, 2, 3, 4, 5, 6, 7];

/** Both arms on 100 images, with this number of correct ones per seed. */
function results(ofFixres: number[], ofSmall: number[]): ArmSoFar[] {
  const rows = (key: string, counts: number[]): ArmSoFar['seeds'] =>
    counts.map((count) => ({
      correct: new Map([[key, Uint8Array.from({ length: 100 }, (_, i) => (i < count ? 1 : 0))]]),
    }));
  return [
    { spec: { name: 'small', testPolicy: resize(32) }, seeds: rows('resize@32', ofSmall) },
    { spec: { name: 'fixres', testPolicy: resize(48) }, seeds: rows('resize@48', ofFixres) },
  ];
}

describe('decideSeeds', () => {
  it('stops when the confidence sequence excludes 0', () => {
    const decide = (seedCount: number) =>
      decideSeeds(
        { seeds, seedStopping: stopping },
        results([70, 72, 71, 73, 72].slice(0, seedCount), [50, 51, 50, 52, 50].slice(0, seedCount)),
      )!;
    expect(decide(1)).toMatchObject({ isReached: false, ci95: null, max: 8 });
    const { values, ci95, isReached } = decide(5);
    expect(isReached).toBe(true);
    expect(values.map((value) => Math.round(value * 100))).toEqual([20, 21, 21, 21, 22]);
    expect(ci95).toEqual(tConfidenceSequence(values, { leastSd: 0.01 / Math.sqrt(5) }));
    const none = results([50, 51, 50, 52, 50], [50, 51, 50, 52, 50]);
    expect(decideSeeds({ seeds, seedStopping: stopping }, none)).toMatchObject({
      isReached: false,
    });
  });

  it('stops when the interval is narrow enough', () => {
    const far = results([60, 70, 62, 71, 64], [50, 51, 50, 52, 50]);
    const [low, high] = decideSeeds({ seeds, seedStopping: stopping }, far)!.ci95!;
    const half = (high - low) / 2;
    for (const [halfWidth, isReached] of [
      [half * 0.99, false],
      [half * 1.01, true],
    ] as const)
      expect(
        decideSeeds({ seeds, seedStopping: { ...stopping, until: { halfWidth } } }, far),
      ).toMatchObject({ isReached });
  });

  it('decides nothing without a condition, or before both arms have a result', () => {
    expect(decideSeeds({ seeds }, results([1], [1]))).toBeUndefined();
    expect(decideSeeds({ seeds, seedStopping: stopping }, results([], [50]))).toBeUndefined();
    const other = { ...stopping, policy: 'resize@48' };
    expect(decideSeeds({ seeds, seedStopping: other }, results([60], [50]))).toBeUndefined();
    expect(decideSeeds({ seeds, seedStopping: stopping }, [])).toBeUndefined();
  });
});
