import type { ArmSpec } from '@fixres/runs';
import { FixresRunnerError } from '../errors.ts';

/**
 * The factor on the loss of each class; undefined if there are none.
 *
 * `balanced` is scikit-learn's: images / (classes * images of the class), so that all classes weigh
 * the same and the mean over the images is 1. A class without training images has the factor 1,
 * which matters only for soft targets.
 *
 * @param labels class number of each training image; undefined if the source does not know them
 * @throws FixresRunnerError `bad-option` for a list of another length, or labels that are not known
 */
export function classWeightsOf(
  { name, classWeights }: Pick<ArmSpec, 'name' | 'classWeights'>,
  classes: number,
  labels: Int32Array | undefined,
): number[] | undefined {
  if (classWeights === undefined) return undefined;
  if (classWeights !== 'balanced') {
    checkClassWeights({ name, classWeights }, classes);
    return classWeights;
  }
  if (labels === undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Arm "${name}" has classWeights "balanced", which requires a source of training images with labels ("access").`,
    );
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)));
}

/** @throws FixresRunnerError `bad-option` for a list that has not one factor for each class */
export function checkClassWeights(
  { name, classWeights }: Pick<ArmSpec, 'name' | 'classWeights'>,
  classes: number,
): void {
  if (!Array.isArray(classWeights) || classWeights.length === classes) return;
  throw new FixresRunnerError(
    'bad-option',
    `Arm "${name}" has ${classWeights.length} classWeights; it must be one for each of the ${classes} classes, or "balanced".`,
  );
}
