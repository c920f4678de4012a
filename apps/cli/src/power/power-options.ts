/** Options of `fixres power`. */
export interface PowerOptions {
  arms?: string[];
  testPolicy?: string;
  /** In percentage points. */
  difference?: number;
  images?: number[];
  seedCounts?: number[];
  /** 0 to 1. */
  discordance?: number;
  /** In percentage points. */
  seedDeviation?: number;
  comparisons?: number;
  /** 0 to 1. */
  power: number;
}
