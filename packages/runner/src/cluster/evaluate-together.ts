import { isExactMatch, mostProbable, type Predictions } from '@fixres/runs/metrics';
import type { ImageAccess, ImageSource } from '../images/image-source.ts';
import type { TrainingCluster } from './training-cluster.ts';

/** A source whose images can be selected. */
type SelectableSource = ImageSource & { access: ImageAccess };

/** What a process classifies: every `ranks`-th image, starting at its rank. */
export function evaluationShare(
  source: SelectableSource,
  { rank, ranks }: Pick<TrainingCluster, 'rank' | 'ranks'>,
): ImageSource {
  const length = Math.max(0, Math.ceil((source.size - rank) / ranks));
  return source.access.select(Uint32Array.from({ length }, (_, i) => rank + i * ranks));
}

/**
 * Puts the predictions of all processes for their shares together. All have the same result: each
 * image once, with the numbers of the process that classified it.
 *
 * @param own those for {@link evaluationShare}
 * @param thresholds as in `EvaluateOptions`
 */
export function combinePredictions(
  { probabilities, classes }: Pick<Predictions, 'probabilities' | 'classes'>,
  source: SelectableSource,
  { ranks, exchange }: Pick<TrainingCluster, 'ranks' | 'exchange'>,
  thresholds?: readonly number[],
): Predictions {
  const { labels, multiHot } = source.access;
  const targets =
    multiHot && Uint8Array.from(multiHot(Uint32Array.from({ length: source.size }, (_, i) => i)));
  const { buffer, byteOffset, byteLength } = probabilities;
  const parts = exchange(new Uint8Array(buffer, byteOffset, byteLength));
  const all = new Float32Array(source.size * classes);
  const correct = new Uint8Array(source.size);
  for (const [rank, bytes] of parts.entries()) {
    const values = new Float32Array(bytes.buffer);
    for (let i = rank, row = 0; i < source.size; i += ranks, row++) {
      const predicted = values.subarray(row * classes, (row + 1) * classes);
      all.set(predicted, i * classes);
      const isCorrect = targets
        ? isExactMatch(predicted, targets.subarray(i * classes, (i + 1) * classes), thresholds)
        : mostProbable(predicted) === labels[i];
      correct[i] = isCorrect ? 1 : 0;
    }
  }
  return {
    probabilities: all,
    classes,
    labels: labels.slice(),
    ...(targets && { targets }),
    correct,
  };
}
