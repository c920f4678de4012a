import type { Predictions } from '@fixres/runs';
import { expect, it } from 'vitest';
import { comparePredictions } from './compare-predictions.ts';
import { judged } from './label-sets.ts';

/** Predictions of images of the classes 0, 1, 0, 1, ..., from their probabilities of class 0. */
function predictions(first: readonly number[]): Predictions {
  const labels = Int32Array.from(first, (_, i) => i % 2);
  const correct = Uint8Array.from(first, (p, i) => ((p >= 0.5 ? 0 : 1) === i % 2 ? 1 : 0));
  const probabilities = Float32Array.from(first.flatMap((p) => [p, 1 - p]));
  return { probabilities, classes: 2, labels, correct };
}

const model = predictions([0.75, 0.25, 0.75, 0.75]);
const exact = { exact: true };

it('the same predictions are equal', () => {
  const { verdict, largestDifference, notANumber, changedTop1, accuracy, comparison } =
    comparePredictions(model, model, exact);
  expect({ verdict, largestDifference, notANumber, changedTop1 }).toEqual({
    verdict: 'equal',
    largestDifference: 0,
    notANumber: 0,
    changedTop1: 0,
  });
  expect(comparison.p).toBe(1);
  expect(accuracy.exported).toEqual(accuracy.model);
  // Wilson's interval of 3 of 4, from its closed form.
  const [n, p, z] = [4, 0.75, 1.959963985];
  const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
  expect(accuracy.model).toMatchObject({ accuracy: 0.75, correct: 3, total: 4 });
  expect(accuracy.model.ci95[0]).toBeCloseTo(centre - half, 6);
  expect(accuracy.model.ci95[1]).toBeCloseTo(centre + half, 6);
});

it.each([true, false])(
  'a probability that is not a number is different, also if the next ones are equal (exact: %s)',
  (isExact) => {
    const exported = predictions([0.75, NaN, 0.75, 0.75]);
    expect(comparePredictions(model, exported, { exact: isExact })).toMatchObject({
      verdict: 'different',
      largestDifference: null,
      notANumber: 1,
    });
    expect(comparePredictions(exported, model, { exact: isExact }).verdict).toBe('different');
  },
);

it.each([5, 40, 400])('states what %i unchanged images do not rule out', (count) => {
  const same = predictions(Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0.75 : 0.25)));
  const { verdict, comparison } = comparePredictions(same, same, { exact: false });
  expect(verdict).toBe('no difference found');
  // Tango's interval without a change, from its closed form.
  const z = 1.959963985;
  expect(comparison.ci95[0]).toBeCloseTo(-(z ** 2) / (count + z ** 2), 6);
  expect(comparison.ci95[1]).toBeCloseTo(z ** 2 / (count + z ** 2), 6);
});

it('a loss that the paired test finds is different', () => {
  const model = predictions(
    Array<number>(12)
      .fill(0)
      .map((_, i) => (i % 2 === 0 ? 0.75 : 0.25)),
  );
  const worse = predictions([
    0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25,
  ]);
  const { verdict, comparison } = comparePredictions(model, worse, { exact: false });
  // Six coins that all fall on the same side: 2 / 2^6.
  expect(comparison.difference).toBe(-0.5);
  expect(comparison.p).toBeCloseTo(0.03125, 12);
  expect(verdict).toBe('different');
});

it('counts the images whose most probable class changed', () => {
  const exported = predictions([0.75, 0.625, 0.25, 0.75]);
  expect(comparePredictions(model, exported, { exact: false })).toMatchObject({
    verdict: 'no difference found',
    changedTop1: 2,
    largestDifference: 0.5,
    accuracy: { exported: { correct: 1, total: 4 } },
  });
});

it('above the rounding of single precision, only an export with other arithmetic is equal', () => {
  const exported = predictions([0.75, 0.25, 0.7525, 0.75]);
  expect(comparePredictions(model, exported, exact).verdict).toBe('different');
  expect(comparePredictions(model, exported, { exact: false }).verdict).toBe('no difference found');
  const rounded = predictions([0.75, 0.25, 0.7505, 0.75]);
  expect(comparePredictions(model, rounded, exact).verdict).toBe('equal');
});

it('counts changed sets of labels at the thresholds of a multi-label model', () => {
  const targets = Uint8Array.of(1, 0, 1, 1, 0, 0);
  const labels = Int32Array.of(0, 0, -1);
  const thresholds = [0.5, 0.25];
  const of = (...probabilities: number[]): Predictions =>
    judged(
      { probabilities: Float32Array.from(probabilities), classes: 2, labels, targets },
      thresholds,
    );
  const own = of(0.75, 0.125, 0.5, 0.375, 0.125, 0.5);
  expect([...own.correct]).toEqual([1, 1, 0]);
  // The second image loses a label, the third gains one; the most probable classes are the same.
  const exported = of(0.75, 0.125, 0.4375, 0.375, 0.625, 0.75);
  expect(comparePredictions(own, exported, { exact: true, thresholds })).toMatchObject({
    verdict: 'different',
    changedLabelSets: 2,
    largestDifference: 0.5,
    accuracy: { model: { correct: 2 }, exported: { correct: 1 } },
  });
  expect(comparePredictions(own, own, { exact: true, thresholds })).not.toHaveProperty(
    'changedTop1',
  );
});
