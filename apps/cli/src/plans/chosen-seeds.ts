/** Which seeds arms are trained with, as the command line gives them: a list, or how many. */
export interface SeedOptions {
  /** A number in the way of earlier versions: how many. */
  seeds?: number[] | number;
  seedCount?: number;
}

/** The seeds that the options name; undefined without an option. */
export function chosenSeeds({ seeds, seedCount }: SeedOptions): number[] | undefined {
  if (Array.isArray(seeds)) return seeds;
  const count = seeds ?? seedCount;
  return count === undefined ? undefined : Array.from({ length: count }, (_, seed) => seed);
}
