/**
 * The places of a pass that one of several training processes (ranks) gets: every `ranks`-th, starting
 * at `rank`. The first ones are repeated until all ranks have equally many.
 *
 * @param length of the pass
 */
export function rankPlaces(
  length: number,
  { rank, ranks }: { rank: number; ranks: number },
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(
    { length: Math.ceil(length / ranks) },
    (_, i) => (rank + i * ranks) % length,
  );
}
