import type { Experiment, PlannedArm } from '@fixres/runs';

/**
 * Memory of the predictions for held-out images, in 10^6 bytes: a probability per class in float32. For
 * images with one label each, those of one evaluation are in memory at a time. Those of multi-label images,
 * with the labels of each arm and seed as bytes, are kept for the comparisons of the run.
 *
 * @param images number of held-out images
 */
export function predictionsMb(
  { arms, seeds, evaluations }: Pick<Experiment<PlannedArm>, 'arms' | 'seeds' | 'evaluations'>,
  { images, classes, multiLabel }: { images: number; classes: number; multiLabel: boolean },
): number {
  const bytes = multiLabel ? arms.length * seeds.length * (4 * evaluations.length + 1) : 4;
  return (bytes * images * classes) / 1e6;
}
