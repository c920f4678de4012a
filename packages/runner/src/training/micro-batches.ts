import type { ImageBatch } from '../images/image-source.ts';

/**
 * Parts of a batch, in order, each of this number of images except for a smaller last one. They share
 * the memory of the batch.
 */
export function microBatches(batch: ImageBatch, images: number): ImageBatch[] {
  const all = batch.labels.length;
  if (all <= images) return [batch];
  const parts = Math.ceil(all / images);
  const { pixels, shape, targets, features } = batch;
  return Array.from({ length: parts }, (_, i) => {
    const [from, to] = [i * images, Math.min((i + 1) * images, all)];
    const rows = <T extends { length: number; subarray(from: number, to: number): T }>(
      values: T,
    ): T => values.subarray((values.length / all) * from, (values.length / all) * to);
    return {
      pixels: rows(pixels),
      shape: [to - from, shape[1], shape[2], shape[3]],
      labels: rows(batch.labels),
      targets: targets && rows(targets),
      indices: rows(batch.indices),
      features: features && {
        values: rows(features.values),
        shape: [to - from, ...features.shape.slice(1)],
      },
    };
  });
}
