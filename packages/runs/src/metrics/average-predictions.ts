import { FixresRunsError } from '../errors.ts';
import type { Predictions } from './predictions.ts';
import { exactMatches } from './multi-label/thresholds.ts';
import { mostProbable } from './most-probable.ts';

/**
 * Test-time augmentation: the mean of the probabilities for several views of the same images.
 *
 * @param views predictions on the same images in the same order, at least one
 * @param thresholds of the classes of multi-label images. Default: 0.5 for all
 * @throws FixresRunsError `bad-option` if they are not
 */
export function averagePredictions(
  views: readonly Predictions[],
  thresholds?: readonly number[],
): Predictions {
  const [first, ...others] = views;
  if (first === undefined)
    throw new FixresRunsError(
      'bad-option',
      'Option "views" is empty; it must contain the predictions on at least one view.',
    );
  const { classes, labels, targets } = first;
  const other = others.find(
    (view) =>
      view.classes !== classes ||
      view.labels.length !== labels.length ||
      view.labels.some((label, i) => label !== labels[i]),
  );
  if (other !== undefined)
    throw new FixresRunsError(
      'bad-option',
      'Option "views" contains predictions on different images; all must be on the same, in ' +
        'the same order.',
    );
  const sums = new Float64Array(first.probabilities);
  for (const { probabilities } of others) probabilities.forEach((p, i) => (sums[i]! += p));
  const probabilities = Float32Array.from(sums, (sum) => sum / views.length);
  if (targets !== undefined) {
    const correct = exactMatches({ probabilities, targets, classes }, thresholds);
    return { probabilities, classes, labels, targets, correct };
  }
  const correct = labels.map((label, image) =>
    mostProbable(probabilities.subarray(image * classes, (image + 1) * classes)) === label ? 1 : 0,
  );
  return { probabilities, classes, labels, correct: Uint8Array.from(correct) };
}
