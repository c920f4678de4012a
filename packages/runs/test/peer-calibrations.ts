import { readFileSync } from 'node:fs';
import type { Predictions } from '../src/metrics/predictions.ts';
import { predictionsOf } from './peer-metrics.ts';

/** The output of `scripts/make-calibration-fixtures.py`. */
interface PeerCalibration {
  classes: number;
  labels: number[];
  probabilities: number[];
  plugIn: number;
  debiased: number;
  temperature: number;
  nll: number;
}

const file = new URL('../src/metrics/fixtures/calibration.json', import.meta.url);

/** Synthetic predictions, and the results of uncertainty-calibration and scipy for them. */
export const peerCalibrations: (PeerCalibration & { images: number; predictions: Predictions })[] =
  (JSON.parse(readFileSync(file, 'utf8')) as PeerCalibration[]).map((peer) => {
    const { classes, labels, probabilities } = peer;
    const rows = labels.map((_, i) => probabilities.slice(i * classes, (i + 1) * classes));
    return { ...peer, images: labels.length, predictions: predictionsOf(rows, labels) };
  });
