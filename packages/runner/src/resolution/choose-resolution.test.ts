import { stratifiedHalves } from '@fixres/runs';
import { createRandom, resize } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import type { Predictions } from '@fixres/runs';
import { chooseResolution, type ScoredPolicy } from './choose-resolution.ts';

const IMAGES = 200;
const ids = Array.from({ length: IMAGES }, (_, i) => `image${i}.jpg`);
const labels = Int32Array.from(ids, (_, i) => i % 4);
const halves = stratifiedHalves(ids, labels, 0);

/** Predictions that are correct if `right` returns true. */
function scored(size: number, right: (image: number) => boolean): ScoredPolicy {
  const predictions: Predictions = {
    probabilities: new Float32Array(IMAGES * 4),
    classes: 4,
    labels,
    correct: Uint8Array.from(ids, (_, i) => (right(i) ? 1 : 0)),
  };
  return { policy: resize(size), predictions };
}

describe('chooseResolution', () => {
  it('chooses on one half and reports the other half', () => {
    const choosing = new Set(halves.choosing);
    // 96 is perfect on the choosing half and poor elsewhere; 64 is the opposite.
    const choice = chooseResolution(
      [scored(64, (i) => !choosing.has(i)), scored(96, (i) => choosing.has(i) || i % 5 === 0)],
      { ids },
    );
    expect(choice).toMatchObject({ chosen: 'resize@96', baseline: 'resize@64' });
    const rare = halves.confirming.filter((i) => i % 5 === 0).length;
    expect(choice.accuracy).toBe(rare / 100);
    expect(
      choice.candidates.map(({ key, flops, choosing: half, confirming }) => [
        key,
        flops,
        half.correct,
        confirming.correct,
      ]),
    ).toEqual([
      ['resize@64', 1, 0, 100],
      ['resize@96', 2.25, 100, rare],
    ]);
    expect(choice.comparison).toMatchObject({
      difference: expect.closeTo(rare / 100 - 1, 12) as number,
      verdict: 'worse',
    });
    expect(choice.comparison!.smallestDetectable).toBeGreaterThan(0);
  });

  it('prefers the cheaper of equal candidates, by the given costs', () => {
    const equal = [
      scored(64, (i) => i % 2 === 0),
      scored(96, (i) => i % 2 === 0),
      scored(128, (i) => i % 2 === 0),
    ];
    expect(chooseResolution(equal, { ids, baseline: 'resize@128' })).toMatchObject({
      chosen: 'resize@64',
      baseline: 'resize@128',
    });
    const flopsOf = ({ output }: { output: { width: number } }): number => 1 / output.width;
    expect(chooseResolution(equal, { ids, flopsOf })).toMatchObject({
      chosen: 'resize@128',
      comparison: { difference: 0, verdict: 'not distinguishable' },
    });
  });

  it('compares named candidates too, all corrected together, each once', () => {
    const candidates = [
      scored(64, (i) => i % 10 < 6),
      scored(96, (i) => i % 10 < 8),
      scored(128, (i) => i % 10 < 7),
    ];
    const compare = ['resize@128', 'resize@96', 'resize@64'];
    const { comparison, others } = chooseResolution(candidates, { ids, compare });
    expect(others).toMatchObject([{ key: 'resize@128' }]);
    // Ten and twenty images of the confirming half favour one side.
    const [won] = [comparison!, others[0]!].map(({ difference }) => Math.round(difference * 100));
    expect(comparison!.p).toBeCloseTo(2 * 0.5 ** won!, 12);
    expect(comparison!.pAdjusted).toBeCloseTo(2 * comparison!.p, 12);
    expect(others[0]!.pAdjusted).toBe(others[0]!.p);
    expect(() => chooseResolution(candidates, { ids, compare: ['resize@1'] })).toThrow(
      'Option "compare" has "resize@1"; allowed are the candidates resize@64, resize@96, resize@128.',
    );
  });

  it('compares nothing when the baseline wins', () => {
    const choice = chooseResolution([scored(64, () => true), scored(96, () => false)], { ids });
    expect(choice).toMatchObject({ chosen: 'resize@64', comparison: null, accuracy: 1 });
  });

  it('is unbiased if all sizes are equally good: the chosen one scores no better than its true accuracy', () => {
    // Correct with probability 0.5 at every size, so the best of eight scores clearly higher on the
    // choosing half.
    let [chosen, looked] = [0, 0];
    const trials = 40;
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial, 'sizes');
      const candidates = Array.from({ length: 8 }, (_, k) =>
        scored(32 * (k + 1), () => random.next() < 0.5),
      );
      const choice = chooseResolution(candidates, { ids, seed: trial });
      chosen += choice.accuracy / trials;
      looked +=
        Math.max(...choice.candidates.map(({ choosing }) => choosing.correct / choosing.total)) /
        trials;
    }
    // Standard errors are about 0.008.
    expect(Math.abs(chosen - 0.5)).toBeLessThan(0.03);
    expect(looked).toBeGreaterThan(0.55);
  });

  it.each([
    [[], {}, 'Option "candidates" is empty'],
    [[64, 64], {}, 'Option "candidates" contains resize@64 twice'],
    [
      [64],
      { ids: ids.slice(1) },
      'Option "candidates" contains predictions on 200 images, but there are 199 names of images.',
    ],
    [[64], { ids: [...ids.slice(1), ids[1]!] }, 'Option "ids" contains a name twice'],
    [
      [64],
      { baseline: 'resize@65' },
      'Option "baseline" is "resize@65"; allowed are the candidates resize@64.',
    ],
  ])('refuses invalid input: case %#', (sizes, options, message) => {
    const choose = (): unknown =>
      chooseResolution(
        sizes.map((size) => scored(size, () => true)),
        { ids, ...options },
      );
    expect(choose).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});
