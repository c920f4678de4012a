import { armCompute, type ImageCompute } from './arm-compute.ts';

/**
 * The most updates whose training compute is within a budget; one more would exceed it.
 *
 * @param budget in multiply-adds; nothing fits one that is negative
 * @param data number of training images, and of those in a batch; the last batch of an epoch may be smaller
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
