import { armCompute, type ImageCompute } from './arm-compute.ts';

/**
 * The maximum number of updates whose training compute is within a budget.
 *
 * @param budget in multiply-adds; a negative one allows none
 * @param data number of training images, and batch size; the last batch of an epoch can be smaller
 */
export function stepsWithin(
  budget: bigint,
  image: ImageCompute,
  data: { images: number; batchSize: number },
): number {
  const images = budget < 0n ? 0 : Number(budget / armCompute(image, { trained: 1 }));
  const epochs = Math.floor(images / data.images);
  return (
    epochs * Math.ceil(data.images / data.batchSize) +
    Math.floor((images % data.images) / data.batchSize)
  );
}
