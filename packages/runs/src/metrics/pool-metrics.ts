import type { CalibrationBin, PooledMetrics, PredictionMetrics } from '../events/events.ts';
import { spreadOverSeeds } from '../statistics/over-seeds.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { perClassAccuracy } from './confusion-matrix.ts';

/**
 * Metrics of the models of several seeds on the same images. Counts are added up; likelihood and
 * calibration error are computed per seed, because errors of different models would cancel out in
 * common bins.
 *
 * @param seeds at least one, each on the same images
 */
export function poolMetrics(seeds: readonly PredictionMetrics[]): PooledMetrics {
  const confusion = seeds[0]!.confusion.map((row, label) =>
    row.map((_, predicted) => sum(seeds.map((each) => each.confusion[label]![predicted]!))),
  );
  return {
    top5: pooledTop5(seeds.map(({ top5 }) => top5)),
    nll: spreadOverSeeds(seeds.map(({ nll }) => nll)),
    ece: spreadOverSeeds(seeds.map(({ calibration }) => calibration.ece)),
    calibration: seeds[0]!.calibration.bins.map((_, i) =>
      pooledBin(seeds.map(({ calibration }) => calibration.bins[i]!)),
    ),
    confusion,
    classes: perClassAccuracy(confusion, seeds.length),
  };
}

function pooledTop5(seeds: readonly PredictionMetrics['top5'][]): PooledMetrics['top5'] {
  const each = seeds.filter((top5) => top5 !== null);
  if (each.length < seeds.length) return null;
  const [correct, total] = [
    sum(each.map((top5) => top5.correct)),
    sum(each.map((top5) => top5.total)),
  ];
  const ci95 = wilsonInterval(correct / each.length, total / each.length);
  return {
    accuracy: correct / total,
    ci95,
    correct,
    total,
    overSeeds: spreadOverSeeds(each.map(({ accuracy }) => accuracy)),
  };
}

function pooledBin(bins: readonly CalibrationBin[]): CalibrationBin {
  const images = sum(bins.map((bin) => bin.images));
  const mean = (value: (bin: CalibrationBin) => number | null): number | null =>
    images === 0 ? null : sum(bins.map((bin) => bin.images * (value(bin) ?? 0))) / images;
  return {
    low: bins[0]!.low,
    high: bins[0]!.high,
    images,
    confidence: mean(({ confidence }) => confidence),
    accuracy: mean(({ accuracy }) => accuracy),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
