/**
 * At most this number of elements of a list, evenly spaced: data sets are sorted by class, so their
 * first images would be of one class.
 */
export function evenlySpaced<T>(list: readonly T[], count: number): T[] {
  const some = Math.min(count, list.length);
  return Array.from({ length: some }, (_, i) => list[Math.floor((i * list.length) / some)]!);
}
