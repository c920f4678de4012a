/** The batch sizes of a source: the usual one, and that of a smaller last batch. */
export function batchSizesOf(images: number, batchSize: number): number[] {
  const last = images % batchSize;
  return [...(images >= batchSize ? [batchSize] : []), ...(last > 0 ? [last] : [])];
}
