/** The seeds of the arms, as the command line gives them: a list, or their number. */
export interface SeedOptions {
  /** A single number, as in earlier versions, is the number of seeds. */
  seeds?: number[] | number;
  seedCount?: number;
}

/** The chosen seeds; undefined without an option. */
export function chosenSeeds({ seeds, seedCount }: SeedOptions): number[] | undefined {
  if (Array.isArray(seeds)) return seeds;
  const count = seeds ?? seedCount;
  return count === undefined ? undefined : Array.from({ length: count }, (_, seed) => seed);
}
