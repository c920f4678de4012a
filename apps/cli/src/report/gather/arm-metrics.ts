import { describePredictions, pooledAccuracy, type PooledAccuracy, type PredictionDescription, topKCorrect } from '@fixres/runner';
import type { RecordedPredictions } from '../record/read-predictions.ts';

/** What an arm's predictions under its own test policy say beside their accuracy. Those of several seeds are pooled. */
export interface ArmMetrics extends Pick<PredictionDescription, 'nll' | 'calibration' | 'confusion'> {
  arm: string;
  /** Label among the five most probable classes; `null` with five classes or fewer. */
  top5: PooledAccuracy | null;
  /** In the order of the classes; `null` for a class without images. */
  classes: (PooledAccuracy | null)[];
}

/** Enough for intervals that are drawn a few hundred pixels wide, for every class of every arm. */
const RESAMPLES = 2000;

/** @param seeds predictions on the same images, at least one */
export function armMetrics(arm: string, seeds: readonly RecordedPredictions[]): ArmMetrics {
  const { classes } = seeds[0]!;
  const images = seeds.reduce((sum, { labels }) => sum + labels.length, 0);
  const probabilities = new Float32Array(images * classes);
  const [labels, correct] = [new Int32Array(images), new Uint8Array(images)];
  let at = 0;
  for (const seed of seeds) {
    probabilities.set(seed.probabilities, at * classes);
    labels.set(seed.labels, at);
    correct.set(seed.correct, at);
    at += seed.labels.length;
  }
  const { nll, calibration, confusion } = describePredictions({ probabilities, classes, labels, correct });
  return {
    arm,
    nll,
    calibration,
    confusion,
    top5: classes > 5 ? pooledAccuracy(seeds.map((seed) => topKCorrect(seed, 5)), { resamples: RESAMPLES }) : null,
    classes: Array.from({ length: classes }, (_, label) => {
      const matrix = seeds.map((seed) => seed.correct.filter((_, image) => seed.labels[image] === label));
      return matrix[0]!.length === 0 ? null : pooledAccuracy(matrix, { resamples: RESAMPLES });
    }),
  };
}
