import { describe, expect, it } from 'vitest';
import { peerMetrics, predictionsOf } from '../../test/peer-metrics.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { describePredictions } from './describe-predictions.ts';
import { poolMetrics } from './pool-metrics.ts';

const labels = [0, 0, 1, 1];
const first = describePredictions(
  predictionsOf(
    [
      [0.9, 0.1],
      [0.8, 0.2],
      [0.3, 0.7],
      [0.6, 0.4],
    ],
    labels,
  ),
);
const second = describePredictions(
  predictionsOf(
    [
      [0.9, 0.1],
      [0.4, 0.6],
      [0.3, 0.7],
      [0.2, 0.8],
    ],
    labels,
  ),
);

describe('poolMetrics', () => {
  it('of one seed equals the metrics of that seed', () => {
    for (const { predictions } of peerMetrics) {
      const { top5, nll, calibration, confusion, classes } = describePredictions(predictions);
      const pooled = poolMetrics([{ top5, nll, calibration, confusion, classes }]);
      expect(pooled.top5).toEqual(
        top5 && { ...top5, overSeeds: { values: [top5.accuracy], mean: top5.accuracy, sd: null } },
      );
      expect(pooled).toMatchObject({
        nll: { mean: nll, sd: null },
        ece: { mean: calibration.ece, sd: null },
        confusion,
        classes,
      });
      pooled.calibration.forEach(({ images, confidence, accuracy }, i) => {
        const bin = calibration.bins[i]!;
        expect(images).toBe(bin.images);
        expect(confidence).toEqual(
          bin.confidence === null ? null : expect.closeTo(bin.confidence, 12),
        );
        expect(accuracy).toEqual(bin.accuracy === null ? null : expect.closeTo(bin.accuracy, 12));
      });
    }
  });

  it('of several seeds adds up counts, and counts each image once in an interval', () => {
    const { confusion, classes, nll, ece, top5 } = poolMetrics([first, second]);
    expect(confusion).toEqual([
      [3, 1],
      [1, 3],
    ]);
    expect(classes[0]).toEqual({
      correct: 3,
      total: 4,
      accuracy: 0.75,
      ci95: wilsonInterval(1.5, 2),
      precision: 0.75,
    });
    expect(nll.values).toEqual([first.nll, second.nll]);
    expect(nll.mean).toBeCloseTo((first.nll + second.nll) / 2, 12);
    expect(ece.sd).toBeCloseTo(
      Math.abs(first.calibration.ece - second.calibration.ece) / Math.SQRT2,
      12,
    );
    expect(top5).toBeNull();
  });
});
