import { existsSync } from 'node:fs';
import type { PredictionsOf } from '../../file-names.ts';
import { FixresRunsError } from '../../errors.ts';
import type { TestedImage } from '../../results/compare/compared-run.ts';
import { predictionsFile, readPredictions } from '../recorded/read-predictions.ts';

/**
 * Reads the predictions of an arm on the held-out images, sorted by name.
 *
 * @param classes the data set's classes in the order of the probabilities
 * @returns undefined if there are no such predictions
 * @throws FixresRunsError for a damaged file: with missing images, arms could not be compared image
 * by image
 */
export async function readTestedImages(
  run: string,
  of: PredictionsOf,
  classes: readonly string[],
): Promise<TestedImage[] | undefined> {
  const file = predictionsFile(run, of);
  if (!existsSync(file)) return undefined;
  const predictions = await readPredictions(run, of, classes);
  if (predictions === undefined || predictions.damaged > 0) {
    const what =
      predictions === undefined
        ? 'it contains no predictions'
        : `${predictions.damaged} of its lines are not predictions`;
    throw new FixresRunsError('bad-run', `The predictions "${file}" are damaged: ${what}.`);
  }
  const { files, labels, targets, probabilities, correct } = predictions;
  const rowOf = <T extends Uint8Array | Float32Array>(values: T, image: number): T =>
    values.subarray(image * classes.length, (image + 1) * classes.length) as T;
  const images = files.map((each, i): TestedImage => ({
    file: each,
    label:
      targets === undefined
        ? classes[labels[i]!]!
        : classes.filter((_, label) => rowOf(targets, i)[label] === 1).join(', '),
    correct: correct[i] === 1,
    ...(targets && { targets: rowOf(targets, i), probabilities: rowOf(probabilities, i) }),
  }));
  return images.sort((a, b) => (a.file < b.file ? -1 : 1));
}
