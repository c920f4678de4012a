import fc from 'fast-check';
import { expect, it } from 'vitest';
import { predictionsOf } from '../../test/peer-metrics.ts';
import { averagePredictions } from './average-predictions.ts';

it('averagePredictions returns the mean of the probabilities, which may predict another class than every view', () => {
  const views = [predictionsOf([[0.5, 0.4, 0.1]], [1]), predictionsOf([[0.1, 0.4, 0.5]], [1])];
  const mean = averagePredictions(views);
  [0.3, 0.4, 0.3].forEach((p, i) => expect(mean.probabilities[i]).toBeCloseTo(p, 6));
  expect(views.map(({ correct }) => correct[0])).toEqual([0, 0]);
  expect(mean.correct[0]).toBe(1);
});

it('averagePredictions of equal views returns the view', () => {
  const rows = fc.array(
    fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true })),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 4 }), (given, count) => {
      const view = predictionsOf(
        given,
        given.map(() => 1),
      );
      const mean = averagePredictions(Array.from({ length: count }, () => view));
      mean.probabilities.forEach((p, i) => expect(p).toBeCloseTo(view.probabilities[i]!, 6));
      expect(mean.correct).toEqual(view.correct);
    }),
  );
});

it('averagePredictions refuses an empty list, and views of different images', () => {
  expect(() => averagePredictions([])).toThrow('Option "views" is empty');
  const views = [predictionsOf([[1, 0]], [0]), predictionsOf([[1, 0]], [1])];
  expect(() => averagePredictions(views)).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
