/**
 * Runs `work` for every item, at most `lanes` at a time, and returns the results in the items'
 * order. After the first failure no further item is started, and running ones are awaited.
 */
export async function inLanes<T, R>(
  items: ArrayLike<T>,
  lanes: number,
  work: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    try {
      for (let i = next++; i < items.length; i = next++) {
        signal?.throwIfAborted();
        results[i] = await work(items[i]!, i);
      }
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  const settled = await Promise.allSettled(
    Array.from({ length: Math.min(lanes, items.length) }, lane),
  );
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return results;
}
