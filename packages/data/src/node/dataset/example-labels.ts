import type { Example } from './dataset.ts';
import { UNLABELLED } from './image-files.ts';

/**
 * The labels of an example.
 *
 * @param classes indices of its classes, in any order; one, unless `multiLabel`
 */
export function exampleLabels(
  classes: Iterable<number>,
  multiLabel: boolean,
): Pick<Example, 'label' | 'labels'> {
  const labels = [...new Set(classes)].sort((a, b) => a - b);
  const [label = UNLABELLED] = labels;
  return multiLabel ? { label, labels } : { label };
}
