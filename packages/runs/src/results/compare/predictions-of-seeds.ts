import type { MultiLabelPredictions } from '../../metrics/multi-label/average-precision.ts';
import type { TestedImage } from './compared-run.ts';

/**
 * The predictions of the models of several seeds on the same multi-label images.
 *
 * @param seeds the images of each in the same order, at least one
 * @returns undefined if images have one class each
 */
export function predictionsOfSeeds(
  seeds: readonly (readonly TestedImage[])[],
): MultiLabelPredictions[] | undefined {
  const all = seeds.flatMap((images) => {
    const classes = images[0]?.probabilities?.length;
    if (classes === undefined || images.some(({ targets }) => targets === undefined)) return [];
    const targets = new Uint8Array(images.length * classes);
    const probabilities = new Float32Array(images.length * classes);
    for (const [i, image] of images.entries()) {
      targets.set(image.targets!, i * classes);
      probabilities.set(image.probabilities!, i * classes);
    }
    return [{ targets, probabilities, classes }];
  });
  return all.length === seeds.length ? all : undefined;
}
