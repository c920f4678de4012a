import { describe, expect, it } from 'vitest';
import { peerMetrics, predictionsOf } from '../../test/peer-metrics.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { calibration } from './calibration.ts';
import { confusionMatrix, perClassAccuracy } from './confusion-matrix.ts';
import { describePredictions } from './describe-predictions.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import { topKCorrect } from './top-k.ts';

const share = (correct: Uint8Array): number =>
  correct.reduce((sum, one) => sum + one, 0) / correct.length;

describe.each(peerMetrics.map((peer) => [peer.predictions.classes, peer] as const))(
  'with %d classes',
  (classes, peer) => {
    const { predictions } = peer;

    it('confusion matrix, recall and precision equal those of scikit-learn', () => {
      const matrix = confusionMatrix(predictions);
      expect(matrix).toEqual(peer.confusion);
      perClassAccuracy(matrix).forEach(({ accuracy, precision, correct, total, ci95 }, i) => {
        expect(accuracy).toBeCloseTo(peer.recall[i]!, 12);
        expect(precision).toBeCloseTo(peer.precision[i]!, 12);
        expect(ci95).toEqual(wilsonInterval(correct, total));
      });
    });

    it('top-k accuracy equals that of scikit-learn', () => {
      for (const [k, expected] of Object.entries(peer.topK))
        expect(share(topKCorrect(predictions, Number(k)))).toBeCloseTo(expected, 12);
      expect(topKCorrect(predictions, 1)).toEqual(predictions.correct);
      expect(share(topKCorrect(predictions, classes))).toBe(1);
    });

    it('likelihood equals that of numpy, and calibration error that of torchmetrics', () => {
      expect(negativeLogLikelihood(predictions)).toBeCloseTo(peer.nll, 6);
      for (const [bins, expected] of Object.entries(peer.ece))
        expect(calibration(predictions, Number(bins)).ece).toBeCloseTo(expected, 6);
    });

    it('describePredictions returns all of them', () => {
      const description = describePredictions(predictions);
      expect(description.top1.accuracy).toBeCloseTo(peer.topK['1']!, 12);
      expect(description.top5?.accuracy ?? null).toEqual(
        classes > 5 ? expect.closeTo(peer.topK['5']!, 12) : null,
      );
      expect(description.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(
        predictions.labels.length,
      );
      expect(description.calibration.bins).toHaveLength(15);
      expect(description.calibration.bins.reduce((sum, { images }) => sum + images, 0)).toBe(
        predictions.labels.length,
      );
      expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    });
  },
);

describe('closed forms', () => {
  it('of calibration: bins include their upper edge and are weighted by their number of images', () => {
    // Confidence 0.75 (right), 0.75 (wrong), 0.5 (right), 1 (right).
    const { ece, bins } = calibration(
      predictionsOf(
        [
          [0.75, 0.25],
          [0.75, 0.25],
          [0.5, 0.5],
          [1, 0],
        ],
        [0, 1, 0, 0],
      ),
      4,
    );
    expect(ece).toBe((2 * 0.25 + 0.5 + 0) / 4);
    expect(bins.map(({ images }) => images)).toEqual([0, 1, 2, 1]);
    expect(bins[0]).toEqual({ low: 0, high: 0.25, images: 0, confidence: null, accuracy: null });
    expect(bins[2]).toEqual({ low: 0.5, high: 0.75, images: 2, confidence: 0.75, accuracy: 0.5 });
  });

  it('of the likelihood: a certain but wrong prediction costs 87.3 nats, not infinity', () => {
    expect(
      negativeLogLikelihood(
        predictionsOf(
          [
            [1, 0],
            [1, 0],
          ],
          [0, 1],
        ),
      ),
    ).toBeCloseTo((126 * Math.LN2) / 2, 9);
  });

  it('of equal probabilities: the first classes count', () => {
    const equal = predictionsOf(
      [
        [0.25, 0.25, 0.25, 0.25],
        [0.25, 0.25, 0.25, 0.25],
      ],
      [1, 3],
    );
    expect(Array.from(topKCorrect(equal, 2))).toEqual([1, 0]);
    expect(confusionMatrix(equal)).toEqual([
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  it('of a class without images: its values are null', () => {
    const [, second] = perClassAccuracy(confusionMatrix(predictionsOf([[0.9, 0.1]], [0])));
    expect(second).toEqual({ correct: 0, total: 0, accuracy: null, ci95: null, precision: null });
  });
});

it.each([
  [
    () => topKCorrect(predictionsOf([[1, 0]], [0]), 3),
    'k must be a whole number from 1 to the number of classes, 2; got 3.',
  ],
  [
    () => calibration(predictionsOf([[1, 0]], [0]), 0),
    'bins must be a whole number of at least 1, got 0.',
  ],
  [
    () =>
      describePredictions({
        ...predictionsOf([[1, 0]], [0]),
        labels: new Int32Array(0),
        correct: new Uint8Array(0),
      }),
    'matrix must contain at least one seed with at least one image.',
  ],
])('invalid input throws: case %#', (call, message) => {
  expect(call).toThrow(message);
});
