import { createRandom, resize } from '@fixres/data';
import type { Predictions } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { chooseAdaptive, type ChooseAdaptiveOptions } from './choose-adaptive.ts';
import type { ScoredPolicy } from './choose-resolution.ts';

const IMAGES = 1200;
const ids = Array.from({ length: IMAGES }, (_, i) => `${i}.jpg`);
const labels = Int32Array.from({ length: IMAGES }, (_, i) => i % 2);

/** Predictions of two classes, with a probability for class 1 of each image. */
function scored(size: number, ofOne: (image: number) => number): ScoredPolicy {
  const ones = Float32Array.from({ length: IMAGES }, (_, image) => ofOne(image));
  const predictions: Predictions = {
    classes: 2,
    labels,
    probabilities: Float32Array.from({ length: 2 * IMAGES }, (_, i) =>
      i % 2 === 1 ? ones[i >> 1]! : 1 - ones[i >> 1]!,
    ),
    correct: Uint8Array.from(labels, (label, image) =>
      label === (ones[image]! > 0.5 ? 1 : 0) ? 1 : 0,
    ),
  };
  return { policy: resize(size), predictions };
}

const options: ChooseAdaptiveOptions = {
  ids,
  agreement: 0.97,
  flopsOf: ({ output }) => output.width ** 2,
};

/** The large size is right on all; a smaller one is unsure of every `hard`-th image and wrong there. */
const large = scored(96, (image) => (labels[image] === 1 ? 0.9 : 0.1));
const small = (size: number, hard: number, unsure = 0.55): ScoredPolicy =>
  scored(size, (image) => {
    const isHard = createRandom(7, 'hard', image).next() < 1 / hard;
    const right = isHard ? 1 - unsure : 0.95;
    return labels[image] === 1 ? right : 1 - right;
  });

describe('chooseAdaptive', () => {
  it('sends the images on to the large size of which the small one is unsure', () => {
    const choice = chooseAdaptive([large, small(48, 5)], options);
    expect(choice).toMatchObject({
      large: 'resize@96',
      chosen: 'resize@48',
      largeAccuracy: 1,
      images: { choosing: 600, confirming: 600 },
    });
    const [{ confirmed, threshold, curve }] = choice.pairs as [(typeof choice.pairs)[number]];
    expect(threshold).toBeCloseTo(0.55, 6);
    expect(confirmed.agreement).toBe(1);
    expect(confirmed.accuracy).toBe(1);
    // A quarter of the pixels for all, and the rest for the unsure ones.
    expect(confirmed.flops).toBeCloseTo(0.25 + (1 - confirmed.small), 12);
    expect(confirmed.small).toBeGreaterThan(0.75);
    expect(curve[0]).toMatchObject({ threshold: 0, small: 1, flops: 0.25 });
    // If the small size never decides but always runs, that costs more than the large one alone.
    expect(curve.at(-1)).toMatchObject({ small: 0, flops: 1.25, agreement: 1 });
    expect(curve.map(({ flops }) => flops)).toEqual(
      curve.map(({ flops }) => flops).toSorted((a, b) => a - b),
    );
  });

  it('takes the cheapest of several small sizes', () => {
    const choice = chooseAdaptive([small(64, 20), large, small(32, 4)], options);
    expect(choice.pairs.map(({ key }) => key)).toEqual(['resize@32', 'resize@64']);
    // 1/9 + 1/4 of the images against 4/9 + 1/20.
    expect(choice.chosen).toBe('resize@32');
    expect(chooseAdaptive([small(64, 20), large, small(32, 2)], options).chosen).toBe('resize@64');
  });

  it('lets the small size never decide if it is sure and wrong, or there are too few images', () => {
    const sureAndWrong = chooseAdaptive([large, small(48, 5, 0.99)], options);
    expect(sureAndWrong).toMatchObject({ chosen: null, ci95: null });
    const strict = chooseAdaptive([large, small(48, 5)], { ...options, agreement: 0.999 });
    expect(strict.pairs[0]!.threshold).toBe(1);
    expect(strict.pairs[0]!.confirmed.flops).toBe(1);
    // 0.999^n <= 0.05
    expect(strict.imagesNeeded).toBe(2995);
  });

  it.each([
    [[large], options, 'needs at least two sizes'],
    [[large, large], options, 'needs at least two sizes'],
    [[large, small(48, 5)], { ...options, agreement: 1 }, 'Option "agreement" is 1; it must be'],
  ])('refuses wrong options', (candidates, given, message) => {
    expect(() => chooseAdaptive(candidates, given)).toThrow(message);
  });
});
