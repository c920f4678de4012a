import { readFileSync } from 'node:fs';
import type { Predictions } from '../src/metrics/predictions.ts';
import { mostProbable } from '../src/metrics/most-probable.ts';

/** The output of `scripts/make-metric-fixtures.py`. */
interface PeerMetrics {
  probabilities: number[][];
  labels: number[];
  confusion: number[][];
  recall: number[];
  precision: number[];
  /** By k. */
  topK: Record<string, number>;
  nll: number;
  /** By number of bins. */
  ece: Record<string, number>;
}

const file = new URL('../src/metrics/fixtures/metrics.json', import.meta.url);

/** Synthetic predictions, and the results of torchmetrics and scikit-learn for them. */
export const peerMetrics: (PeerMetrics & { predictions: Predictions })[] = (
  JSON.parse(readFileSync(file, 'utf8')) as PeerMetrics[]
).map((peer) => ({ ...peer, predictions: predictionsOf(peer.probabilities, peer.labels) }));

/** Predictions from rows of probabilities. */
export function predictionsOf(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
): Predictions {
  return {
    probabilities: Float32Array.from(rows.flat()),
    classes: rows[0]!.length,
    labels: Int32Array.from(labels),
    correct: Uint8Array.from(rows, (row, i) =>
      mostProbable(Float32Array.from(row)) === labels[i] ? 1 : 0,
    ),
  };
}
